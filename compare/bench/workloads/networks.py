"""Training steps of whole networks."""

from collections.abc import Callable

import numpy as np

from .spec import Workload, own


def _step(make_model: Callable, optimiser: Callable, x, y) -> Callable:
    """`x` and `y` are data: floats, which need no gradient, or symbols' numbers."""

    def make(tree):
        inputs, targets = own(tree, x), own(tree, y)
        if np.issubdtype(x.dtype, np.floating):
            inputs = tree.detach(inputs)
        tree.manual_seed(0)
        model = make_model(tree)
        criterion = tree.nn.CrossEntropyLoss()
        optimizer = optimiser(tree, model.parameters())
        return lambda: tree.training.update(
            model, criterion, optimizer, inputs, targets
        )

    return make


def _images(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape).astype(np.float32)
    return x, rng.integers(0, 10, shape[0])


def _texts(batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    shape = batch, length
    return rng.integers(0, SYMBOLS, shape), rng.integers(0, SYMBOLS, shape)


def _adam(tree, parameters):
    return tree.optim.Adam(parameters)


SIZES = (784, 256, 128, 10)
SYMBOLS = 27
MLP = f"MLP {'-'.join(map(str, SIZES))}, batch 64, float32: step with "

WORKLOADS = [
    Workload(
        MLP + "SGD, momentum",
        _step(
            lambda t: t.models.MLP(SIZES),
            lambda t, p: t.optim.SGD(p, lr=0.01, momentum=0.9),
            *_images(64, 784),
        ),
    ),
    Workload(
        MLP + "Adam", _step(lambda t: t.models.MLP(SIZES), _adam, *_images(64, 784))
    ),
    *(
        Workload(
            f"CNN 28x28, {c1} and {c2} maps, batch 64, float32: step with Adam",
            _step(
                lambda t, c1=c1, c2=c2: t.models.CNN(28, (c1, c2)),
                _adam,
                *_images(64, 1, 28, 28),
            ),
        )
        for c1, c2 in ((6, 16), (16, 32))
    ),
    *(
        Workload(
            f"LSTM of 128, {length} characters, batch 32, float32: step with Adam",
            _step(
                lambda t: t.models.CharacterModel(SYMBOLS, 32, 128, "LSTM"),
                _adam,
                *_texts(32, length),
            ),
        )
        for length in (16, 64)
    ),
    *(
        Workload(
            f"GPT of {width}, 2 blocks, {length} characters, batch 32, float32: step "
            "with Adam",
            _step(
                lambda t, w=width, n=length: t.models.GPT(SYMBOLS, n, w, 4, 2),
                _adam,
                *_texts(32, length),
            ),
        )
        for width, length in ((32, 16), (128, 64))
    ),
]
