"""Backpropagation in three words, on students and digits."""

import numpy as np
import torch

from twofold import scratch

from ..training.lesson import TREES, Lesson, LessonSide, Settings, Variant, predict
from .data import basics
from .figures.basics import answer_of
from .figures.plane import decision_surface
from .standardised import standardise_inputs

HIDDEN = {"students": 3, "digits": 30}
STUDENT = (5.0, 9.0)  # lectures attended, hours of study
PESSIMISM = 2.2  # the first log-odds of failing: 0.9 to 0.1
DATA = {"students": basics.students, "digits": basics.digits_one_hot}
SURFACE = decision_surface(0.5, 0.5)


def prepare(tree, arrays: dict) -> dict:
    """Lectures and hours on one scale; pixels as they are."""
    few = arrays["x_train"].shape[1] == 2
    return standardise_inputs(tree, arrays) if few else arrays


def build(side, loop):
    tree = side.tree
    model = side.ready(network(side))
    criterion = tree.models.HalfSquaredError()
    optimizer = tree.optim.SGD(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion, optimizer, getattr(tree.training, loop))


def network(side):
    inputs, outputs = (side.arrays[k].shape[1] for k in ("x_train", "y_train"))
    students = outputs == 1
    hidden = HIDDEN["students" if students else "digits"]
    model = side.tree.models.ErrorSlopeDelta((inputs, hidden, outputs))
    if students:
        side.tree.nn.init.constant_(model.layers[1].bias, PESSIMISM)
    return model


def right(output, target) -> float:
    if target.shape[1] == 1:
        return float(np.mean((output > 0.5) == (target > 0.5)))
    return float(np.mean(output.argmax(axis=1) == target.argmax(axis=1)))


def student(o) -> np.ndarray:
    raw = o.data.x_train
    return (np.array([STUDENT]) - raw.mean(axis=0)) / raw.std(axis=0)


def plane_and_answer(o):
    """Of the students, who can be drawn."""
    if o.data.name == "students":
        yield from SURFACE(o)
        yield from answer_of("answer for 5 lectures and 9 hours", student(o))(o)


def findings(o) -> list[str]:
    """What the network says of one student, before training and after."""
    if o.data.name != "students":
        return []
    before, after = {}, {}
    with torch.random.fork_rng(devices=[]), scratch.random.fork_rng():
        for name, experiment in o.sides.items():
            tree, dtype = TREES[name], np.dtype(o.settings.dtype)
            arrays = {"x_train": experiment.x, "y_train": experiment.y}
            side = LessonSide(tree, arrays, o.settings, dtype)
            tree.manual_seed(o.settings.seed)
            fresh = predict(tree, side.ready(network(side)), side.array(student(o)))
            before[name] = float(fresh[0, 0])
            after[name] = float(o.predict(student(o), name)[0, 0])
    said = [
        f"{when}: " + ", ".join(f"{side} {p:.4f}" for side, p in found.items())
        for when, found in (("untrained", before), ("trained", after))
    ]
    return [
        "does a student with 5 lectures and 9 hours of study fail? (he need not) "
        + "; ".join(said)
    ]


LESSON = Lesson(
    name="error-slope-delta",
    title="Backpropagation in the textbook's words: error, slope, delta",
    shows=(
        "At the output the error is prediction minus target; in a hidden layer it is "
        "what the layer above hands down through its weights. "
        "Error times the slope of the activation is delta, and delta times the layer's "
        "inputs is the gradient of its weights: the very numbers of autograd. "
        "The untrained network is 90% sure that a diligent (made-up) student fails; "
        "trained on the whole batch or sample by sample it no longer is."
    ),
    data=lambda of: DATA[of](),
    defaults=Settings(),
    prepare=prepare,
    build=build,
    measures={"accuracy": right},
    watch=(plane_and_answer,),
    findings=findings,
    variants=tuple(
        Variant(
            f"{of}, {words}",
            {"of": of, "loop": loop},
            {"epochs": epochs, "lr": lr, "batch_size": batch_size},
        )
        for of, words, loop, epochs, lr, batch_size in (
            ("students", "batch", "full_batch", 400, 3.0, 200),
            ("students", "sample by sample", "single_sample", 5, 0.5, 1),
            ("digits", "batch", "full_batch", 300, 40.0, 1437),
            ("digits", "sample by sample", "single_sample", 1, 10.0, 1),
        )
    ),
    options={"of": "students", "loop": "full_batch"},
    data_options=("of",),
)
