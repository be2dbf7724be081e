"""A convolutional network and a perceptron of equal size look at digits."""

from ..training import measures
from ..training.lesson import Lesson, Settings, Variant
from . import figures
from .data.networks import images
from .figures import networks as pictures

DECAY = 0.6  # of the learning rate, from epoch to epoch
CNNS = {
    "digits": {"channels": (16, 32), "kernel_size": 3, "hidden": 64, "norm": True},
    "MNIST": {"channels": (6, 16), "kernel_size": 5, "hidden": 84},
}
HIDDEN = {"digits": 180, "MNIST": 88}  # of an MLP with as many weights


def build(side, network):
    tree, s = side.tree, side.settings
    pixels = side.arrays["x_train"].shape[1]
    size = round(pixels**0.5)
    name = "digits" if size == 8 else "MNIST"
    arrays = {}
    if network == "CNN":
        model = side.ready(tree.models.CNN(size, **CNNS[name]))
        for part in "x_train", "x_test":
            arrays[part] = side.arrays[part].reshape(-1, 1, size, size)
    else:
        model = side.ready(tree.models.MLP((pixels, HIDDEN[name], 10)))
    optimizer = tree.optim.Adam(model.parameters(), lr=s.lr)
    scheduler = tree.optim.lr_scheduler.ExponentialLR(optimizer, DECAY)
    criterion = tree.nn.CrossEntropyLoss()
    experiment = side.train(model, criterion, optimizer, arrays=arrays)
    experiment.loop = tree.training.scheduled(experiment.loop, scheduler)
    experiment.keepers["scheduler"] = scheduler
    return experiment


def findings(o) -> list[str]:
    weights = sum(w.size for w in o.weights["scratch"].values())
    wrong = int((o.outputs["scratch"].argmax(axis=1) != o.target).sum())
    return [f"{weights:,} weights, {wrong} of {len(o.target)} new images misread."]


SETTINGS = {
    "digits": {"epochs": 6, "batch_size": 32, "lr": 6e-3},
    "MNIST": {"epochs": 4, "batch_size": 64, "lr": 6e-3},
}

LESSON = Lesson(
    name="cnn",
    title="A convolutional network against a perceptron of equal size",
    shows=(
        "A convolution looks at small pieces with the same few weights everywhere, so "
        "with as many weights as a perceptron it misreads fewer digits. "
        "Its filters become edges, its maps show where they were found: see filters "
        "and feature_maps in the dashboard. "
        "Convolution, pooling and normalisation by hand take the same steps as "
        "PyTorch's, on 8 by 8 digits and on real MNIST images."
    ),
    data=images,
    defaults=Settings(epochs=4, batch_size=64, lr=6e-3),
    build=build,
    measures={"accuracy": measures.accuracy},
    figures=(figures.confusion_matrix, pictures.feature_maps),
    watch=(pictures.filters,),
    findings=findings,
    variants=tuple(
        Variant(
            f"{network}, {name}",
            {"name": name, "network": network},
            SETTINGS[name],
        )
        for name in CNNS
        for network in ("CNN", "MLP")
    ),
    options={"name": "MNIST", "network": "CNN"},
    data_options=("name",),
)
