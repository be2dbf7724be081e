"""Single points of losses: corners, several predictions, integers as targets."""

import numpy as np
import pytest
import torch

from twofold import scratch, torch_ref

CORNERS = {
    "HingeEmbeddingLoss": ([1.0, 1.0, 2.0, 0.5, np.nan], [1.0, -1, -1, -1, -1]),
    "HuberLoss": ([1.0, -1.0, 0.0, 2.0, -3.0], [0.0] * 5),
    "SmoothL1Loss": ([1.0, -1.0, 0.0, 2.0, -3.0], [0.0] * 5),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CORNERS)
def test_corners_are_pytorchs_to_the_last_bit(name, dtype):
    """Else: the slope at a corner is that of the other side."""
    x, t = (np.array(values, dtype) for values in CORNERS[name])
    _, back = getattr(scratch.nn, name)(reduction="sum")(x, t)
    leaf = torch.from_numpy(x.copy()).requires_grad_()
    getattr(torch_ref.nn, name)(reduction="sum")(leaf, torch.from_numpy(t)).backward()
    np.testing.assert_array_equal(back(), leaf.grad.numpy(), strict=True)


def test_a_variance_below_eps_gets_the_gradient_at_eps():
    """Else: a network that predicts too small a variance is never pushed back."""
    x, t, var = np.array([1.0]), np.array([0.0]), np.array([0.0])
    _, back = scratch.nn.GaussianNLLLoss(eps=0.5)(x, t, var)
    dx, dt, dvar = back()
    assert (dx.tolist(), dt, dvar.tolist()) == ([2.0], None, [-1.0])


def test_a_variance_that_is_a_number_has_no_gradient():
    """Else: a constant is taken for a prediction."""
    x, t = np.array([1.0, 2.0]), np.zeros(2)
    loss, back = scratch.nn.GaussianNLLLoss(reduction="sum")(x, t, 1.0)
    dx, *others = back()
    assert float(loss) == 2.5
    assert dx.tolist() == [1.0, 2.0]
    assert others == [None, None]


@pytest.mark.parametrize(
    "name", ["SoftMarginLoss", "HingeEmbeddingLoss", "MultiLabelSoftMarginLoss"]
)
def test_targets_of_integers_become_numbers_of_the_inputs_dtype(name):
    """Else: labels 0 and 1 of int64 are refused, or make everything float64."""
    x = np.array([[0.3, -0.2], [1.5, 2.0]], np.float32)
    t = np.array([[1, -1], [-1, 1]])
    loss, back = getattr(scratch.nn, name)()(x, t)
    assert loss.dtype == back().dtype == np.float32
    other, _ = getattr(scratch.nn, name)()(x, t.astype(np.float32))
    assert loss == other


@pytest.mark.parametrize("swap", [False, True])
def test_triplets_that_are_equally_far_share_the_gradient(swap):
    """Else: at a tie of `swap` one of both distances gets everything."""
    a, p, n = np.array([[0.0, 0.0]]), np.array([[2.0, 0.0]]), np.array([[1.0, 1.0]])
    loss = scratch.nn.TripletMarginLoss(margin=5.0, eps=0.0, swap=swap)
    reference = torch_ref.nn.TripletMarginLoss(margin=5.0, eps=0.0, swap=swap)
    _, back = loss(a, p, n)
    leaves = [torch.from_numpy(x).requires_grad_() for x in (a, p, n)]
    reference(*leaves).backward()
    for mine, leaf in zip(back(), leaves, strict=True):
        np.testing.assert_array_equal(mine, leaf.grad.numpy(), strict=True)


def test_a_class_that_is_listed_twice_counts_twice():
    """Else: what follows the first -1 counts, or a repeated class does not."""
    x = np.array([0.1, 0.2, 0.4, 0.8])
    once, _ = scratch.nn.MultiLabelMarginLoss()(x, np.array([3, -1, 1, -1]))
    twice, _ = scratch.nn.MultiLabelMarginLoss()(x, np.array([3, 3, -1, 0]))
    assert float(twice) == 2 * float(once)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_no_samples_have_no_margin_loss(reduction):
    """Else: the loss of an empty batch is whatever stands in memory."""
    criterion = scratch.nn.MultiMarginLoss(reduction=reduction)
    with np.errstate(invalid="ignore"):
        loss, back = criterion(np.zeros((0, 3)), np.zeros(0, np.int64))
    assert np.isnan(loss) if reduction == "mean" else loss == 0
    assert back().shape == (0, 3)


def test_batchmean_divides_by_the_samples_and_mean_warns():
    """Else: the Kullback-Leibler divergence is too small by the number of classes."""
    x, t = np.log(np.full((2, 4), 0.25)), np.array([[1.0, 0, 0, 0], [0, 0, 0, 1]])
    divergence, _ = scratch.nn.KLDivLoss(reduction="batchmean")(x, t)
    np.testing.assert_array_equal(divergence, -x[0, 0], strict=True)
    with pytest.warns(UserWarning, match="batchmean"):
        scratch.nn.KLDivLoss()(x, t)
