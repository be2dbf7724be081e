"""Kernels to try the judge with: problems, honest kernels, and cheats.

They stand in `tests/planted/kernels/`, a file each; `index.py` there says which problem
each one claims to solve. An honest kernel, and a problem's own reference, must match; a
cheat must not, for the reason that is known.
"""

import ast
import importlib.util
import os
from dataclasses import dataclass, field

from ..selftest import FOLDER, NoPlants
from .api import judge

KERNELS = FOLDER / "kernels"
FOLDERS = {
    "problem": "problems",
    "honest": "honest",
    "triton": "triton",
    "cheat": "cheats",
}
DTYPES = ("float32", "bfloat16")


@dataclass(frozen=True)
class Kernel:
    """A candidate of the corpus. `reason` is None where it must match, else a part of
    what the report has to say.
    """

    name: str
    kind: str  # one of FOLDERS
    problem: str
    dtype: str = "float32"
    reason: str | None = None
    options: dict = field(default_factory=dict)

    @property
    def file(self):
        return KERNELS / FOLDERS[self.kind] / f"{self.name}.py"

    @property
    def pretends(self) -> str:
        """The first line of its docstring."""
        tree = ast.parse(self.file.read_text(encoding="utf-8"))
        return (ast.get_docstring(tree) or "").partition("\n")[0]


@dataclass(frozen=True)
class Judged:
    """What the judge said of a kernel, and whether that is right."""

    name: str
    kind: str
    dtype: str
    pretends: str
    right: bool  # the verdict
    reasoned: bool  # and the reason
    verdict: str
    said: str
    seconds: float

    def to_json(self) -> dict:
        return vars(self)


def interpreted() -> bool:
    """Whether kernels in Triton can run here, which they do on a CPU by its interpreter
    alone.
    """
    there = importlib.util.find_spec("triton") is not None
    return there and os.environ.get("TRITON_INTERPRET") == "1"


def kernels() -> dict[str, Kernel]:
    """The whole corpus, by name."""
    if not KERNELS.is_dir():
        raise NoPlants(
            f"the planted kernels are part of the source tree, and {KERNELS} is not "
            "there: run this from a clone"
        )
    spec = importlib.util.spec_from_file_location("_kernels", KERNELS / "index.py")
    index = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(index)
    found = [
        Kernel(path.stem, "problem", path.stem)
        for path in sorted((KERNELS / "problems").glob("*.py"))
    ]
    if interpreted():
        found += [Kernel("softmax", "triton", "softmax", d) for d in DTYPES]
    for name, (problem, *dtypes) in index.HONEST.items():
        found += [Kernel(name, "honest", problem, d) for d in ("float32", *dtypes)]
    for name, (problem, reason, *options) in index.CHEATS.items():
        merged = options[0] if options else {}
        found.append(Kernel(name, "cheat", problem, "float32", reason, merged))
    return {f"{k.kind} {k.name} {k.dtype}": k for k in found}


def try_kernel(name: str, seed: int = 0) -> Judged:
    """Judge one kernel of the corpus."""
    kernel = kernels()[name]
    reference = KERNELS / "problems" / f"{kernel.problem}.py"
    options = {"dtype": kernel.dtype, "seed": seed, **kernel.options}
    report = judge(reference, kernel.file, **options)
    said = "; ".join(
        f"{row.name}: {row.judgement.reason}" for row in report.rows if not row.ok
    )
    honest = kernel.reason is None
    return Judged(
        kernel.name,
        kernel.kind,
        kernel.dtype,
        kernel.pretends,
        right=report.ok == honest,
        reasoned=report.ok if honest else kernel.reason in said,
        verdict=report.verdict,
        said=said,
        seconds=report.seconds,
    )
