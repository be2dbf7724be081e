"""What a candidate called of torch, and what of it was allowed."""

import fnmatch

import torch

from ...sides.apart.watch import FUNCTIONAL
from ...sides.trace import Trace
from .problem import WrongOption

# Operations that move numbers, or make or look at memory, and compute nothing.
_MOVES = """
view unsafe_view reshape reshape_alias expand permute transpose t slice select unsqueeze
squeeze as_strided detach alias clone copy_ to_copy to contiguous empty empty_like
empty_strided new_empty new_empty_strided zeros zeros_like new_zeros ones ones_like full
full_like fill_ zero_ arange split unbind is_same_size lift_fresh local_scalar_dense
item set_
"""
MOVES = frozenset(_MOVES.split())


OUR_OWN = ("aten", "functional")


def require_known(allow, forbid) -> None:
    """Raises `WrongOption` for what is no operation, and for one that is both allowed
    and forbidden.
    """
    names = torch._C._dispatch_get_all_op_names()
    known = {name.partition(".")[0] for name in names}
    known |= {f"functional::{name}" for name in FUNCTIONAL}
    for pattern in (*allow, *forbid):
        owner, inside, _ = pattern.partition("::")
        if inside and owner not in OUR_OWN:  # some extension's, which is not loaded
            continue
        if not any(_among(name, (pattern,)) for name in known):
            raise WrongOption(f"{pattern!r} is no operation of torch, and matches none")
    both = sorted({*allow} & {*forbid})
    if both:
        raise WrongOption(f"{both[0]!r} is both allowed and forbidden")


def short(name: str) -> str:
    """ "aten::_softmax" -> "softmax"."""
    return name.rpartition("::")[2].lstrip("_")


def computing(operations: dict) -> dict[str, dict[str, int]]:
    """The operations that compute, by name, with how often each was called."""
    return {
        way: {n: c for n, c in sorted(counts.items()) if short(n) not in MOVES}
        for way, counts in operations.items()
    }


def against(operations: dict, allow, forbid) -> list[str]:
    """The operations that were called and must not be."""
    called = sorted({n for counts in computing(operations).values() for n in counts})
    found = [name for name in called if _among(name, forbid)]
    if allow:
        found += [name for name in called if not _among(name, allow)]
    return list(dict.fromkeys(found))


def _among(name: str, patterns) -> bool:
    names = (name, name.rpartition("::")[2], short(name))
    return any(fnmatch.fnmatchcase(n, p) for n in names for p in patterns)


def words(operations: dict) -> list[str]:
    """A line for each way: what was called, the busiest first."""
    lines = []
    for way, counts in computing(operations).items():
        names = [n for n, _ in sorted(counts.items(), key=lambda item: -item[1])]
        said = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
        lines.append(f"called of torch, {way}: {said or 'nothing that computes'}")
    return lines


class Outputs:
    """A side of which the gradients are left out."""

    def __init__(self, side):
        self.side = side

    def make(self, feed):
        return None

    def run(self, feed) -> Trace:
        trace = self.side.run(feed)
        found = Trace((n, x) for n, x in trace.items() if "grad of " not in n)
        found.carriers = trace.carriers
        return found

    def upstream(self, feed):
        return self.side.upstream(feed)
