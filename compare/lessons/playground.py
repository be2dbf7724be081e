"""A playground: points in a plane, and a network to put together."""

from ..training.dataset import DataError
from ..training.lesson import Lesson, Settings
from ..training.measures import sign_accuracy
from .data import basics
from .data.basics import FEATURES, SHAPES
from .figures.plane import decision_surface, hidden_surfaces

ACTIVATIONS = (
    *("Tanh", "Sigmoid", "ReLU", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU"),
    *("SiLU", "GELU", "Mish", "Softplus", "Softsign", "Hardtanh", "Identity"),
)
PENALTIES = ("none", "l1", "l2")


def accepts(shape, noise, features, width, depth, activation, penalty, strength):
    """Raise DataError, naming the option, for one that makes no sense."""

    def require(name, value, fits: bool, expected: str) -> None:
        if not fits:
            raise DataError(f"{name}: expected {expected}, got {value!r}")

    require("shape", shape, shape in SHAPES, f"one of {', '.join(SHAPES)}")
    require("noise", noise, 0 <= noise <= 0.5, "a number from 0 to 0.5")
    known = all(name in FEATURES for name in features.split(","))
    require("features", features, known, f"some of {','.join(FEATURES)}, with commas")
    require("width", width, 1 <= width <= 64, "1 to 64 units")
    require("depth", depth, 0 <= depth <= 8, "0 to 8 hidden layers")
    there = activation in ACTIVATIONS
    require("activation", activation, there, f"one of {', '.join(ACTIVATIONS)}")
    require("penalty", penalty, penalty in PENALTIES, f"one of {', '.join(PENALTIES)}")
    require("strength", strength, strength >= 0, "a number not below 0")


def build(side, width, depth, activation, penalty, strength):
    tree = side.tree
    sizes = (side.arrays["x_train"].shape[1], *[width] * depth, 1)
    model = side.ready(tree.models.MLP(sizes, activation=activation))
    criterion = tree.models.HalfSquaredError()
    if penalty != "none":
        criterion = tree.models.Penalised(criterion, model, **{penalty: strength})
    optimizer = tree.optim.Adam(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion, optimizer)


LESSON = Lesson(
    name="playground",
    title="Playground: points in a plane, and a network to put together",
    shows=(
        "Each unit of the first hidden layer draws one straight bend across the plane; "
        "the layers above put them together to what one line cannot do. "
        "Choose the points (shape, noise), what the network sees of them (features), "
        "the network (width, depth, activation) and a penalty (penalty, strength), "
        "each by --set NAME=VALUE, as --set shape=spiral --set width=8. "
        "The surfaces in the dashboard move while it learns. (The points are made up.)"
    ),
    data=basics.plane,
    defaults=Settings(epochs=60, batch_size=32, lr=0.01),
    build=build,
    measures={"accuracy": sign_accuracy},
    watch=(decision_surface(0, 1), hidden_surfaces),
    options={
        "shape": "circle",
        "noise": 0.05,
        "features": "x,y",
        "width": 6,
        "depth": 2,
        "activation": "Tanh",
        "penalty": "none",
        "strength": 0.001,
    },
    data_options=("shape", "noise", "features"),
    accepts=accepts,
)
