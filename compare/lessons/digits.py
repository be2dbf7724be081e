"""The main lesson: a network with two hidden layers reads handwritten digits."""

import numpy as np

from .. import data, figures
from ..lockstep import Experiment
from .lesson import Lesson, Settings, as_side, in_precision

SIZES = (64, 256, 128, 10)
DROPOUT = 0.5


def build(tree, arrays, settings, dtype):
    tree.manual_seed(settings.seed)
    model = tree.models.MLP(SIZES, dropout=DROPOUT)
    model = in_precision(tree, model, settings, dtype)
    criterion = tree.nn.CrossEntropyLoss()
    optimizer = tree.optim.Adam(model.parameters(), lr=settings.lr)
    x, y, x_test, y_test = (as_side(tree, a, settings, dtype) for a in arrays.values())
    loop = tree.training.mini_batch(
        model,
        criterion,
        optimizer,
        x,
        y,
        settings.epochs,
        settings.batch_size,
        tree.Generator().manual_seed(settings.seed),
    )
    return Experiment(model, criterion, optimizer, loop, x, y, x_test, y_test)


def accuracy(output, target) -> float:
    """The share of samples whose largest logit is that of the right class."""
    return float(np.mean(output.argmax(axis=1) == target))


LESSON = Lesson(
    name="digits",
    title="Handwritten digits: two hidden layers, ReLU, softmax, Adam",
    shows=(
        "The same network learns the same digits twice, by hand and by autograd. "
        "Both start from the same random weights, see the same batches and drop the "
        "same units, because the seed says so and nothing is copied. "
        "The weights stay as close as rounding lets them, and the test accuracy is the "
        "same number."
    ),
    data=data.digits,
    defaults=Settings(epochs=30, batch_size=64, lr=2e-3),
    build=build,
    measures={"accuracy": accuracy},
    figures=(figures.confusion_matrix, figures.first_layer_filters),
)
