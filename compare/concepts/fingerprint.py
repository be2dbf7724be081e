"""Does the installed PyTorch draw the numbers that `scratch` draws? A check in passing.

Float32 normals and uniforms within bounds depend on the processor and the build:
without AVX2, or on Arm, PyTorch takes other logarithms and rounds twice. Short and
float64 normals depend on the C library. Where the streams differ, equal seeds no longer
make equal networks, and weights must be copied instead.
"""

from dataclasses import dataclass

import numpy as np
import torch

from twofold.scratch.random import Generator

_SEED = 20010911
# Enough normals that a build with other polynomials cannot agree by luck, as 6 of 7
# of its values are the same to the last bit.
_MANY, _FEW = 1000, 7
# Said out loud: the caller may have set another default dtype or device.
_FLOAT32 = {"dtype": torch.float32, "device": "cpu"}
_FLOAT64 = {"dtype": torch.float64, "device": "cpu"}


@dataclass(frozen=True)
class Fingerprint:
    """Which kinds of draw of the installed PyTorch differ from those of `scratch`."""

    differing: tuple[str, ...]

    @property
    def same(self) -> bool:
        return not self.differing

    def __str__(self) -> str:
        if self.same:
            return f"PyTorch {torch.__version__} draws the same numbers, bit for bit."
        kinds = ", ".join(self.differing)
        return f"PyTorch {torch.__version__} draws other numbers here: {kinds}."


def fingerprint() -> Fingerprint:
    """Compare a few draws of each kind, from private generators of the same seed.

    Each kind starts from its own seed, so that one that takes more words than it should
    does not make the next ones look different.
    """
    differing = []
    for offset, (kind, (ours, theirs)) in enumerate(_DRAWS.items()):
        generator = Generator().manual_seed(_SEED + offset)
        reference = torch.Generator("cpu").manual_seed(_SEED + offset)
        drawn, expected = ours(generator), theirs(reference).numpy()
        same_numbers = drawn.tobytes() == expected.tobytes()
        same_state = np.array_equal(generator.get_state(), reference.get_state())
        if not (same_numbers and same_state):
            differing.append(kind)
    return Fingerprint(tuple(differing))


_DRAWS = {
    "uniform": (
        lambda g: g.uniform(_MANY, -0.1, 0.3),
        lambda g: torch.empty(_MANY, **_FLOAT32).uniform_(-0.1, 0.3, generator=g),
    ),
    "float32 normal": (
        lambda g: g.normal(_MANY),
        lambda g: torch.randn(_MANY, generator=g, **_FLOAT32),
    ),
    "short normal": (
        lambda g: np.concatenate([g.normal(_FEW) for _ in range(_FEW)]),
        lambda g: torch.cat(
            [torch.randn(_FEW, generator=g, **_FLOAT32) for _ in range(_FEW)]
        ),
    ),
    "float64 normal": (
        lambda g: g.normal(_MANY, dtype=np.float64),
        lambda g: torch.randn(_MANY, generator=g, **_FLOAT64),
    ),
    "randperm": (
        lambda g: g.randperm(_MANY),
        lambda g: torch.randperm(_MANY, generator=g, device="cpu"),
    ),
    "bernoulli": (
        lambda g: g.bernoulli(0.3, _MANY),
        lambda g: torch.empty(_MANY, **_FLOAT32).bernoulli_(0.3, generator=g),
    ),
}
