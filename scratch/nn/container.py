"""Modules made of modules."""

from collections import OrderedDict
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView

from .._arrays import require_int
from ..module import Module

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


class _Holder(Module):
    """Holds modules, and nothing else: None is refused, which PyTorch lets in."""

    def _held(self) -> dict[str, Module]:
        return dict(self._own(Module))

    def __len__(self) -> int:
        return len(self._held())

    def add_module(self, name: str, module: Module) -> None:
        if not isinstance(module, Module):
            raise TypeError(
                f"module: a Module was expected, got {type(module).__name__}"
            )
        super().add_module(name, module)


class _Layers(_Holder):
    """Modules named "0", "1", ... that can be edited as a list."""

    def __iter__(self) -> Iterator[Module]:
        return iter(self._held().values())

    def _name(self, index: int) -> str:
        require_int("index", index)
        names = list(self._held())
        if not -len(names) <= index < len(names):
            raise IndexError(f"index: {index} is out of range: {len(names)} layers")
        return names[index]

    def __setitem__(self, index: int, module: Module) -> None:
        self.add_module(self._name(index), module)

    def __delitem__(self, index) -> None:
        layers = list(self)
        if not isinstance(index, slice):
            self._name(index)  # or an error that says what is wrong
        del layers[index]
        self._renumber(layers)

    def _renumber(self, layers: list[Module]) -> None:
        for name in self._held():
            delattr(self, name)
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)

    def _insert(self, index: int, module: Module) -> None:
        require_int("index", index)
        layers = list(self)
        if not -len(layers) <= index <= len(layers):
            raise IndexError(f"index: {index} is out of range: {len(layers)} layers")
        self.add_module(str(len(layers)), module)  # or an error, before any change
        layers.insert(index, module)
        self._renumber(layers)

    def pop(self, index):
        """Take out one layer, or those of a slice, and return it."""
        layer = self[index]
        del self[index]
        return layer

    def append(self, module: Module):
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]):
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"modules: an iterable was expected, got {type(modules).__name__}"
            )
        for module in list(modules):
            self.append(module)
        return self

    def __iadd__(self, modules: Iterable[Module]):
        return self.extend(modules)


class Sequential(_Layers):
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

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._held().items())[index]))
        return getattr(self, self._name(index))

    def insert(self, index: int, module: Module) -> "Sequential":
        self._insert(index, module)
        return self


class ModuleList(_Layers):
    r"""Holds modules in a list, for a network of your own that calls them as it likes.

    Forward: none; a network is to call the modules, and to keep their ways back.
    Backward: none, for the same reason.

    What a Python list of modules would hide, this shows: the parameters of the modules
    are those of the network, under "0", "1", ... It can be indexed, sliced, edited,
    added to and looped over; it prints equal neighbours once.

    Raises:
        TypeError: what is no module, an index that is no int.
        IndexError: an index beyond the modules.
        KeyError: `insert` at an index below 0, which PyTorch cannot do.
    """

    def __init__(self, modules: Iterable[Module] | None = None):
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return getattr(self, self._name(index))

    def __add__(self, other: Iterable[Module]) -> "ModuleList":
        return ModuleList(self).extend(other)

    def insert(self, index: int, module: Module) -> None:
        require_int("index", index)
        if index < 0:
            raise KeyError(f"index: 0 or above was expected, got {index}")
        self._insert(index, module)

    def __repr__(self) -> str:
        runs = []
        for i, layer in enumerate(self):
            if runs and runs[-1][2] == repr(layer):
                runs[-1][1] = i
            else:
                runs.append([i, i, repr(layer)])
        lines = [
            f"({i}): {text}" if i == j else f"({i}-{j}): {j - i + 1} x {text}"
            for i, j, text in runs
        ]
        return _written(self, lines)


class ModuleDict(_Holder):
    r"""Holds modules by name, for a network of your own that calls them as it likes.

    Forward: none; a network is to call the modules, and to keep their ways back.
    Backward: none, for the same reason.

    Takes a mapping, or pairs of name and module. It keeps the order in which names
    came, and behaves as a dict does: indexed by name, with `keys`, `values`, `items`,
    `update`, `pop`, `clear`; a loop goes over the names.

    Raises:
        TypeError: what is no module, a name that is no str, pairs that are none.
        ValueError: a pair of other than two.
        KeyError: a name that is not there; one that is empty, has a dot in it, or is
            that of a method.
    """

    def __init__(self, modules: Mapping[str, Module] | None = None):
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Module:
        return self._held()[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        self[key]  # or a KeyError
        delattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._held())

    def __contains__(self, key: str) -> bool:
        return key in self._held()

    def clear(self) -> None:
        for key in self._held():
            delattr(self, key)

    def pop(self, key: str) -> Module:
        module = self[key]
        del self[key]
        return module

    def keys(self) -> KeysView[str]:
        return self._held().keys()

    def items(self) -> ItemsView[str, Module]:
        return self._held().items()

    def values(self) -> ValuesView[Module]:
        return self._held().values()

    def update(self, modules: Mapping[str, Module]) -> None:
        for key, module in named_pairs("modules", modules):
            self[key] = module

    def __repr__(self) -> str:
        return _written(self, [f"({name}): {held!r}" for name, held in self.items()])


def named_pairs(argument: str, given) -> list[tuple]:
    """The pairs of name and value of a mapping, or of an iterable of such pairs."""
    if not isinstance(given, Iterable):
        raise TypeError(
            f"{argument}: a mapping, or pairs of name and value, was expected, got "
            f"{type(given).__name__}"
        )
    if isinstance(given, Mapping) or hasattr(given, "items"):
        return list(given.items())
    pairs = []
    for number, pair in enumerate(given):
        if not isinstance(pair, Iterable):
            raise TypeError(
                f"{argument}: a pair was expected, number {number} is "
                f"{type(pair).__name__}"
            )
        if len(pair) != 2:
            raise ValueError(
                f"{argument}: a pair was expected, number {number} is of {len(pair)}"
            )
        pairs.append((pair[0], pair[1]))
    return pairs


def _written(module: Module, lines: list[str]) -> str:
    """What a holder prints: its name, and a line for each that it holds."""
    body = "\n".join(lines).replace("\n", "\n  ")
    name = type(module).__name__
    return f"{name}(\n  {body}\n)" if lines else f"{name}()"
