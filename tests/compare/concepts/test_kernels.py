"""The judge of kernels: cheats are caught, honest ones match, and why is said."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import twofold
from twofold.compare.cli import main
from twofold.compare.concepts.kernels import corpus
from twofold.compare.concepts.kernels.corpus import KERNELS, kernels, try_kernel
from twofold.compare.concepts.kernels.draws import fewer_samples
from twofold.compare.concepts.kernels.problem import BrokenReference, sized

# A few of each; `twofold selftest` judges all of them.
SOME = [
    "cheat remembers_by_pointer float32",
    "cheat reads_the_command_line float32",
    "cheat patches_a_call_and_is_right float32",
    "cheat ignores_the_gain float32",
    "cheat goes_back_half_way float32",
    "cheat computes_in_half_when_asked_for_single float32",
    "cheat overwrites_its_input float32",
    "cheat shares_its_output float32",
    "cheat exits_with_success float32",
    "cheat forges_an_answer float32",
    "cheat changes_the_judge float32",
    "honest softmax_function bfloat16",
    "honest softmax_single_only float32",
    "honest layer_norm_function float32",
    "honest batch_norm_plain float32",
    "honest mse_function float32",
    "problem attention float32",
]


@pytest.mark.parametrize("name", SOME)
def test_a_kernel_is_judged_rightly_and_for_the_right_reason(name):
    """If this failed, a cheat would pass, or an honest kernel would not."""
    judged = try_kernel(name)
    assert judged.right, judged.said
    assert judged.reasoned, judged.said


def test_every_kernel_of_the_corpus_is_there_and_says_what_it_is():
    """If this failed, the published figures would count kernels that are not there."""
    known = kernels().values()
    assert [k.name for k in known if not (k.file.is_file() and k.pretends)] == []
    for kind, folder in (("cheat", "cheats"), ("honest", "honest")):
        listed = {k.name for k in known if k.kind == kind}
        assert listed == {path.stem for path in (KERNELS / folder).glob("*.py")}
        assert len(listed) >= 30


@pytest.mark.parametrize("reason, code", [("exit code 0", 0), ("another reason", 1)])
def test_selftest_counts_kernels_and_fails_for_a_wrong_one(monkeypatch, reason, code):
    """If this failed, the command would say that all is well having judged nothing."""
    known = kernels()
    wanted = ["cheat exits_with_success float32", "honest hinge_relu float32"]
    few = {name: known[name] for name in wanted}
    few[wanted[0]] = replace(few[wanted[0]], reason=reason)
    monkeypatch.setattr(corpus, "kernels", lambda: few)
    done = CliRunner().invoke(main, ["selftest", "--only", "kernels", "--jobs", "1"])
    assert "1 of 1 cheats caught, 1 of 1 honest kernels match" in done.stdout
    assert done.exit_code == code


FORM = """
import torch
from torch import nn

size = 6

class {name}(nn.Module):
    def __init__(self):
        super().__init__()
        self.used = nn.Parameter(torch.ones(3))
        self.unused = nn.Parameter(torch.ones(3))

    def forward(self, x, y):
        {body}

def get_inputs():
    return [torch.rand(size, 3), torch.rand(size, 3)]
"""


@pytest.fixture
def pair(tmp_path):
    """A reference and a candidate with these bodies, as files."""

    def write(reference: str, candidate: str):
        files = tmp_path / "reference.py", tmp_path / "candidate.py"
        for file, name, body in zip(
            files, ("Model", "ModelNew"), (reference, candidate), strict=True
        ):
            file.write_text(FORM.format(name=name, body=body))
        return files

    return write


def test_what_a_reference_does_not_depend_on_is_said(pair):
    """If this failed, a worthless problem would count for something."""
    report = twofold.judge(*pair("return x * self.used", "return x * self.used"))
    assert report.ok, str(report)
    assert "the reference does not depend on y" in report.notes
    assert "the reference does not depend on parameter unused" in report.notes
    assert not any(note.endswith((" x", " used")) for note in report.notes)
    constant = "return (x * self.used).softmax(1).sum(1)"
    report = twofold.judge(*pair(constant, constant))
    assert any("whatever the inputs" in note for note in report.notes)


def test_culprit_operations_and_precision_are_in_the_report(pair):
    """If this failed, nobody could tell a kernel from a call of the library."""
    files = pair(
        "return (x + y) @ self.used", "return torch.mv(x + y, self.used.abs())"
    )
    report = twofold.judge(*files, allow=("mv", "add"), mode="train", draws=2)
    assert report.operations["forward"]["aten::mv"] == 1
    assert {"aten::ger", "aten::sgn"} & set(report.operations["backward"])
    assert report.cause == "mine: conduct" and "aten::abs" in str(report)
    assert report.visible < 1e-12
    assert report.line()["smallest_visible_error"] == report.visible


def test_sizes_change_where_they_stand_and_lines_stay():
    """If this failed, --set would change nothing, or something else."""
    source = "a = 1\nb = [2,\n  3]\nc: int = a\n\ndef f():\n    a = 5\n"
    changed = sized(source, {"a": 10, "b": (4,), "c": "é"}, "it")
    assert changed == "a = 10\nb = (4,)\n\nc: int = 'é'\n\ndef f():\n    a = 5\n"
    assert sized(source, {"d": 1}, "it", needed=False) == source
    with pytest.raises(BrokenReference, match="no such name"):
        sized(source, {"d": 1}, "it")


def test_fewer_samples_are_cut_from_all_that_have_as_many():
    """If this failed, a kernel with the batch size written into it would pass."""
    x, targets, table = np.zeros((8, 3)), np.arange(8), np.zeros((3, 8))
    together, alone = fewer_samples((x, targets, table, 2.0))
    assert [np.shape(a) for a in together] == [(5, 3), (5,), (3, 8), ()]
    assert [np.shape(a) for a in alone] == [(5, 3), (8,), (3, 8), ()]
    assert fewer_samples((np.zeros((1, 3)),)) == []


def test_the_command_says_it_to_people_and_to_machines(pair, tmp_path):
    """If this failed, a program that reads the last line would read something else."""
    files = pair("return x * self.used", 'print("match"); return x')
    where = tmp_path / "report.json"
    command = ["judge", *map(str, files), "--set", "size=4", "--forward-only"]
    done = CliRunner().invoke(main, [*command, "--json", str(where)])
    assert done.exit_code == 1, done.output
    line = json.loads(done.stdout.splitlines()[-1])
    assert (line["verdict"], line["first"]) == ("mismatch", "output")
    assert "it printed" in done.stdout
    written = json.loads(where.read_text())
    assert written["printed"].startswith("match")
    assert written["rows"][0]["shape"][1] == 3 and written["rows"][0]["shape"][0] <= 4


def test_a_broken_reference_is_wrong_use_and_leaves_no_old_verdict(pair, tmp_path):
    """If this failed, a candidate would be blamed for its judge, or an old report
    would be read as this one's.
    """
    files = pair("return x @ y", "return x")
    where = tmp_path / "report.json"
    where.write_text('{"verdict": "match"}')
    done = CliRunner().invoke(main, ["judge", *map(str, files), "--json", str(where)])
    assert done.exit_code == 2 and not where.exists()
    assert "reference.py: RuntimeError" in done.stderr
    done = CliRunner().invoke(main, ["judge", *map(str, files), "--set", "depth=1"])
    assert done.exit_code == 2 and "no such name" in done.stderr
