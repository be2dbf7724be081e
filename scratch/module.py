"""What every network is made of.

`Parameter` holds an array and, after a backward pass, its gradient. `Module` finds the
parameters, buffers and submodules among its own attributes; there is no registry to
keep in step, and no `super().__init__()` to forget.
"""

import math
from collections import namedtuple
from collections.abc import Iterator, Mapping

import numpy as np

from ._arrays import floating

__all__ = ["Module", "Parameter"]

_ARRAYS = (np.ndarray, np.generic)

IncompatibleKeys = namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])


class Parameter:
    """An array that is learned, `data`, and its gradient, `grad`.

    `grad` is None until the first gradient arrives and again after `zero_grad()`; an
    optimiser skips a parameter whose `grad` is None.
    """

    def __init__(self, data, requires_grad: bool = True):
        self.data = np.asarray(data)
        if requires_grad and not floating(self.data.dtype):
            raise RuntimeError(
                f"Parameter: data of dtype {self.data.dtype} cannot have a gradient; "
                "a floating point dtype was expected"
            )
        self.requires_grad = requires_grad
        self.grad = None

    def accumulate(self, gradient: np.ndarray) -> None:
        """Add `gradient`, of the parameter's own shape, to `grad`.

        Gradients add up because a parameter that is used twice reaches the loss on two
        paths, and the derivative of a sum is the sum of the derivatives. The first one
        is copied, so that `grad` never shares memory with an array of the caller's.
        """
        if not self.requires_grad:
            return
        if isinstance(gradient, np.generic):  # what NumPy makes of a 0-d array
            gradient = np.asarray(gradient)
        if gradient.shape != self.data.shape:
            raise RuntimeError(
                f"accumulate: a gradient of shape {gradient.shape} for a parameter of "
                f"shape {self.data.shape}"
            )
        if self.grad is None:
            self.grad = gradient.astype(self.data.dtype)
        else:
            self.grad += gradient

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def dtype(self) -> np.dtype:
        return self.data.dtype

    @property
    def ndim(self) -> int:
        return self.data.ndim

    @property
    def size(self) -> int:
        return self.data.size

    def __array__(self, dtype=None, copy=None):
        return np.array(self.data, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        grad = "" if self.requires_grad else ", requires_grad=False"
        return f"Parameter({np.array2string(self.data, separator=', ')}{grad})"


class Module:
    """The base class of layers and networks.

    A subclass sets parameters, buffers and submodules as plain attributes and defines
    `forward(*arrays)`, which returns `(y, back)`: the output, and the way back. `back`
    takes the gradient of each output and returns the gradient of each array input; on
    its way it adds the gradients of the parameters to their `grad`.

    Calling the module calls `forward`, and guards the way back: a gradient must have
    the shape of its output (RuntimeError) and is converted to its dtype. If there is a
    single output and it is one number, as a loss is, the gradient may be left out and
    is then 1.
    """

    training = True
    _persistent = None  # name of a buffer -> whether state_dict() holds it

    def forward(self, *inputs):
        raise NotImplementedError(
            f"{type(self).__name__} has no forward(): define it, returning (y, back)"
        )

    def __call__(self, *inputs, **options):
        y, back = self.forward(*inputs, **options)
        if isinstance(y, np.generic):  # what NumPy makes of a 0-d array
            y = np.asarray(y)
        fitted = _fitting(y, type(self))
        if isinstance(_with_gradient(y), tuple):
            return y, lambda *dys: back(*fitted(dys))
        return y, lambda dy=None: back(fitted(dy))

    # What a module holds: found among the attributes, in the order of assignment.

    def _own(self, kind) -> Iterator[tuple[str, object]]:
        return ((n, v) for n, v in vars(self).items() if isinstance(v, kind))

    def register_buffer(self, name: str, array, persistent: bool = True) -> None:
        """Keep `array` as part of the state that is not learned (running averages)."""
        held = self._persistent or {}
        self._require_free("register_buffer", name, name in held)
        if array is not None and not isinstance(array, _ARRAYS):
            raise TypeError(
                f"{name}: an array or None was expected, got {type(array).__name__}"
            )
        self._persistent = {**held, name: persistent}
        setattr(self, name, array)

    def add_module(self, name: str, module: "Module | None") -> None:
        """Keep `module` under `name`, which may be no Python identifier ("0")."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(
                f"module: a Module or None was expected, got {type(module).__name__}"
            )
        own = isinstance(name, str) and isinstance(vars(self).get(name), Module)
        self._require_free("add_module", name, own)
        setattr(self, name, module)

    def _require_free(self, method: str, name: str, own: bool) -> None:
        """Raise unless `name` can be given, or is the caller's `own` to give anew."""
        if not isinstance(name, str):
            raise TypeError(f"{method}: name: a str was expected, got {name!r}")
        if not name or "." in name:
            raise KeyError(f"{method}: a name without dots was expected, got {name!r}")
        if hasattr(self, name) and not own:
            raise KeyError(f"{method}: the name {name!r} is that of another attribute")

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        """Each submodule once, under its first name."""
        seen = set()
        for name, child in self._own(Module):
            if id(child) not in seen:
                seen.add(id(child))
                yield name, child

    def children(self) -> Iterator["Module"]:
        return (child for _, child in self.named_children())

    def named_modules(
        self, prefix: str = "", _seen: set | None = None
    ) -> Iterator[tuple[str, "Module"]]:
        """This module (under the empty name) and all below it, parents first."""
        seen = set() if _seen is None else _seen
        if id(self) in seen:
            return
        seen.add(id(self))
        yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(_join(prefix, name), seen)

    def modules(self) -> Iterator["Module"]:
        return (module for _, module in self.named_modules())

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """Each parameter once, under its first dotted name, in PyTorch's order."""
        seen = set()
        for path, module in self.named_modules(prefix):
            for name, parameter in module._own(Parameter):
                if id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield _join(path, name), parameter

    def parameters(self) -> Iterator[Parameter]:
        return (parameter for _, parameter in self.named_parameters())

    def named_buffers(self, prefix: str = "") -> Iterator[tuple[str, np.ndarray]]:
        """Each buffer once, under its first dotted name, in PyTorch's order."""
        seen = set()
        for path, module in self.named_modules(prefix):
            for name in module._persistent or ():
                buffer = getattr(module, name)
                if buffer is not None and id(buffer) not in seen:
                    seen.add(id(buffer))
                    yield _join(path, name), buffer

    def buffers(self) -> Iterator[np.ndarray]:
        return (buffer for _, buffer in self.named_buffers())

    def get_submodule(self, target: str) -> "Module":
        """The module at a dotted path; the empty path is this module."""
        module = self
        for name in target.split(".") if target else ():
            module = vars(module).get(name)
            if not isinstance(module, Module):
                raise AttributeError(
                    f"{type(self).__name__} has no submodule {target!r} (at {name!r})"
                )
        return module

    # Changing all of it at once.

    def apply(self, function) -> "Module":
        """Call `function` on every submodule, children first, then on this one."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def train(self, mode: bool = True) -> "Module":
        if not isinstance(mode, bool):
            raise ValueError(f"train: mode is expected to be a bool, got {mode!r}")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> "Module":
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> "Module":
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self) -> None:
        for parameter in self.parameters():
            parameter.grad = None

    def to(self, dtype) -> "Module":
        """Convert floating point parameters, gradients and buffers, in place."""
        if not floating(np.dtype(dtype)):
            raise TypeError(f"to: a floating point dtype was expected, got {dtype}")
        for parameter in self.parameters():
            parameter.data = parameter.data.astype(dtype, copy=False)
            if parameter.grad is not None:
                parameter.grad = parameter.grad.astype(dtype)
        for module in self.modules():
            for name in module._persistent or ():
                buffer = getattr(module, name)
                if buffer is not None and floating(buffer.dtype):
                    setattr(module, name, buffer.astype(dtype, copy=False))
        return self

    def half(self) -> "Module":
        return self.to(np.float16)

    def float(self) -> "Module":
        return self.to(np.float32)

    def double(self) -> "Module":
        return self.to(np.float64)

    # The state, under PyTorch's names.

    def state_dict(self, prefix: str = "") -> dict[str, np.ndarray]:
        """Parameters and persistent buffers by dotted name, in PyTorch's order.

        As in PyTorch the arrays are the module's own, not copies.
        """
        own = {prefix + name: p.data for name, p in self._own(Parameter)}
        for name, persistent in (self._persistent or {}).items():
            if persistent and getattr(self, name) is not None:
                own[prefix + name] = getattr(self, name)
        for name, child in self._own(Module):
            own |= child.state_dict(f"{prefix}{name}.")
        return own

    def load_state_dict(
        self, state_dict: Mapping, strict: bool = True
    ) -> IncompatibleKeys:
        """Copy the values of `state_dict` into parameters and buffers.

        The values may be anything that NumPy can read as an array, PyTorch's CPU
        tensors included, and are converted to the dtype of what they replace. A
        problem with any key is reported together with all others, and then nothing at
        all has been copied. `strict=False` lets keys be missing or left over.

        Raises:
            TypeError: `state_dict` is not a mapping.
            RuntimeError: missing or unexpected keys, or a shape that differs.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"state_dict: a mapping was expected, got {type(state_dict).__name__}"
            )
        mine = self.state_dict()
        found = {k: np.asarray(v) for k, v in state_dict.items() if k in mine}
        missing = [k for k in mine if k not in found]
        unexpected = [k for k in state_dict if k not in mine]
        problems = []
        if strict and missing:
            problems.append(f"missing: {', '.join(missing)}")
        if strict and unexpected:
            problems.append(f"unexpected: {', '.join(unexpected)}")
        problems += [
            f"{k}: shape {v.shape} was given, {mine[k].shape} is expected"
            for k, v in found.items()
            if v.shape != mine[k].shape
        ]
        if problems:
            raise RuntimeError(
                f"load_state_dict: the state does not fit {type(self).__name__}\n  "
                + "\n  ".join(problems)
            )
        for key, value in found.items():
            mine[key][...] = value
        return IncompatibleKeys(missing, unexpected)

    # How it prints: as PyTorch prints it.

    def extra_repr(self) -> str:
        return ""

    def __repr__(self) -> str:
        head, extra = type(self).__name__, self.extra_repr()
        lines = [
            f"({name}): " + repr(child).replace("\n", "\n  ")
            for name, child in self._own(Module)
        ]
        if not lines:
            return f"{head}({extra})"
        body = "\n  ".join([extra, *lines] if extra else lines)
        return f"{head}(\n  {body}\n)"


def _with_gradient(y):
    """What of an output has a gradient: of a PackedSequence its data, else all."""
    return y.data if hasattr(y, "batch_sizes") else y


def _fitting(y, module: type):
    """A function that makes a gradient of `y` like `y`, or raises RuntimeError.

    It holds the shape and dtype of `y`, not `y` itself, which may be large.
    """
    y = _with_gradient(y)
    if isinstance(y, tuple):
        parts = [_fitting(part, module) for part in y]

        def fitted_tuple(dys):
            if len(dys) > len(parts):
                raise RuntimeError(
                    f"back: {len(dys)} gradients for {len(parts)} outputs of "
                    f"{module.__name__}"
                )
            pairs = zip(parts, dys, strict=False)
            return tuple(None if dy is None else fit(dy) for fit, dy in pairs)

        return fitted_tuple
    if not isinstance(y, np.ndarray) or y.dtype.kind != "f":
        return lambda dy: dy  # no gradient leads here
    shape, dtype = y.shape, y.dtype

    def fitted(dy):
        if dy is None and math.prod(shape) == 1:
            return np.ones(shape, dtype)
        if dy is None or np.shape(dy) != shape:
            given = "none" if dy is None else f"one of shape {np.shape(dy)}"
            raise RuntimeError(
                f"back: the output of {module.__name__} has shape {shape}, and so must "
                f"its gradient; {given} was given"
            )
        return np.asarray(dy, dtype)

    return fitted


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name
