"""Running one side into a trace.

A side is anything with `run(feed) -> Trace`. Here are the two for modules: a call
returns `(y, back)` on scratch's side, and a tensor that autograd knows on PyTorch's.
"""

import inspect
import warnings
from collections.abc import Callable
from contextlib import contextmanager, nullcontext

import numpy as np
import torch

from twofold import scratch, torch_ref
from twofold.scratch._sparse import SparseGradient

from ..numerics.sizes import Size
from .trace import (
    NO_INPUT,
    Feed,
    Trace,
    draw_upstream,
    flatten,
    is_floating,
    is_packed,
    named,
    nest,
    over,
    tensor_name,
)

TORCH_DTYPE = {
    np.dtype(np.float16): torch.float16,
    np.dtype(np.float32): torch.float32,
    np.dtype(np.float64): torch.float64,
}


def to_torch(x, device="cpu", dtype=None):
    """An array as a tensor with memory of its own; anything else as it is."""
    if isinstance(x, np.ndarray):
        x = x.astype(dtype) if dtype is not None and is_floating(x) else x.copy()
        return torch.from_numpy(x).to(device)
    return x


def own_packed(tree, nested):
    """Nested tuples in which packed sequences are those of this tree."""
    if isinstance(nested, tuple | list):
        items = [own_packed(tree, item) for item in nested]
        packed = tree.nn.utils.rnn.PackedSequence
        return packed._make(items) if is_packed(nested) else tuple(items)
    return nested


def torch_inputs(inputs: tuple, device) -> tuple:
    return own_packed(torch_ref, over(lambda x: to_torch(x, device), inputs))


def to_numpy(x) -> np.ndarray:
    if isinstance(x, SparseGradient):
        return x.to_dense()
    if not isinstance(x, torch.Tensor):
        return np.asarray(x)
    return (x.to_dense() if x.is_sparse else x).detach().cpu().numpy()


def cast_options(options: dict, dtype, convert=lambda x: x) -> dict:
    """Constructor options whose arrays have the dtype of the run."""
    return {
        name: convert(value.astype(dtype) if is_floating(value) else value)
        for name, value in options.items()
    }


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
        if x.dtype != torch.float64 or x.device.type != "cpu":
            return x
        x = x.detach()
        unit = torch.rand(x.shape, generator=generator, dtype=x.dtype)
        if roundoff < torch.finfo(x.dtype).eps:  # 1 + u would round to 1
            far = torch.where(unit < 0.5, torch.inf, -torch.inf).to(x)
            moved = torch.nextafter(x, far)
        else:
            s = 2 * unit - 1
            moved = x * (1 + roundoff * (s + 0.5 * torch.sign(s)))
        moved = torch.where(x.abs() <= 1, moved.clamp(-1, 1), moved)
        return torch.where(x == 0, x, moved)

    return torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x)


@contextmanager
def _without_advice():
    """PyTorch's hints at faster ways, which are no matter of results, are not shown."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "LSTM with projections is not supported")
        warnings.filterwarnings("ignore", "enable_nested_tensor is True")
        yield


def _both_ways(returned) -> tuple:
    """The output and the way back, which a call has to return."""
    pair = isinstance(returned, tuple | list) and len(returned) == 2
    if not (pair and callable(returned[1])):
        raise TypeError(
            "mine: a call was expected to return (y, back), the output and a function "
            f"from its gradient to that of the inputs, got {type(returned).__name__}"
        )
    return returned


class ScratchSide:
    """A module written by hand: `build(dtype)` makes it, calling it gives (y, back)."""

    def __init__(self, build: Callable, names: list[str]):
        self.build = build
        self.names = names

    def make(self, feed: Feed):
        """The module, in the dtype and with the parameters of `feed`."""
        module = self.build(feed.dtype)
        if isinstance(module, scratch.nn.Module):
            module.train(feed.training).to(feed.dtype)
            if feed.parameters:
                module.load_state_dict(feed.parameters, strict=False)
        return module

    def run(self, feed: Feed) -> Trace:
        module = self.make(feed)
        scratch.manual_seed(feed.seed)
        inputs = over(
            lambda x: x.copy() if isinstance(x, np.ndarray) else x, feed.inputs
        )
        inputs = own_packed(scratch, inputs)
        output, back = _both_ways(module(*inputs, **feed.options))
        trace = Trace((name, np.array(y)) for name, y in flatten(output))
        if not feed.upstream_fits(trace.values()):
            return trace

        dys = nest(output, (np.array(dy) for dy in feed.upstream))
        several = isinstance(output, tuple) and not is_packed(output)
        gradients = back(*dys) if several else back(dys)
        if not isinstance(gradients, tuple):
            gradients = (gradients,)
        wanted = feed.differentiable or (True,) * len(inputs)
        arrays = [
            (f"{name} 0" if is_packed(x) else name, wants)
            for name, x, wants in zip(self.names, inputs, wanted, strict=False)
            if isinstance(x, np.ndarray | tuple)
        ]
        for (name, wants), dx in zip(arrays, gradients, strict=False):
            for path, part in flatten(dx, name):
                if wants:
                    trace[f"grad of {path}"] = np.asarray(part)
        for path, part in flatten(gradients[len(arrays) :] or None, NO_INPUT):
            trace[path] = np.asarray(part)
        if isinstance(module, scratch.nn.Module):
            for path, parameter in module.named_parameters():
                if parameter.grad is not None:
                    trace[tensor_name("grad of", path)] = to_numpy(parameter.grad)
            for path, buffer in module.named_buffers():
                trace[tensor_name("buffer", path)] = np.asarray(buffer)
        pairs = named(self.names, inputs), named(self.names, feed.inputs)
        for (name, after), (_, before) in zip(*pairs, strict=True):
            if is_floating(after) and not np.array_equal(after, before, equal_nan=True):
                trace[f"write to {name}"] = after  # inputs are read only
        return trace


class TorchSide:
    """An `nn.Module` or a function of tensors: `build(dtype)` makes it."""

    def __init__(
        self,
        build: Callable,
        names: list[str],
        device: str = "cpu",
        compiled: bool = False,
    ):
        self.build = build
        self.names = names
        self.device = device
        self.compiled = compiled
        if device.startswith("cuda"):
            without_tf32()

    def make(self, feed: Feed):
        with _without_advice():
            module = self.build(feed.dtype)
        if isinstance(module, torch.nn.Module):
            module.train(feed.training)
            module.to(self.device, TORCH_DTYPE[feed.dtype])
            if feed.parameters:
                state = {k: to_torch(v) for k, v in feed.parameters.items()}
                module.load_state_dict(state, strict=False)
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
        module = self.make(feed)
        torch.manual_seed(feed.seed)
        inputs = torch_inputs(feed.inputs, self.device)
        wanted = feed.differentiable or (True,) * len(inputs)
        leaves = [
            (path, leaf.requires_grad_())
            for name, x, wants in zip(self.names, inputs, wanted, strict=True)
            for path, leaf in flatten(x, name)
            if wants and isinstance(leaf, torch.Tensor) and leaf.is_floating_point()
        ]
        call = module
        if self.compiled:
            configure_compiler()
            call = torch.compile(module)
        with _jittered(feed), _without_advice():
            output = call(*inputs, **feed.options)
        outputs = list(flatten(output))
        trace = Trace((name, to_numpy(y).copy()) for name, y in outputs)

        # A gradient that a saturated unit has made small was made so by subtracting
        # from the upstream gradient (1 - tanh^2, 1 - p), and carries its rounding.
        upstream = feed.upstream
        carrier = Size()
        for dy in upstream:
            carrier |= Size.of(dy)
        roots = [(y, dy) for (_, y), dy in zip(outputs, upstream, strict=True)]
        roots = [(y, dy) for y, dy in roots if y.requires_grad]
        if roots:
            torch.autograd.backward(
                [y for y, _ in roots],
                [to_torch(np.asarray(dy), self.device) for _, dy in roots],
            )
        gradients = {f"grad of {name}": x.grad for name, x in leaves}
        if isinstance(module, torch.nn.Module):
            for path, parameter in module.named_parameters():
                gradients[tensor_name("grad of", path)] = parameter.grad
        for name, gradient in gradients.items():
            if gradient is not None:
                trace[name] = to_numpy(gradient)
                trace.carriers[name] = carrier
        if isinstance(module, torch.nn.Module):
            for path, buffer in module.named_buffers():
                trace[tensor_name("buffer", path)] = to_numpy(buffer).copy()
        return trace

    def upstream(self, feed: Feed) -> tuple[np.ndarray, ...]:
        """Random gradients of the outputs' shapes."""
        module = self.make(feed)
        torch.manual_seed(feed.seed)
        inputs = torch_inputs(feed.inputs, self.device)
        with _without_advice():
            output = module(*inputs, **feed.options)
        return draw_upstream([tuple(y.shape) for _, y in flatten(output)], feed.seed)
