"""Single points: kinks, ties, ignored targets, the order in which masks meet memory."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from each import each
from every_concept import CONCEPTS, DTYPES, sides
from twofold import scratch, torch_ref
from twofold.compare.concepts.cases.spec import Case, Value
from twofold.compare.numerics.verdict import Evidence, judge

pytestmark = [
    pytest.mark.usefixtures("random_streams"),
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides"),  # KLDivLoss
]


@dataclass(frozen=True)
class Exactly(Value):
    """These very numbers."""

    values: np.ndarray
    differentiable: bool = True

    def draw(self, dice):
        return np.array(self.values, copy=True)


def pinned(name, *inputs, training=False, **options):
    """Both sides of a module on these very inputs; a gradient leads to the first."""
    values = [Exactly(np.asarray(x), i == 0) for i, x in enumerate(inputs)]
    return sides(CONCEPTS[name], Case(options, tuple(values), training=training))


def assert_equal(candidate, reference, feed):
    """Equal bit for bit in every dtype; returns what they are in float64."""
    for dtype in DTYPES:
        mine, theirs = candidate.run(feed.cast(dtype)), reference.run(feed.cast(dtype))
        assert mine.keys() == theirs.keys()
        for name, array in theirs.items():
            np.testing.assert_array_equal(mine[name], array, strict=True)
    return mine


def assert_close(candidate, reference, feed):
    """As `assert_match`, without moving inputs: they sit on an edge."""
    mine, theirs = candidate.run(feed), reference.run(feed)
    assert mine.keys() == theirs.keys()
    for name, array in theirs.items():
        judgement = judge(Evidence(mine[name], array))
        assert judgement.verdict == "match", (name, judgement)
    return mine


KINKS = np.array([0.0, -0.0, 1.0, -1.0, 2.0, 0.0])


def test_the_slope_of_relu_at_zero_is_zero():
    """Else: a dead unit learns on one side and not on the other."""
    trace = assert_equal(*pinned("nn.ReLU", KINKS))
    assert (trace["grad of input"] == 0).tolist() == [1, 1, 0, 1, 0, 1]


def test_relu_stops_an_infinite_gradient_where_it_is_off():
    """Else: 0 * inf makes the gradients of switched-off units NaN."""
    candidate, reference, feed = pinned("nn.ReLU", KINKS)
    feed = replace(feed, upstream=(np.full(KINKS.shape, np.inf),))
    trace = assert_equal(candidate, reference, feed)
    assert trace["grad of input"].tolist() == [0, 0, np.inf, 0, np.inf, 0]


@pytest.mark.parametrize("slope", [0.25, -0.5, 0.0, 2.0])
def test_leaky_relu_at_zero_takes_the_slope_of_the_left(slope):
    """Else: the kink is assigned to the other branch."""
    candidate, reference, feed = pinned("nn.LeakyReLU", KINKS, negative_slope=slope)
    trace = assert_equal(candidate, reference, feed)
    np.testing.assert_array_equal(
        trace["grad of input"][:2], slope * feed.upstream[0][:2]
    )


def test_rrelu_of_a_narrow_range_goes_back_by_the_drawn_slopes():
    """Else: the way back takes another slope than the output was made with."""
    narrow = {"lower": 0.25, "upper": 0.25 + 2.0**-20}
    trace = assert_close(*pinned("nn.RReLU", -np.ones(9), training=True, **narrow))
    slopes = -trace["output"]
    assert len(set(slopes.tolist())) == 9


@pytest.mark.parametrize("reduction", ["none", "sum"])
def test_l1_has_no_slope_where_prediction_and_target_are_equal(reduction):
    """Else: a perfect prediction is pushed away, or one that is NaN differs."""
    target = np.array([0.0, 0.0, 1.0, 0.0, 2.0, np.nan])
    trace = assert_equal(*pinned("nn.L1Loss", KINKS, target, reduction=reduction))
    assert (trace["grad of input"] == 0).tolist() == [1, 1, 1, 0, 1, 1]


def test_bce_at_certainty_costs_a_hundred():
    """Else: one confident mistake makes the loss infinite."""
    p, target = np.array([0.0, 0.0, 1.0, 1.0, 0.5]), np.array([0.0, 1, 0, 1, 1])
    trace = assert_close(*pinned("nn.BCELoss", p, target, reduction="none"))
    assert trace["output"][:4].tolist() == [0, 100, 100, 0]


@pytest.mark.parametrize("name", ["nn.L1Loss", "nn.MSELoss"])
def test_a_mean_is_finite_where_its_sum_is_beyond_half_precision(name):
    """Else: in float16 the loss of a whole image is infinite."""
    trace = assert_equal(*pinned(name, np.full(2000, 64.0), np.zeros(2000)))
    assert trace["output"] == (64 if name == "nn.L1Loss" else 64**2)


@pytest.mark.parametrize("name", ["nn.Softmax", "nn.LogSoftmax"])
def test_softmax_of_masked_and_fully_masked_rows(name):
    """Else: a masked score counts, or a fully masked row looks like a distribution."""
    rows = [[1, -np.inf, 2], [-np.inf] * 3, [np.inf, 1, 2], [np.nan, 1, 2], [3, 3, 3]]
    with np.errstate(all="ignore"):
        trace = assert_close(*pinned(name, np.array(rows), dim=1))
    assert np.isnan(trace["output"]).any(axis=1).tolist() == [0, 1, 1, 1, 0]


LAYOUTS = {
    "contiguous": lambda x: x,
    "transposed": lambda x: x.swapaxes(0, 2),
    "turned": lambda x: x.swapaxes(0, 2).swapaxes(0, 1),
    "every other column": lambda x: x[..., ::2],
    "every other row, transposed": lambda x: x[::2].swapaxes(0, 1),
    "one number": lambda x: x[0, 0, 0],
    "nothing": lambda x: x[:0],
}


@each("dtype", DTYPES)
@each("p", [0.0, 0.3, 1.0])
@each("layout", LAYOUTS)
def test_dropout_draws_pytorchs_mask_in_the_order_of_memory(layout, p, dtype):
    """Else: other units are dropped, or the stream is out of step afterwards."""
    x = np.arange(1, 61, dtype=dtype).reshape(3, 4, 5)
    mine, theirs = LAYOUTS[layout](x), LAYOUTS[layout](torch.from_numpy(x))
    scratch.manual_seed(7)
    torch.manual_seed(7)
    y, back = scratch.nn.Dropout(p)(np.asarray(mine))
    expected = torch_ref.nn.Dropout(p)(theirs)
    np.testing.assert_array_equal(y, expected.numpy(), strict=True)
    assert np.array_equal(scratch.random.get_rng_state(), torch.get_rng_state())
    # x is never 0, so the gradient must be 0 just where the output is.
    np.testing.assert_array_equal(np.asarray(back(y)) == 0, y == 0)


def test_dropout_of_a_repeated_row_drops_each_copy_on_its_own():
    """Else: a mask with the strides of a broadcast input drops whole columns."""
    row = np.arange(1.0, 6.0)
    scratch.manual_seed(7)
    torch.manual_seed(7)
    y, _ = scratch.nn.Dropout(0.5)(np.broadcast_to(row, (4, 5)))
    expected = torch_ref.nn.Dropout(0.5)(torch.from_numpy(row).expand(4, 5))
    np.testing.assert_array_equal(y, expected.numpy())


def test_dropout_with_certainty_still_lets_nan_through():
    """Else: dropping everything hides that the input has diverged."""
    x = np.array([1.0, np.nan, np.inf, 0.0])
    with np.errstate(all="ignore"):
        assert_equal(*pinned("nn.Dropout", x, p=1.0, training=True))


LOGITS = np.random.default_rng(3).standard_normal((4, 3))
WEIGHTLESS = np.array([0.0, 1.5, 0.0])
TARGETS = {
    "all ignored": np.full(4, -100),
    "some ignored": np.array([-100, 2, 1, -100]),
    "all of weight 0": np.array([0, 2, 2, 0]),
    "some of weight 0": np.array([0, 1, 2, 1]),
}


@each("reduction", ["none", "mean", "sum"])
@each("weight", [None, WEIGHTLESS], ids=["unweighted", "weighted"])
@each("targets", TARGETS)
@each(
    ("name", "options"),
    [
        ("nn.NLLLoss", {}),
        ("nn.CrossEntropyLoss", {}),
        ("nn.CrossEntropyLoss", {"label_smoothing": 0.2}),
        ("nn.CrossEntropyLoss", {"label_smoothing": 1.0}),
    ],
)
def test_ignored_and_weightless_targets(name, options, targets, weight, reduction):
    """Else: ignored samples count in the mean, or a mean of nothing is not NaN."""
    options = {**options, "weight": weight, "reduction": reduction}
    with np.errstate(all="ignore"):
        assert_close(*pinned(name, LOGITS, TARGETS[targets], **options))


def test_integers_have_no_gradient():
    """Else: flattening the indices of an embedding breaks the way back."""
    y, back = scratch.nn.Flatten()(np.arange(6).reshape(1, 2, 3))
    assert y.tolist() == [[0, 1, 2, 3, 4, 5]]
    assert y.dtype == np.int64
    assert back(None) is None


# Where PyTorch warns.


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (2, 3, 4, 5)])
def test_softmax_without_dim_warns_and_chooses_as_pytorch_does(name, shape):
    """Else: a forgotten `dim` means another dimension."""
    x = np.random.default_rng(0).standard_normal(shape)
    with pytest.warns(UserWarning, match="dim"):
        y, _ = getattr(scratch.nn, name)()(np.asarray(x))
    with pytest.warns(UserWarning, match="dim"):
        expected = getattr(torch_ref.nn, name)()(torch.from_numpy(np.asarray(x)))
    assert judge(Evidence(y, expected.numpy())).verdict == "match"


@each("reduction", ["none", "mean", "sum"])
@each(("input", "target"), [((4, 1), (4,)), ((3,), (2, 1)), ((2, 3), ()), ((1,), (5,))])
@each("name", ["nn.MSELoss", "nn.L1Loss", "nn.HuberLoss", "nn.SmoothL1Loss"])
def test_unequal_shapes_warn_and_are_broadcast(name, input, target, reduction):
    """Else: the classic (N, 1) against (N) goes unnoticed, or its gradient is wrong."""
    rng = np.random.default_rng(0)
    pair = rng.standard_normal(input), rng.standard_normal(target)
    with pytest.warns(UserWarning, match="target"):
        assert_close(*pinned(name, *pair, reduction=reduction))
