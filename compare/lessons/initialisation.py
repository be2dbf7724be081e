"""Where a network starts from decides whether it ever moves."""

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import accuracy
from . import data
from .figures import training

SIZES = (64, 64, 64, 64, 64, 10)


def build(side, draw, activation="Tanh"):
    """`draw(init, weight)` fills every weight; biases start at 0."""
    tree = side.tree
    model = tree.models.MLP(SIZES, activation=activation)
    for name, parameter in model.named_parameters():
        if name.endswith("weight"):
            draw(tree.nn.init, parameter)
        else:
            tree.nn.init.zeros_(parameter)
    model = side.ready(model)
    optimizer = tree.optim.SGD(model.parameters(), lr=side.settings.lr, momentum=0.9)
    return side.train(model, tree.nn.CrossEntropyLoss(), optimizer)


def findings(o) -> list[str]:
    layers = training.hidden_activations(o)
    spread = ", ".join(f"{x.std():.0e}" for x in layers)
    return [f"spread of the activations by layer: {spread}"]


LESSON = Lesson(
    name="initialisation",
    title="Initialisation: the same deep network from six starting points",
    shows=(
        "From zeros all units of a layer stay twins for ever, and too small a start "
        "lets the signal fade from layer to layer until nothing is left to learn from. "
        "Too large a start saturates every unit, so that its slope is gone. "
        "Xavier keeps the spread of a tanh network's signals from layer to layer, and "
        "He does it for ReLU, which throws half of them away."
    ),
    data=data.digits,
    defaults=Settings(epochs=4, batch_size=64, lr=0.02),
    build=build,
    measures={"accuracy": accuracy},
    figures=(training.activation_histograms,),
    watch=(
        training.activation_histograms,
        training.gradient_histograms,
    ),
    findings=findings,
    variants=(
        Variant("zeros", {"draw": lambda init, w: init.zeros_(w)}),
        Variant("too small", {"draw": lambda init, w: init.normal_(w, std=0.01)}),
        Variant("too large", {"draw": lambda init, w: init.normal_(w, std=1.0)}),
        Variant("N(0, 0.1²)", {"draw": lambda init, w: init.normal_(w, std=0.1)}),
        Variant(
            "Xavier", {"draw": lambda init, w: init.xavier_uniform_(w, gain=5 / 3)}
        ),
        Variant(
            "He, ReLU",
            {
                "draw": lambda init, w: init.kaiming_normal_(w, nonlinearity="relu"),
                "activation": "ReLU",
            },
        ),
    ),
)
