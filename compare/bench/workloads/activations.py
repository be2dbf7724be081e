"""Activations and the cross-entropy, forward and backward."""

import numpy as np

from .spec import Workload, both_ways, forward_backward, own

SHAPE = (256, 512)
LABEL = "{} 256x512, float32: forward and backward"


def _activation(name: str, **options) -> Workload:
    shown = ", ".join([name, *(f"{k}={v}" for k, v in options.items())])
    return Workload(
        LABEL.format(shown),
        forward_backward(lambda tree: getattr(tree.nn, name)(**options), *SHAPE),
    )


def _cross_entropy(samples: int, classes: int):
    def make(tree):
        rng = np.random.default_rng(0)
        x = own(tree, rng.standard_normal((samples, classes)).astype(np.float32))
        target = own(tree, rng.integers(0, classes, samples))
        criterion = tree.nn.CrossEntropyLoss()
        return both_ways(tree, lambda z: criterion(z, target), [x])

    return make


WORKLOADS = [
    _activation("ReLU"),
    _activation("Sigmoid"),
    _activation("SiLU"),
    _activation("GELU"),
    _activation("GELU", approximate="tanh"),
    _activation("Mish"),
    _activation("Softmax", dim=1),
    _activation("LogSoftmax", dim=1),
    Workload(
        "CrossEntropyLoss 256x1000, float32: forward and backward",
        _cross_entropy(256, 1000),
    ),
]
