"""Modules made of modules."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from ..module import Module

__all__ = ["Sequential"]


class Sequential(Module):
    r"""Layers one after the other.

    Forward: $y = f_k(\dots f_2(f_1(x)))$.

    Backward: the chain rule, read from the outside in,
    $dx = \mathrm{back}_1(\mathrm{back}_2(\dots \mathrm{back}_k(dy)))$.

    Takes modules, which are named "0", "1", ..., or one `OrderedDict` of named modules.
    An index selects a layer, a slice a `Sequential` of layers (which it shares).
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

    def __len__(self) -> int:
        return sum(1 for _ in self.children())

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def _name(self, index: int) -> str:
        names = [name for name, _ in self.named_children()]
        if not -len(names) <= index < len(names):
            raise IndexError(f"index {index} is out of range: {len(names)} layers")
        return names[index]

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self.named_children())[index]))
        return getattr(self, self._name(index))

    def __setitem__(self, index: int, module: Module) -> None:
        self.add_module(self._name(index), module)

    def __delitem__(self, index) -> None:
        removed = range(len(self))[index]
        for i in sorted([removed] if isinstance(removed, int) else removed)[::-1]:
            delattr(self, self._name(i))
        self._renumber(list(self))

    def _renumber(self, layers: list[Module]) -> None:
        for name in [name for name, _ in self.named_children()]:
            delattr(self, name)
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)

    def append(self, module: Module) -> "Sequential":
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> "Sequential":
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> "Sequential":
        layers = list(self)
        if not -len(layers) <= index <= len(layers):
            raise IndexError(f"index {index} is out of range: {len(layers)} layers")
        layers.insert(index, module)
        self._renumber(layers)
        return self
