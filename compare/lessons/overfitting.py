"""Learning by heart, and six ways against it."""

from dataclasses import replace

import numpy as np

from ..training.lesson import Lesson, Settings, Variant, predict
from ..training.measures import accuracy
from . import data

SAMPLES = 150  # to learn from: few enough to be learned by heart
WRONG = 30  # of their labels are made wrong on purpose
HELD_OUT = 120  # of the other samples, for early stopping


def few_digits():
    """Some digits, a fifth of them with a wrong label, as hasty people label."""
    digits = data.digits()
    rng = np.random.default_rng(0)
    y = digits.y_train[:SAMPLES].copy()
    y[:WRONG] = (y[:WRONG] + rng.integers(1, 10, WRONG)) % 10
    return replace(
        digits,
        name="a few digits, a fifth of the labels made wrong",
        x_train=digits.x_train[:SAMPLES],
        y_train=y,
    )


def build(side, width=128, dropout=0.0, l1=0.0, l2=0.0, patience=None):
    tree, arrays = side.tree, side.arrays
    model = side.ready(tree.models.MLP((64, width, width, 10), dropout=dropout))
    criterion = tree.nn.CrossEntropyLoss()
    if l1 or l2:
        criterion = tree.models.Penalised(criterion, model, l1, l2)
    optimizer = tree.optim.Adam(model.parameters(), lr=side.settings.lr)
    experiment = side.train(model, criterion, optimizer)
    if patience is not None:
        x, y = (side.array(arrays[f"{k}_test"][:HELD_OUT]) for k in "xy")

        def validate():
            logits = predict(tree, model, x)
            return -float(
                np.mean(_log_softmax(logits)[np.arange(len(y)), np.asarray(y)])
            )

        stopper = tree.training.EarlyStopping(model, validate, patience)
        experiment.loop = stopper.watch(experiment.loop)
        experiment.keepers = {"early stopping": stopper}
    return experiment


def _log_softmax(x):
    x = x - x.max(axis=1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))


def findings(o) -> list[str]:
    learned = accuracy(o.predict(o.data.x_train), o.data.y_train)
    held_out = accuracy(o.outputs["scratch"], o.target)
    return [f"learned {learned:.3f}, held out {held_out:.3f}"]


LESSON = Lesson(
    name="overfitting",
    title="Overfitting: 150 digits, a fifth mislabelled, learned by heart or not",
    shows=(
        "A fifth of the labels are wrong on purpose. A network with two hidden units "
        "cannot learn the samples; one with hundreds learns even the wrong ones by "
        "heart and pays for it on the others. "
        "Penalties (L2, L1), dropout and early stopping are switched on one at a time; "
        "the curves of training and held-out accuracy show what each buys. "
        "Both sides penalise, drop and stop at the same step."
    ),
    data=few_digits,
    defaults=Settings(epochs=60, batch_size=30, lr=3e-3),
    build=build,
    measures={"accuracy": accuracy},
    findings=findings,
    variants=(
        Variant("underfitted", {"width": 2}),
        Variant("overfitted"),
        Variant("L2", {"l2": 0.02}),
        Variant("L1", {"l1": 0.0008}),
        Variant("dropout", {"dropout": 0.5}),
        Variant("early stopping", {"patience": 4}),
    ),
)
