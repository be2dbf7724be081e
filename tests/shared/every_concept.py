"""Every layer, loss and network with some of its cases, run on both sides."""

import copy
import zlib

import numpy as np
import pytest

from twofold import scratch
from twofold.compare.concepts.cases import CASES
from twofold.compare.concepts.cases.flavours import ORDINARY
from twofold.compare.concepts.cases.spec import Case, Dice
from twofold.compare.concepts.catalogue import Concept, concepts
from twofold.compare.concepts.checking import SIDES
from twofold.compare.judge.draw import compare_draw
from twofold.compare.numerics.sizes import Size
from twofold.compare.numerics.verdict import Evidence, judge
from twofold.compare.report.report import Report
from twofold.compare.sides.arrays import to_numpy
from twofold.compare.sides.trace import nest

DTYPES = ("float16", "float32", "float64")
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


def name_of(concept, *_) -> str:
    """What a test of its own is made for."""
    return concept.name


def sides(concept: Concept, case: Case, sizes=None):
    """Both sides of a case, and numbers for them; `sizes` fixes some size symbols."""
    dice = Dice([zlib.crc32(concept.name.encode())], 0)
    dice.flavour = ORDINARY  # sizes are what is tried here
    dice.sizes |= sizes or {}
    return SIDES[concept.family](concept, case, dice, 5, "cpu")[:3]


def assert_match(candidate, reference, feed, dtype=np.float64):
    report = Report("both sides", compare_draw(candidate, reference, feed, dtype))
    assert report.ok, str(report)


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
