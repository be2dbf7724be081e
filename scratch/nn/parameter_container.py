"""Holders of parameters."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, KeysView
from types import NoneType

import numpy as np

from .._arrays import require_int
from ..module import Module, Parameter
from .container import named_pairs

__all__ = ["ParameterDict", "ParameterList"]


class _Values(Module):
    """Holds anything under names; arrays become parameters."""

    def _hold(self, name: str, value) -> None:
        if isinstance(value, np.ndarray | np.generic):
            value = Parameter(value)
        held = vars(self).get(name)
        if isinstance(held, Parameter) and not isinstance(value, Parameter | NoneType):
            raise TypeError(
                f"{name}: a Parameter stands there, and {type(value).__name__} is none"
            )
        if isinstance(value, Parameter | Module):
            own = isinstance(held, Parameter | Module)
            self._require_free(type(self).__name__, name, own)
        setattr(self, name, value)

    def __call__(self, *inputs, **options):
        raise RuntimeError(f"{type(self).__name__}: it holds parameters: no call")

    def __repr__(self) -> str:
        name = type(self).__name__
        lines = [f"  ({n}): {_description(value)}" for n, value in self._named()]
        if len(lines) < 2:
            return f"{name}({''.join(lines)})"
        body = "\n  ".join(lines)
        return f"{name}(\n  {body}\n)"


class ParameterList(_Values):
    r"""Holds parameters in a list, for a network of your own.

    Forward: none; a network is to use the parameters. Backward: none; what uses a
    parameter calls its `accumulate`.

    What a Python list of parameters would hide, this shows: they are those of the
    network, under "0", "1", ... An array becomes a parameter; anything else that is no
    parameter is kept as it is. It can be indexed, sliced, set, added to and looped
    over.

    Raises:
        TypeError: what is no iterable, an index that is no int; what is no parameter in
            the place of one.
        IndexError: an index beyond the values.
        RuntimeError: an array that is not of floats; it is called.
    """

    def __init__(self, values: Iterable | None = None):
        self._size = 0
        if values is not None:
            self.extend(values)

    def _name(self, index: int) -> str:
        require_int("index", index)
        if not -len(self) <= index < len(self):
            raise IndexError(f"index: {index} is out of range: {len(self)} values")
        return str(index % len(self))

    def _named(self) -> Iterator[tuple]:
        return enumerate(self)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)([self[i] for i in range(*index.indices(len(self)))])
        return getattr(self, self._name(index))

    def __setitem__(self, index: int, value) -> None:
        self._hold(self._name(index), value)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator:
        return (getattr(self, str(i)) for i in range(len(self)))

    def append(self, value) -> "ParameterList":
        self._hold(str(self._size), value)
        self._size += 1
        return self

    def extend(self, values: Iterable) -> "ParameterList":
        if not isinstance(values, Iterable) or isinstance(values, np.ndarray):
            raise TypeError(
                f"values: an iterable was expected, got {type(values).__name__}"
            )
        for value in list(values):
            self.append(value)
        return self

    def __iadd__(self, values: Iterable) -> "ParameterList":
        return self.extend(values)


class ParameterDict(_Values):
    r"""Holds parameters by name, for a network of your own.

    Forward: none; a network is to use the parameters. Backward: none; what uses a
    parameter calls its `accumulate`.

    Takes a mapping, or pairs of name and value. An array becomes a parameter; anything
    else that is no parameter is kept as it is. It behaves as a dict does, in the order
    in which names came; but a plain dict that is given is sorted, as in PyTorch.

    Raises:
        TypeError: a name that is no str, pairs that are none; what is no parameter in
            the place of one.
        ValueError: a pair of other than two.
        AttributeError: a name that is asked for and not there.
        KeyError: a name that is to be deleted and not there; one that is empty, has a
            dot in it, or is that of a method.
        RuntimeError: an array that is not of floats; it is called.
    """

    def __init__(self, parameters=None):
        self._keys = {}  # a dict for its order
        if parameters is not None:
            self.update(parameters)

    def _named(self) -> Iterator[tuple]:
        return self.items()

    def __getitem__(self, key: str):
        _require_name(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value) -> None:
        _require_name(key)
        self._hold(key, value)
        self._keys[key] = None

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def copy(self) -> "ParameterDict":
        """Another holder of the same parameters."""
        return ParameterDict(self.items())

    def setdefault(self, key: str, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def clear(self) -> None:
        for key in list(self):
            del self[key]

    def pop(self, key: str):
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple:
        if not self._keys:
            raise KeyError("popitem: there is nothing in this ParameterDict")
        key = next(reversed(self))
        return key, self.pop(key)

    def get(self, key: str, default=None):
        return getattr(self, key) if key in self else default

    def fromkeys(self, keys: Iterable[str], default=None) -> "ParameterDict":
        return ParameterDict((key, default) for key in keys)

    def keys(self) -> KeysView[str]:
        return self._keys.keys()

    def items(self) -> Iterator[tuple]:
        return ((key, self[key]) for key in self._keys)

    def values(self) -> Iterator:
        return (self[key] for key in self._keys)

    def update(self, parameters) -> None:
        pairs = named_pairs("parameters", parameters)
        ordered = not isinstance(parameters, dict) or isinstance(
            parameters, OrderedDict
        )
        for key, value in pairs if ordered else sorted(pairs):
            self[key] = value

    def __or__(self, other: "ParameterDict") -> "ParameterDict":
        both = self.copy()
        both.update(other)
        return both

    def __ror__(self, other) -> "ParameterDict":
        both = other.copy()
        both.update(self)
        return both

    def __ior__(self, other: "ParameterDict") -> "ParameterDict":
        self.update(other)
        return self


def _description(value) -> str:
    if isinstance(value, Parameter):
        size = "x".join(map(str, value.shape))
        return f"Parameter containing: [{value.dtype} of size {size}]"
    return f"Object of type: {type(value).__name__}"


def _require_name(key) -> None:
    if not isinstance(key, str):
        raise TypeError(f"key: a str was expected, got {key!r}")
