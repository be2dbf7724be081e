"""What goes into a side and what comes out of it, as named arrays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..numerics.scores import Size


class Trace(dict[str, np.ndarray]):
    """The ordered, named arrays that a side produced.

    `carriers` holds, for an array that is a difference of two others (an update), the
    size of those: it carries their rounding.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.carriers: dict[str, Size] = {}


NO_INPUT = "grad of no input"  # what a backward pass returns beyond its inputs


@dataclass(frozen=True)
class Feed:
    """Everything that a run depends on. Floating arrays are in the dtype of the run.

    `upstream` holds one gradient for each output; None asks the side to draw them from
    `seed` once it knows the outputs' shapes.
    """

    dtype: np.dtype
    inputs: tuple
    parameters: dict[str, np.ndarray] | None = None
    upstream: tuple[np.ndarray, ...] | None = None
    differentiable: tuple[bool, ...] | None = None
    training: bool = False
    seed: int = 0
    options: dict = field(default_factory=dict)
    jitter: tuple[int, float] | None = None  # see `moved`: a seed, and how far

    def upstream_fits(self, outputs) -> bool:
        """Whether the gradients to go back with are those of such outputs."""
        shapes = [dy.shape for dy in self.upstream]
        return [y.shape for y in outputs] == shapes

    def cast(self, dtype) -> "Feed":
        """The same numbers, each rounded once to `dtype`."""
        return self._map(lambda x: x.astype(dtype), np.dtype(dtype))

    def moved(self, dtype, rng: np.random.Generator) -> "Feed":
        """Every number that a gradient leads to moved by one rounding, up or down.

        So is what the reference's forward pass keeps for the way back, which has been
        rounded as well. A target is left as it is: moved, a probability of 1 would be
        none.
        """
        u = float(np.finfo(dtype).eps) / 2

        def move(x):
            sign = rng.choice((-1.0, 1.0), x.shape)
            if x.dtype == dtype:  # 1 + u would round to 1: take the neighbour
                neighbour = np.nextafter(x, (sign * np.inf).astype(dtype))
                # 0 is exact, and may be a kink; minus infinity is a mask.
                return np.where((x == 0) | np.isinf(x), x, neighbour)
            return np.asarray(x * (1 + u * sign))

        jitter = int(rng.integers(2**31)), u
        moved = self._map(move, self.dtype, self.differentiable)
        return replace(moved, jitter=jitter)

    def _map(self, function, dtype, chosen=None) -> "Feed":
        def cast(x):
            return function(x) if is_floating(x) else x

        def each(x, wanted=True):
            return over(cast, x) if wanted else x

        chosen = chosen or (True,) * len(self.inputs)
        return replace(
            self,
            dtype=dtype,
            inputs=tuple(map(each, self.inputs, chosen)),
            parameters=self.parameters
            and {name: each(x) for name, x in self.parameters.items()},
            upstream=self.upstream and tuple(each(x) for x in self.upstream),
        )


def is_floating(x) -> bool:
    return isinstance(x, np.ndarray) and np.issubdtype(x.dtype, np.floating)


def flatten(outputs, name: str = "output") -> Iterator[tuple[str, object]]:
    """Nested tuples of outputs as (name, array) pairs; None is left out."""
    if isinstance(outputs, Mapping):
        raise TypeError(
            f"{name}: arrays or tensors, or nested tuples of them, were expected, got "
            f"{type(outputs).__name__}: compare a function that returns its values"
        )
    if isinstance(outputs, tuple | list):
        for i, item in enumerate(outputs):
            yield from flatten(item, f"{name} {i}")
    elif outputs is not None:
        yield name, outputs


def nest(like, flat: Iterator):
    """The items of `flat` in the nesting of `like`."""
    if isinstance(like, tuple | list):
        items = tuple(nest(item, flat) for item in like)
        return items[0] if is_packed(like) else items
    return None if like is None else next(flat)


def is_packed(x) -> bool:
    """Whether it is a PackedSequence, of either tree.

    A nested tuple otherwise, but its gradient is that of its first item, the data.
    """
    return hasattr(x, "batch_sizes")


def over(function, nested):
    """`function` of each item of nested tuples, in the same nesting; None stays."""
    if isinstance(nested, tuple | list):
        items = [over(function, item) for item in nested]
        return type(nested)._make(items) if is_packed(nested) else tuple(items)
    return None if nested is None else function(nested)


def named(names, values) -> Iterator[tuple[str, object]]:
    """Each value with its name, the items of nested ones numbered; None is left out."""
    for name, value in zip(names, values, strict=False):
        yield from flatten(value, name)


def draw_upstream(shapes: list[tuple[int, ...]], seed: int) -> tuple[np.ndarray, ...]:
    """A random gradient for each output: never ones, which hide mistakes."""
    rng = np.random.default_rng([seed, 0x75])
    return tuple(rng.standard_normal(shape) for shape in shapes)


def tensor_name(what: str, path: str) -> str:
    """`grad of`, "encoder.norm.weight" -> "encoder.norm: grad of weight"."""
    module, _, name = path.rpartition(".")
    return f"{module}: {what} {name}".strip() if module else f"{what} {name}".strip()
