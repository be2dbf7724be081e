"""Modules and functions of tensors as a side, and how arguments are named and ordered.

A side is anything with `run(feed) -> Trace`.
"""

import copy
import inspect
import warnings
from collections.abc import Callable
from contextlib import contextmanager, nullcontext

import numpy as np
import torch

from .arrays import (
    copied,
    keep,
    to_numpy,
    to_torch,
    torch_dtype,
    torch_inputs,
)
from .gradients import carrier_of, lost_numbers
from .trace import (
    Feed,
    Trace,
    draw_upstream,
    flatten,
    over,
    tensor_name,
)


def input_names(function: Callable, count: int) -> list[str]:
    """The names of the first `count` arguments, as the function declares them."""
    try:
        declared = [
            p.name
            for p in inspect.signature(function).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        declared = []
    plain = ["input"] if count == 1 else [f"input {i}" for i in range(count)]
    return declared[:count] if len(declared) >= count else plain


def positional(function: Callable, args: tuple, keywords: dict) -> tuple:
    """The arguments of a call, all by position, those between at their defaults."""
    bound = inspect.signature(function).bind(*args, **keywords)
    if bound.kwargs or keywords:
        bound.apply_defaults()
    if bound.kwargs:
        raise TypeError(f"{', '.join(bound.kwargs)}: cannot be given by position")
    return bound.args


def without_tf32() -> None:
    """On a GPU float32 means float32: no TF32, whose products have 10 bits."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def configure_compiler() -> None:
    """Compiled code draws from the stream that eager code draws from, and is compiled
    again for every new shape rather than run eagerly from the ninth on.
    """
    torch._inductor.config.fallback_random = True
    torch._dynamo.config.recompile_limit = 1_000_000


def _jittered(feed: Feed):
    """Whatever autograd keeps for the backward pass is moved along with the inputs.

    It has been rounded too: the output of a saturated tanh is 1 less a few roundings,
    and all digits of its slope 1 - y^2 are in these. Rounding never leads past 1, the
    largest probability.
    """
    if feed.jitter is None or feed.dtype != np.float64:
        return nullcontext()
    seed, roundoff = feed.jitter
    generator = torch.Generator().manual_seed(seed)

    def pack(x: torch.Tensor) -> torch.Tensor:
        if x.dtype != torch.float64 or x.device.type != "cpu" or _is_given(x):
            return x
        x = x.detach()
        s = 2 * torch.rand(x.shape, generator=generator, dtype=x.dtype) - 1
        if roundoff < torch.finfo(x.dtype).eps:  # 1 + u would round to 1
            moved = torch.nextafter(x, torch.copysign(torch.full_like(x, torch.inf), s))
            moved = torch.where(x == 0, x, moved)
        else:
            s += torch.copysign(torch.full_like(s, 0.5), s)
            moved = s.mul_(roundoff).add_(1).mul_(x)
        past = (moved.abs() > 1) & (x.abs() <= 1)
        return torch.where(past, torch.sign(x), moved) if past.any() else moved

    return torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x)


def _is_given(x: torch.Tensor) -> bool:
    """An input or a weight, or a view of one: moved by the feed, and not rounded."""
    owner = x if x._base is None else x._base
    return owner.is_leaf and owner.requires_grad


@contextmanager
def _without_advice():
    """PyTorch's hints at faster ways, which are no matter of results, are not shown."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "LSTM with projections is not supported")
        warnings.filterwarnings("ignore", "enable_nested_tensor is True")
        yield


def _may_be_replaced(x: torch.Tensor, given: np.ndarray) -> bool:
    """Whether a tensor with these numbers in its place would be the same."""
    plain = type(x) in (torch.Tensor, torch.nn.Parameter) and x.is_leaf
    return plain and x.is_contiguous() and tuple(x.shape) == given.shape


class TorchSide:
    """An `nn.Module` or a function of tensors: `build(dtype)` makes it."""

    def __init__(
        self,
        build: Callable,
        names: list[str],
        device: str = "cpu",
        compiled: bool = False,
        watched: bool = False,
    ):
        self.build = build
        self.names = names
        self.device = device
        self.compiled = compiled
        self.watched = watched  # for what it writes to its inputs
        self.subject: torch.nn.Module | None = None
        if device.startswith("cuda"):
            without_tf32()

    @staticmethod
    def of(subject, names: list[str], device: str = "cpu", watched: bool = False):
        """Of a module that is there: each run has a copy of its own."""
        side = TorchSide(lambda dtype: subject, names, device, watched=watched)
        side.subject = subject
        return side

    def make(self, feed: Feed):
        if self.subject is not None:
            return self._copied(feed)
        with _without_advice():
            module = self.build(feed.dtype)
        return self._ready(module, feed, feed.parameters or {})

    def _copied(self, feed: Feed):
        """A copy of the subject; what `feed` has parameters for is not copied twice."""
        given, copies = dict(feed.parameters or {}), {}
        own = uncompiled(self.subject)
        for name, x in [*own.named_parameters(), *own.named_buffers()]:
            if name not in given or not _may_be_replaced(x, given[name]):
                continue
            new = to_torch(given.pop(name), self.device)
            new = new.to(torch_dtype(feed)) if new.is_floating_point() else new
            if isinstance(x, torch.nn.Parameter):
                new = torch.nn.Parameter(new, x.requires_grad)
            copies[id(x)] = new
        return self._ready(copy.deepcopy(self.subject, copies), feed, given)

    def _ready(self, module, feed: Feed, parameters: dict):
        if isinstance(module, torch.nn.Module):
            module.train(feed.training)
            module.to(self.device, torch_dtype(feed))
            if parameters:
                state = {k: to_torch(v) for k, v in parameters.items()}
                uncompiled(module).load_state_dict(state, strict=False)
        return module

    def parameters(self, seed: int) -> dict[str, np.ndarray]:
        """The parameters that PyTorch draws from `seed`, in float64."""
        torch.manual_seed(seed)
        with _without_advice():
            module = self.build(np.dtype(np.float32))
        if not isinstance(module, torch.nn.Module):
            return {}
        return {
            name: to_numpy(p).astype(np.float64)
            for name, p in module.named_parameters()
        }

    def run(self, feed: Feed) -> Trace:
        return self.call(self.make(feed), feed)

    def run_twice(self, feed: Feed) -> tuple[Trace, Trace]:
        """The same call twice, of one module."""
        module = self.make(feed)
        first = self.call(module, feed)
        if isinstance(module, torch.nn.Module):
            module.zero_grad()
        return first, self.call(module, feed)

    def call(self, module, feed: Feed) -> Trace:
        torch.manual_seed(feed.seed)
        inputs = torch_inputs(feed, self.device)
        leaves = [] if feed.forward_only else self._leaves(feed, inputs)
        call = module
        if self.compiled:
            configure_compiler()
            call = torch.compile(module)
        with _jittered(feed), _without_advice():
            output = call(*inputs, **tensor_options(feed, self.device))
        outputs = list(flatten(output))
        trace = Trace()
        for name, y in outputs:
            keep(trace, name, y)
        if not feed.forward_only and feed.upstream_fits(trace.values()):
            self._go_back(trace, outputs, feed)
            self._keep_gradients(trace, module, leaves, outputs, feed)
        if isinstance(module, torch.nn.Module):
            for path, buffer in uncompiled(module).named_buffers():
                keep(trace, tensor_name("buffer", path), buffer)
        if self.watched:
            after = over(lambda x: to_numpy(x) if is_tensor(x) else x, inputs)
            for name, written in lost_numbers(feed.inputs, after, self.names):
                trace[f"write to {name}"] = written
        return trace

    def _leaves(self, feed: Feed, inputs: tuple) -> list[tuple[str, torch.Tensor]]:
        wanted = feed.differentiable or (True,) * len(inputs)
        return [
            (path, leaf.requires_grad_())
            for name, x, wants in zip(self.names, inputs, wanted, strict=True)
            for path, leaf in flatten(x, name)
            if wants and is_tensor(leaf) and is_inexact(leaf)
        ]

    def _go_back(self, trace: Trace, outputs: list, feed: Feed) -> None:
        roots = [
            (y, to_torch(np.asarray(dy), self.device).to(y.dtype))
            for (_, y), dy in zip(outputs, feed.upstream, strict=True)
            if is_tensor(y) and y.requires_grad
        ]
        trace.without_way_back = not roots
        if roots:
            torch.autograd.backward([y for y, _ in roots], [dy for _, dy in roots])

    def _keep_gradients(self, trace, module, leaves, outputs, feed: Feed) -> None:
        carrier = carrier_of(feed)
        tensors = {f"grad of {name}": x for name, x in leaves}
        if isinstance(module, torch.nn.Module):
            for path, parameter in uncompiled(module).named_parameters():
                tensors[tensor_name("grad of", path)] = parameter
        for name, x in tensors.items():
            if not x.requires_grad:
                trace.unclaimed[name] = "it is frozen"
            elif x.grad is None:
                trace.unused.add(name)
            else:
                # A leaf's gradient is its own, and this run's.
                keep(trace, name, x.grad, copy=x.grad.is_sparse)
                trace.carriers[name] = carrier

    def upstream(self, feed: Feed) -> tuple[np.ndarray, ...]:
        """Random gradients of the outputs' shapes, complex where they are."""
        module = self.make(feed)
        torch.manual_seed(feed.seed)
        inputs = torch_inputs(feed, self.device)
        with _without_advice():
            output = module(*inputs, **tensor_options(feed, self.device))
        outputs = [y for _, y in flatten(output)]
        return draw_upstream(
            [tuple(np.shape(y)) for y in outputs],
            feed.seed,
            [is_tensor(y) and y.is_complex() for y in outputs],
        )


def uncompiled(module: torch.nn.Module) -> torch.nn.Module:
    """Compiled or not, a module's parameters have the names that they were given."""
    return getattr(module, "_orig_mod", module)


def is_inexact(x: torch.Tensor) -> bool:
    return x.is_floating_point() or x.is_complex()


def is_tensor(x) -> bool:
    return isinstance(x, torch.Tensor)


def tensor_options(feed: Feed, device) -> dict:
    """Keywords of a call, arrays among them as tensors in the dtype of the run."""

    def own(x):
        if not isinstance(x, np.ndarray):
            return x
        tensor = to_torch(copied(x), device)
        return tensor.to(torch_dtype(feed)) if x.dtype.kind == "f" else tensor

    return {name: own(x) for name, x in feed.options.items()}
