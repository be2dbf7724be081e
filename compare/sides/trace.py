"""What goes into a side and what comes out of it, as named arrays."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..numerics import places
from ..numerics.dtypes import BFLOAT16, Precision, precision
from ..numerics.sizes import Size


class Trace(dict[str, np.ndarray]):
    """The ordered, named arrays that a side produced.

    `carriers` holds, for an array that is a difference of two others (an update), the
    size of those: it carries their rounding. `unclaimed` says of gradients that are not
    there why nobody promised them. `narrowed` names the arrays that came as bfloat16,
    of which NumPy has none, and are kept as float32. `unused` names the gradients that
    autograd did not make since nothing depends on their tensors: they are 0.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.carriers: dict[str, Size] = {}
        self.unclaimed: dict[str, str] = {}
        self.narrowed: set[str] = set()
        self.unused: set[str] = set()
        self.without_way_back = False

    def dtype_of(self, name: str) -> str:
        return BFLOAT16 if name in self.narrowed else str(self[name].dtype)


NO_INPUT = "grad of no input"  # what a backward pass returns beyond its inputs


@dataclass(frozen=True)
class Feed:
    """Everything that a run depends on. Floating arrays are in the dtype of the run.

    `upstream` holds one gradient for each output; None asks the side to draw them from
    `seed` once it knows the outputs' shapes. `differentiable` says of which inputs a
    gradient is compared, `fixed` names by number those that cannot be moved.
    """

    dtype: np.dtype
    inputs: tuple
    parameters: dict[str, np.ndarray] | None = None
    upstream: tuple[np.ndarray, ...] | None = None
    differentiable: tuple[bool, ...] | None = None
    training: bool = False
    seed: int = 0
    options: dict = field(default_factory=dict)
    jitter: tuple[int, float] | None = None  # see `stepped`: a seed, and how far
    narrow: str = ""  # the name of a precision that NumPy has no dtype of
    fixed: frozenset = frozenset()
    layout: str = ""  # in memory, of the arrays that the sides get
    forward_only: bool = False

    @property
    def precision(self) -> Precision:
        return precision(self.narrow or self.dtype)

    def upstream_fits(self, outputs) -> bool:
        """Whether the gradients to go back with are those of such outputs."""
        shapes = [dy.shape for dy in self.upstream]
        return [y.shape for y in outputs] == shapes

    def cast(self, dtype) -> "Feed":
        """The same numbers, each rounded once to `dtype`."""
        p = dtype if isinstance(dtype, Precision) else precision(dtype)
        found = self._map(p.rounded)
        narrow = p.name if p.name == BFLOAT16 else ""
        return replace(found, dtype=p.storage, narrow=narrow)

    def moved(self, dtype, rng: np.random.Generator) -> "Feed":
        """Every number that a gradient leads to moved by one rounding, up or down.

        So is what the reference's forward pass keeps for the way back, which has been
        rounded as well. A target is left as it is: moved, a probability of 1 would be
        none.
        """
        u = precision(dtype).roundoff

        def move(x):
            sign = rng.choice((-1.0, 1.0), x.shape)
            if x.dtype == dtype:  # 1 + u would round to 1: take the neighbour
                neighbour = np.nextafter(x, (sign * np.inf).astype(dtype))
                # 0 is exact, and may be a kink; minus infinity is a mask.
                return np.where((x == 0) | np.isinf(x), x, neighbour)
            return np.asarray(x * (1 + u * sign))

        jitter = int(rng.integers(2**31)), u
        return replace(self._move(move), jitter=jitter)

    def stepped(self, step: float, seed) -> tuple["Feed", "Feed"]:
        """Moved along a ray that `seed` determines, by one step and by two.

        See `places.stepped`. So is what the reference keeps for the way back.
        """
        rng, far = np.random.default_rng(seed), []

        def move(x):
            near, end = places.stepped(x, step, rng)
            far.append(end)
            return near

        near = self._move(move)
        ends = iter(far)
        beyond = self._move(lambda x: next(ends))
        seed = int(rng.integers(2**31))
        return (
            replace(near, jitter=(seed, step)),
            replace(beyond, jitter=(seed, 2 * step)),
        )

    def nudged(self, step: float, seed, zeros: bool) -> "Feed":
        """Next to here, and on no kink: see `places.nudged`."""
        rng = np.random.default_rng(seed)
        return self._move(lambda x: places.nudged(x, step, rng, zeros))

    def pinned(self, step: float, seed: int) -> "Feed":
        """Next to here, on those kinks that are hit exactly: see `places.pinned`."""
        return self._move(lambda x: places.pinned(x, step, seed))

    def _move(self, move: Callable) -> "Feed":
        """Both sides are given the same numbers, which are some of this precision."""
        p = self.precision
        chosen = list(self.differentiable or (True,) * len(self.inputs))
        chosen = [wants and i not in self.fixed for i, wants in enumerate(chosen)]
        round_again = p.rounded if p.name == BFLOAT16 else lambda x: x
        return self._map(lambda x: round_again(move(x)), chosen)

    def _map(self, function, chosen=None) -> "Feed":
        def cast(x):
            return function(x) if is_floating(x) else x

        def each(x, wanted=True):
            return over(cast, x) if wanted else x

        chosen = chosen or (True,) * len(self.inputs)
        return replace(
            self,
            inputs=tuple(map(each, self.inputs, chosen)),
            parameters=self.parameters
            and {name: each(x) for name, x in self.parameters.items()},
            upstream=self.upstream and tuple(each(x) for x in self.upstream),
        )


def is_floating(x) -> bool:
    """An array of real or complex numbers, that a rounding may move."""
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def flatten(outputs, name: str = "output") -> Iterator[tuple[str, object]]:
    """Nested tuples, lists and dicts as (name, array) pairs; None is left out.

    Dicts in the order of their keys, whatever the order in which they were filled.
    """
    if isinstance(outputs, Mapping):
        for key in sorted(outputs, key=str):
            yield from flatten(outputs[key], f"{name} {key}")
    elif isinstance(outputs, tuple | list):
        for i, item in enumerate(outputs):
            yield from flatten(item, f"{name} {i}")
    elif outputs is not None:
        yield name, outputs


def nest(like, flat: Iterator):
    """The items of `flat`, in the order of `flatten`, in the nesting of `like`."""
    if isinstance(like, Mapping):
        found = {key: nest(like[key], flat) for key in sorted(like, key=str)}
        return {key: found[key] for key in like}
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
    """`function` of each item of a nesting, in the same nesting; None stays."""
    if isinstance(nested, Mapping):
        return {key: over(function, item) for key, item in nested.items()}
    if isinstance(nested, tuple | list):
        items = [over(function, item) for item in nested]
        if hasattr(nested, "_make"):
            return type(nested)._make(items)
        return type(nested)(items)
    return None if nested is None else function(nested)


def named(names, values) -> Iterator[tuple[str, object]]:
    """Each value with its name, the items of nested ones numbered; None is left out."""
    for name, value in zip(names, values, strict=False):
        yield from flatten(value, name)


def draw_upstream(
    shapes: list[tuple[int, ...]], seed: int, complex_=()
) -> tuple[np.ndarray, ...]:
    """A random gradient for each output: never ones, which hide mistakes."""
    rng = np.random.default_rng([seed, 0x75])
    drawn = [np.asarray(rng.standard_normal(shape)) for shape in shapes]
    for i, wanted in enumerate(complex_):
        if wanted:
            drawn[i] = drawn[i] + 1j * rng.standard_normal(shapes[i])
    return tuple(drawn)


def tensor_name(what: str, path: str) -> str:
    """`grad of`, "encoder.norm.weight" -> "encoder.norm: grad of weight"."""
    module, _, name = path.rpartition(".")
    return f"{module}: {what} {name}".strip() if module else f"{what} {name}".strip()
