"""The engine under PyTorch's random numbers: MT19937, its words and its state.

The Mersenne Twister (Matsumoto and Nishimura, 1998) hands out words of 32 bits. NumPy's
`RandomState`, whose stream NumPy has promised never to change, seeds and steps it word
for word as PyTorch does. The layout of the state in bytes is PyTorch's.
"""

import operator
import secrets

import numpy as np

DEFAULT_SEED = 67280421310721  # c10::default_rng_seed_val

_WORDS = 624
# CPUGeneratorImplState in ATen/CPUGeneratorImpl.cpp, 5,056 bytes.
_LEGACY = np.dtype(
    [
        ("seed", np.uint64),
        ("left", np.int32),
        ("seeded", np.int32),
        ("next", np.uint64),
        ("words", np.uint64, _WORDS),
        ("normal_x", np.float64),
        ("normal_y", np.float64),
        ("normal_rho", np.float64),
        ("normal_is_valid", np.int32),
    ],
    align=True,
)
_STATE = np.dtype(
    [
        ("legacy", _LEGACY),
        ("float_normal", np.float32),  # no CPU kernel ever fills these two
        ("float_normal_is_valid", np.bool_),
    ],
    align=True,
)


class Engine:
    """A stream of random words, and one normal number that may wait for its use."""

    def __init__(self):
        self._twister = np.random.RandomState(0)
        self.manual_seed(DEFAULT_SEED)

    def manual_seed(self, seed: int):
        """Start the stream of `seed`, in [-2^63, 2^64), and return self.

        The low 32 bits choose the stream; all 64 are remembered.

        Raises: RuntimeError if `seed` is no integer, ValueError if out of range.
        """
        if isinstance(seed, bool) or not hasattr(seed, "__index__"):
            raise RuntimeError(f"manual_seed: expected an int, got {seed!r}")
        seed = operator.index(seed)
        if not -(2**63) <= seed < 2**64:
            raise ValueError(f"manual_seed: expected -2^63 <= seed < 2^64, got {seed}")
        self._seed = seed % 2**64
        self._twister.seed(self._seed % 2**32)
        self._untouched = True  # since seeding; PyTorch's state tells, NumPy's does not
        self._spare_normal = None
        return self

    def seed(self) -> int:
        """Start a stream that nobody can predict, and return its seed of 64 bits."""
        self.manual_seed(secrets.randbits(64))
        return self._seed

    def initial_seed(self) -> int:
        """The seed that the stream began with, in [0, 2^64)."""
        return self._seed

    def get_state(self) -> np.ndarray:
        """The bytes that `torch.Generator.get_state()` would return: uint8, (5056,)."""
        state = np.zeros(1, _STATE)
        legacy = state["legacy"]
        _, words, position, *_ = self._twister.get_state()
        legacy["seed"], legacy["seeded"], legacy["words"] = self._seed, 1, words
        # `left` counts the words before the next twist, plus one.
        legacy["left"] = _WORDS + 1 - position
        legacy["next"] = 0 if self._untouched else position
        if self._spare_normal is not None:
            legacy["normal_is_valid"], legacy["normal_y"] = 1, self._spare_normal
        return state.view(np.uint8)

    def set_state(self, state):
        """Go on from a state of `get_state()`, this class's or PyTorch's; return self.

        Raises: TypeError if `state` is not made of uint8, RuntimeError if it has not
        5,056 of them or they are not the state of a seeded engine.
        """
        state = np.asarray(state)
        if state.dtype != np.uint8:
            raise TypeError(f"set_state: expected bytes (uint8), got {state.dtype}")
        if state.size != _STATE.itemsize:
            raise RuntimeError(
                f"set_state: expected {_STATE.itemsize} bytes, got {state.size}"
            )
        legacy = np.frombuffer(state.tobytes(), _STATE)["legacy"][0]
        left, position = int(legacy["left"]), int(legacy["next"])
        untouched = (left, position) == (1, 0)
        in_step = 1 <= position <= _WORDS and left + position == _WORDS + 1
        if legacy["seeded"] != 1 or not (untouched or in_step):
            raise RuntimeError("set_state: not the state of a seeded MT19937")
        words = legacy["words"].astype(np.uint32)
        self._twister.set_state(("MT19937", words, _WORDS if untouched else position))
        self._seed, self._untouched = int(legacy["seed"]), untouched
        valid = legacy["normal_is_valid"]
        self._spare_normal = float(legacy["normal_y"]) if valid else None
        return self

    def clone_state(self):
        """A second generator at the same point of the same stream."""
        return type(self)().set_state(self.get_state())

    def words(self, count: int) -> np.ndarray:
        """The next `count` words of 32 bits (uint32)."""
        self._untouched = self._untouched and count == 0
        return self._twister.randint(0, 1 << 32, count, np.uint32)

    def long_words(self, count: int) -> np.ndarray:
        """The next `count` numbers of 64 bits (uint64): two words, high half first."""
        pairs = self.words(2 * count)
        return pairs[0::2].astype(np.uint64) << np.uint64(32) | pairs[1::2]

    def fractions(self, count: int, dtype) -> np.ndarray:
        """Uniforms in [0, 1): the low 24 bits of a word over 2^24 (dtype float32),
        or the low 53 of a long one over 2^53 (float64)."""
        if dtype == np.float64:
            return (self.long_words(count) & np.uint64(2**53 - 1)) * 2.0**-53
        low_bits = (self.words(count) & np.uint32(2**24 - 1)).view(np.int32)
        return low_bits.astype(np.float32) * np.float32(2.0**-24)
