"""One mutant at a time, in a process of its own: does any check see it?

The module is compiled from the edited text there, before anything has loaded the real
one; nothing on the disk is touched. So no module of ours is loaded at the top.
"""

import hashlib
import importlib.abc
import importlib.util
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .edits import Edit, edited, edits_of
from .equivalent import reason

ROOT = Path(__file__).resolve().parents[3]
PRELOADED = ["numpy", "scipy.special", "torch", "torch.optim.swa_utils"]
SLOWER, SECONDS = 10, 30  # a check may take so many times its time, and these more
MOST = 40  # concepts that are asked of one mutant, the nearest and the fastest first
DIED = "the process died"
RANDOM = "random"  # what `twofold check random` compares, by its bits
STREAMS = {
    f"scratch/{name}.py" for name in ("_generator", "_mathfun", "_mersenne", "random")
}
SEEDS = 8
TRACED = 1  # draws of each case, to see which functions a check reaches


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: `by` the concept whose check saw it, and how."""

    edit: Edit
    by: str | None
    how: str  # the first tensor that differs, an error, or that it took too long
    equivalent: str = ""

    @property
    def killed(self) -> bool:
        return self.by is not None

    def to_json(self) -> dict:
        edit = f"{self.edit}"
        return {
            "edit": edit,
            "by": self.by,
            "how": self.how,
            "equivalent": self.equivalent,
        }


@dataclass
class Reach:
    """Which concepts' checks reach a function, and the seconds that a check takes."""

    concepts: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def asked(self, edit: Edit) -> list[str]:
        """Those that reach the edited function: of its own file, then the fast ones."""
        from ..catalogue import Concept

        def order(name):
            home = sys.modules[Concept(name).scratch.__module__].__file__
            own = home == str(ROOT / edit.path)
            return not own, self.seconds[name]

        found = self.concepts.get((edit.path, edit.function), ())
        return sorted(found, key=order)[:MOST]


def reached(name: str, seed: int = 0) -> tuple[str, list[tuple[str, int]], float]:
    """The functions of scratch that a concept's check calls."""
    from ..catalogue import Concept
    from ..checking import check_concept

    found, folder = set(), f"{ROOT / 'scratch'}/"

    def see(frame, event, _):
        code = frame.f_code
        if code.co_filename.startswith(folder):
            path = Path(code.co_filename).relative_to(ROOT).as_posix()
            found.add((path, code.co_firstlineno))

    started = time.process_time()
    sys.setprofile(see)
    try:
        check_concept(Concept(name), seed, TRACED)
    finally:
        sys.setprofile(None)
    return name, sorted(found), time.process_time() - started


def fingerprint(seed: int) -> str:
    """Changes when a file of scratch or a case does."""
    seen = hashlib.sha256(f"{seed}".encode())
    for folder in (ROOT / "scratch", ROOT / "compare" / "concepts"):
        for path in sorted(folder.rglob("*.py")):
            seen.update(path.read_bytes())
    return seen.hexdigest()[:24]


def reach(measured: Iterable[tuple]) -> Reach:
    """`measured` is what `reached` returned of every concept."""
    found = Reach()
    for name, functions, seconds in measured:
        found.seconds[name] = seconds
        for function in functions:
            found.concepts.setdefault(tuple(function), set()).add(name)
    return found


def choose(found: Reach, count: int, seed: int) -> list[Edit]:
    """`count` edits of functions that some check reaches, as the seed has it."""
    import numpy as np

    edits = []
    for path in sorted((ROOT / "scratch").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        edits += edits_of(name, path.read_text(encoding="utf-8"))
    edits = [e for e in edits if (e.path, e.function) in found.concepts]
    order = np.random.default_rng(seed).permutation(len(edits))
    return [edits[i] for i in order[:count]]


def fates(edits: list[Edit], found: Reach, seed: int, jobs: int) -> Iterator[Fate]:
    """What becomes of each, `jobs` of them at a time."""
    from concurrent.futures import ThreadPoolExecutor, as_completed

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with ThreadPoolExecutor(jobs) as pool:
        waiting = [
            pool.submit(fate, edit, found.asked(edit), found.seconds, seed, context)
            for edit in edits
        ]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            for one in waiting:
                one.cancel()


def fate(edit: Edit, names: list[str], seconds: dict, seed: int, context) -> Fate:
    """Run the checks of `names` on the mutant until one sees it.

    A process may die for reasons of its own: it is a finding only if it does so twice.
    """
    found = _fate(edit, names, seconds, seed, context)
    return _fate(edit, names, seconds, seed, context) if found.how == DIED else found


def _fate(edit: Edit, names: list[str], seconds: dict, seed: int, context) -> Fate:
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_in_child, args=(edit, names, seed, there))
    child.start()
    there.close()
    try:
        for name in [None, *names, RANDOM]:
            # A draw was traced: a check makes about 8 times as many.
            limit = SECONDS + SLOWER * 8 * seconds.get(name, 1)
            if not here.poll(limit):
                return Fate(edit, name or names[0], "it took too long")
            try:
                how = here.recv()
            except EOFError:
                return Fate(edit, name or names[0], DIED)
            if how:
                return Fate(edit, name or names[0], how)
    finally:
        child.kill()
        child.join()
    return Fate(edit, None, "", reason(edit, ROOT))


def _in_child(edit: Edit, names: list[str], seed: int, there) -> None:
    """Sends "" for each check that saw nothing, the first time after loading."""
    import warnings

    warnings.simplefilter("ignore")
    try:
        sys.meta_path.insert(0, _Mutated(edit))
        import torch

        from ..catalogue import Concept
        from ..checking import check_concept

        torch.set_num_threads(1)
        there.send("")
        for name in names:
            report = check_concept(Concept(name), seed, until_found=True)
            there.send("" if report.ok else report.first or report.verdict)
        there.send(other_draws(edit, seed))
    except Exception as error:
        there.send(f"{type(error).__name__}: {error}"[:120])


def other_draws(edit: Edit, seed: int) -> str:
    """The first kind of draw whose bits differ, where random numbers are made."""
    from ..dice import compare_streams

    if edit.path not in STREAMS:
        return ""
    rows = compare_streams(range(seed, seed + SEEDS))
    return next((f"draws of {row.kind}" for row in rows if not row.holds), "")


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the edited module instead of the real one."""

    def __init__(self, edit: Edit):
        self.edit, self.path = edit, ROOT / edit.path
        parts = Path(edit.path).with_suffix("").parts
        self.is_one = parts[-1] == "__init__"
        self.name = ".".join(["twofold", *parts[: len(parts) - self.is_one]])

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(self.path))

    def is_package(self, name) -> bool:
        return self.is_one

    def get_source(self, name) -> str:
        return edited(self.path.read_text(encoding="utf-8"), self.edit.number)
