"""A reference in KernelBench's form: `Model`, `get_inputs()`, `get_init_inputs()`."""

import ast
import importlib.util
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from ...sides.modules import to_numpy
from ...sides.trace import flatten, is_floating, over

NEEDED = ("Model", "get_inputs")


class BrokenReference(ValueError):
    """There is nothing to judge by; or options that do not fit the files."""


class WrongOption(ValueError):
    """An option that cannot be, whatever the files are."""


@contextmanager
def staying(path):
    """A reference that ends its process is a broken one, and does not end this one."""

    def leave(code):
        raise SystemExit(f"os._exit({code})")

    before, os._exit = os._exit, leave
    try:
        yield
    except SystemExit as error:
        raise BrokenReference(f"{path} leaves: {words_of(error)}") from None
    finally:
        os._exit = before


def sized(source: str, sizes: dict[str, object], where: str, needed=True) -> str:
    """The source with other values of names that are assigned at its top.

    Lines stay where they are. Raises `BrokenReference` for a name that is not there.
    """
    tree = ast.parse(source)
    found = {name: value for name, value in _assigned(tree) if name in sizes}
    missing = [name for name in sizes if name not in found]
    if missing and needed:
        raise BrokenReference(
            f"--set {missing[0]}: {where} has no such name at its top"
        )
    lines = source.encode().splitlines(keepends=True)
    places = {name: (x.lineno, x.col_offset) for name, x in found.items()}
    for name in sorted(places, key=places.get, reverse=True):
        value = found[name]
        first, last = value.lineno - 1, value.end_lineno - 1
        head, tail = (
            lines[first][: value.col_offset],
            lines[last][value.end_col_offset :],
        )
        padding = b"\n" * (last - first)
        lines[first : last + 1] = [head + repr(sizes[name]).encode() + padding + tail]
    return b"".join(lines).decode()


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """(name, value) of what is assigned at the top, `a, b = 1, 2` among it."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target, value = node.target, node.value
        else:
            continue
        pairs = [(target, value)]
        many = (ast.Tuple, ast.List)
        if isinstance(target, many) and isinstance(value, many):
            if len(target.elts) != len(value.elts):
                continue
            pairs = zip(target.elts, value.elts, strict=True)
        for one, its in pairs:
            if isinstance(one, ast.Name):
                yield one.id, its


class Problem:
    """A reference file, imported in this process: it is trusted."""

    def __init__(self, path: str | Path, sizes: dict[str, object], seed: int):
        self.path = Path(path)
        self.seed = seed
        self.written: set[int] = set()  # places of inputs that the reference writes to
        try:
            source = self.path.read_text(encoding="utf-8")
            source = sized(source, sizes, self.path.name)
        except (OSError, UnicodeDecodeError, SyntaxError) as error:
            words = getattr(error, "strerror", None) or error
            raise BrokenReference(f"{self.path}: {words}") from None
        name = f"_reference_{abs(hash(self.path.resolve()))}"
        spec = importlib.util.spec_from_loader(name, loader=None)
        self.module = importlib.util.module_from_spec(spec)
        self.module.__file__ = str(self.path)
        sys.modules[name] = self.module
        try:
            exec(compile(source, str(self.path), "exec"), vars(self.module))
        except Exception as error:
            raise BrokenReference(f"{self.path}: {words_of(error)}") from None
        for needed in NEEDED:
            if not hasattr(self.module, needed):
                raise BrokenReference(f"{self.path} has no {needed}")
        self.arguments = self._called("get_init_inputs", seed, default=[])
        self.model = self._model()

    def _called(self, name: str, seed: int, default=None) -> tuple:
        function = getattr(self.module, name, None)
        if function is None:
            return tuple(default)
        seed_all(seed)
        try:
            found = function()
        except Exception as error:
            raise BrokenReference(f"{self.path}: {name}(): {words_of(error)}") from None
        if not isinstance(found, list | tuple):
            raise BrokenReference(f"{self.path}: {name}() returns no list")
        return tuple(found)

    def _model(self) -> torch.nn.Module:
        seed_all(self.seed)
        try:
            model = self.module.Model(*self.arguments)
        except Exception as error:
            raise BrokenReference(f"{self.path}: Model(): {words_of(error)}") from None
        if not isinstance(model, torch.nn.Module):
            raise BrokenReference(f"{self.path}: Model is not an nn.Module")
        # A leaf must not be written to in place; what a layer hands on may be.
        written = self.written

        def note(model, arguments, output):  # a bound method would copy all of this
            for i, x in enumerate(arguments):
                tensors = (t for _, t in flatten(x) if isinstance(t, torch.Tensor))
                if any(t._version for t in tensors):
                    written.add(i)

        model.register_forward_pre_hook(lambda _, arguments: over(_handed, arguments))
        model.register_forward_hook(note)
        return model

    def inputs(self, seed: int) -> tuple:
        """Fresh inputs as arrays, those of floats in float64."""

        def widened(x):
            if isinstance(x, torch.Tensor):
                x = to_numpy(x.double() if x.is_floating_point() else x)
            return x.astype(np.float64) if is_floating(x) else x

        found = self._called("get_inputs", seed)
        return tuple(over(widened, x) for x in found)

    def state(self) -> dict[str, np.ndarray]:
        """Parameters and buffers, those of floats in float64."""
        kept = self.model.state_dict()
        state = [*self.model.named_parameters(), *self.model.named_buffers()]
        return {
            name: to_numpy(x.detach().double() if x.is_floating_point() else x).copy()
            for name, x in state
            if name in kept
        }


def _handed(x):
    return x.clone() if isinstance(x, torch.Tensor) else x


def seed_all(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def words_of(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
