"""An autoencoder repeats digits through a bottleneck."""

import numpy as np

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import mean_squared_error
from . import data
from .figures import networks as figures

HIDDEN = (64, 32)
WIDTHS = (2, 8)


def build(side, bottleneck):
    tree, images = side.tree, side.arrays["x_train"]
    sizes = (images.shape[1], *HIDDEN, bottleneck)
    model = side.ready(tree.models.Autoencoder(sizes))
    optimizer = tree.optim.Adam(model.parameters(), lr=side.settings.lr)
    targets = {"y_train": images, "y_test": side.arrays["x_test"]}
    return side.train(model, tree.nn.MSELoss(), optimizer, arrays=targets)


def findings(o) -> list[str]:
    """Against the best that straight lines can do: as many principal components."""
    width = figures.codes(o, "scratch").shape[1]
    mean = o.data.x_train.mean(axis=0)
    _, _, directions = np.linalg.svd(o.data.x_train - mean, full_matrices=False)
    flat = directions[:width]
    projected = mean + (o.data.x_test - mean) @ flat.T @ flat
    return [
        f"{o.data.x_test.shape[1]} pixels through {width} numbers and back: squared "
        f"error {mean_squared_error(o.outputs['scratch'], o.target):.4f} a pixel; "
        f"{width} principal components: "
        f"{mean_squared_error(projected, o.target):.4f}."
    ]


LESSON = Lesson(
    name="autoencoder",
    title="An autoencoder: reconstruction, bottleneck, latent space",
    shows=(
        "The network must repeat an image that has to pass through two numbers, or "
        "eight, and so learns what digits have in common. "
        "It keeps more than the same count of principal components do, which are the "
        "best that straight lines can do. "
        "Digits that nobody named gather in the latent space: see the Projector tab, "
        "and latent_map for the two numbers."
    ),
    data=data.digits,
    defaults=Settings(epochs=40, batch_size=32, lr=3e-3),
    build=build,
    measures={"squared error": mean_squared_error},
    figures=(figures.latent_space,),
    watch=(figures.reconstructions, figures.latent_map),
    findings=findings,
    variants=tuple(
        Variant(f"bottleneck {width}", {"bottleneck": width}) for width in WIDTHS
    ),
)
