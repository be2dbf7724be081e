"""Runs a candidate: what the process apart does with what it is asked.

It holds the candidate, the numbers of the present call and nothing else: neither what
is right nor what is thought of the candidate. What it says is the candidate's word,
which may have been altered by the candidate; the numbers have to convince.
"""

import importlib.util
import math
import sys
import traceback
from contextlib import ExitStack
from pathlib import Path

import torch

from . import watch
from .wire import Numbers

NAMES = ("ModelNew", "Model")
GAP = 2  # a strided input takes every second place
MARGIN = 3  # numbers before and behind one that starts somewhere in its memory
KEPT_TEXT = 600  # characters of an error


class Refused(Exception):
    """What the candidate is or returns is not what was asked for."""


def to_tensor(numbers: Numbers) -> torch.Tensor:
    dtype = getattr(torch, numbers.dtype)
    if not numbers.data:
        return torch.empty(numbers.shape, dtype=dtype)
    return torch.frombuffer(bytearray(numbers.data), dtype=dtype).reshape(numbers.shape)


def to_numbers(x: torch.Tensor) -> Numbers:
    x = x.detach()
    x = x.to_dense() if x.layout != torch.strided else x
    x = x.resolve_conj().resolve_neg().cpu().contiguous()
    name = str(x.dtype).removeprefix("torch.")
    data = x.reshape(-1).view(torch.uint8).numpy().tobytes() if x.numel() else b""
    return Numbers(name, tuple(x.shape), data)


def built(spec, tensors: list):
    """Nested arguments: `spec` holds the places of tensors, and plain values."""
    if "tensor" in spec:
        return tensors[spec["tensor"]]
    if "items" in spec:
        items = [built(item, tensors) for item in spec["items"]]
        return tuple(items) if spec["kind"] == "tuple" else items
    if "entries" in spec:
        return {key: built(item, tensors) for key, item in spec["entries"]}
    return spec["value"]


def parts(output, name: str = "output"):
    """(name, item) of nested outputs, as a trace names them."""
    if isinstance(output, tuple | list):
        for i, item in enumerate(output):
            yield from parts(item, f"{name} {i}")
    elif isinstance(output, dict):
        for key in sorted(output, key=str):
            yield from parts(output[key], f"{name} {key}")
    elif output is not None:
        yield name, output


def both_ways(model, arguments, leaves, upstream, grads: bool):
    """One call and its way back: (outputs by name, a function that goes back).

    `upstream` has a gradient for each output that floats, in order.
    """
    with torch.set_grad_enabled(grads):
        outputs = list(parts(model(*arguments)))

    def back() -> list:
        """The gradients of `leaves`; those of parameters are left in `.grad`."""
        roots = [
            (y, dy.to(y.device, y.dtype))
            for (_, y), dy in zip(outputs, upstream, strict=False)
            if isinstance(y, torch.Tensor)
            and y.requires_grad
            and y.is_floating_point()
            and y.shape == dy.shape
        ]
        if grads and roots:
            torch.autograd.backward([y for y, _ in roots], [dy for _, dy in roots])
        return [leaf.grad for leaf in leaves]

    return outputs, back


class Handed(torch.autograd.Function):
    """The leaf as what a layer before handed on: in the same memory, and no leaf, so
    that it may be written to in place, as between layers.
    """

    @staticmethod
    def forward(ctx, leaf):
        ctx.set_materialize_grads(False)  # a gradient that is missing stays so
        return leaf.new_empty(0).set_(leaf.detach())

    @staticmethod
    def backward(ctx, dy):
        return dy


def storage_of(x: torch.Tensor) -> int | None:
    """Where its memory starts; None where there is none that could be shared."""
    if x.layout != torch.strided or not x.numel():
        return None
    return x.untyped_storage().data_ptr()


class Runner:
    """Does what is asked; `tried` is the audit's list of what was tried outside, and
    `functions` are the public ones as they were.
    """

    def __init__(self, functions: dict[str, dict[str, object]]):
        self.functions = functions
        self.tried: list[str] = []
        self.models: dict[str, torch.nn.Module] = {}
        self.memory: dict[tuple, torch.Tensor] = {}
        self.sizes: list[tuple] = []

    def answer(self, ask: dict, arrays: list[Numbers]) -> tuple[dict, list[Numbers]]:
        """The reply to a message. Whatever the candidate raises is told, not raised."""
        try:
            reply, found = getattr(self, f"on_{ask['do']}")(ask, arrays)
        except Refused as error:
            reply, found = {"error": str(error), "kind": "refused"}, []
        except BaseException as error:
            reply, found = {"error": told(error), "kind": kind(error)}, []
        reply["tried"] = list(map(str, self.tried))
        return {**reply, "nonce": ask["nonce"]}, found

    def on_load(self, ask, arrays):
        """Import the candidate and make one model, in the dtype asked for."""
        torch.set_num_threads(1)
        path = Path("candidate.py").resolve()
        path.write_text(ask["source"], encoding="utf-8")
        spec = importlib.util.spec_from_file_location("candidate", path)
        module = sys.modules["candidate"] = importlib.util.module_from_spec(spec)
        seed_all(ask["seed"])
        spec.loader.exec_module(module)
        found = next((n for n in NAMES if hasattr(module, n)), None)
        if found is None:
            raise Refused("it has neither a class ModelNew nor a class Model")
        self.make = getattr(module, found)
        self.start = ask
        self.start_arrays = arrays
        model = self.model("float32")
        state = [*model.named_parameters(), *model.named_buffers()]
        parameters = {name for name, _ in model.named_parameters()}
        places = [[n, list(x.shape), n in parameters] for n, x in state]
        changed = watch.replaced(self.functions)
        return {"class": found, "places": places, "replaced": changed}, []

    def model(self, dtype: str) -> torch.nn.Module:
        """One model for each dtype, each made anew, so that none is rounded twice."""
        if dtype not in self.models:
            seed_all(self.start["seed"])
            tensors = [to_tensor(n) for n in self.start_arrays]
            model = self.make(*built(self.start["arguments"], tensors))
            if not isinstance(model, torch.nn.Module):
                raise Refused(f"{type(model).__name__} is not an nn.Module")
            self.models[dtype] = model.to(self.start["device"], getattr(torch, dtype))
        return self.models[dtype]

    def on_call(self, ask, arrays):
        """One call, forward and, if asked for, back."""
        device, grads = self.start["device"], ask["gradients"]
        model = self.model(ask["dtype"]).train(ask["training"])
        values = [to_tensor(numbers) for numbers in arrays]
        given = values[: ask["inputs"]]
        weights = dict(zip(ask["weights"], values[ask["inputs"] :], strict=False))
        upstream = values[ask["inputs"] + len(weights) :]
        placed = [
            self.place(i, x, order, device)
            for i, (x, order) in enumerate(zip(given, ask["orders"], strict=True))
        ]
        state = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        with torch.no_grad():
            for name, value in weights.items():
                state[name].copy_(value)
        for parameter in model.parameters():
            parameter.grad = None
        arguments = [x.detach() for x in placed]
        leaves = []
        for i in ask["leaves"] if grads else ():
            leaves.append(arguments[i].requires_grad_())
            arguments[i] = Handed.apply(arguments[i])
        self.poison([*placed, *upstream], ask["dtype"], device)
        seed_all(ask["seed"])
        with ExitStack() as modes:
            seen = None
            if ask["observed"]:
                seen, compiling = watch.operations()
                if not compiling:
                    modes.enter_context(watch.Functions(seen.counts["forward"]))
                modes.enter_context(seen)
            outputs, back = both_ways(
                model, built(ask["arguments"], arguments), leaves, upstream, grads
            )
            reply = {"outputs": [], "kinds": []}
            found = []
            for name, y in outputs:
                reply["kinds"].append(self.kind_of(name, y))
                found.append((name, self.read(name, y)))
            if seen is not None:
                seen.way = "backward"
            gradients = back()
        if grads:
            for i, gradient in zip(ask["leaves"], gradients, strict=True):
                if gradient is not None:
                    found.append((f"leaf {i}", to_numbers(gradient)))
            for name, parameter in model.named_parameters():
                if parameter.grad is not None:
                    found.append((f"parameter {name}", to_numbers(parameter.grad)))
        for name, buffer in model.named_buffers():
            found.append((f"buffer {name}", to_numbers(buffer)))
        firsts = dict(found)
        reply["later"] = [
            name
            for name, y in outputs
            if isinstance(y, torch.Tensor) and to_numbers(y) != firsts[name]
        ]
        reply["written"] = [
            i
            for i, (x, numbers) in enumerate(zip(placed, arrays, strict=False))
            if to_numbers(x).data != numbers.data
        ]
        named = dict(model.named_parameters())
        reply["moved"] = [
            name
            for name, value in weights.items()
            if name in named
            and to_numbers(named[name]).data
            != to_numbers(value.to(named[name].dtype)).data
        ]
        reply["stale"] = self.stale(outputs, firsts)
        reply["names"] = [name for name, _ in found]
        if seen is not None:
            reply["operations"] = {way: dict(n) for way, n in seen.counts.items()}
            reply["replaced"] = watch.replaced(self.functions)
        self.sizes = [(n.shape, n.dtype) for _, n in found]
        return reply, [numbers for _, numbers in found]

    def stale(self, outputs, firsts) -> list[str]:
        """The outputs of the call before that have changed since.

        Not those that lie in the memory of an input, which is ours to write to.
        """
        before = getattr(self, "kept", [])
        ours = {storage_of(x) for x in self.memory.values()}
        self.kept = [
            (name, y.detach(), firsts[name])
            for name, y in outputs
            if isinstance(y, torch.Tensor) and storage_of(y) not in ours
        ]
        return [name for name, y, first in before if to_numbers(y) != first]

    @staticmethod
    def kind_of(name: str, y) -> str:
        """What an output is if it is no plain tensor, "" if it is one."""
        if type(y) not in (torch.Tensor, torch.nn.Parameter):
            return f"{name} is of type {type(y).__name__}, not a plain tensor"
        if y.layout != torch.strided:
            return f"{name} has the layout {y.layout}"
        return ""

    @staticmethod
    def read(name: str, y) -> Numbers:
        if not isinstance(y, torch.Tensor):
            try:
                y = torch.as_tensor(y)
            except Exception:
                raise Refused(f"{name} is {type(y).__name__}, not a tensor") from None
        return to_numbers(y)

    def place(self, slot: int, x: torch.Tensor, order: str, device) -> torch.Tensor:
        """The numbers in the memory that this argument had before, in an order."""
        key = slot, x.dtype, x.shape, order
        if key not in self.memory:
            self.memory[key] = laid_out(x, order, device)
        self.memory[key].copy_(x)
        return self.memory[key]

    def poison(self, tensors: list, dtype: str, device) -> None:
        """Memory of the sizes that will be asked for is filled with NaN and freed."""
        float_type = getattr(torch, dtype)
        shapes = [tuple(x.shape) for x in tensors] + [shape for shape, _ in self.sizes]
        blocks = [
            torch.full((math.prod(shape),), math.nan, dtype=float_type, device=device)
            for shape in [*shapes, *shapes]
        ]
        del blocks


def laid_out(x: torch.Tensor, order: str, device) -> torch.Tensor:
    """Memory for such a tensor, with NaN where it does not lie."""

    def filled(*shape):
        if x.is_floating_point():
            return torch.full(shape, math.nan, dtype=x.dtype, device=device)
        return torch.zeros(shape, dtype=x.dtype, device=device)

    if order == "fortran" and x.dim() > 1:
        return filled(*reversed(x.shape)).permute(*reversed(range(x.dim())))
    if order == "strided" and x.dim():
        return filled(*x.shape[:-1], x.shape[-1] * GAP)[..., ::GAP]
    if order == "offset":
        return filled(x.numel() + 2 * MARGIN)[MARGIN:-MARGIN].view(x.shape)
    return filled(*x.shape)


def seed_all(seed: int) -> None:
    import random

    import numpy as np

    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def told(error: BaseException) -> str:
    """An error in one line, with the line of the candidate where it happened."""
    where = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith("candidate.py")
    ]
    text = " ".join(str(error).split())[:KEPT_TEXT]
    place = f" (line {where[-1]} of the candidate)" if where else ""
    return f"{type(error).__name__}: {text}{place}"


def kind(error: BaseException) -> str:
    text = str(error)
    if isinstance(error, MemoryError) or "allocate memory" in text:
        return "memory"
    return "exit" if isinstance(error, SystemExit) else "error"
