"""Either side in any form: understood without being told, judged alike."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

import twofold
from forms import FORMS, FORMULAS, NETWORKS, REFERENCES, TorchModule

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 3))


# One function, x sigmoid(x), in every form; a wrong one forgets a part of its slope.


def forgets(x):
    s = 1 / (1 + np.exp(-x))
    return x * s, lambda dy: dy * s


def jax_forgets(np, x):
    import jax

    return x * jax.lax.stop_gradient(jax.nn.sigmoid(x))


RIGHT = FORMULAS["silu"]
WRONG = replace(
    RIGHT,
    arrays=forgets,
    tensors=lambda x: x * torch.sigmoid(x).detach(),
    jax=jax_forgets,
)


@pytest.mark.parametrize("mine", FORMS)
def test_every_form_against_every_form(mine):
    """Else: somebody's code has to be rewritten before it can be proved."""
    told = {}
    for reference, form in FORMS.items():
        right = twofold.check(FORMS[mine](RIGHT), form(RIGHT), X, draws=1)
        wrong = twofold.check(FORMS[mine](WRONG), form(RIGHT), X, draws=1)
        other = twofold.check(FORMS[mine](RIGHT), form(WRONG), X, draws=1)
        told[reference] = right.verdict, wrong.cause, other.cause
    expected = "match", "mine: backward", "reference: backward"
    assert {r: t for r, t in told.items() if t != expected} == {}


@pytest.mark.parametrize("mine", NETWORKS)
def test_every_form_with_parameters(mine):
    """Else: weights do not reach one of the forms, or its gradients are not found."""
    form, mapping = NETWORKS[mine]
    for reference in REFERENCES:
        other = NETWORKS[reference][0]()
        report = twofold.check(form(), other, X, parameters=mapping, draws=2)
        assert report.ok, str(report)
        assert "first: grad of weight" in {row.name for row in report.rows}


@pytest.mark.parametrize("mine", ["arrays", "object"])
def test_arrays_in_bfloat16(mine):
    """Else: an object's weights or upstream gradients come in another dtype."""
    form = FORMS[mine](FORMULAS["gated linear unit"])
    x = RNG.standard_normal((3, 4))
    assert twofold.check(form, torch.nn.GLU(), x, dtype="bfloat16").ok
    form, mapping = NETWORKS["object"]
    other = NETWORKS["nn.Module"][0]()
    assert twofold.check(form(), other, X, parameters=mapping, dtype="bfloat16").ok


def test_a_reference_of_arrays_that_would_take_tensors_is_one_of_arrays():
    """Else: the way back of a function that is a reference counts as its output."""
    cumulative = FORMULAS["cumulative sum"]
    for gradients in (True, False):
        report = twofold.check(
            cumulative.tensors, cumulative.arrays, X, gradients=gradients
        )
        assert report.ok, str(report)


def test_forward_only():
    """Else: what has no way back cannot be judged at all."""
    for mine in (np.tanh, torch.tanh, lambda x: (np.tanh(x), lambda dy: dy)):
        report = twofold.check(mine, torch.tanh, X, gradients=False)
        assert report.ok and [row.name for row in report.rows] == ["output"]
    assert not twofold.check(np.sin, torch.tanh, X, gradients=False).ok


def test_a_compiled_module_is_a_module():
    """Else: a model that is compiled has other names, and does not match itself."""
    module = torch.nn.Linear(3, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what torch's own compiler says of torch
        compiled = torch.compile(module, backend="eager")
        assert twofold.check(compiled, module, X, draws=2).ok
        assert twofold.check(module, compiled, X, draws=2).ok


class Neither:
    def __call__(self, x):
        return x.nothing


@pytest.mark.parametrize(
    ("mine", "parts"),
    [
        (torch.nn.SiLU, ["mine: SiLU is a class; an instance was expected, as"]),
        (X, ["mine: ", "the order is check(mine, reference, *inputs)"]),
        (
            Neither(),
            ["called with arrays: Attribute", "called with tensors: Attr"],
        ),
        (np.tanh, ["it returned ndarray; (y, back)", "gradients=False"]),
    ],
)
def test_what_is_no_form_is_said_in_one_place(mine, parts):
    """Else: a slip ends in a trace from deep inside."""
    with pytest.raises(TypeError) as raised:
        twofold.check(mine, torch.nn.SiLU(), X)
    for part in (*parts, "twofold.jax(f)" if "class" not in parts[0] else "SiLU"):
        assert part in str(raised.value)


# Gradients that were promised.


def mse(p, t):
    d = p - t
    return np.mean(d * d, dtype=d.dtype), lambda g: g * 2 * d / d.size


def test_what_mine_does_not_claim_is_not_compared_and_said():
    """Else: a correct loss, which has no gradient for its targets, is wrong."""
    t = RNG.standard_normal(X.shape)
    loss = torch.nn.MSELoss()
    pair = lambda p, t: (mse(p, t)[0], lambda g: (mse(p, t)[1](g), None))  # noqa: E731
    for mine in (mse, pair):
        report = twofold.check(mine, loss, X, t)
        assert report.ok
        assert report.notes == ["grad of target is not compared: mine returns none"]
    report = twofold.check(mse, loss, X, t, gradients=["target"])
    assert (report.first, report.cause) == ("grad of target", "mine: backward")
    with pytest.raises(ValueError, match="gradients: some of input, target"):
        twofold.check(mse, loss, X, t, gradients=["x"])


def linear(x, W, b):
    return x @ W.T + b, lambda dy: [dy @ W, dy.T @ x, dy.sum(0)]


NESTED = {
    "a list back": (linear, torch.nn.functional.linear, (X, X[:2], X[0, :2])),
    "one tuple back": (
        lambda x: ((x, 2 * x), lambda ds: ds[0] + 2 * ds[1]),
        lambda x: (x, 2 * x),
        (X,),
    ),
    "dicts": (
        lambda d: ({"y": d["a"] * 2}, lambda dy: {"d": {"a": 2 * dy["y"]}}),
        lambda d: {"y": d["a"] * 2},
        ({"a": X},),
    ),
    "a dict filled in another order": (
        lambda x: ({"b": x[:2], "a": x}, lambda dy: dy["a"] + _padded(dy["b"], x)),
        lambda x: {"a": x * 1, "b": x[:2]},
        (X,),
    ),
    "a list of arrays": (
        lambda xs: (xs[0] * xs[1], lambda dy: ([dy * xs[1], dy * xs[0]],)),
        lambda xs: xs[0] * xs[1],
        ([X, X[::-1].copy()],),
    ),
    "integers first": (
        lambda i, w: (w[i], lambda dy: _scatter(w, i, dy)),
        lambda i, w: w[i],
        (np.array([1, 0, 1]), X),
    ),
    "booleans": (
        lambda m, x: (np.where(m, x, 0), lambda dy: (None, dy * m)),
        lambda m, x: torch.where(m, x, 0),
        (X > 0, X),
    ),
    "an unused input": (
        lambda x, z: (2 * x, lambda dy: (2 * dy, 0 * z)),
        lambda x, z: 2 * x,
        (X, X),
    ),
    "single numbers": (
        lambda x, z: (x * z, lambda dy: (dy * z, dy * x)),
        lambda x, z: x * z,
        (1.5, np.array(-0.3)),
    ),
    "complex numbers": (
        lambda z: (z * z, lambda dy: dy * 2 * z.conj()),
        lambda z: z * z,
        (X + 1j * X[::-1],),
    ),
}


def _padded(dy, x):
    return np.concatenate([dy, np.zeros_like(x[2:])])


def _scatter(w, i, dy):
    dw = np.zeros_like(w)
    np.add.at(dw, i, dy)
    return dw


@pytest.mark.parametrize("name", NESTED)
def test_nestings_and_kinds_of_numbers(name):
    """Else: code is refused, or misjudged, for how it hands over its numbers."""
    mine, reference, inputs = NESTED[name]
    report = twofold.check(mine, reference, *inputs)
    assert report.ok and any("grad" in row.name for row in report.rows), str(report)

    def off(*xs):
        y, back = mine(*xs)
        return y, lambda dy: back(_doubled(dy))

    assert not twofold.check(off, reference, *inputs, draws=1).ok


def _doubled(x):
    if isinstance(x, dict):
        return {k: _doubled(v) for k, v in x.items()}
    return tuple(map(_doubled, x)) if isinstance(x, tuple) else 2 * x


def test_arrays_as_keywords_reach_each_side_in_its_own_kind():
    """Else: a mask that is a keyword is an array where a tensor is needed."""

    def mine(x, *, scale):
        return x * scale, lambda dy: dy * scale

    def theirs(x, *, scale):
        assert isinstance(scale, torch.Tensor)
        return x * scale

    assert twofold.check(mine, theirs, X, keywords={"scale": X[0]}).ok


class Frozen(torch.nn.Linear):
    def __init__(self):
        super().__init__(3, 2)
        self.weight.requires_grad_(False)


class Affine:
    def __init__(self):
        self.weight, self.bias = np.zeros((2, 3)), np.zeros(2)

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, dy):
        self.dweight, self.dbias = dy.T @ self.x, dy.sum(axis=0)
        return dy @ self.weight


def test_whoever_was_not_asked_is_not_accused():
    """Else: PyTorch is wrong where a weight is frozen, or where no_grad is around."""
    report = twofold.check(Affine(), Frozen(), X)
    assert report.ok and report.notes == [
        "grad of weight is not compared: it is frozen"
    ]
    with torch.no_grad():
        assert twofold.check(Affine(), torch.nn.Linear(3, 2), X).ok
    with torch.inference_mode():
        assert twofold.check(Affine(), torch.nn.Linear(3, 2), X).ok
    detached = twofold.check(RIGHT.arrays, lambda x: RIGHT.tensors(x).detach(), X)
    assert detached.ok and "the reference has no way back" in detached.notes[0]


# Draws.


class NoBias(Affine):
    def forward(self, x):
        return super().forward(x) - self.bias


def naive_softmax(x):
    e = np.exp(x)
    p = e / e.sum(axis=-1, keepdims=True)
    return p, lambda dy: p * (dy - (dy * p).sum(axis=-1, keepdims=True))


def misread(x):
    """As a kernel does that takes memory as it lies."""
    flat = np.frombuffer(x.tobytes("A"), x.dtype).reshape(x.shape)
    return flat * 2, lambda dy: dy * 2


def only_three_rows(x):
    return (x * 2)[:4], lambda dy: dy * 2


@pytest.mark.parametrize(
    ("mine", "reference"),
    [
        (NoBias(), torch.nn.Linear(3, 2)),
        (naive_softmax, torch.nn.Softmax(-1)),
        (misread, lambda x: 2 * x),
    ],
    ids=["a bias ignored", "no shift", "strides misread"],
)
def test_four_draws_find_what_the_given_inputs_hide(mine, reference):
    """Else: zeros, small numbers and one order in memory hide a mistake."""
    assert not twofold.check(mine, reference, X).ok


@pytest.mark.parametrize("number", [0.0, np.nan, 1.0])
def test_inputs_that_are_all_one_number_are_drawn_anew(number):
    """Else: whatever is wrong matches on an array of zeros."""
    x = np.full((4, 3), number)
    assert not twofold.check(WRONG.arrays, torch.nn.SiLU(), x).ok
    report = twofold.check(RIGHT.arrays, torch.nn.SiLU(), x)
    assert report and report.draws == 4


def test_what_is_empty_is_said_to_be_no_proof():
    """Else: a match of no numbers is taken for one."""
    report = twofold.check(WRONG.arrays, torch.nn.SiLU(), np.zeros((0, 3)))
    assert "no number was compared" in report.notes[0]


def test_inputs_stay_what_they_are():
    """Else: a fresh draw of targets is no probability, and the reference refuses it."""

    def bce(p, t):
        p = np.clip(p, p.dtype.type(1e-12), 1 - p.dtype.type(1e-7))
        y = -np.mean(t * np.log(p) + (1 - t) * np.log1p(-p), dtype=p.dtype)
        return y, lambda g: g * (p - t) / (p * (1 - p)) / p.size

    p, t = RNG.random((5, 3)), (RNG.random((5, 3)) < 0.5).astype(float)
    report = twofold.check(bce, torch.nn.BCELoss(), p, t)
    assert report.ok and report.draws == 4


def test_made_inputs_are_taken_as_they_are():
    """Else: inputs of a form of their own are replaced by numbers that have none."""
    seen = []

    def make(rng):
        x = np.sort(rng.standard_normal(5))
        seen.append(x)
        return (x,)

    def mine(x):
        assert (np.diff(x) >= 0).all()
        return 2 * x, lambda dy: 2 * dy

    assert twofold.check(mine, lambda x: 2 * x, np.sort(X[0]), make=make).ok
    assert len(seen) == 3


def test_a_result_that_a_second_call_does_not_repeat_is_told():
    """Else: a kernel that remembers, or reads memory it never wrote, may pass."""
    calls = []

    def counting(x):
        calls.append(1)
        return x * len(calls), lambda dy: dy

    report = twofold.check(counting, lambda x: x * 1, X)
    assert not report.ok and report.cause == "unsettled"
    assert any("a second call with the same" in r.judgement.reason for r in report.rows)


def test_a_candidate_that_raises_in_a_later_draw_is_no_match():
    """Else: an error at other numbers ends the whole comparison, or counts as none."""

    def mine(x):
        if abs(x).max() > 50:
            raise ValueError("too large")
        return 2 * x, lambda dy: 2 * dy

    report = twofold.check(mine, lambda x: 2 * x, X)
    assert "mine raised ValueError: too large" in str(report)


# Precisions.


@pytest.mark.parametrize("dtype", [torch.bfloat16, "bfloat16", np.float16, "float64"])
def test_every_dtype_by_any_name(dtype):
    """Else: a kernel in bfloat16 cannot be judged."""
    report = twofold.check(
        TorchModule(RIGHT), torch.nn.SiLU(), X / 4, dtype=dtype, draws=2
    )
    assert report.ok, str(report)
    assert str(dtype).removeprefix("torch.").endswith(report.rows[0].dtype) or (
        report.rows[0].dtype == "float16"
    )
    narrow = str(dtype) != "float64"
    if narrow:
        x = RNG.standard_normal((64, 64))
        off = lambda x: torch.nn.functional.silu(x) * 1.03  # noqa: E731
        found = twofold.check(off, torch.nn.SiLU(), x, dtype=dtype, float64=False)
        assert not found.ok and "1 ±" in str(found)


@pytest.mark.parametrize("reference", ["jax", "arrays", "nn.Module"])
def test_what_saturates_carries_rounding_in_every_form_of_the_reference(reference):
    """Else: 1 - p, which float32 cannot hold near p = 1, is a mistake of correct code
    as soon as the reference is not PyTorch's."""
    x = np.array([[30.0, 0, -1, 2], [0.5, 25, 1, 0], [20, 1, 0, 2]])
    softmax = FORMULAS["softmax"]
    for seed in range(4):
        report = twofold.check(
            softmax.tensors,
            FORMS[reference](softmax),
            x,
            float64=False,
            draws=1,
            seed=seed,
        )
        assert report.ok, str(report)


def test_a_convention_is_one_without_float64_too():
    """Else: a kernel with another slope at a corner is told to be unsettled."""
    x = np.array([[-1.0, 0.3, 1.0, 2.0]] * 3)

    def clip(x):
        return np.clip(x, -1, 1), lambda dy: dy * (abs(x) <= 1)

    report = twofold.check(clip, torch.nn.Hardtanh(), x, float64=False, draws=1)
    assert (report.ok, report.cause) == (False, "convention")


def test_what_could_not_have_been_seen_is_said():
    """Else: a match in half precision is taken for a proof."""
    report = twofold.check(
        TorchModule(RIGHT), torch.nn.SiLU(), X, dtype="float16", float64=False, draws=1
    )
    assert "no error below" in report.notes[0] or "below" in report.notes[0]
    assert 0.005 < report.rows[0].judgement.resolution < 0.05
