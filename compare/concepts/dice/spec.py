"""What a kind of draw is, what is claimed of it, and how both sides are compared."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from twofold.scratch.random import Generator


class Claim(NamedTuple):
    """What is claimed of a kind of draw `here`, where the fingerprint agrees, and what
    is left of it `elsewhere`, where PyTorch was built or runs in another way.
    """

    here: str
    elsewhere: str


INTEGERS = Claim("bit for bit", "bit for bit")
FUSED = Claim("bit for bit", "off by a rounding")
POLYNOMIALS = Claim("bit for bit", "off by about 2e-6")
C_LIBRARY = Claim("exact with this C library", "off by a rounding")
TOLERANCE = Claim("the states alone", "the states alone")


@dataclass(frozen=True)
class Row:
    """One kind of draw in one dtype: how much was compared, and was equal."""

    kind: str
    dtype: str
    seeds: int
    values: int
    equal_values: int
    states: int
    equal_states: int
    claim: Claim

    @property
    def equal(self) -> bool:
        return (self.equal_values, self.equal_states) == (self.values, self.states)

    @property
    def claims_values(self) -> bool:
        return self.claim != TOLERANCE

    @property
    def holds(self) -> bool:
        """Whether what was seen bears out the claim."""
        values_hold = self.equal_values == self.values or not self.claims_values
        return values_hold and self.equal_states == self.states

    def to_json(self) -> dict:
        return {
            **vars(self),
            "claim": self.claim.here,
            "elsewhere": self.claim.elsewhere,
            "holds": self.holds,
        }


class Kind(NamedTuple):
    """A kind of draw: `ours(generator, dtype, *options)`, and `theirs` with PyTorch's.

    `options(rng)` chooses what both are given beside the dtype's name.
    """

    name: str
    claim: Claim
    dtypes: tuple[str, ...]
    options: Callable
    ours: Callable
    theirs: Callable


class Tally:
    """Two generators side by side, and how often they agreed."""

    def __init__(self):
        self.seeds = 0
        self.values = self.equal_values = self.states = self.equal_states = 0

    def start(self, seed: int) -> None:
        self.seeds += 1
        self.ours = Generator().manual_seed(seed)
        self.theirs = torch.Generator("cpu").manual_seed(seed)

    def add(self, kind: Kind, dtype: str, options: tuple) -> None:
        drawn = kind.ours(self.ours, dtype, *options)
        expected = kind.theirs(self.theirs, dtype, *options).numpy()
        self.values += expected.size
        if (drawn.dtype, drawn.shape) == (expected.dtype, expected.shape):
            self.equal_values += int((bits(drawn) == bits(expected)).sum())
        self.states += 1
        state = self.theirs.get_state()
        self.equal_states += int(np.array_equal(self.ours.get_state(), state))

    def row(self, name: str, dtype: str, claim: Claim) -> Row:
        counts = (self.values, self.equal_values, self.states, self.equal_states)
        return Row(name, dtype, self.seeds, *counts, claim)


def bits(x: np.ndarray) -> np.ndarray:
    """The bit patterns, under which -0 is not 0 and a NaN may equal itself."""
    return np.ascontiguousarray(x).view(f"u{x.dtype.itemsize}")
