"""Single points of activations and dropouts: kinks, random slopes, fast forms."""

import numpy as np
import pytest
import torch
from scipy.special import ndtr

from each import each
from twofold import scratch, torch_ref
from twofold.compare.numerics.verdict import Evidence, judge
from twofold.scratch._arrays import choose, sum_along
from twofold.scratch.kernels.gaussian import normal_cdf

pytestmark = pytest.mark.usefixtures("random_streams")

DTYPES = ("float32", "float64")
ON_KINKS = np.array([-6.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 6.0, 7.0])
PIECEWISE = {
    "Threshold": {"threshold": 0.5, "value": -1.0},
    "Hardtanh": {"min_val": -0.5, "max_val": 2.0},
    "ReLU6": {},
    "Hardshrink": {},
    "Softshrink": {},
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", PIECEWISE)
def test_straight_pieces_are_pytorchs_to_the_last_bit(name, dtype):
    """Else: a kink belongs to the other piece, or a piece is computed differently."""
    x, dy = ON_KINKS.astype(dtype), np.arange(1, 13, dtype=dtype)
    y, back = getattr(scratch.nn, name)(**PIECEWISE[name])(x)
    leaf = torch.from_numpy(x).requires_grad_()
    expected = getattr(torch_ref.nn, name)(**PIECEWISE[name])(leaf)
    expected.backward(torch.from_numpy(dy))
    np.testing.assert_array_equal(y, expected.detach().numpy(), strict=True)
    np.testing.assert_array_equal(back(dy), leaf.grad.numpy(), strict=True)


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [("Hardsigmoid", 0.0, 0.0), ("Hardswish", 0.0, 1.0)],
)
def test_slopes_at_the_kinks_of_hard_curves(name, left, right):
    """Else: the slope at -3 or 3 is that of the other piece."""
    _, back = getattr(scratch.nn, name)()(np.array([-3.0, 3.0]))
    assert back(np.ones(2)).tolist() == [left, right]


@pytest.mark.parametrize(("name", "slope"), [("ELU", 0.5), ("CELU", 1.0)])
def test_exponential_units_take_the_left_slope_at_zero(name, slope):
    """Else: the kink of an ELU belongs to the right piece."""
    _, back = getattr(scratch.nn, name)(alpha=0.5)(np.zeros(2))
    assert back(np.ones(2)).tolist() == [slope, slope]


NAN_PASSES = ("Hardtanh", "ReLU6", "Hardswish", "ELU", "SELU", "Hardshrink")


@pytest.mark.parametrize("name", NAN_PASSES)
def test_a_nan_lets_the_gradient_through_wherever_it_is(name):
    """Else: the slope at a NaN depends on its place in memory, as PyTorch's does."""
    x = np.full(100, np.nan)
    y, back = getattr(scratch.nn, name)()(x)
    assert np.isnan(y).all()
    assert len(set(back(np.ones(100)).tolist())) == 1
    assert (back(np.ones(100)) > 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", ["contiguous", "transposed", "every other"])
def test_rrelu_draws_pytorchs_slopes_in_the_order_of_the_indices(layout, dtype):
    """Else: other slopes are drawn, or the stream is out of step afterwards."""
    take = {
        "contiguous": lambda x: x,
        "transposed": lambda x: x.swapaxes(0, 1),
        "every other": lambda x: x[..., ::2],
    }[layout]
    x = np.random.default_rng(0).standard_normal((30, 40)).astype(dtype)
    scratch.manual_seed(7)
    torch.manual_seed(7)
    y, back = scratch.nn.RReLU(0.1, 0.7)(take(x))
    leaf = take(torch.from_numpy(x)).detach().requires_grad_()
    expected = torch_ref.nn.RReLU(0.1, 0.7)(leaf)
    expected.backward(torch.ones_like(expected))
    np.testing.assert_array_equal(y, expected.detach().numpy(), strict=True)
    dx = back(np.ones(y.shape, dtype))
    np.testing.assert_array_equal(dx, leaf.grad.numpy(), strict=True)
    assert np.array_equal(scratch.random.get_rng_state(), torch.get_rng_state())


DROPOUTS = {
    "Dropout1d": (5, 6, 7),
    "Dropout2d": (5, 6, 7, 2),
    "Dropout3d": (5, 6, 7, 2, 2),
    "AlphaDropout": (5, 6, 7),
    "FeatureAlphaDropout": (5, 6, 7),
}


@each("dtype", ("float16", *DTYPES))
@each("transposed", [False, True])
@each("p", [0.0, 0.15, 0.3, 1.0])  # 1 / 0.85 is rounded twice in float32
@each("name", DROPOUTS)
def test_dropouts_are_pytorchs_to_the_last_bit(name, p, transposed, dtype):
    """Else: other channels are dropped, or the numbers are scaled in another order."""
    shape = DROPOUTS[name]
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    mine, theirs = x, torch.from_numpy(x)
    if transposed:
        mine, theirs = mine.swapaxes(0, 1), theirs.swapaxes(0, 1)
    scratch.manual_seed(7)
    torch.manual_seed(7)
    y, back = getattr(scratch.nn, name)(p)(mine)
    leaf = theirs.detach().requires_grad_()
    expected = getattr(torch_ref.nn, name)(p)(leaf)
    expected.backward(torch.ones_like(expected))
    np.testing.assert_array_equal(y, expected.detach().numpy(), strict=True)
    dx = back(np.ones(y.shape, dtype))
    np.testing.assert_array_equal(dx, leaf.grad.numpy(), strict=True)
    assert np.array_equal(scratch.random.get_rng_state(), torch.get_rng_state())


@pytest.mark.parametrize("name", ["Dropout1d", "Dropout3d"])
def test_a_sample_without_its_batch_loses_whole_channels(name):
    """Else: the first dimension of an unbatched sample is taken for the batch."""
    x = np.ones((8, *DROPOUTS[name][2:]))
    scratch.manual_seed(0)
    y, _ = getattr(scratch.nn, name)(0.5)(x)
    kept = [set(channel.ravel().tolist()) for channel in y]
    assert all(len(values) == 1 for values in kept)
    assert {0.0} in kept
    assert {2.0} in kept


@pytest.mark.parametrize(("name", "ndim"), [("Dropout2d", 3), ("Dropout3d", 3)])
def test_dropouts_of_another_dimension_warn_and_do_as_pytorch_does(name, ndim):
    """Else: a forgotten batch dimension drops whole samples unnoticed."""
    x = np.arange(1.0, 61).reshape((3, 4, 5)[:ndim])
    scratch.manual_seed(7)
    torch.manual_seed(7)
    with pytest.warns(UserWarning, match="input"):
        y, _ = getattr(scratch.nn, name)()(x)
    with pytest.warns(UserWarning, match="dropout"):
        expected = getattr(torch_ref.nn, name)()(torch.from_numpy(x))
    np.testing.assert_array_equal(y, expected.numpy(), strict=True)


@pytest.mark.parametrize("old", ["min_value", "max_value"])
def test_old_names_of_hardtanhs_bounds_warn(old):
    """Else: code written for them gets other bounds."""
    value = {"min_value": -2.0, "max_value": 3.0}[old]
    with pytest.warns(FutureWarning, match=old):
        mine = scratch.nn.Hardtanh(**{old: value})
    with pytest.warns(FutureWarning, match=old):
        theirs = torch_ref.nn.Hardtanh(**{old: value})
    assert repr(mine) == repr(theirs)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4)])
def test_softmin_without_dim_warns_and_chooses_as_pytorch_does(shape):
    """Else: a forgotten `dim` means another dimension."""
    x = np.asarray(np.random.default_rng(0).standard_normal(shape))
    with pytest.warns(UserWarning, match="dim"):
        y, _ = scratch.nn.Softmin()(x)
    with pytest.warns(UserWarning, match="dim"):
        expected = torch_ref.nn.Softmin()(torch.from_numpy(x))
    assert judge(Evidence(y, expected.numpy())).verdict == "match"


# The fast forms, against the plain ones.


def test_the_fast_normal_distribution_function_is_as_precise_as_its_dtype():
    """Else: GELU in float32 is another function than GELU in float64."""
    x = np.concatenate([np.linspace(-9, 9, 200_001), [-1e30, -50, 0, 50, 1e30]])
    narrow = x.astype(np.float32)
    error = np.abs(normal_cdf(narrow) - ndtr(narrow.astype(np.float64)))
    assert error.max() <= np.finfo(np.float32).eps
    assert normal_cdf(narrow).dtype == np.float32
    assert np.abs(normal_cdf(x) - ndtr(x)).max() <= np.finfo(np.float64).eps


@pytest.mark.parametrize("dtype", ("float16", *DTYPES))
@pytest.mark.parametrize("laid_out", [lambda x: x, lambda x: x.T, lambda x: x[:, ::2]])
def test_choosing_by_bits_is_where(laid_out, dtype):
    """Else: a mask picks the wrong branch, or turns infinity into NaN."""
    rng = np.random.default_rng(0)
    yes, no = (laid_out(rng.standard_normal((6, 8)).astype(dtype)) for _ in range(2))
    yes[0, 0], no[0, 0] = np.inf, np.nan
    mask = laid_out(rng.random((6, 8)) < 0.5)
    for a, b in ((yes, no), (1, no), (yes, 0), (0.25, -1)):
        expected = np.where(mask, np.asarray(a, dtype), np.asarray(b, dtype))
        np.testing.assert_array_equal(choose(mask, a, b, dtype), expected, strict=True)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("shape", [(3, 4), (3, 0), (0, 4), (2, 3, 4)])
def test_sums_along_an_axis_are_sums(shape, axis):
    """Else: the product that stands for a sum adds along another axis."""
    x = np.random.default_rng(0).integers(-9, 9, shape).astype(np.float32)
    expected = x.sum(axis=axis, keepdims=True)
    np.testing.assert_array_equal(sum_along(x, axis), expected, strict=True)
