"""A restricted Boltzmann machine learns what goes together in digits."""

import numpy as np

from ..training.lesson import Lesson, Settings
from ..training.measures import share_rebuilt
from .data.networks import binarised_digits
from .figures import networks as figures

NOISE = 200  # images whose pixels are shuffled


def images_as_targets(side) -> dict[str, np.ndarray]:
    """What is to be learned is the image itself."""
    return {"y_train": side.arrays["x_train"], "y_test": side.arrays["x_test"]}


def build(side, hidden, k):
    tree = side.tree
    rbm = side.ready(tree.models.RBM(side.arrays["x_train"].shape[1], hidden, k))
    criterion = tree.models.ContrastiveDivergence(rbm)
    optimizer = tree.optim.SGD(rbm.parameters(), lr=side.settings.lr)
    return side.train(rbm, criterion, optimizer, arrays=images_as_targets(side))


def findings(o) -> list[str]:
    """How much more likely than noise a digit is to the machine."""
    rng = np.random.default_rng(0)
    digits = o.target[:NOISE]
    shuffled = rng.permuted(digits, axis=1)
    rbm = o.sides["scratch"].model
    digit, noise = (rbm.free_energy(v).mean() for v in (digits, shuffled))
    usual = o.data.x_train.mean(axis=0) >= 0.5
    guess = share_rebuilt(np.broadcast_to(usual, o.target.shape), o.target)
    rebuilt = share_rebuilt(o.outputs["scratch"], o.target)
    return [
        f"Pixels of new digits rebuilt right: {rebuilt:.1%}; the usual colour of each "
        f"pixel would be right for {guess:.1%}.",
        f"Mean free energy: digits {digit:.1f}, the same pixels shuffled {noise:.1f}; "
        "the lower, the more likely.",
    ]


LESSON = Lesson(
    name="boltzmann",
    title="A restricted Boltzmann machine: energy, Gibbs sampling, CD-k",
    shows=(
        "Nobody tells the machine what a digit is; it lowers the energy of what it "
        "sees and raises that of what it dreams, until both look alike. "
        "The gradient written by hand, data minus dream, is the one that autograd "
        "finds for the difference of two free energies, with the samples held "
        "constant. "
        "It rebuilds digits that it has never seen, and fills in the half that is "
        "covered: see reconstructions and completions in the dashboard."
    ),
    data=binarised_digits,
    defaults=Settings(epochs=40, batch_size=16, lr=0.1),
    build=build,
    measures={"pixels right": share_rebuilt},
    watch=(figures.reconstructions, figures.completions, figures.hidden_units),
    findings=findings,
    options={"hidden": 100, "k": 1},
)
