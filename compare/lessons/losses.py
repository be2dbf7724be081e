"""Losses: their shape, their gradient, and what an outlier does."""

import numpy as np

from twofold import scratch, torch_ref

from ..sides.arrays import to_numpy, to_torch
from ..training.lesson import Demonstration
from .figures.functions import Curve, fits, function_panels, values_and_slopes

LINE = np.linspace(-3, 3, 121)
CHANCES = np.linspace(0.02, 0.98, 97)
POINTS, OUTLIER = 20, 12.0
STEPS, RATE = 200, 0.1
SEED = 0

REGRESSION = {
    "half squared error": lambda tree: tree.models.HalfSquaredError(),
    "MSE": lambda tree: tree.nn.MSELoss(),
    "MAE": lambda tree: tree.nn.L1Loss(),
    "Huber": lambda tree: tree.nn.HuberLoss(),
}


def draw_pairs(rng, n: int) -> dict:
    """Each loss with inputs and targets to check it on."""
    x, t = rng.standard_normal((2, n, 3))
    p = rng.uniform(0.05, 0.95, (n, 3))
    yes = (rng.random((n, 3)) < 0.5).astype(float)
    classes = rng.integers(0, 3, n)
    inputs = {name: (make, x, t) for name, make in REGRESSION.items()}
    inputs["BCE"] = lambda tree: tree.nn.BCELoss(), p, yes
    inputs["BCE of logits"] = lambda tree: tree.nn.BCEWithLogitsLoss(), x, yes
    inputs["cross-entropy"] = lambda tree: tree.nn.CrossEntropyLoss(), x, classes
    inputs["NLL"] = lambda tree: tree.nn.NLLLoss(), np.log(p), classes
    return inputs


def given(criterion, target):
    """The loss as a function of its prediction."""

    def of(x):
        if isinstance(x, np.ndarray):
            t = target.astype(x.dtype) if target.dtype.kind == "f" else target
            loss, back = criterion(x, t)
            return loss, back
        t = to_torch(target)
        return criterion(x, t.to(x.dtype) if t.is_floating_point() else t)

    return of


def show(stage) -> None:
    for name, (make, x, t) in draw_pairs(np.random.default_rng(SEED), 8).items():
        stage.check(name, given(make(scratch), t), given(make(torch_ref), t), x)

    # Shapes and slopes.
    def curve(name, make, x, target, as_input=lambda x: x):
        return Curve(
            name,
            values_and_slopes(stage.dtype, make(scratch), x, target, as_input),
            values_and_slopes(stage.dtype, make(torch_ref), x, target, as_input),
        )

    errors = [curve(n, make, LINE, np.zeros(1)) for n, make in REGRESSION.items()]
    chances = [curve("BCE", lambda t: t.nn.BCELoss(), CHANCES, np.ones(1))]
    first = np.zeros(1, np.int64)
    logits = [
        curve("BCE", lambda t: t.nn.BCEWithLogitsLoss(), LINE * 2, np.ones(1)),
        curve(
            "cross-entropy of (z, 0)",
            lambda t: t.nn.CrossEntropyLoss(),
            LINE * 2,
            first,
            lambda z: np.stack([z, 0 * z], axis=1),
        ),
    ]
    panels = {
        "prediction - target": (LINE, errors),
        "probability of the right answer": (CHANCES, chances),
        "logit of the right answer": (LINE * 2, logits),
    }
    for name, each in {c.name: c for c in errors}.items():
        far, near = (float(each.mine[1][np.abs(LINE - at).argmin()]) for at in (3, 0.5))
        stage.say(f"{name}: slope {near:+.4f} at an error of 0.5, {far:+.4f} at 3")

    # An outlier.
    x = np.linspace(-1, 1, POINTS)[:, None]
    y = x + 0.1 * np.random.default_rng(SEED).standard_normal(x.shape)
    spoilt = y.copy()
    spoilt[-1] = OUTLIER
    lines = {}
    for name, make in REGRESSION.items():
        for target, what in ((y, ""), (spoilt, ", outlier")):
            pair = (first_step(tree, make, target) for tree in (scratch, torch_ref))
            stage.check(f"first step under {name}{what}", *pair, x)
        lines[name] = [
            fitted(tree, make, spoilt, stage.dtype, x) for tree in (scratch, torch_ref)
        ]
        (slope, _), (slope_torch, _) = lines[name]
        stage.say(
            f"{name}: with one made-up outlier the slope of 1 is taken for "
            f"{slope:.4f} by hand, {slope_torch:.4f} by torch"
        )
    stage.show("losses", function_panels(panels))
    stage.show("outlier", fits(x, spoilt, lines))


def first_step(tree, make, target):
    """Slope and intercept after one step, as a function of the places."""

    def of(x):
        model = trained(tree, make, x, target, steps=1)
        weights = tuple(p.data.reshape(-1) for p in model.parameters())
        return (weights, lambda *_: None) if tree is scratch else weights

    return of


def fitted(tree, make, target, dtype, x) -> tuple[float, float]:
    x = x.astype(dtype)
    model = trained(tree, make, x if tree is scratch else to_torch(x), target)
    return tuple(float(to_numpy(p.data).reshape(-1)[0]) for p in model.parameters())


def trained(tree, make, x, target, steps=STEPS):
    model = tree.models.LinearRegression(1)
    if tree is scratch:
        model, y = model.to(x.dtype), target.astype(x.dtype)
    else:
        x = x.detach()
        model, y = model.to(x.dtype), to_torch(target).to(x.dtype)
    for p in model.parameters():
        tree.nn.init.zeros_(p)
    optimizer = tree.optim.SGD(model.parameters(), lr=RATE)
    for _ in tree.training.full_batch(model, make(tree), optimizer, x, y, steps):
        pass
    return model


LESSON = Demonstration(
    name="losses",
    title="Losses: their shape, their gradient, and what an outlier does",
    shows=(
        "The slope of a squared error grows with the error, so one outlier outweighs "
        "many good points; that of the absolute error does not grow at all, and "
        "Huber's loss is squared near 0 and absolute far away. "
        "Cross-entropy punishes a confident wrong answer without bound, and yet its "
        "slope for the logit never passes 1. "
        "The same line is fitted under each loss to made-up points, one of them far "
        "off."
    ),
    show=show,
)
