"""The language in which cases say what to feed a concept.

A case is declarative: shapes are written with size symbols (N, C, D) and `...` for any
leading dimensions, values as one of the kinds below. A draw picks sizes, scales and
values from a seed, so that any draw can be made again alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .flavours import FAR, ORDINARY, flavour_of, flavoured

# Sizes at which mistakes hide: one, two, odd, powers of two and their neighbours.
SIZES = (1, 2, 3, 5, 7, 8, 13, 16, 33, 64)
LARGE_SIZES = (129, 257, 1031)  # beyond any block of ours, in every 16th draw
LARGE_EVERY = 16


@dataclass(frozen=True)
class Size:
    """A symbol for a size that a draw picks, the same wherever it stands in a case.

    `large` says whether a large draw may make it large.
    """

    name: str
    minimum: int = 1
    large: bool = True


N = Size("N")
C = Size("C", large=False)
D = Size("D")
K = Size("K", large=False)


class Dice:
    """The random choices of one draw."""

    def __init__(self, entropy: list[int], draw: int):
        self.rng = np.random.default_rng([*entropy, draw])
        self.large = draw % LARGE_EVERY == LARGE_EVERY - 1
        self.flavour = flavour_of(entropy, draw)
        self.sizes: dict[str, int] = {}

    def size(self, symbol) -> int:
        if not isinstance(symbol, Size):
            return symbol
        if symbol.name not in self.sizes:
            pool = [n for n in SIZES if n >= symbol.minimum]
            if self.large and symbol.large:
                pool = LARGE_SIZES
            self.sizes[symbol.name] = int(self.rng.choice(pool))
        return self.sizes[symbol.name]

    def shape(self, symbols) -> tuple[int, ...]:
        shape = []
        for symbol in symbols:
            if symbol is ...:
                shape += self._leading()
            else:
                shape.append(self.size(symbol))
        return tuple(shape)

    def _leading(self) -> list[int]:
        if "..." not in self.sizes:
            if self.large:
                self.sizes["..."] = [int(self.rng.choice(LARGE_SIZES))]
            else:
                ndim = int(self.rng.integers(0, 4))
                self.sizes["..."] = [int(n) for n in self.rng.choice(SIZES[:7], ndim)]
        return self.sizes["..."]

    def flavoured(self, x, kinks=(), low=-np.inf, high=np.inf) -> np.ndarray:
        """`x` with numbers of the draw's flavour; not where they would mean nothing."""
        return flavoured(np.asarray(x), self.flavour, self.rng, kinks, low, high)

    def scale(self) -> float:
        """Log-uniform over 1e-3 to 1e3."""
        return float(10 ** self.rng.uniform(-3, 3))


class Value:
    """One kind of values; `differentiable` if a gradient leads to it."""

    differentiable = False

    def draw(self, dice: Dice):
        raise NotImplementedError


@dataclass(frozen=True)
class Real(Value):
    """Normal numbers, at a drawn scale and in half of the draws around an offset.

    `kinks` are where the slope jumps: a draw of that flavour stands on them. A fixed
    `spread` keeps all of them at one scale, since at others nothing could be compared.
    Without `flavours` every draw is ordinary.
    """

    shape: tuple
    kinks: tuple[float, ...] = ()
    differentiable: bool = True
    spread: float | None = None  # a fixed standard deviation instead of a drawn scale
    flavours: bool = True

    def draw(self, dice):
        scale = self.spread or dice.scale()
        x = dice.rng.standard_normal(dice.shape(self.shape))
        if self.spread is None and dice.rng.random() < 0.5:
            x = x + dice.rng.standard_normal() * 10
        x = np.asarray(x * scale)
        if not self.flavours or (self.spread is not None and dice.flavour in FAR):
            return x
        return dice.flavoured(x, self.kinks)


@dataclass(frozen=True)
class Uniform(Value):
    """Numbers between `low` and `high`."""

    shape: tuple
    low: float = 0.0
    high: float = 1.0
    differentiable: bool = False

    def draw(self, dice):
        x = dice.rng.uniform(self.low, self.high, dice.shape(self.shape))
        ends = self.low, self.high
        return dice.flavoured(x, ends, *ends)


@dataclass(frozen=True)
class Exactly(Value):
    """Numbers that are exactly one of `values`: kinks and ties, for conventions."""

    shape: tuple
    values: tuple[float, ...]
    differentiable: bool = True

    def draw(self, dice):
        return np.asarray(dice.rng.choice(self.values, dice.shape(self.shape)))


@dataclass(frozen=True)
class Near(Value):
    """What `like` draws, as far from the drawn value of the input at `index` as from 0;
    where that stands on a kink, some of both are equal.

    For losses that have a kink where prediction and target are equal.
    """

    index: int
    like: Real

    def draw(self, dice, inputs=()):
        other = inputs[self.index]
        x = other + self.like.draw(dice)
        if dice.flavour == ORDINARY:
            return x
        return np.where(dice.rng.random(other.shape) < 0.3, other, x)


@dataclass(frozen=True)
class Simplex(Value):
    """Probabilities: positive, and 1 in sum along `axis`."""

    shape: tuple
    axis: int = 1

    def draw(self, dice):
        p = dice.rng.exponential(size=dice.shape(self.shape))
        return np.asarray(p / p.sum(axis=self.axis, keepdims=True))


@dataclass(frozen=True)
class Classes(Value):
    """Class indices in [0, count), some of them `ignored` if that is given."""

    shape: tuple
    count: Size
    ignored: int | None = None

    def draw(self, dice):
        shape, count = dice.shape(self.shape), dice.size(self.count)
        classes = np.asarray(dice.rng.integers(0, count, shape))
        if self.ignored is not None:
            classes = np.where(dice.rng.random(shape) < 0.3, self.ignored, classes)
        return classes


@dataclass(frozen=True)
class Places(Value):
    """Places in [0, count), all different along the last `axes` dimensions together."""

    shape: tuple
    count: int
    axes: int

    def draw(self, dice):
        shape = dice.shape(self.shape)
        rows, axes = shape[: -self.axes], shape[-self.axes :]
        order = dice.rng.random((*rows, self.count)).argsort(axis=-1)
        return order[..., : int(np.prod(axes))].reshape(shape)


@dataclass(frozen=True)
class Binary(Value):
    """Zeros and ones, as floating point numbers."""

    shape: tuple

    def draw(self, dice):
        return (dice.rng.random(dice.shape(self.shape)) < 0.5).astype(np.float64)


@dataclass(frozen=True)
class Chance(Value):
    """True with probability `share`: a mask."""

    shape: tuple
    share: float = 0.5

    def draw(self, dice):
        return np.asarray(dice.rng.random(dice.shape(self.shape)) < self.share)


@dataclass(frozen=True)
class Together(Value):
    """Several values as one argument, a tuple: the two states of an LSTM."""

    values: tuple[Value, ...]
    differentiable: bool = True

    def draw(self, dice):
        return tuple(value.draw(dice) for value in self.values)


@dataclass(frozen=True)
class Given(Value):
    """This very object: a switch, None, or a certain mask."""

    value: object

    def draw(self, dice):
        return self.value


@dataclass(frozen=True)
class Case:
    """Constructor options and inputs for a pair; both may use size symbols.

    `build(tree, **options)`, with `tree` one of scratch and torch_ref, makes what the
    constructor alone cannot: modules made of modules, or fitted ones.
    """

    options: dict
    inputs: tuple[Value, ...]
    training: bool = False
    label: str = ""
    build: Callable | None = None

    def __str__(self) -> str:
        shown = {
            k: v.name if isinstance(v, Size) else v
            for k, v in self.options.items()
            if not isinstance(v, Value)
        }
        arrays = [k for k, v in self.options.items() if isinstance(v, Value)]
        words = [f"{k}={v}" for k, v in shown.items()] + arrays
        return self.label or ", ".join(words) or "defaults"

    def draw(self, dice: Dice) -> tuple[dict, tuple]:
        """Options and inputs of one draw, floating numbers in float64."""
        options = {
            name: value.draw(dice)
            if isinstance(value, Value)
            else dice.size(value)
            if isinstance(value, Size)
            else value
            for name, value in self.options.items()
        }
        inputs = []
        for value in self.inputs:
            more = (inputs,) if isinstance(value, Near) else ()
            inputs.append(value.draw(dice, *more))
        return options, tuple(inputs)

    @property
    def differentiable(self) -> tuple[bool, ...]:
        return tuple(value.differentiable for value in self.inputs)
