"""How modules print: as in PyTorch, so that both can be laid side by side."""

from collections import OrderedDict

import pytest

import scratch
import torch_ref
from compare.catalogue import concepts

pytestmark = pytest.mark.usefixtures("random_streams")


def nested(t):
    """Modules within modules, one of them with both children and words of its own."""

    class Scale(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = t.nn.Linear(1, 1)
            self.none = None

        def extra_repr(self):
            return "a scale"

    return t.nn.Sequential(t.nn.Sequential(t.nn.Linear(3, 4), Scale()), t.nn.Tanh())


def one(t):
    """A weight of one number."""
    return t.nn.Linear(1, 1).weight.data


REPRESENTED = {
    "nested": nested,
    "no layers": lambda t: t.nn.Sequential(),
    "in each other": lambda t: t.nn.Sequential(t.nn.Sequential(t.nn.Sequential())),
    "named": lambda t: t.nn.Sequential(OrderedDict(a=t.nn.ReLU(), b=t.nn.Tanh())),
    "MLP": lambda t: t.models.MLP((3, 4, 2), dropout=0.1),
    "HalfSquaredError": lambda t: t.models.HalfSquaredError(),
    "Standardizer": lambda t: t.models.Standardizer(),
    "Identity": lambda t: t.nn.Identity(3, some=1),
    "Linear": lambda t: t.nn.Linear(3, 2),
    "Linear without bias": lambda t: t.nn.Linear(3, 2, bias=False),
    "Flatten": lambda t: t.nn.Flatten(),
    "Flatten dims": lambda t: t.nn.Flatten(0, end_dim=-2),
    "ReLU": lambda t: t.nn.ReLU(),
    "ReLU inplace": lambda t: t.nn.ReLU(inplace=True),
    "LeakyReLU": lambda t: t.nn.LeakyReLU(),
    "LeakyReLU options": lambda t: t.nn.LeakyReLU(1e-5, inplace=True),
    "Sigmoid": lambda t: t.nn.Sigmoid(),
    "Tanh": lambda t: t.nn.Tanh(),
    "Softmax": lambda t: t.nn.Softmax(),
    "Softmax dim": lambda t: t.nn.Softmax(dim=-1),
    "LogSoftmax": lambda t: t.nn.LogSoftmax(),
    "LogSoftmax dim": lambda t: t.nn.LogSoftmax(1),
    "Dropout": lambda t: t.nn.Dropout(),
    "Dropout options": lambda t: t.nn.Dropout(1, inplace=True),
    "MSELoss": lambda t: t.nn.MSELoss(reduction="sum"),
    "L1Loss": lambda t: t.nn.L1Loss(),
    "BCELoss": lambda t: t.nn.BCELoss(weight=one(t)),
    "BCEWithLogitsLoss": lambda t: t.nn.BCEWithLogitsLoss(),
    "NLLLoss": lambda t: t.nn.NLLLoss(ignore_index=1),
    "CrossEntropyLoss": lambda t: t.nn.CrossEntropyLoss(label_smoothing=0.1),
}


@pytest.mark.parametrize("name", REPRESENTED)
def test_a_module_prints_as_in_pytorch(name):
    """Else: `print(model)` on both sides cannot be laid side by side."""
    assert repr(REPRESENTED[name](scratch)) == repr(REPRESENTED[name](torch_ref))


def test_every_module_is_among_those_printed():
    """Else: a new layer prints in its own way, unnoticed."""
    built = {type(REPRESENTED[name](scratch)).__name__ for name in REPRESENTED}
    modules = {n for n, c in concepts().items() if c.family in ("nn", "models")}
    assert {name.partition(".")[2] for name in modules} <= built
