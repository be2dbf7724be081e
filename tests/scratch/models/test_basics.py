"""The first networks: their conventions, written out on numbers."""

import numpy as np
import pytest

from twofold import scratch
from twofold.scratch.models import (
    Collapsed,
    ErrorSlopeDelta,
    LeastSquares,
    LogisticRegression,
    Neuron,
    Perceptron,
    PerceptronLoss,
    SmallGraph,
    SoftmaxRegression,
)


def test_the_perceptron_learns_from_mistakes_alone():
    """Else the rule would be another: w += t x after a mistake, or else nothing."""
    x = np.array([[2.0, -1.0]], np.float32)
    for start, mistake in ((1.0, False), (-1.0, True)):
        unit = Perceptron(2)
        unit.sum.weight.data[:] = [[start, 0]]
        unit.sum.bias.data[:] = 0
        before = unit.sum.weight.data.copy()
        optimizer = scratch.optim.SGD(unit.parameters(), lr=1.0)
        t = np.ones((1, 1), np.float32)
        scratch.training.update(unit, PerceptronLoss(), optimizer, x, t)
        step = unit.sum.weight.data - before
        assert np.array_equal(step, x if mistake else 0 * x)


def test_a_sample_on_the_line_counts_as_a_mistake():
    """Else a perceptron that starts from zeros would never learn."""
    loss, back = PerceptronLoss()(np.zeros((2, 1)), np.array([[1.0], [-1.0]]))
    assert loss == 0
    assert np.array_equal(back(), [[-0.5], [0.5]])


def test_the_threshold_unit_answers_plus_or_minus_one():
    """Else its classes would not be the targets of its loss; on the line it is -1."""
    unit = Perceptron(1)
    unit.sum.weight.data[:] = 1
    unit.sum.bias.data[:] = 0
    x = np.array([[-2.0], [0.0], [3.0]], np.float32)
    assert np.array_equal(unit.classes(x), [[-1], [-1], [1]])


def test_least_squares_finds_a_line_that_is_there():
    """Else the closed form would miss what a ruler finds."""
    x = np.array([[0.0], [1.0], [2.0], [4.0]])
    (weight, bias), _ = LeastSquares()(x, 3 * x - 1)
    assert np.array_equal(np.round(weight, 12), [[3.0]])
    assert np.array_equal(np.round(bias, 12), [-1.0])


def test_probabilities_are_shares():
    """Else they would be scores under another name."""
    x = np.random.default_rng(0).standard_normal((7, 4)).astype(np.float32)
    p = SoftmaxRegression(4, 3).probability(x)
    assert p.shape == (7, 3) and (p > 0).all()
    assert np.array_equal(np.round(p.sum(axis=1), 5), np.ones(7))
    q = LogisticRegression(4).probability(x)
    assert q.shape == (7, 1) and ((q > 0) & (q < 1)).all()


def test_one_hidden_delta_by_hand():
    """Else error, slope and delta would not be those of the textbook."""
    net = ErrorSlopeDelta((1, 1, 1)).double()
    for p, value in zip(net.parameters(), (2.0, -1.0, 0.5, 0.25), strict=True):
        p.data[...] = value
    x, t = np.array([[1.0]]), np.array([[0.0]])
    y, back = net(x)
    hidden = 1 / (1 + np.exp(-1.0))
    delta_out = (y - t) * y * (1 - y)
    delta_hidden = delta_out * 0.5 * hidden * (1 - hidden)
    back(y - t)
    found = [p.grad.item() for p in net.parameters()]
    hand = delta_hidden, delta_hidden, delta_out * hidden, delta_out
    assert [f"{g:.12f}" for g in found] == [f"{h.item():.12f}" for h in hand]


def test_collapsing_leaves_the_model_as_it_was():
    """Else the product would be written into the first layer."""
    model = scratch.models.MLP((3, 4, 2), activation="Identity")
    before = {k: v.copy() for k, v in model.state_dict().items()}
    one = Collapsed(model)
    one.weight += 1
    after = model.state_dict()
    assert all(np.array_equal(before[k], after[k]) for k in before)


def test_the_small_graph_names_its_nodes_in_order():
    """Else the lesson's table would be out of order."""
    found = SmallGraph().derivatives(np.float32(0.5), np.float32(1))
    assert list(found) == ["x", "W1", "z1", "a1", "w2", "z2", "y", "t", "L"]
    assert found["W1"][0] == 3 and found["w2"][0] == 1 and found["L"][1] == 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_networks_keep_the_dtype(dtype):
    """Else a network would widen half precision in silence."""
    x = np.ones((2, 3), dtype)
    for model in (
        Neuron(3),
        Perceptron(3),
        LogisticRegression(3),
        SoftmaxRegression(3, 2),
        ErrorSlopeDelta((3, 2, 1)),
        Collapsed(scratch.models.MLP((3, 4, 2), activation="Identity")),
    ):
        y, back = model.to(dtype)(x)
        assert y.dtype == back(np.ones_like(y)).dtype == dtype, model
        assert all(p.grad.dtype == dtype for p in model.parameters())
