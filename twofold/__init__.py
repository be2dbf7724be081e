"""Deep learning twice: by hand in NumPy and with PyTorch, compared at every step.

`twofold.check(mine, reference, *inputs)` says whether two implementations compute the
same, forward and backward; `twofold.assert_match` raises where they do not;
`twofold.check_optimizer` compares the steps of two optimisers;
`twofold.judge` runs a kernel that a machine wrote in a process of its own. Beneath
stand `twofold.scratch` (NumPy by hand), `twofold.torch_ref` (the same with PyTorch) and
`twofold.compare` (the harness). Nothing of torch is loaded before it is needed.
"""

from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import compare, scratch, torch_ref
    from .compare.api import assert_match, check, check_optimizer
    from .compare.concepts.kernels.api import judge
    from .compare.report.report import Report
    from .compare.sides.jax_side import jax_function as jax

__all__ = [
    "Report",
    "assert_match",
    "check",
    "check_optimizer",
    "compare",
    "jax",
    "judge",
    "scratch",
    "torch_ref",
]

_HOMES = {
    "Report": (".compare.report.report", "Report"),
    "assert_match": (".compare.api", "assert_match"),
    "check": (".compare.api", "check"),
    "check_optimizer": (".compare.api", "check_optimizer"),
    "jax": (".compare.sides.jax_side", "jax_function"),
    "judge": (".compare.concepts.kernels.api", "judge"),
}
_FOLDERS = ("compare", "scratch", "torch_ref")

_CLONE = Path(__file__).parents[1]
if (_CLONE / "pyproject.toml").is_file() and (_CLONE / "torch_ref").is_dir():
    __path__.append(str(_CLONE))  # run from a clone, in which the folders stand beside


def _get(name: str):
    """What is asked for is loaded now."""
    if name == "__version__":
        return metadata.version("twofold")
    if name in _FOLDERS:
        return import_module(f".{name}", __name__)
    if name in _HOMES:
        home, attribute = _HOMES[name]
        found = globals()[name] = getattr(import_module(home, __name__), attribute)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


if not TYPE_CHECKING:  # a type checker knows all names that there are
    __getattr__ = _get


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]
