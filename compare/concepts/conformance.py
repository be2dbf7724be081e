"""PyTorch's own module and optimiser samples, run against scratch.

`torch.testing._internal` keeps for each module and optimiser the options and inputs
that PyTorch itself is tested with, and inputs that must be refused. Outputs and
gradients are judged as in any other check, in training and in evaluation; of a refusal
the class of the exception must be the same.
"""

import copy
import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from unittest import mock

import numpy as np
import torch

from twofold import scratch

from ..judge.draw import compare_draw
from ..sides.arrays import cast_options, to_torch
from ..sides.modules import TorchSide, input_names, positional
from ..sides.scratch_side import ScratchSide
from ..sides.trace import Feed
from .cases.optimisers import (
    BFLOAT16_ROUNDOFF,
    MATRICES,
    SHAPES,
    OptimiserCase,
    QuadraticCase,
    SparseCase,
)
from .cases.spec import Dice
from .catalogue import Concept
from .checking import SIDES

LOSSES = "torch.nn.modules.loss"
LAZY = "Lazy"


class MissingSamples(Exception):
    """PyTorch's samples cannot be loaded; the message says what is missing."""


@dataclass
class Result:
    """One class: samples passed of samples there, and what failed."""

    name: str
    offered: bool
    samples: int = 0
    passed: int = 0
    left_out: int = 0  # about what NumPy has not: see `_has_tensor`, `_has_no_array`
    failures: list[str] = field(default_factory=list)

    def to_json(self) -> dict:
        return vars(self)


def class_names() -> list[str]:
    """Every class that PyTorch has samples for, lazy variants left out."""
    modules, optimisers = _databases()
    names = {
        f"nn.{info.module_cls.__name__}"
        for info in modules
        if not info.module_cls.__name__.startswith(LAZY)
    }
    return sorted(names) + sorted(f"optim.{i.optim_cls.__name__}" for i in optimisers)


def conform(name: str) -> Result:
    """Run all samples of one class."""
    family, _, cls = name.partition(".")
    result = Result(name, hasattr(getattr(scratch, family), cls))
    if not result.offered:
        return result
    modules, optimisers = _databases()
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        torch.random.fork_rng(devices=[]),
        scratch.random.fork_rng(),
    ):
        warnings.simplefilter("ignore")
        if family == "nn":
            for info in modules:
                if info.module_cls.__name__ == cls:
                    _conform_module(result, info)
        else:
            for info in optimisers:
                if info.optim_cls.__name__ == cls:
                    _conform_optimiser(result, info)
    return result


def _databases():
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from torch.testing._internal.common_modules import module_db
            from torch.testing._internal.common_optimizers import optim_db
    except ImportError as error:
        raise MissingSamples(
            f"PyTorch's samples need the package {error.name}: pip install '.[test]'"
        ) from None
    return module_db, optim_db


def _attempt(result: Result, what: str, test: Callable[[], str]) -> None:
    """Count a sample; `test` returns what is wrong, or nothing."""
    result.samples += 1
    try:
        wrong = test()
    except Exception as error:
        wrong = f"{type(error).__name__}: {error}"
    if wrong:
        result.failures.append(f"{what}: {wrong}")
    else:
        result.passed += 1


# Modules.


def _conform_module(result: Result, info) -> None:
    for training in True, False:
        torch.manual_seed(0)
        with remembered_options(torch.nn.TransformerEncoderLayer):
            samples = info.module_inputs_func(
                info,
                device="cpu",
                dtype=torch.float64,
                requires_grad=True,
                training=training,
            )
        for number, sample in enumerate(samples):
            mode = "training" if training else "evaluating"
            what = f"sample {number} {sample.desc}, {mode}"
            _attempt(result, what, lambda s=sample, t=training: _module(info, s, t))
    if info.module_error_inputs_func is None:
        return
    for number, sample in enumerate(
        info.module_error_inputs_func(
            info, device="cpu", dtype=torch.float64, requires_grad=False, training=True
        )
    ):
        _attempt(
            result, f"error input {number}", lambda s=sample: _module_error(info, s)
        )


def _module(info, sample, training: bool) -> str:
    cls = info.module_cls
    made, called = sample.constructor_input, sample.forward_input
    args, keywords = called.args, called.kwargs
    if any(isinstance(v, torch.Tensor) for v in keywords.values()):
        args, keywords = positional(cls.forward, (None, *args), keywords)[1:], {}
    inputs = tuple(map(to_array, args))
    names = input_names(cls.forward, len(inputs) + 1)[1:]

    def builder(tree, convert):
        def build(dtype):
            own = _numbered(made.args) | made.kwargs
            own = {k: own_option(tree, v) for k, v in own.items() if k != "device"}
            own = cast_options(own, dtype, convert)
            positional = [own.pop(k) for k in _numbered(made.args)]
            return getattr(tree.nn, cls.__name__)(*positional, **own)

        return build

    reference = TorchSide(builder(torch, to_torch), names)
    loss = cls.__module__ == LOSSES
    feed = Feed(
        np.dtype(np.float64),
        inputs,
        reference.parameters(0),
        differentiable=tuple(not (loss and n.startswith("target")) for n in names),
        training=training,
        options=keywords,
    )
    feed = Feed(**{**vars(feed), "upstream": reference.upstream(feed)})
    candidate = ScratchSide(builder(scratch, lambda x: x), names)
    rows = compare_draw(candidate, reference, feed, np.float32)
    wrong = [row for row in rows if not row.ok]
    return f"{wrong[0].name}: {wrong[0].judgement.reason}" if wrong else ""


def _module_error(info, sample) -> str:
    made = sample.module_error_input.constructor_input
    called = sample.module_error_input.forward_input
    cls = getattr(scratch.nn, info.module_cls.__name__)

    def attempt():
        options = {k: to_array(v) for k, v in made.kwargs.items() if k != "device"}
        module = cls(*map(to_array, made.args), **options)
        if called is not None:
            options = {k: to_array(v) for k, v in called.kwargs.items()}
            module(*map(to_array, called.args), **options)

    return _refusal(attempt, sample.error_type)


# Optimisers.


def _conform_optimiser(result: Result, info) -> None:
    name = info.optim_cls.__name__
    for sample in info.optim_inputs_func(device="cpu"):
        if _has_tensor(sample.kwargs):
            result.left_out += 1
            continue
        options = dict(sample.kwargs)
        _attempt(result, f"{sample.desc}", lambda o=options: _optimiser(name, o))
    for number, sample in enumerate(info.optim_error_inputs_func("cpu", torch.float32)):
        bad = sample.optimizer_error_input
        if _has_tensor(bad.kwargs) or _has_no_array(bad.params):
            result.left_out += 1
            continue
        _attempt(
            result,
            f"error input {number}",
            lambda s=sample: _optimiser_error(name, s),
        )


def _optimiser(name: str, options: dict) -> str:
    if name == "LBFGS":
        # As in the cases: few iterations, for whether it has converged is rounding's.
        case = QuadraticCase({"max_iter": 2} | options)
    elif name == "SparseAdam":
        case = SparseCase(options)
    elif name == "Muon":
        case = OptimiserCase(options, {}, MATRICES, BFLOAT16_ROUNDOFF)
    else:
        case = OptimiserCase(options, {}, SHAPES)
    for draw in range(2):
        sides = SIDES["optim"](
            Concept(f"optim.{name}"), case, Dice([7], draw), 0, "cpu"
        )
        rows = compare_draw(*sides[:3], np.float32)
        wrong = [row for row in rows if not row.ok]
        if wrong:
            return f"{wrong[0].name}: {wrong[0].judgement.reason}"
    return ""


def _optimiser_error(name: str, sample) -> str:
    bad = sample.optimizer_error_input
    known: dict[int, scratch.nn.Parameter] = {}

    def convert(x):
        if isinstance(x, torch.Tensor):
            made = scratch.nn.Parameter(x.detach().numpy().copy())
            made = known.setdefault(id(x), made)
            if x.grad is not None:
                made.grad = _gradient(x.grad)
            return made
        if isinstance(x, dict):
            return {k: convert(v) for k, v in x.items()}
        if isinstance(x, list | tuple):
            return type(x)(convert(v) for v in x)
        return x

    def attempt():
        weights = [np.ones((2, 2), np.float32), np.ones(2, np.float32)]
        if bad.params is None:
            if name == "Muon":
                weights = weights[:1]
            params = [scratch.nn.Parameter(w) for w in weights]
        else:
            params = convert(bad.params)
        optimizer = getattr(scratch.optim, name)(params, **bad.kwargs)
        if "STEP" in str(sample.error_on):
            optimizer.step()

    return _refusal(attempt, sample.error_type)


def _gradient(grad: torch.Tensor):
    from twofold.scratch._sparse import SparseGradient

    if not grad.is_sparse:
        return grad.numpy().copy()
    grad = grad.coalesce()
    return SparseGradient(
        grad.indices().numpy(), grad.values().numpy(), tuple(grad.shape)
    )


def _refusal(attempt: Callable, expected: type) -> str:
    """What is wrong with how bad input is refused; nothing if it is as in PyTorch."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            attempt()
        except expected:
            return ""
        except Exception as error:
            return (
                f"raised {type(error).__name__}, PyTorch {expected.__name__}: {error}"
            )
    return f"accepted; PyTorch raises {expected.__name__}"


def own_option(tree, x):
    """An option of a constructor for either tree; functions and modules are its own."""
    own = isinstance(x, torch.nn.Module | torch.dtype) or inspect.isroutine(x)
    if tree is torch and own:
        return copy.deepcopy(x)
    return to_array(x)


@contextmanager
def remembered_options(cls) -> Iterator[None]:
    """Modules of this class know the options that they were made with."""
    right = cls.__init__

    def init(self, *args, **options):
        right(self, *args, **options)
        self.made_with = args, options

    with mock.patch.object(cls, "__init__", init):
        yield


def to_array(x):
    """A tensor as an array, in containers too; anything else as it is."""
    if isinstance(x, torch.Tensor):
        return x.detach().numpy().copy()
    if isinstance(x, torch.dtype):
        return torch.empty(0, dtype=x).numpy().dtype
    if inspect.isroutine(x):  # torch.nn.functional.gelu
        return getattr(scratch.nn.functional, x.__name__)
    if isinstance(x, torch.nn.Module):
        args, options = x.made_with
        options = {k: to_array(v) for k, v in options.items() if k != "device"}
        return getattr(scratch.nn, type(x).__name__)(*map(to_array, args), **options)
    if isinstance(x, tuple | list):
        return type(x)(map(to_array, x))
    return x


def _numbered(args: tuple) -> dict[str, object]:
    return {f"#{i}": x for i, x in zip(count(), args, strict=False)}


def _has_tensor(options: dict) -> bool:
    """Whether an option is a tensor, a matter of `capturable` and `foreach`."""
    return any(isinstance(x, torch.Tensor) for x in _flat(options))


def _has_no_array(params) -> bool:
    """Whether a parameter is sparse or complex."""
    tensors = (x for x in _flat(params) if isinstance(x, torch.Tensor))
    return any(x.layout != torch.strided or x.is_complex() for x in tensors)


def _flat(x) -> Iterator:
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, tuple | list):
        for item in x:
            yield from _flat(item)
    else:
        yield x
