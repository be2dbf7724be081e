"""Clipping gradients: by what, to what, and what happens to infinity and NaN."""

import math

import numpy as np
import pytest
import torch

from each import each
from twofold.compare.numerics.scores import LIMIT
from twofold.scratch._sparse import SparseGradient
from twofold.scratch.nn import Parameter
from twofold.scratch.nn import utils as scratch_utils
from twofold.torch_ref.nn import utils as torch_utils

SHAPES = [(), (1,), (7,), (5, 3)]
ORDERS = [2, 2.0, 1, 0.5, 3, 0, -1, math.inf, -math.inf, "inf"]


def twins(shapes=SHAPES, dtype=np.float32, scale=1.0):
    """Parameters with the same gradients on both sides; the last has none."""
    rng = np.random.default_rng(0)
    ours = [Parameter(np.zeros(s, dtype)) for s in [*shapes, (2,)]]
    theirs = [torch.nn.Parameter(torch.from_numpy(p.data.copy())) for p in ours]
    for p, q in zip(ours[:-1], theirs[:-1], strict=True):
        p.grad = np.asarray(rng.standard_normal(p.shape) * scale).astype(dtype)
        q.grad = torch.from_numpy(p.grad.copy())
    return ours, theirs


def assert_close(ours, theirs):
    """Within what rounding explains: LIMIT roundings of the largest element."""
    ours, theirs = np.asarray(ours), theirs.numpy()
    assert ours.dtype == theirs.dtype
    largest = np.abs(theirs).max()
    assert np.abs(ours - theirs).max() <= LIMIT / 2 * np.finfo(ours.dtype).eps * largest


@each("order", ORDERS)
@each("max_norm", [0.1, 1e3])
@each("dtype", [np.float32, np.float64])
def test_norms_and_gradients_are_pytorchs(order, max_norm, dtype):
    """Another norm, one norm for each parameter, or gradients that are scaled up."""
    ours, theirs = twins(dtype=dtype)
    norm = scratch_utils.clip_grad_norm_(ours, max_norm, order)
    assert_close(norm, torch_utils.clip_grad_norm_(theirs, max_norm, order))
    for p, q in zip(ours[:-1], theirs[:-1], strict=True):
        assert_close(p.grad, q.grad)
    assert ours[-1].grad is None


def test_gradients_are_written_in_place():
    """The optimiser would see gradients that were not clipped."""
    for clip in (
        lambda params: scratch_utils.clip_grad_norm_(params, 1e-3),
        lambda params: scratch_utils.clip_grad_value_(params, 1e-3),
    ):
        ours, _ = twins()
        arrays = [p.grad for p in ours]
        clip(p for p in ours)  # an iterator is not used up
        for p, array in zip(ours, arrays, strict=True):
            assert p.grad is array
            assert array is None or np.abs(array).max() <= 1e-3 * (1 + 1e-6)


def test_values_are_clipped_on_both_sides():
    """Only large, or only small elements would be clipped, or NaN be lost."""
    p, q = Parameter(np.zeros(5)), torch.nn.Parameter(torch.zeros(5))
    p.grad = np.array([-3.0, 0.2, 3.0, math.inf, math.nan])
    q.grad = torch.tensor([-3.0, 0.2, 3.0, math.inf, math.nan])
    scratch_utils.clip_grad_value_(p, 0.5)
    torch_utils.clip_grad_value_(q, 0.5)
    expected = q.grad.numpy().astype(np.float32)
    assert np.array_equal(p.grad.astype(np.float32), expected, equal_nan=True)


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_a_norm_that_is_not_finite(bad):
    """error_if_nonfinite would be ignored or spoil the gradients first; without it,
    infinity would become something else than in PyTorch.
    """
    pair = Parameter(np.zeros(3, np.float32)), torch.nn.Parameter(torch.zeros(3))
    pair[0].grad = np.array([1, bad, 2], np.float32)
    pair[1].grad = torch.tensor([1, bad, 2])
    for utils, p in zip((scratch_utils, torch_utils), pair, strict=True):
        before = np.asarray(p.grad).copy()
        with pytest.raises(RuntimeError):
            utils.clip_grad_norm_(p, 1.0, error_if_nonfinite=True)
        assert np.array_equal(p.grad, before, equal_nan=True)
        utils.clip_grad_norm_(p, 1.0)
    assert np.array_equal(pair[0].grad, pair[1].grad.numpy(), equal_nan=True)


def test_clipping_is_norm_and_scaling():
    """The two halves, called one after the other, would do something else."""
    (ours, _), (again, _) = twins(), twins()
    norm = scratch_utils.clip_grad_norm_(ours, 0.5)
    total = scratch_utils.get_total_norm([p.grad for p in again if p.grad is not None])
    scratch_utils.clip_grads_with_norm_(again, 0.5, total)
    assert norm == total
    for p, q in zip(ours[:-1], again[:-1], strict=True):
        assert np.array_equal(p.grad, q.grad)


def test_nothing_to_clip():
    """An empty list would raise, or an exhausted generator pass unnoticed."""
    for utils in scratch_utils, torch_utils:
        assert utils.clip_grad_norm_([], 1.0) == 0
        assert utils.get_total_norm([]) == 0
        with pytest.warns(UserWarning):
            utils.clip_grad_norm_((p for p in []), 1.0)


def test_what_has_no_norm_raises_what_pytorch_raises():
    """The largest of no elements, or a sparse gradient, would be taken."""
    for utils, empty in (scratch_utils, np.zeros(0)), (torch_utils, torch.zeros(0)):
        with pytest.raises(RuntimeError):
            utils.get_total_norm([empty], math.inf)
        with pytest.raises(ValueError):
            utils.get_total_norm([empty], "largest")
    p = Parameter(np.zeros((3, 2)))
    p.grad = SparseGradient(np.array([[1]]), np.ones((1, 2)), (3, 2))
    for clip in scratch_utils.clip_grad_norm_, scratch_utils.clip_grad_value_:
        with pytest.raises(NotImplementedError):
            clip(p, 1.0)


def test_float16_norms_are_not_summed_in_float16():
    """A sum of squares would overflow at 65504."""
    ours, theirs = twins([(100,)], np.float16, scale=1000.0)
    norm = scratch_utils.clip_grad_norm_(ours, 1.0)
    expected = torch_utils.clip_grad_norm_(theirs, 1.0).numpy()
    assert norm.dtype == expected.dtype == np.float16
    assert np.isfinite(norm)
    assert abs(norm - expected) <= np.spacing(expected)
