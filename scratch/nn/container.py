"""Modules made of modules."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from .._arrays import require_int
from ..module import Module

__all__ = ["Sequential"]


class Sequential(Module):
    r"""Layers one after the other.

    Forward: $y = f_k(\dots f_2(f_1(x)))$.

    Backward: the chain rule, read from the outside in,
    $dx = \mathrm{back}_1(\mathrm{back}_2(\dots \mathrm{back}_k(dy)))$.

    Takes modules, which are named "0", "1", ..., or one `OrderedDict` of named modules.
    An index selects a layer, a slice a `Sequential` of layers (which it shares).

    Raises:
        TypeError: a layer that is no module, an index that is no int.
        IndexError: an index beyond the layers.
    """

    def __init__(self, *layers):
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        else:
            named = ((str(i), layer) for i, layer in enumerate(layers))
        for name, layer in named:
            self.add_module(name, layer)

    def forward(self, x):
        backs = []
        for layer in self:
            x, back = layer(x)
            backs.append(back)

        def sequential_back(dy):
            for back in reversed(backs):
                dy = back(dy)
            return dy

        return x, sequential_back

    def add_module(self, name: str, module: Module) -> None:
        _require_module(module)
        super().add_module(name, module)

    def __len__(self) -> int:
        return sum(1 for _ in self._own(Module))

    def __iter__(self) -> Iterator[Module]:
        return (layer for _, layer in self._own(Module))

    def _name(self, index: int) -> str:
        require_int("index", index)
        names = [name for name, _ in self._own(Module)]
        if not -len(names) <= index < len(names):
            raise IndexError(f"index: {index} is out of range: {len(names)} layers")
        return names[index]

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._own(Module))[index]))
        return getattr(self, self._name(index))

    def __setitem__(self, index: int, module: Module) -> None:
        self.add_module(self._name(index), module)

    def __delitem__(self, index) -> None:
        layers = list(self)
        if not isinstance(index, slice):
            self._name(index)  # or an error that says what is wrong
        del layers[index]
        self._renumber(layers)

    def _renumber(self, layers: list[Module]) -> None:
        for name in [name for name, _ in self._own(Module)]:
            delattr(self, name)
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)

    def pop(self, index: int) -> Module:
        layer = self[index]
        del self[index]
        return layer

    def append(self, module: Module) -> "Sequential":
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> "Sequential":
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> "Sequential":
        _require_module(module)
        require_int("index", index)
        layers = list(self)
        if not -len(layers) <= index <= len(layers):
            raise IndexError(f"index: {index} is out of range: {len(layers)} layers")
        layers.insert(index, module)
        self._renumber(layers)
        return self


def _require_module(module) -> None:
    """Not None either, which a module may hold, but which a sequence cannot call."""
    if not isinstance(module, Module):
        raise TypeError(f"module: a Module was expected, got {type(module).__name__}")
