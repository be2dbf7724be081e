"""Parameters under other names and in other layouts: moved over, and gradients back.

A rearrangement moves numbers and changes none: a transpose, a reshape, a permutation,
several arrays joined, one cut up. Which number goes where is found by sending the
numbers of the places through it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import torch

from .arrays import to_numpy
from .trace import Trace, tensor_name


@dataclass(frozen=True)
class Source:
    """Where one of my parameters comes from: `function` of some of the reference's.

    `places` says for each of my numbers which of theirs it is, laid end to end.
    """

    mine: str
    theirs: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    places: np.ndarray

    def make(self, parameters: dict[str, np.ndarray]) -> np.ndarray:
        """My parameter from the reference's."""
        flat = np.concatenate([parameters[name].reshape(-1) for name in self.theirs])
        return flat[self.places]

    def send_back(self, gradient: np.ndarray) -> list[np.ndarray]:
        """The gradient of each of theirs: a number used twice gets both parts."""
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        flat = np.zeros(sum(sizes), gradient.dtype)
        np.add.at(flat, self.places.reshape(-1), gradient.reshape(-1))
        parts = np.split(flat, np.cumsum(sizes)[:-1])
        return [p.reshape(s) for p, s in zip(parts, self.shapes, strict=True)]


def source(mine: str, entry, shapes: dict[str, tuple[int, ...]]) -> Source:
    """`entry` is a name of the reference's, or names and a rearrangement.

    Raises ValueError for a name that the reference does not have and for a function
    that is no rearrangement.
    """
    names, function = entry if isinstance(entry, tuple) else (entry, None)
    theirs = (names,) if isinstance(names, str) else tuple(names)
    for name in theirs:
        if name not in shapes:
            known = ", ".join(shapes) or "no parameters"
            raise ValueError(f"parameters: the reference has no {name!r}, but {known}")
    own = tuple(shapes[name] for name in theirs)
    labels = _labels(own)
    if function is None:
        if len(theirs) > 1:
            raise ValueError(f"parameters: {mine!r}: several need a rearrangement")
        return Source(mine, theirs, own, labels[0].astype(np.intp))
    places = _sent(mine, function, labels)
    # Labelled the other way round: what only moves numbers moves them alike.
    last = sum(x.size for x in labels) - 1
    again = _sent(mine, function, [last - x for x in labels])
    known = np.isin(places, np.arange(last + 1)).all()
    if not known or not np.array_equal(again, last - places):
        raise ValueError(
            f"parameters: {mine!r}: a rearrangement of {', '.join(theirs)} was "
            "expected, which moves numbers and changes none (transpose, reshape, "
            "permute, concatenate, slice); this one computes others"
        )
    return Source(mine, theirs, own, places.astype(np.intp))


def _labels(shapes: Iterable[tuple[int, ...]]) -> list[np.ndarray]:
    found, start = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        found.append(np.arange(start, start + size, dtype=np.float64).reshape(shape))
        start += size
    return found


def _sent(mine: str, function: Callable, labels: list[np.ndarray]) -> np.ndarray:
    """Through the function, which may be one of arrays or of tensors; one that takes
    several takes them one by one, or as a tuple."""
    errors = []
    for convert in (np.copy, lambda x: torch.from_numpy(x.copy())):
        given = [convert(x) for x in labels]
        for arguments in (given, [tuple(given)]):
            try:
                return to_numpy(function(*arguments)).astype(np.float64)
            except Exception as error:  # whatever their function may raise
                errors.append(error)
    raise ValueError(
        f"parameters: {mine!r}: the rearrangement raised {type(errors[0]).__name__}: "
        f"{errors[0]}"
    )


@dataclass(frozen=True)
class Renaming:
    """All of my parameters and buffers, from the reference's; and the way home."""

    sources: list[Source] = field(default_factory=list)

    def mine(self, parameters: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The reference's parameters under my names and in my layout."""
        moved = {name for s in self.sources for name in s.theirs}
        same = {n: x for n, x in parameters.items() if n not in moved}
        return same | {s.mine: s.make(parameters) for s in self.sources}

    def submodules(self) -> dict[str, str]:
        """Whose parameters come from whose: the reference's submodule to mine."""
        found = {}
        for s in self.sources:
            for theirs in s.theirs:
                path, own = theirs.rpartition(".")[0], s.mine.rpartition(".")[0]
                if path and own and path != own:
                    found[path] = own
        return found

    def home(self, trace: Trace) -> Trace:
        """My trace under the reference's names and in its layout."""
        found = Trace()
        vars(found).update(vars(trace))
        sent: dict[str, np.ndarray] = {}
        times: dict[str, np.ndarray] = {}  # each of their numbers came home
        by_name = {
            tensor_name(what, s.mine): (what, s)
            for s in self.sources
            for what in ("grad of", "buffer")
        }
        for name, x in trace.items():
            if name not in by_name:
                found[name] = x
                continue
            what, s = by_name[name]
            keys = [tensor_name(what, theirs) for theirs in s.theirs]
            if x.shape != s.places.shape:  # a difference that the judge will tell
                found[keys[0]] = x
                continue
            parts = zip(s.send_back(x), s.send_back(np.ones(x.shape)), strict=True)
            for key, (part, ones) in zip(keys, parts, strict=True):
                found[key] = sent[key] = sent.get(key, 0) + part
                times[key] = times.get(key, 0) + ones
                if name in trace.narrowed:
                    found.narrowed.add(key)
        for key, count in times.items():
            if not np.all(count):
                del found[key]
                found.unclaimed[key] = "mine has a part of the tensor only"
        return found
