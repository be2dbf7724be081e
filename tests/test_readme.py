"""The README's Python runs, and gives what is written beside it."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import twofold
from twofold import scratch

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def names():
    """What a block may take from the text around it, and from the blocks before."""
    model = scratch.nn.Linear(3, 2)
    x, target = np.ones((4, 3), np.float32), np.zeros((4, 2), np.float32)
    optimizer = scratch.optim.SGD(model.parameters(), lr=0.1)
    criterion = scratch.nn.MSELoss()
    return {
        "model": model,
        "x": x,
        "target": target,
        "optimizer": optimizer,
        "criterion": criterion,
        "Module": scratch.nn.Module,
    }


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_block_runs_and_every_check_matches(number, names):
    """Else: the first thing that a stranger copies does not work."""
    tree = ast.parse(BLOCKS[number])
    for statement in tree.body:
        source = ast.get_source_segment(BLOCKS[number], statement)
        if not isinstance(statement, ast.Expr):
            exec(source, names)
            continue
        found = eval(source, names)
        if isinstance(found, twofold.Report):
            assert found.ok, f"{source}\n{found}"
        line = BLOCKS[number].splitlines()[statement.end_lineno - 1]
        if "report." in source:
            assert repr(found) == line.rpartition("#")[2].strip()
    for name in re.findall(r"def (test_\w+)\(parity\)", BLOCKS[number]):
        with pytest.raises(AssertionError, match="grad of input"):
            names[name](twofold.assert_match)  # as the fixture does
