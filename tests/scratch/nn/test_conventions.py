"""What every layer, loss and network keeps to, whatever it computes.

The first half runs over the harness's own cases, so a new concept is held to the same
conventions without a line here. The second half fixes single points: kinks and ties,
ignored targets, the order in which random masks meet memory.
"""

import copy
import inspect
import zlib
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

import scratch
import torch_ref
from compare.cases import CASES
from compare.cases.spec import Case, Dice, Value
from compare.catalogue import Concept, concepts
from compare.checking import SIDES
from compare.numerics import Evidence, Size, judge
from compare.parity import compare_draw
from compare.report import Report
from compare.sides import to_numpy, to_torch
from compare.tables import difference_lines
from compare.trace import flatten as outputs_of
from compare.trace import is_floating, nest, over

pytestmark = [
    pytest.mark.usefixtures("random_streams"),
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides"),  # KLDivLoss
]

DTYPES = ("float16", "float32", "float64")
NOT_FINITE = {"NaN": np.nan, "+inf": np.inf, "-inf": -np.inf}
FAMILIES = ("nn", "models")  # layers and losses; and whole networks of them
FEW = 3  # cases of each concept: the first, the last, and one between


def few(cases):
    """At most FEW of them, evenly spread."""
    last = len(cases) - 1
    chosen = {k * last // (FEW - 1) for k in range(FEW)} if cases else ()
    return [cases[i] for i in sorted(chosen)]


CONCEPTS = {name: c for name, c in concepts().items() if c.family in FAMILIES}
WITH_NETWORKS = [
    pytest.param(concept, case, id=f"{name}: {case}")
    for name, concept in CONCEPTS.items()
    for case in few(CASES.get(name, ()))
]
# What holds at infinity, of nothing at all, or in float16 is the layers' own matter.
CONCEPTS = {name: c for name, c in CONCEPTS.items() if c.family == "nn"}
MODULES = [pytest.param(concept, id=name) for name, concept in CONCEPTS.items()]
ALL = [p for p in WITH_NETWORKS if p.values[0].name in CONCEPTS]
# One case of each concept, for what does not depend on its options.
EACH = [
    pytest.param(concept, CASES[name][0], id=name)
    for name, concept in CONCEPTS.items()
    if name in CASES
]
LOSSES = [name for name in CONCEPTS if name.endswith("Loss")]
ROW_NORMS = ("nn.GroupNorm", "nn.LayerNorm")


def takes_old_names(name):
    """Whether PyTorch's class still has `size_average` and `reduce`."""
    return "size_average" in inspect.signature(CONCEPTS[name].torch).parameters


def sides(concept: Concept, case: Case, sizes=None):
    """Both sides of a case, and numbers for them; `sizes` fixes some size symbols."""
    dice = Dice([zlib.crc32(concept.name.encode())], 0)
    dice.sizes |= sizes or {}
    return SIDES[concept.family](concept, case, dice, 5, "cpu")[:3]


def assert_match(candidate, reference, feed, dtype=np.float64):
    report = Report("both sides", compare_draw(candidate, reference, feed, dtype))
    assert report.ok, "\n".join(difference_lines(report))


def outcome(side, feed):
    """A trace, or the class of the error that stands in its place."""
    try:
        return side.run(feed)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        return type(error)


class ByHand:
    """A case on scratch's side, called directly: the harness would copy the arrays."""

    def __init__(self, concept, case, dtype=np.float64):
        candidate, _, feed = sides(concept, case)
        self.feed = feed.cast(dtype)
        self.inputs = self.feed.inputs
        self.module = candidate.build(np.dtype(dtype)).train(feed.training).to(dtype)
        self.module.load_state_dict(self.feed.parameters, strict=False)
        self.dys = self.feed.upstream
        if len(self.dys) > 1:  # in the nesting of the outputs
            with np.errstate(all="ignore"):
                output, _ = copy.deepcopy(self.module)(*self.inputs)
            self.dys = nest(output, iter(self.dys))
        scratch.manual_seed(1)

    def gradients(self) -> dict[str, np.ndarray]:
        return {
            name: to_numpy(p.grad)
            for name, p in self.module.named_parameters()
            if p.grad is not None
        }


def assert_same_arrays(some, others):
    """Equal bit for bit, None where the other is None."""
    if isinstance(others, tuple):
        assert len(some) == len(others)
        for a, b in zip(some, others, strict=True):
            assert_same_arrays(a, b)
        return
    assert (some is None) == (others is None)
    if others is not None:
        np.testing.assert_array_equal(some, others, strict=True)


def assert_sum(actual, some, others):
    """Equal to the sum, but for the order of additions where a layer is used twice."""
    carrier = Size.of(some) | Size.of(others)
    judgement = judge(Evidence(actual, some + others, carrier=carrier))
    assert judgement.verdict == "match", judgement


# What holds for every concept.


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("concept", "case"), ALL)
def test_the_dtype_of_the_input_is_the_dtype_of_everything(concept, case, dtype):
    """Else: a silent float64 doubles the time, or a gradient is less precise."""
    hand = ByHand(concept, case, dtype)
    with np.errstate(all="ignore"):  # half precision overflows, and may
        output, back = hand.module(*hand.inputs)
        gradients = back(*hand.dys)
    results = dict(outputs_of(output)) | dict(outputs_of(gradients, "gradient"))
    results |= hand.gradients()
    kinds = {
        name: array.dtype.name
        for name, array in results.items()
        if np.issubdtype(array.dtype, np.floating)
    }
    assert kinds == dict.fromkeys(kinds, dtype)
    assert {"output", "output 0"} & kinds.keys()
    floats = [y for _, y in outputs_of(output) if is_floating(y)]
    assert len(kinds) > len(floats), "no gradient"
    assert all(isinstance(y, np.ndarray) for _, y in outputs_of(output))


@pytest.mark.parametrize(("concept", "case"), WITH_NETWORKS)
def test_nothing_that_was_given_is_written_to(concept, case):
    """Else: a caller's batch, targets or gradients change behind his back."""
    hand = ByHand(concept, case)
    given = [array for _, array in outputs_of((hand.inputs, hand.dys))]
    if not getattr(hand.module, "max_norm", None):  # an embedding's, to be enforced
        given += hand.module.state_dict().values()
    given = [array for array in given if isinstance(array, np.ndarray)]
    before = [array.copy() for array in given]
    for array in given:
        array.flags.writeable = False  # a write raises, where it happens
    for buffer in hand.module.buffers():  # running statistics are the layer's own
        buffer.flags.writeable = True
    _, back = hand.module(*hand.inputs)
    back(*hand.dys)
    for array, was in zip(given, before, strict=True):
        if not array.flags.writeable:
            assert np.array_equal(array, was, equal_nan=array.dtype.kind == "f")


@pytest.mark.parametrize(("concept", "case"), WITH_NETWORKS)
def test_each_call_has_its_own_way_back_and_gradients_add(concept, case):
    """Else: an unrolled cell or a siamese net gets the gradients of its last call."""
    both, first, second = (ByHand(concept, case) for _ in range(3))
    more = over(lambda x: np.asarray(x * 0.5) if is_floating(x) else x, both.inputs)
    scratch.manual_seed(1)
    _, back_of_first = both.module(*both.inputs)
    _, back_of_second = both.module(*more)
    scratch.manual_seed(1)
    _, back_of_first_alone = first.module(*both.inputs)
    _, back_of_second_alone = second.module(*more)

    # The later call goes back first: nothing may depend on the order.
    assert_same_arrays(back_of_second(*both.dys), back_of_second_alone(*both.dys))
    assert_same_arrays(back_of_first(*both.dys), back_of_first_alone(*both.dys))
    once, again = second.gradients(), first.gradients()
    assert both.gradients().keys() == once.keys() == again.keys()
    for name, gradient in both.gradients().items():
        assert_sum(gradient, once[name], again[name])


@pytest.mark.parametrize(("concept", "case"), WITH_NETWORKS)
def test_a_way_back_may_be_taken_twice(concept, case):
    """Else: it uses up or overwrites what it needs, and the second time is wrong."""
    hand = ByHand(concept, case)
    _, back = hand.module(*hand.inputs)
    first = back(*hand.dys)
    first = over(np.copy, first)
    once = {name: gradient.copy() for name, gradient in hand.gradients().items()}
    assert_same_arrays(back(*hand.dys), first)
    for name, gradient in hand.gradients().items():
        assert_sum(gradient, once[name], once[name])


def transposed(x):
    """Equal numbers, the first dimension being the densest in memory."""
    if isinstance(x, np.ndarray):
        return x.T.copy().T
    if not isinstance(x, torch.Tensor):
        return x
    order = tuple(range(x.ndim))[::-1]
    return x.permute(order).contiguous().permute(order)


def every_other(x):
    """Equal numbers, with a gap after each."""
    if np.ndim(x) == 0 or x is None:
        return x
    if isinstance(x, np.ndarray):
        return np.repeat(x, 2, axis=-1)[..., ::2]
    return x.repeat_interleave(2, dim=-1)[..., ::2]


def as_it_is(x):
    return x


class ScratchLaidOut(scratch.nn.Module):
    """A module whose inputs and upstream gradients are laid out in another way."""

    def __init__(self, inner, layout):
        self.inner, self.layout = inner, layout

    def forward(self, *inputs):
        output, back = self.inner(*over(self.layout, inputs))
        return output, lambda *dys: back(*over(self.layout, dys))


class TorchLaidOut(torch.nn.Module):
    def __init__(self, inner, layout):
        super().__init__()
        self.inner, self.layout = inner, layout

    def forward(self, *inputs):
        return self.inner(*over(self.layout, inputs))


@pytest.mark.parametrize("layout", [transposed, every_other])
@pytest.mark.parametrize(("concept", "case"), ALL)
def test_memory_layout_changes_no_number_and_no_mask(concept, case, layout):
    """Else: a transposed batch gives wrong results, or drops other units than torch."""
    candidate, reference, feed = sides(concept, case, {"...": [3, 4, 2]})
    inner, inner_reference = candidate.build, reference.build
    candidate.build = lambda dtype: ScratchLaidOut(inner(dtype), layout)
    reference.build = lambda dtype: TorchLaidOut(inner_reference(dtype), layout)
    parameters = {f"inner.{name}": value for name, value in feed.parameters.items()}
    feed = replace(feed, parameters=parameters)
    if outcome(reference, feed) is RuntimeError:  # NLLLoss in 4-d: torch refuses it
        reference.build = lambda dtype: TorchLaidOut(inner_reference(dtype), as_it_is)
    assert_match(candidate, reference, feed)


EXTREME_SIZES = [
    {"N": 0, "...": [0]},
    {"N": 1, "...": [1]},
    {"...": []},
    {"...": [3, 0, 2]},
    {"C": 1, "D": 1},
    {"D": 0},
]


def sizes_of(case) -> set[str]:
    """The size symbols that a case has."""
    dice = Dice([0], 0)
    case.draw(dice)
    return set(dice.sizes)


@pytest.mark.filterwarnings("ignore:Initializing zero-element")
@pytest.mark.filterwarnings("ignore:std_mean")
@pytest.mark.parametrize("sizes", EXTREME_SIZES, ids=str)
@pytest.mark.parametrize("concept", MODULES)
def test_no_sample_one_sample_no_feature_and_no_dimension(concept, sizes):
    """Else: the last, short or empty batch of an epoch breaks, or a mean is wrong."""
    for case in CASES.get(concept.name, ()):
        if sizes.keys() & sizes_of(case):
            assert_match(*sides(concept, case, sizes))


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("where", ["input", "upstream"])
@pytest.mark.parametrize(("concept", "case"), EACH)
def test_nan_and_infinity_come_out_where_pytorch_has_them(concept, case, where, value):
    """Else: a diverged training looks sane, or a sane one is poisoned."""
    if where == "upstream" and value != "NaN" and concept.name in ROW_NORMS:
        pytest.skip("PyTorch has x (inf) - mean (inf) where the formula has one inf")
    candidate, reference, feed = sides(concept, case, {"N": 3, "D": 4, "...": [2, 3]})

    def spoiled(x, wanted=True):
        if isinstance(x, tuple):
            return over(spoiled, x)
        if not (wanted and is_floating(x)):
            return x
        x = x.copy()
        x[(0,) * x.ndim] = NOT_FINITE[value]
        return x

    if where == "input":
        inputs = tuple(map(spoiled, feed.inputs, feed.differentiable))
        feed = replace(feed, inputs=inputs)
    else:
        feed = replace(feed, upstream=tuple(map(spoiled, feed.upstream)))
    with np.errstate(all="ignore"):
        mine, theirs = outcome(candidate, feed), outcome(reference, feed)
        if isinstance(mine, type) or isinstance(theirs, type):
            assert mine is theirs
        else:
            assert_match(candidate, reference, feed)


@pytest.mark.parametrize("size", [1e4, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("concept", "case"), ALL)
def test_huge_values_stay_finite_where_pytorch_does(concept, case, dtype, size):
    """Else: one confident logit turns the loss into NaN."""
    if concept.name in ROW_NORMS and dtype == np.float32 and size == 1e30:
        pytest.skip("PyTorch's variance is inf in rows of mean 0, and NaN in others")
    candidate, reference, feed = sides(concept, case, {"N": 3, "D": 4, "...": [2, 3]})

    def huge(x):
        return np.where(x < np.median(x), -size, size) if is_floating(x) else x

    inputs = tuple(
        over(huge, x) if wanted else x
        for x, wanted in zip(feed.inputs, feed.differentiable, strict=True)
    )
    feed = replace(feed, inputs=inputs).cast(dtype)
    with sdpa_kernel(SDPBackend.MATH):  # the fused one makes 0 of NaN for few keys
        theirs = outcome(reference, feed)
    if isinstance(theirs, type):
        assert outcome(candidate, feed) is theirs
        return
    finite = all(np.isfinite(x).all() for x in theirs.values())
    with np.errstate(**({} if finite else {"all": "ignore"})):
        mine = candidate.run(feed)
    assert list(mine) == list(theirs)
    for name, array in theirs.items():
        np.testing.assert_array_equal(np.isnan(mine[name]), np.isnan(array), name)
        np.testing.assert_array_equal(np.isinf(mine[name]), np.isinf(array), name)


# Single points.


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


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("layout", LAYOUTS)
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


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("weight", [None, WEIGHTLESS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize(
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


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_for_each_element_needs_a_gradient_for_each(name):
    """Else: `back()` silently sums what the user asked not to be reduced."""
    case = next(c for c in CASES[name] if c.options.get("reduction") == "none")
    candidate, reference, feed = sides(CONCEPTS[name], case, {"N": 3, "D": 4})
    _, back = candidate.build(np.dtype(float))(*feed.inputs)
    with pytest.raises(RuntimeError, match="shape"):
        back()
    prediction, *others = map(to_torch, feed.inputs)
    loss = reference.build(np.dtype(float))(prediction.requires_grad_(), *others)
    with pytest.raises(RuntimeError, match="scalar outputs"):
        loss.backward()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LOSSES)
def test_a_scalar_loss_starts_from_one_and_takes_any_number(name, dtype):
    """Else: scaling a loss does not scale its gradient, or changes its dtype."""
    hand = ByHand(CONCEPTS[name], CASES[name][0], dtype)
    with np.errstate(all="ignore"):
        _, back = hand.module(*hand.inputs)
        assert_same_arrays(back(), back(1.0))
        ones, noughts = back(), back(np.float64(0))
        if not isinstance(ones, tuple):
            ones, noughts = (ones,), (noughts,)
        assert_same_arrays(noughts, tuple(d if d is None else 0 * d for d in ones))


@pytest.mark.parametrize(("concept", "case"), EACH)
def test_an_upstream_gradient_is_converted_to_the_dtype_of_the_output(concept, case):
    """Else: one float64 gradient turns all that follow it into float64."""
    hand = ByHand(concept, case, np.float32)
    _, back = hand.module(*hand.inputs)
    wide = back(*over(lambda dy: dy.astype(np.float64), hand.dys))
    assert_same_arrays(wide, back(*hand.dys))


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


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize(
    ("input", "target"), [((4, 1), (4,)), ((3,), (2, 1)), ((2, 3), ()), ((1,), (5,))]
)
@pytest.mark.parametrize(
    "name", ["nn.MSELoss", "nn.L1Loss", "nn.HuberLoss", "nn.SmoothL1Loss"]
)
def test_unequal_shapes_warn_and_are_broadcast(name, input, target, reduction):
    """Else: the classic (N, 1) against (N) goes unnoticed, or its gradient is wrong."""
    rng = np.random.default_rng(0)
    pair = rng.standard_normal(input), rng.standard_normal(target)
    with pytest.warns(UserWarning, match="target"):
        assert_close(*pinned(name, *pair, reduction=reduction))


@pytest.mark.parametrize("reduce", [None, True, False])
@pytest.mark.parametrize("size_average", [None, True, False])
@pytest.mark.parametrize("name", [n for n in LOSSES if takes_old_names(n)])
def test_the_old_names_of_reductions_mean_what_they_meant(name, size_average, reduce):
    """Else: code written for `size_average` gets another reduction."""
    if size_average is None and reduce is None:
        assert CONCEPTS[name].scratch().reduction == "mean"
        return
    options = {"size_average": size_average, "reduce": reduce}
    with pytest.warns(UserWarning, match="size_average and reduce"):
        mine = CONCEPTS[name].scratch(**options)
    with pytest.warns(UserWarning, match="size_average and reduce"):
        theirs = CONCEPTS[name].torch(**options)
    assert mine.reduction == theirs.reduction
