r"""One draw in bfloat16, of which NumPy knows nothing: its numbers travel as float32.

As in stage 2: with $t$ the reference in float64 on inputs rounded to bfloat16, $s =
\mathrm{RMS}(c - t) / \max(\mathrm{RMS}(r - t), \kappa, u\,\mathrm{RMS}(t))$, and
$u = 2^{-8}$.
"""

import copy
from dataclasses import replace

import numpy as np
import torch

from ..numerics.scores import (
    OWN_ERROR_DRAWS,
    Judgement,
    Size,
    conditioning,
    score,
)
from ..sides.apart.runner import both_ways, built
from ..sides.apart.side import described
from ..sides.trace import Feed, Trace, is_floating, named, over, tensor_name
from .row import Row
from .sensitivity import sensitivity

ROUNDOFF = 2.0**-8
NAME = "bfloat16"


def rounded_to_bfloat16(feed: Feed) -> Feed:
    """The feed in float32, each number rounded once to bfloat16."""

    def rounded(x):
        if not is_floating(x):
            return x
        return torch.from_numpy(np.array(x, order="C")).bfloat16().float().numpy()

    return replace(
        feed,
        dtype=np.dtype(np.float32),
        inputs=tuple(over(rounded, x) for x in feed.inputs),
        parameters={name: rounded(x) for name, x in feed.parameters.items()},
        upstream=tuple(rounded(np.asarray(dy)) for dy in feed.upstream),
    )


class BfloatReference:
    """The reference's model, run in bfloat16; `feed` holds such numbers as float32."""

    def __init__(self, model: torch.nn.Module, names: list[str], device: str):
        self.model = model
        self.names = names
        self.device = device

    def run(self, feed: Feed) -> Trace:
        model = copy.deepcopy(self.model).to(self.device, torch.bfloat16)
        model.train(feed.training)
        model.load_state_dict(
            {name: self.tensor(x) for name, x in feed.parameters.items()}, strict=False
        )
        paths = [
            (path, x)
            for path, x in named(self.names, feed.inputs)
            if isinstance(x, np.ndarray)
        ]
        tensors = [self.tensor(x) for _, x in paths]
        leaves = [
            (path, x.requires_grad_())
            for (path, _), x in zip(paths, tensors, strict=True)
            if x.is_floating_point()
        ]
        torch.manual_seed(feed.seed)
        upstream = [self.tensor(dy) for dy in feed.upstream]
        arguments = built(described(feed.inputs), tensors)
        outputs, back = both_ways(
            model, arguments, [x for _, x in leaves], upstream, grads=True
        )
        trace = Trace((name, _array(y)) for name, y in outputs)
        for (name, _), gradient in zip(leaves, back(), strict=True):
            if gradient is not None:
                trace[f"grad of {name}"] = _array(gradient)
        for path, parameter in model.named_parameters():
            if parameter.grad is not None:
                trace[tensor_name("grad of", path)] = _array(parameter.grad)
        for path, buffer in model.named_buffers():
            trace[tensor_name("buffer", path)] = _array(buffer)
        return trace

    def tensor(self, x: np.ndarray) -> torch.Tensor:
        x = torch.from_numpy(np.array(x)).to(self.device)
        return x.bfloat16() if x.is_floating_point() else x


def compare_bfloat16(candidate, narrow: BfloatReference, reference, feed: Feed, alone):
    """Rows of a draw in bfloat16.

    `candidate` runs on feeds of float32 that hold bfloat16 numbers, `reference` in
    float64. With `alone` no finer precision has been compared: what is too large is
    then a mismatch, not a loss of precision.
    """
    rounded = rounded_to_bfloat16(feed)
    mine, theirs = candidate.run(rounded), narrow.run(rounded)
    truth = reference.run(rounded.cast(np.float64))
    kappas = sensitivity(reference, rounded.cast(np.float64), truth, ROUNDOFF)
    rows = [_row(n, mine, theirs, truth, kappas, {}, alone) for n in truth]
    if any(not row.ok for row in rows):
        own = _own_errors(narrow, reference, feed)
        rows = [_row(n, mine, theirs, truth, kappas, own, alone) for n in truth]
    return rows


def _own_errors(narrow, reference, feed: Feed) -> dict[str, Size]:
    rng = np.random.default_rng([feed.seed, 0x6F])
    largest: dict[str, Size] = {}
    for _ in range(OWN_ERROR_DRAWS):
        neighbour = rounded_to_bfloat16(feed.moved(np.float16, rng))
        theirs = narrow.run(neighbour)
        truth = reference.run(neighbour.cast(np.float64))
        for name, x in truth.items():
            if is_floating(x) and name in theirs:
                error = conditioning(x, [theirs[name]])
                largest[name] = largest.get(name, Size()) | error
    return largest


def _row(name, mine, theirs, truth, kappas, own, alone) -> Row:
    t = truth[name]
    judgement = _judged(
        mine.get(name), theirs.get(name), t, kappas.get(name), own.get(name), alone
    )
    dtype = NAME if is_floating(t) else str(t.dtype)
    return Row(name, t.shape, dtype, judgement)


def _judged(c, r, t, kappa, own, alone) -> Judgement:
    if c is None or r is None:
        side = "my side" if c is None else "the reference's side"
        return _refused(f"missing on {side}")
    if c.shape != t.shape:
        return _refused(f"shape {c.shape}, expected {t.shape}")
    if not is_floating(t):
        same = c.dtype == t.dtype and np.array_equal(c, r)
        if same:
            return Judgement("match", 0.0, NAME)
        return _refused("integers and booleans must be equal")
    if not np.array_equal(np.isfinite(c), np.isfinite(r)):
        return _refused("NaN or infinity in other places")
    there = np.isfinite(r) & np.isfinite(t)
    c, r, t = (np.where(there, x, 0).astype(np.float64) for x in (c, r, t))
    explained = Size.of(r - t) | Size.of(t) * ROUNDOFF | kappa | (own or Size())
    found = score(Size.of(c - t), explained)
    gap = np.abs(c - t)
    index = np.unravel_index(int(gap.argmax()), gap.shape) if gap.size else None
    at = {}
    if index is not None:
        at = {
            "index": tuple(map(int, index)),
            "values": (float(c[index]), float(r[index])),
        }
    if found.ok:
        return Judgement("match", found.value, NAME, **at)
    if alone:
        reason = "more than rounding explains: a mistake, or a loss of precision"
        return Judgement("mismatch", found.value, NAME, reason, **at)
    reason = "mine is less precise than rounding explains"
    return Judgement("imprecise", found.value, NAME, reason, "mine", **at)


def _refused(reason: str) -> Judgement:
    return Judgement("mismatch", float("inf"), NAME, reason)


def _array(x: torch.Tensor) -> np.ndarray:
    x = x.detach().cpu()
    return (x.float() if x.is_floating_point() else x).numpy().copy()
