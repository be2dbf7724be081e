"""A recurrent network reads names; on the way back its gradient fades or explodes."""

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import surprise
from .data.networks import LETTERS, first_names
from .figures import text as figures

WIDTH, HIDDEN = 16, 64
USUAL = 1 / 3**0.5  # the spectral radius of recurrent weights as they are drawn
SMALL, LARGE = 0.3, 2.5
NORM = 0.5
FAR = 30


def build(side, radius, max_norm):
    """`radius` scales the recurrent weights: below 1 states fade, above they grow."""
    tree = side.tree
    model = tree.models.CharacterModel(len(LETTERS), WIDTH, HIDDEN)
    model.recurrent.weight_hh_l0.data *= radius / USUAL
    model = side.ready(model)
    optimizer = tree.optim.SGD(model.parameters(), lr=side.settings.lr)
    return side.train(
        model, tree.nn.CrossEntropyLoss(), optimizer, max_norm=max_norm or None
    )


def findings(o) -> list[str]:
    left = figures.gradient_norms(o, "scratch")[FAR]
    return [f"Of a gradient, {left:.0e} is left {FAR} steps further back."]


def conclude(outlines) -> list[str]:
    found = {
        o.variant: o.results["surprise, test"]["scratch"] for o in outlines if o.results
    }
    return [
        "Surprise for each letter (guessing among 27 would be 3.30): "
        + ", ".join(f"{name} {value:.2f}" for name, value in found.items())
        + "."
    ]


LESSON = Lesson(
    name="rnn",
    title="A recurrent network: backpropagation through time, clipping",
    shows=(
        "The way back through time multiplies the gradient by the same matrix at every "
        "step: with small recurrent weights it vanishes, with large ones it explodes "
        "(gradient_over_distance in the dashboard). "
        "Exploding gradients throw the weights about, and the loss rises; with every "
        "gradient clipped to a norm of 0.5 the same network learns. "
        "Both sides unroll, go back and clip alike."
    ),
    data=first_names,
    defaults=Settings(epochs=4, batch_size=64, lr=4.0),
    build=build,
    measures={"surprise": surprise},
    watch=(figures.gradient_over_distance, figures.samples),
    findings=findings,
    variants=(
        Variant("small weights", {"radius": SMALL}, {"lr": 1.0}),
        Variant("large weights", {"radius": LARGE}),
        Variant("large weights, clipped", {"radius": LARGE, "max_norm": NORM}),
    ),
    conclude=conclude,
    options={"radius": USUAL, "max_norm": 0.0},
)
