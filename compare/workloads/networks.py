"""Training steps of whole networks."""

from collections.abc import Callable

import numpy as np

from .spec import Workload, own


def _mlp_step(sizes, batch: int, optimiser: Callable) -> Callable:
    def make(tree):
        rng = np.random.default_rng(0)
        x = rng.standard_normal((batch, sizes[0])).astype(np.float32)
        y = rng.integers(0, sizes[-1], batch)
        x = tree.detach(own(tree, x))  # data: neither side computes its gradient
        y = own(tree, y)
        tree.manual_seed(0)
        model = tree.models.MLP(sizes)
        criterion = tree.nn.CrossEntropyLoss()
        optimizer = optimiser(tree, model.parameters())
        return lambda: tree.training.update(model, criterion, optimizer, x, y)

    return make


SIZES = (784, 256, 128, 10)
LABEL = "MLP 784-256-128-10, batch 64, float32: step with "

WORKLOADS = [
    Workload(
        LABEL + "SGD, momentum",
        _mlp_step(SIZES, 64, lambda t, p: t.optim.SGD(p, lr=0.01, momentum=0.9)),
    ),
    Workload(LABEL + "Adam", _mlp_step(SIZES, 64, lambda t, p: t.optim.Adam(p))),
]
