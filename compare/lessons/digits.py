"""The main lesson: a network with two hidden layers reads handwritten digits."""

from ..training import measures
from ..training.lesson import Lesson, Settings
from . import data, figures

SIZES = (64, 256, 128, 10)
DROPOUT = 0.5


def build(side):
    tree = side.tree
    model = side.ready(tree.models.MLP(SIZES, dropout=DROPOUT))
    criterion = tree.nn.CrossEntropyLoss()
    optimizer = tree.optim.Adam(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion, optimizer)


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
    measures={"accuracy": measures.accuracy},
    figures=(figures.confusion_matrix, figures.first_layer_filters),
)
