"""Gates carry what a plain recurrent network forgets."""

import math

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import accuracy, surprise
from .data.networks import LETTERS, RECALL_CLASSES, sequences
from .figures import text as figures

WIDTH, HIDDEN = 8, 32
ON_NAMES = {"width": 16, "hidden": 64}
DISTANCE = 60
NEARLY_SHUT = -2.0


def remember(layer, cell: str, distance: int) -> None:
    """Gates that keep the state for about so many steps (Tallec and Ollivier 2018).

    The second quarter of an LSTM's biases belongs to the gate that forgets, the second
    third of a GRU's to the one that renews; both keep sigmoid(bias) of the state. The
    first quarter of an LSTM's belongs to the gate that lets in: little noise, at first.
    """
    if cell != "RNN":
        layer.bias_ih_l0.data[HIDDEN : 2 * HIDDEN] = math.log(distance)
    if cell == "LSTM":
        layer.bias_ih_l0.data[:HIDDEN] = NEARLY_SHUT


def build(side, cell):
    tree, texts = side.tree, side.arrays["y_train"].ndim == 2
    if texts:
        model = tree.models.CharacterModel(len(LETTERS), **ON_NAMES, cell=cell)
    else:
        symbols = 2 * RECALL_CLASSES
        model = tree.models.SequenceClassifier(
            symbols, WIDTH, HIDDEN, RECALL_CLASSES, cell
        )
        remember(model.recurrent, cell, side.arrays["x_train"].shape[1] - 1)
    model = side.ready(model)
    optimizer = tree.optim.Adam(model.parameters(), lr=side.settings.lr)
    return side.train(model, tree.nn.CrossEntropyLoss(), optimizer, max_norm=1.0)


def samples(o):
    if o.target.ndim == 2:
        yield from figures.samples(o)


def findings(o) -> list[str]:
    if o.target.ndim == 2:
        return [f"Names that it invents: {', '.join(figures.invented(o)[:12])}."]
    left = figures.gradient_norms(o, "scratch")[-1]
    return [f"Of a gradient, {left:.0e} is left {figures.STEPS - 1} steps back."]


LESSON = Lesson(
    name="lstm",
    title="LSTM and GRU against a plain recurrent network",
    shows=(
        f"A made-up task: name the first symbol after {DISTANCE} symbols of noise. "
        "The plain network guesses, since no gradient comes that far back; GRU and "
        "LSTM have gates that pass the state, and so the gradient, on as it is. "
        "An LSTM then reads real names and writes its own, letter by letter: see "
        "writes in the Text tab."
    ),
    data=sequences,
    defaults=Settings(epochs=7, batch_size=50, lr=5e-3),
    build=build,
    measures={"accuracy": accuracy},
    watch=(figures.gradient_over_distance, samples),
    findings=findings,
    variants=(
        *(
            Variant(f"{cell}, recall", {"cell": cell, "task": "recall"})
            for cell in ("RNN", "GRU", "LSTM")
        ),
        Variant(
            "LSTM, names",
            {"cell": "LSTM", "task": "names"},
            {"epochs": 4, "batch_size": 64, "lr": 1e-2},
            measures={"surprise": surprise},
        ),
    ),
    options={"cell": "LSTM", "task": "recall", "distance": DISTANCE},
    data_options=("task", "distance"),
)
