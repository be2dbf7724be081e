"""`twofold.check` on code the project has never seen: found, placed, and blamed."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import erf
from torch.nn import functional as F

import twofold
from twofold import scratch, torch_ref

RNG = np.random.default_rng(0)
X = RNG.standard_normal((8, 5))
DEPTH = 12


def gelu(x):
    """x Phi(x), and its derivative Phi(x) + x phi(x)."""
    root2, root2pi = x.dtype.type(np.sqrt(2)), x.dtype.type(np.sqrt(2 * np.pi))
    cdf = (1 + erf(x / root2)) / 2
    return x * cdf, lambda dy: dy * (cdf + x * np.exp(-x * x / 2) / root2pi)


def with_back(change):
    def changed(x):
        y, back = gelu(x)
        return y, lambda dy: change(dy, back)

    return changed


def gelu_tanh(x):
    """The other GELU, with its own right derivative."""
    a, b = x.dtype.type(np.sqrt(2 / np.pi)), x.dtype.type(0.044715)
    t = np.tanh(a * (x + b * x**3))
    slope = (1 + t) / 2 + x / 2 * (1 - t * t) * a * (1 + 3 * b * x * x)
    return x * (1 + t) / 2, lambda dy: dy * slope


def naive_layer_norm(x):
    """Variance as the mean of squares minus the squared mean."""
    mean = x.mean(-1, keepdims=True)
    variance = (x * x).mean(-1, keepdims=True) - mean * mean
    scale = 1 / np.sqrt(variance + x.dtype.type(1e-5))
    z = (x - mean) * scale

    def back(dy):
        dz = dy - dy.mean(-1, keepdims=True) - z * (dy * z).mean(-1, keepdims=True)
        return scale * dz

    return z, back


class WrongReference(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return F.gelu(x)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * torch.sigmoid(1.7 * x)


def layer_norm(x):
    return F.layer_norm(x, x.shape[-1:])


def kernel(x, slope=lambda y: 1 - y * y):
    """Tanh in float32 alone, whatever comes in."""
    y = np.tanh(x.astype(np.float32))
    return y, lambda dy: dy.astype(np.float32) * slope(y)


def test_a_kernel_without_float64_is_judged_in_its_own_precision():
    """Else: code that runs in single precision only cannot be proved equal."""
    assert twofold.check(kernel, torch.nn.Tanh(), X, float64=False).ok
    usual = twofold.check(kernel, torch.nn.Tanh(), X)
    assert not usual.ok and "float64=False" in usual.notes[0]

    def wrong(x):
        return kernel(x, slope=lambda y: 1 - y)

    report = twofold.check(wrong, torch.nn.Tanh(), X, float64=False)
    found = report.verdict, report.first, report.cause
    assert found == ("mismatch", "grad of input", "unsettled")


def test_weights_of_half_precision_are_taken_as_they_are():
    """Else: a checkpoint in bfloat16 cannot be a reference."""
    reference = torch.nn.Linear(4, 3).bfloat16()
    x = RNG.standard_normal((2, 4))
    assert twofold.check(scratch.nn.Linear(4, 3), reference, x).ok


GELU = torch.nn.GELU()


@pytest.mark.parametrize(
    ("mine", "reference", "x", "verdict", "first", "cause"),
    [
        (gelu, GELU, X, "match", None, None),
        (gelu, F.gelu, X, "match", None, None),
        (gelu_tanh, torch.nn.GELU("tanh"), X, "match", None, None),
        (
            with_back(lambda dy, back: back(dy) * dy.dtype.type(1.001)),
            GELU,
            X,
            "mismatch",
            "grad of input",
            "mine: backward",
        ),
        (
            with_back(lambda dy, back: dy * 0),
            GELU,
            X,
            "mismatch",
            "grad of input",
            "mine: backward",
        ),
        (
            gelu,
            WrongReference,
            X,
            "mismatch",
            "grad of x",
            "reference: backward",
        ),
        (gelu_tanh, GELU, X, "mismatch", "output", "different functions"),
        (naive_layer_norm, layer_norm, X, "match", None, None),
        (
            naive_layer_norm,
            layer_norm,
            3000 + RNG.standard_normal((16, 64)),
            "imprecise",
            "output",
            "precision",
        ),
    ],
    ids=[
        "right",
        "right, a function",
        "right, tanh",
        "0.1% off backward",
        "no gradient",
        "wrong reference",
        "another function",
        "naive variance, harmless",
        "naive variance, harmful",
    ],
)
def test_the_culprit_is_named(mine, reference, x, verdict, first, cause):
    """If this failed, the instrument would blame the wrong side, or nobody."""
    report = twofold.check(mine, reference, x)
    assert (report.verdict, report.first, report.cause) == (verdict, first, cause)
    assert report.ok == (verdict == "match")


def networks():
    sizes = (16,) * (DEPTH + 1)
    torch.manual_seed(0)
    scratch.manual_seed(0)
    return scratch.models.MLP(sizes), torch_ref.models.MLP(sizes)


class WrongBias(scratch.nn.Linear):
    def forward(self, x):
        y, back = super().forward(x)

        def wrong(dy):
            dx = back(dy)
            self.bias.grad *= self.bias.dtype.type(1.01)
            return dx

        return y, wrong


class WrongForward(scratch.nn.Linear):
    def forward(self, x):
        y, back = super().forward(x)
        return y * y.dtype.type(1.01), back


class WrongInputGradient(scratch.nn.Linear):
    def forward(self, x):
        y, back = super().forward(x)
        return y, lambda dy: -back(dy)


@pytest.mark.parametrize(
    ("fault", "first", "cause"),
    [
        (WrongBias, "layers.14: grad of bias", "mine: backward"),
        (WrongForward, "layers.14: output", "different functions"),
        (WrongInputGradient, "layers.14: grad of input", "mine: backward"),
    ],
)
def test_a_fault_in_one_of_twelve_layers_is_placed_and_nothing_downstream(
    fault, first, cause
):
    """If this failed, a fault would be reported where it shows, not where it is."""
    mine, reference = networks()
    mine.layers[14].__class__ = fault
    report = twofold.check(mine, reference, RNG.standard_normal((32, 16)))
    assert (report.first, report.cause) == (first, cause)


def test_a_right_network_matches_and_is_not_changed():
    """If this failed, checking would train, or would call depth a mistake."""
    mine, reference = networks()
    before = {k: v.copy() for k, v in mine.state_dict().items()}
    assert twofold.check(mine, reference, RNG.standard_normal((32, 16)), draws=3).ok
    assert all(np.array_equal(before[k], v) for k, v in mine.state_dict().items())
    assert all(p.grad is None for p in [*mine.parameters(), *reference.parameters()])


class Affine:
    """Somebody's own class, with names of its own."""

    def __init__(self):
        self.W, self.b = np.zeros((3, 5)), np.zeros(3)

    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b

    def backward(self, dy):
        self.dW, self.db = dy.T @ self.x, dy.sum(axis=0)
        return dy @ self.W


def test_an_object_with_forward_and_backward_under_other_names():
    """If this failed, only code written for the project could be judged by it."""
    names = {"W": "weight", "b": "bias"}
    report = twofold.check(Affine(), torch.nn.Linear(5, 3), X, parameters=names)
    assert report.ok
    assert {"grad of weight", "grad of bias"} <= {row.name for row in report.rows}


def test_a_gradient_that_is_not_offered_is_a_mismatch():
    """If this failed, leaving a gradient out would pass."""

    class NoBias(Affine):
        def backward(self, dy):
            self.dW = dy.T @ self.x
            return dy @ self.W

    names = {"W": "weight", "b": "bias"}
    report = twofold.check(NoBias(), torch.nn.Linear(5, 3), X, parameters=names)
    assert report.first == "grad of bias"


def test_a_missing_parameter_says_how_to_map_it():
    """If this failed, a name would have to be guessed from a trace."""
    with pytest.raises(ValueError, match="parameters="):
        twofold.check(Affine(), torch.nn.Linear(5, 3), X)


def test_several_inputs_integers_and_outputs():
    """If this failed, only functions of one array could be judged."""

    def mine(a, b, index):
        def back(dleft, dright):
            da, db = dleft * b, dleft * a
            np.add.at(da, index, dright)
            return da, db, None

        return (a * b, a[index]), back

    def reference(a, b, index):
        return a * b, a[index]

    index = np.array([0, 3, 3])
    report = twofold.check(mine, reference, X, X + 1, index)
    assert report.ok
    assert [row.name for row in report.rows] == [
        "output 0",
        "output 1",
        "grad of a",
        "grad of b",
    ]


def test_rows_hold_what_the_design_promises():
    """If this failed, code written against the public interface would break."""
    row = twofold.check(gelu_tanh, GELU, X).rows[0]
    assert row.name == "output" and row.shape == X.shape and row.dtype == "float32"
    assert row.score > 16 and len(row.index) == 2
    assert row.mine != row.reference


def test_assert_match_carries_the_table():
    """If this failed, a failing test would not say what differs, where, and who."""
    twofold.assert_match(gelu, GELU, X)
    with pytest.raises(AssertionError) as raised:
        twofold.assert_match(with_back(lambda dy, back: dy), GELU, X)
    text = str(raised.value)
    for part in ("grad of input", "✗ mismatch", "limit 16", "mine: backward"):
        assert part in text


def test_no_folder_takes_the_place_of_a_public_name():
    """If this failed, importing a submodule would replace `twofold.check` by it."""
    for name in ("check", "assert_match", "Report"):
        folder = Path(twofold.__file__).parent
        assert not (folder / f"{name}.py").exists() and not (folder / name).exists()


def test_the_global_random_streams_are_left_alone():
    """If this failed, a check would change what the program draws after it."""
    torch.manual_seed(5)
    scratch.manual_seed(5)
    states = torch.get_rng_state(), scratch.get_rng_state()
    twofold.check(gelu, GELU, X)
    assert torch.equal(states[0], torch.get_rng_state())
    assert np.array_equal(states[1], scratch.get_rng_state())


@pytest.mark.parametrize("wrong", [None, 3, "text"])
def test_what_cannot_be_run_is_refused(wrong):
    """If this failed, a slip would end in a trace from deep inside."""
    with pytest.raises(TypeError, match="was expected"):
        twofold.check(wrong, GELU, X)
    with pytest.raises(TypeError, match="was expected"):
        twofold.check(gelu, wrong, X)


def test_the_readmes_example_does_what_the_readme_says():
    """If this failed, the first thing a reader tries would be wrong."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    code = re.search(r"```python\n(import twofold.*?)```", readme, re.S).group(1)
    namespace = {}
    exec(code, namespace)
    report = namespace["report"]
    expected = (False, "grad of input", "mine: backward")
    assert (report.ok, report.first, report.cause) == expected
    assert str(expected) in code
