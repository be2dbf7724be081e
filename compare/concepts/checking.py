"""Checking a concept: many draws of each of its cases, one report."""

import time
import warnings
import zlib
from collections.abc import Iterator

import numpy as np
import torch

from twofold import scratch, torch_ref

from ..judge.draw import compare_draw
from ..judge.explain import explain
from ..judge.row import Rows, merge
from ..report.report import Report
from ..sides.arrays import cast_options, to_torch
from ..sides.modules import TorchSide, input_names
from ..sides.scratch_side import ScratchSide
from ..sides.steps import (
    BatchesSide,
    LoopSide,
    QuadraticSide,
    ScratchOptimiserSide,
    SparseSide,
    TorchOptimiserSide,
)
from ..sides.trace import Feed
from .cases import CASES
from .cases.optimisers import OptimiserCase, QuadraticCase
from .cases.spec import Dice
from .catalogue import Concept
from .initial import initial_rows
from .pairs.averages import averaging_sides
from .pairs.clipping import clipping_sides
from .pairs.initialisers import filling_sides
from .pairs.schedules import schedule_sides

# So many draws of each case, and more where a concept has few cases, since a mistake
# may show in a third of the draws only. All concepts take some 90 s on two cores.
DRAWS_OF_CASE = 6
DRAWS_OF_CONCEPT = 32


def default_draws(cases) -> int:
    """How many draws of each of a concept's cases `check_concept` makes."""
    return max(DRAWS_OF_CASE, -(-DRAWS_OF_CONCEPT // len(cases)))


def check_concept(
    concept: Concept,
    seed: int = 0,
    draws: int | None = None,
    dtypes=(np.float32,),
    device: str = "cpu",
    compiled: bool = False,
    until_found: bool = False,
) -> Report:
    """Parity of one concept over `draws` draws of each of its cases.

    Without a number it is `default_draws`. Every draw is judged in float64 and in each
    of `dtypes`; with `until_found` only up to the first that differs. The global random
    streams are left as they were found.
    """
    started = time.perf_counter()
    if concept.name not in CASES:
        raise LookupError(
            f"{concept.name} has no cases yet: add some in compare/concepts/cases"
        )
    cases = CASES[concept.name]
    command = f"twofold check {concept.name} --seed {seed}"
    if draws is None:
        draws = default_draws(cases)
    else:
        command += f" --draws {draws}"
    made = draws * len(cases)
    report = Report(concept.name, [], draws=made, command=command, seed=seed)
    with (
        warnings.catch_warnings(),
        torch.random.fork_rng(devices=[]),
        scratch.random.fork_rng(),
    ):
        # What a module warns its users of, at every call, is no news here.
        warnings.simplefilter("ignore", UserWarning)
        for number, draw, dtype in _draws(cases, draws, dtypes):
            pair = draw_pair(concept, number, draw, seed, device)
            if compiled and isinstance(pair[1], TorchSide):
                pair[1].compiled = True
            rows = compare_draw(*pair[:3], dtype)
            first = initial_rows(*pair[:2], seed) if draw == 0 else Rows()
            if report.ok and not all(row.ok for row in first):
                report.cause = "different functions"
                report.notes.append(f"case: {cases[number]}; initial values")
            elif report.ok and not all(row.ok for row in rows):
                report.explain(explain(*pair, rows, dtype))
                report.notes.append(f"case: {cases[number]}; draw {draw}")
            report.rows = merge(report.rows, [*rows, *first])
            if until_found and not report.ok:
                break
    report.seconds = time.perf_counter() - started
    return report


def _draws(cases, draws: int, dtypes) -> Iterator[tuple]:
    """Number of case and of draw, and dtype, of everything to be compared."""
    for number, case in enumerate(cases):
        for draw in range(draws):
            for dtype in getattr(case, "dtypes", dtypes):
                yield number, draw, dtype


def draw_pair(concept: Concept, number: int, draw: int, seed: int, device="cpu"):
    """One draw of one case, which these numbers alone determine.

    Returns both sides, what to feed them, and the names of their inputs.
    """
    case = CASES[concept.name][number]
    entropy = [seed, zlib.crc32(concept.name.encode()), number]
    dice = Dice(entropy, draw)
    feed_seed = int(dice.rng.integers(2**31))
    return SIDES[concept.family](concept, case, dice, feed_seed, device)


def _module_sides(concept, case, dice, seed, device):
    options, inputs = case.draw(dice)
    names = input_names(concept.torch.forward, len(inputs) + 1)[1:]

    def builder(tree, cls, convert):
        def build(dtype):
            own = cast_options(options, dtype, convert)
            return case.build(tree, **own) if case.build else cls(**own)

        return build

    build_scratch = builder(scratch, concept.scratch, lambda x: x)
    build_torch = builder(torch_ref, concept.torch, to_torch)
    reference = TorchSide(build_torch, names, device)
    feed = Feed(
        np.dtype(np.float64),
        inputs,
        _parameters(reference, seed, dice.rng),
        differentiable=case.differentiable,
        training=case.training,
        seed=seed,
    )
    upstream = reference.upstream(feed)
    feed = Feed(**{**vars(feed), "upstream": upstream})
    return ScratchSide(build_scratch, names), reference, feed, names


def _parameters(reference: TorchSide, seed: int, rng) -> dict[str, np.ndarray]:
    """As PyTorch draws them; in half of the draws moved by about a third of their
    spread, since weights that all start at 1 would hide a wrong axis.
    """
    parameters = reference.parameters(seed)
    if rng.random() < 0.5:
        return parameters
    return {
        name: np.asarray(p + 0.3 * (p.std() or 1) * rng.standard_normal(p.shape))
        if p.size
        else p
        for name, p in parameters.items()
    }


def _function_sides(concept, case, dice, seed, device):
    """A case's options are keywords of the call."""
    options, inputs = case.draw(dice)
    names = input_names(concept.scratch, len(inputs))
    functions = concept.scratch, concept.torch
    if case.build:
        functions = case.build(scratch), case.build(torch_ref)
    reference = TorchSide(lambda dtype: functions[1], names, device)
    feed = Feed(
        np.dtype(np.float64),
        inputs,
        {},
        differentiable=case.differentiable,
        seed=seed,
        options=options,
    )
    feed = Feed(**{**vars(feed), "upstream": reference.upstream(feed)})
    return ScratchSide(lambda dtype: functions[0], names), reference, feed, names


def _optimiser_sides(concept, case, dice, seed, device):
    parameters, steps = case.draw(dice)

    def builder(optimiser):
        def build(params):
            if not getattr(case, "group", None):
                return optimiser(params, **case.options)
            groups = [{"params": params[:2]}, {"params": params[2:], **case.group}]
            return optimiser(groups, **case.options)

        return build

    builders = [(concept.scratch, scratch), (concept.torch, torch_ref)]
    if isinstance(case, OptimiserCase):
        inputs = tuple(gradient for step in steps for gradient in step)
        kinds = ScratchOptimiserSide, TorchOptimiserSide
        sides = [
            kind(builder(optimiser), case.inner_roundoff)
            for kind, (optimiser, _) in zip(kinds, builders, strict=True)
        ]
        for side in sides:
            side.clears = True
    else:
        inputs = steps
        kind = QuadraticSide if isinstance(case, QuadraticCase) else SparseSide
        sides = [kind(builder(optimiser), tree) for optimiser, tree in builders]
    feed = Feed(np.dtype(np.float64), inputs, parameters, seed=seed)
    return *sides, feed, []


def _training_sides(concept, case, dice, seed, device):
    options, inputs = case.draw(dice)
    side = BatchesSide if concept.name == "training.batches" else LoopSide
    loops = concept.scratch, concept.torch
    if case.build:
        loops = case.build(scratch), case.build(torch_ref)
    candidate = side(loops[0], options, scratch)
    reference = side(loops[1], options, torch_ref)
    parameters = None if side is BatchesSide else reference.parameters(seed)
    feed = Feed(np.dtype(np.float64), inputs, parameters, seed=seed)
    return candidate, reference, feed, []


SIDES = {
    "nn": _module_sides,
    "models": _module_sides,
    "nn.functional": _function_sides,
    "nn.init": filling_sides,
    "nn.utils": clipping_sides,
    "nn.utils.rnn": _function_sides,
    "optim": _optimiser_sides,
    "optim.lr_scheduler": schedule_sides,
    "optim.swa_utils": averaging_sides,
    "training": _training_sides,
}
