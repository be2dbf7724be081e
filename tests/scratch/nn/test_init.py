"""nn.init against PyTorch's, from the same seed: equal bytes wherever it is claimed."""

import math

import numpy as np
import pytest
import torch

from each import each
from twofold.compare.numerics.dtypes import unit_roundoff
from twofold.compare.numerics.scores import LIMIT
from twofold.scratch import random
from twofold.scratch.nn import Parameter, init

# Elsewhere PyTorch computes float32 normals and fused products in another way.
pytestmark = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"),
    reason="PyTorch's x86-64 kernels with fused multiply-add are the model",
)

FLOATS = ["float16", "float32", "float64"]

# The same memory on both sides: how a matrix or kernel may lie in it.
LAYOUTS = {
    "contiguous": lambda x: x,
    "transposed": lambda x: x.swapaxes(0, 1),
    "every other column": lambda x: x[..., ::2],
    "inner rows": lambda x: x[1:-1],
}

FILLS = {
    "uniform_": {"a": -0.3, "b": 0.7},
    "normal_": {"mean": 0.5, "std": 0.02},
    "trunc_normal_": {},
    "xavier_uniform_": {"gain": math.sqrt(2)},
    "xavier_normal_": {"gain": 5 / 3},
    "kaiming_uniform_": {"a": math.sqrt(5)},
    "kaiming_normal_": {"mode": "fan_out", "nonlinearity": "relu"},
}


@pytest.fixture(autouse=True)
def default_streams():
    """Both default streams at one seed, put back afterwards."""
    with random.fork_rng(), torch.random.fork_rng(devices=[]):
        random.manual_seed(3)
        torch.manual_seed(3)
        yield


def assert_filled_alike(name, shape, dtype, layout="contiguous", **arguments):
    array = LAYOUTS[layout](np.zeros(shape, dtype))
    tensor = LAYOUTS[layout](torch.zeros(shape, dtype=getattr(torch, dtype)))
    assert getattr(init, name)(array, **arguments) is array
    getattr(torch.nn.init, name)(tensor, **arguments)
    assert array.tobytes() == tensor.numpy().tobytes()
    assert np.array_equal(random.get_rng_state(), torch.get_rng_state())


@each("dtype", FLOATS)
@each("layout", LAYOUTS)
@each("name", FILLS)
def test_random_fills_are_bit_equal_in_every_layout(name, layout, dtype):
    """Else: a bound, a recipe, or the order in memory is not PyTorch's."""
    for shape in [(40, 30), (3, 4), (6, 4, 3, 5), (3, 1, 2)]:
        assert_filled_alike(name, shape, dtype, layout, **FILLS[name])


@pytest.mark.parametrize(
    "window",
    [
        {"std": 0.02},
        {"std": 0.02, "a": -0.04, "b": 0.04},
        {"mean": 1.0, "std": 2.0, "a": 0.0, "b": 5.0},
        {"a": 2.0, "b": 3.0},
        {"mean": 0.5, "std": 3.0, "a": -0.3, "b": 0.1},
        {"a": -math.inf, "b": math.inf},
    ],
)
@pytest.mark.parametrize("layout", ["contiguous", "transposed", "every other column"])
def test_trunc_normal_is_bit_equal_for_wide_and_narrow_windows(window, layout):
    """Else: the wrong method is chosen, or redraws take other numbers."""
    for dtype in FLOATS:
        assert_filled_alike("trunc_normal_", (50, 40), dtype, layout, **window)


def test_trunc_normal_stays_within_its_window():
    """Else: refused draws are kept."""
    for a, b in [(-1.0, 1.0), (1.5, 2.0)]:
        array = init.trunc_normal_(np.zeros(5000, np.float32), a=a, b=b)
        assert a <= array.min() and array.max() <= b


def test_trunc_normal_warns_of_a_mean_far_outside():
    """Else: a window without any mass passes in silence."""
    with pytest.warns(UserWarning, match="more than 2 std"):
        init.trunc_normal_(np.zeros(20, np.float32), mean=9.0, a=-1.0, b=1.0)


@pytest.mark.parametrize("sparsity", [0.0, 0.1, 0.5, 1.0])
def test_sparse_is_bit_equal_and_zeroes_its_share_of_each_column(sparsity):
    """Else: the rows to zero are drawn otherwise, or their number is rounded down."""
    assert_filled_alike("sparse_", (33, 7), "float32", sparsity=sparsity)
    array = init.sparse_(np.zeros((33, 7), np.float32), sparsity)
    assert ((array == 0).sum(axis=0) == math.ceil(33 * sparsity)).all()


@pytest.mark.parametrize("name", [*FILLS, "orthogonal_"])
def test_a_given_generator_is_drawn_from_and_no_other(name):
    """Else: a private generator is ignored, or the default stream moves."""
    before = random.get_rng_state()
    drawn = [
        getattr(init, name)(
            np.zeros((9, 8), np.float32), generator=random.Generator().manual_seed(seed)
        )
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert np.array_equal(random.get_rng_state(), before)


def test_sparse_draws_rows_from_the_default_stream_as_torch_does():
    """Else: a PyTorch quirk that scripts depend on is lost."""
    generator = random.Generator().manual_seed(8)
    reference = torch.Generator().manual_seed(8)
    array, tensor = np.zeros((20, 5), np.float32), torch.zeros(20, 5)
    init.sparse_(array, 0.4, generator=generator)
    torch.nn.init.sparse_(tensor, 0.4, generator=reference)
    assert array.tobytes() == tensor.numpy().tobytes()
    assert np.array_equal(random.get_rng_state(), torch.get_rng_state())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(60, 20), (20, 60), (12, 12), (5, 2, 3, 3)])
def test_orthogonal_is_orthogonal_and_of_the_right_size(shape, dtype):
    """Else: Q is transposed wrongly, not scaled, or scaled before it is orthogonal."""
    gain = 1.5
    filled = init.orthogonal_(np.zeros(shape, dtype), gain).reshape(shape[0], -1)
    thin = (filled if len(filled) > filled.shape[1] else filled.T).astype(np.float64)
    error = thin.T @ thin / gain**2 - np.eye(thin.shape[1])
    assert np.sqrt(np.mean(error**2)) <= LIMIT * unit_roundoff(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(60, 20), (20, 60), (64, 3, 3)])
def test_orthogonal_agrees_with_torch_within_rounding(shape, dtype):
    """Else: another matrix is factorised, or the signs of its columns differ.

    The shapes are far from square, hence well conditioned: rounding is not amplified.
    """
    array, tensor = (
        np.zeros(shape, dtype),
        torch.zeros(shape, dtype=getattr(torch, dtype)),
    )
    difference = init.orthogonal_(array) - torch.nn.init.orthogonal_(tensor).numpy()
    size = np.sqrt(np.mean(array.astype(np.float64) ** 2))
    rms = np.sqrt(np.mean(difference.astype(np.float64) ** 2))
    assert rms <= LIMIT * unit_roundoff(dtype) * size
    assert np.array_equal(random.get_rng_state(), torch.get_rng_state())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_fixed_fills_are_equal_in_every_layout(layout):
    """Else: ones stand in the wrong places, or old values survive."""
    for shape in [(6, 4), (4, 10), (7, 7)]:
        for name, arguments in [("ones_", {}), ("zeros_", {}), ("eye_", {})]:
            assert_filled_alike(name, shape, "float32", layout, **arguments)
        assert_filled_alike("constant_", shape, "float16", layout, val=0.3)
    for shape in [(6, 4, 6), (4, 6, 3, 4), (6, 6, 5, 4, 8)]:
        for groups in (1, 2):
            assert_filled_alike("dirac_", shape, "float32", layout, groups=groups)


def test_old_values_are_overwritten():
    """Else: eye_, dirac_ and zeros_ only look right on fresh arrays."""
    for name, shape in [("eye_", (3, 5)), ("dirac_", (4, 2, 3)), ("zeros_", (3,))]:
        fresh = getattr(init, name)(np.zeros(shape))
        assert np.array_equal(getattr(init, name)(np.full(shape, 7.0)), fresh)


NONLINEARITIES = ["linear", "conv2d", "conv_transpose1d", "sigmoid", "tanh", "relu"]


@pytest.mark.parametrize(
    "arguments",
    [*[(n,) for n in NONLINEARITIES], ("selu",), ("leaky_relu",), ("leaky_relu", 0.2)],
)
def test_gains_are_equal(arguments):
    """Else: every kaiming fill for that nonlinearity is scaled wrongly."""
    assert init.calculate_gain(*arguments) == torch.nn.init.calculate_gain(*arguments)


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 2), (3, 5, 2, 7), (0, 3)])
def test_fans_are_equal(shape):
    """Else: fan_in and fan_out are exchanged, or the window is forgotten."""
    fans = torch.nn.init._calculate_fan_in_and_fan_out(torch.zeros(shape))
    assert init._calculate_fan_in_and_fan_out(np.zeros(shape)) == fans


def test_a_parameter_is_filled_through_its_data_and_returned():
    """Else: initialising a layer leaves its weights alone."""
    parameter = Parameter(np.zeros((4, 4), np.float32))
    array = parameter.data
    assert init.ones_(parameter) is parameter
    assert parameter.data is array and (array == 1).all()


def test_empty_weights_draw_nothing_but_a_warning():
    """Else: an empty layer moves the stream, or divides by zero."""
    before = random.get_rng_state()
    for fill in (init.kaiming_uniform_, init.kaiming_normal_):
        with pytest.warns(UserWarning, match="zero-element"):
            fill(np.zeros((0, 3)))
    init.orthogonal_(np.zeros((0, 3)))
    assert np.array_equal(random.get_rng_state(), before)


def zeros(library, *shape, dtype="float32"):
    if library is init:
        return np.zeros(shape, dtype)
    return torch.zeros(shape, dtype=getattr(torch, dtype))


@each(
    "call",
    [
        lambda i: i.constant_(zeros(i, 2, dtype="float16"), 1e6),
        lambda i: i.constant_(zeros(i, 2), 1e40),
        lambda i: i.constant_(zeros(i, 2, dtype="uint8"), 300),
        lambda i: i.uniform_(zeros(i, 3), 2.0, 1.0),
        lambda i: i.uniform_(zeros(i, 3, dtype="int64")),
        lambda i: i.uniform_(zeros(i, 3), generator=5),
        lambda i: i.normal_(zeros(i, 3), 0.0, -1.0),
        lambda i: i.trunc_normal_(zeros(i, 3), std=0.0),
        lambda i: i.trunc_normal_(zeros(i, 3), a=1.0, b=0.0),
        lambda i: i.trunc_normal_(zeros(i, 3, dtype="int64")),
        lambda i: i.xavier_uniform_(zeros(i, 3)),
        lambda i: i.xavier_uniform_(zeros(i, 3, 3), gain=-1.0),
        lambda i: i.xavier_normal_(zeros(i, 0, 0)),
        lambda i: i.kaiming_uniform_(zeros(i, 3)),
        lambda i: i.kaiming_uniform_(zeros(i, 3, 3), mode="fan"),
        lambda i: i.kaiming_normal_(zeros(i, 3, 3), nonlinearity="gelu"),
        lambda i: i.kaiming_normal_(zeros(i, 3, 3), a=True),
        lambda i: i.calculate_gain("leaky_relu", "steep"),
        lambda i: i.orthogonal_(zeros(i, 3)),
        lambda i: i.orthogonal_(zeros(i, 3, 3, dtype="float16")),
        lambda i: i.orthogonal_(zeros(i, 3, 3, dtype="int64")),
        lambda i: i.eye_(zeros(i, 3)),
        lambda i: i.dirac_(zeros(i, 3, 3)),
        lambda i: i.dirac_(zeros(i, 3, 3, 3), 2),
        lambda i: i.dirac_(zeros(i, 3, 3, 3), 0),
        lambda i: i.sparse_(zeros(i, 3), 0.1),
    ],
)
def test_bad_arguments_raise_what_torch_raises(call):
    """Else: a caller's `except` catches on one side only."""
    with pytest.raises(Exception) as expected:
        call(torch.nn.init)
    with pytest.raises(Exception) as raised:
        call(init)
    assert raised.type is expected.type


def test_what_is_no_array_is_refused():
    """Else: a list is filled and thrown away."""
    with pytest.raises(TypeError, match="array or parameter"):
        init.zeros_([1.0])
