"""Sides for initialisers: what an array is filled with, and the state left behind."""

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from twofold import scratch, torch_ref

from ...sides.arrays import to_numpy, to_torch
from ...sides.trace import Feed, Trace
from ..cases.initialisers import GainCase

DTYPES = ("float32", "float64")


class FillingSide:
    """An initialiser on an array of each dtype, on a stream started anew for each.

    The arrays are judged as float64 is, so those of float32 must be equal in every bit
    wherever nothing is rounded on the way to them.
    """

    follows_dtype = False

    def __init__(self, fill, case, shape, layout: str, own_generator: bool, tree):
        self.fill = fill
        self.case = case
        self.shape = shape
        self.layout = layout
        self.own_generator = own_generator
        self.tree = tree

    def run(self, feed: Feed) -> Trace:
        tree, trace = self.tree, Trace()
        for dtype in DTYPES:
            array = _laid_out(self.shape, self.layout, dtype)
            if tree is torch_ref:
                array = torch.from_numpy(array)
            options, source = dict(self.case.options), tree.random.default_generator
            tree.manual_seed(feed.seed)
            if self.own_generator:
                source = options["generator"] = tree.Generator()
                source.manual_seed(feed.seed + 1)
            with _MovedMatrix(feed.jitter and feed.jitter[0]):
                returned = self.fill(array, **options)
            trace[f"{dtype} values"] = np.array(to_numpy(array))
            trace[f"{dtype}: returns what it fills"] = np.array(returned is array)
            if self.case.random:
                trace[f"{dtype}: random state"] = np.array(to_numpy(source.get_state()))
                state = tree.random.get_rng_state()
                trace[f"{dtype}: default random state"] = np.array(to_numpy(state))
        return trace


def _laid_out(shape: tuple[int, ...], layout: str, dtype: str) -> np.ndarray:
    """Zeros of this shape: contiguous, transposed, or every second of other zeros."""
    if layout == "transposed":
        return np.zeros(shape[::-1], dtype).T
    if layout == "strided":
        return np.zeros((*shape[:-1], 2 * shape[-1]), dtype)[..., ::2]
    return np.zeros(shape, dtype)


class _MovedMatrix(TorchFunctionMode):
    """With a seed: the matrix that PyTorch decomposes is moved by one rounding.

    An orthogonal matrix is a decomposition of a random one, which nobody hands in and
    no feed can move; how far the factors move then is how well they are determined.
    """

    def __init__(self, seed: int | None):
        super().__init__()
        self.rng = None if seed is None else np.random.default_rng(seed)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is torch.linalg.qr and self.rng is not None:
            x = to_numpy(args[0])
            far = self.rng.choice((-np.inf, np.inf), x.shape).astype(x.dtype)
            args = to_torch(np.nextafter(x, far)), *args[1:]
        return func(*args, **(kwargs or {}))


class GainSide:
    """`calculate_gain`: a Python float."""

    def __init__(self, function, arguments: tuple):
        self.function = function
        self.arguments = arguments

    def run(self, feed: Feed) -> Trace:
        return Trace({"gain": np.array(self.function(*self.arguments), np.float64)})


def filling_sides(concept, case, dice, seed, device):
    pairs = (concept.scratch, scratch), (concept.torch, torch_ref)
    if isinstance(case, GainCase):
        sides = [GainSide(function, case.arguments) for function, _ in pairs]
    else:
        drawn = case.draw(dice)
        sides = [FillingSide(fill, case, *drawn, tree) for fill, tree in pairs]
    return *sides, Feed(np.dtype(np.float64), (), seed=seed), []
