"""What every layer, loss and network keeps to, whatever it computes.

All runs over the harness's own cases, so a new concept is held to the same conventions
without a line here.
"""

import inspect
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from each import each
from every_concept import (
    ALL,
    CONCEPTS,
    DTYPES,
    EACH,
    MODULES,
    WITH_NETWORKS,
    ByHand,
    assert_match,
    assert_same_arrays,
    assert_sum,
    name_of,
    outcome,
    sides,
)
from twofold import scratch
from twofold.compare.concepts.cases import CASES
from twofold.compare.concepts.cases.spec import Dice
from twofold.compare.sides.arrays import to_torch
from twofold.compare.sides.trace import flatten as outputs_of
from twofold.compare.sides.trace import is_floating, over

pytestmark = [
    pytest.mark.usefixtures("random_streams"),
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides"),  # KLDivLoss
]
NOT_FINITE = {"NaN": np.nan, "+inf": np.inf, "-inf": -np.inf}
# The adaptive softmax has its loss beside its output.
OUTPUT_AND_LOSS = "nn.AdaptiveLogSoftmaxWithLoss"
LOSSES = [n for n in CONCEPTS if n.endswith("Loss") and n != OUTPUT_AND_LOSS]
HUGE = [(np.float32, 1e4), (np.float32, 1e30), (np.float64, 1e30)]
ROW_NORMS = ("nn.GroupNorm", "nn.LayerNorm")


def takes_old_names(name):
    """Whether PyTorch's class still has `size_average` and `reduce`."""
    return "size_average" in inspect.signature(CONCEPTS[name].torch).parameters


@each("dtype", DTYPES)
@each(("concept", "case"), ALL, by=name_of)
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


@each(("concept", "case"), WITH_NETWORKS, by=name_of)
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


@each(("concept", "case"), WITH_NETWORKS, by=name_of)
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


@each(("concept", "case"), WITH_NETWORKS, by=name_of)
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


GAPS = [(every_other, *case.values) for case in EACH]
AXES = [(transposed, *case.values) for case in ALL]


@each(("layout", "concept", "case"), AXES + GAPS, by=lambda _, c, case: c.name)
def test_memory_layout_changes_no_number_and_no_mask(layout, concept, case):
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
@each("sizes", EXTREME_SIZES, ids=str)
@each("concept", MODULES, by=name_of)
def test_no_sample_one_sample_no_feature_and_no_dimension(concept, sizes):
    """Else: the last, short or empty batch of an epoch breaks, or a mean is wrong."""
    for case in CASES.get(concept.name, ()):
        if sizes.keys() & sizes_of(case):
            assert_match(*sides(concept, case, sizes))


@each("value", NOT_FINITE)
@each("where", ["input", "upstream"])
@each(("concept", "case"), EACH, by=name_of)
def test_nan_and_infinity_come_out_where_pytorch_has_them(concept, case, where, value):
    """Else: a diverged training looks sane, or a sane one is poisoned."""
    # Which ones, depends on how wide the processor's vectors are.
    through_a_norm = concept.name in ROW_NORMS or "Transformer" in concept.name
    if where == "upstream" and value != "NaN" and through_a_norm:
        return  # PyTorch has x (inf) - mean (inf) where the formula has one inf
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


@each(("dtype", "size"), HUGE)
@each(("concept", "case"), ALL, by=name_of)
def test_huge_values_stay_finite_where_pytorch_does(concept, case, dtype, size):
    """Else: one confident logit turns the loss into NaN."""
    if concept.name in ROW_NORMS and dtype == np.float32 and size == 1e30:
        return  # PyTorch's variance is inf in rows of mean 0, and NaN in others
    if concept.name == "nn.Bilinear" and dtype == np.float32 and size == 1e30:
        return  # PyTorch's products overflow; fused with their sum they do not
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


@each("name", LOSSES)
def test_a_loss_for_each_element_needs_a_gradient_for_each(name):
    """Else: `back()` silently sums what the user asked not to be reduced."""
    case = next(c for c in CASES[name] if c.options.get("reduction") == "none")
    candidate, reference, feed = sides(CONCEPTS[name], case, {"N": 3, "D": 4})
    _, back = candidate.make(feed)(*feed.inputs)
    with pytest.raises(RuntimeError, match="shape"):
        back()
    prediction, *others = map(to_torch, feed.inputs)
    loss = reference.make(feed)(prediction.requires_grad_(), *others)
    with pytest.raises(RuntimeError, match="scalar outputs"):
        loss.backward()


@each("dtype", DTYPES)
@each("name", LOSSES)
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


@each(("concept", "case"), EACH, by=name_of)
def test_an_upstream_gradient_is_converted_to_the_dtype_of_the_output(concept, case):
    """Else: one float64 gradient turns all that follow it into float64."""
    hand = ByHand(concept, case, np.float32)
    _, back = hand.module(*hand.inputs)
    wide = back(*over(lambda dy: dy.astype(np.float64), hand.dys))
    assert_same_arrays(wide, back(*hand.dys))


@each("reduce", [None, True, False])
@each("size_average", [None, True, False])
@each("name", [n for n in LOSSES if takes_old_names(n)])
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
