"""Mistakes in losses."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch.nn import CrossEntropyLoss, NLLLoss, loss

CE = ("nn.CrossEntropyLoss",)


def _counted_samples_for_weights():
    """The weighted mean divided by the number of samples that count."""
    right = NLLLoss._reduce

    def reduce(self, losses, count=None):
        if count is not None and self.weight is not None:
            count = np.float64(np.count_nonzero(losses)).astype(losses.dtype)
        return right(self, losses, count)

    return patch(NLLLoss, "_reduce", reduce)


def _sum_for_mean():
    right = loss._Loss._reduce

    def reduce(self, losses, count=None):
        mean, self.reduction = self.reduction, self.reduction.replace("mean", "sum")
        found = right(self, losses, count)
        self.reduction = mean
        return found

    return patch(loss._Loss, "_reduce", reduce)


def _rows_for_elements():
    """The mean divided by the size of the first dimension."""
    right = loss._Loss._reduce

    def reduce(self, losses, count=None):
        return right(self, losses, len(losses) if losses.ndim else None)

    return patch(loss._Loss, "_reduce", reduce)


def _one_after_the_other():
    """A float32 sum that adds one number after the other."""
    right = loss._Loss._reduce

    def reduce(self, losses, count=None):
        _, share = right(self, losses, count)
        if self.reduction == "none":
            return losses, share
        total = np.cumsum(losses.reshape(-1), dtype=losses.dtype)[-1]
        mean = self.reduction == "mean"
        return losses.dtype.type(total / losses.size if mean else total), share

    return patch(loss._Loss, "_reduce", reduce)


def _mean_over_ignored():
    """The mean divided by all samples, the ignored ones too."""
    right = CrossEntropyLoss._reduce

    def reduce(self, losses, count=None):
        return right(self, losses, None)

    return patch(CrossEntropyLoss, "_reduce", reduce)


def _unstable_log_softmax():
    def log_softmax(x, dim):
        return np.log(np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True))

    return patch(loss, "log_softmax", log_softmax)


PLANTS = [
    Plant(
        "mean over ignored targets too",
        "pytorch#73205",
        CE,
        _mean_over_ignored,
        "output",
        "different functions",
    ),
    Plant(
        "weighted mean with an unweighted denominator",
        "pytorch PR#69511",
        ("nn.NLLLoss",),
        _counted_samples_for_weights,
        "output",
        "different functions",
    ),
    Plant(
        "size(0) for the element count",
        "ColossalAI PR#633",
        ("nn.MSELoss",),
        _rows_for_elements,
        "output",
        "different functions",
    ),
    Plant(
        "float32 sum in the wrong order",
        "a running total over a million losses",
        ("nn.MSELoss",),
        _one_after_the_other,
        "output",
        "precision",
        draws=64,
    ),
    Plant(
        "sum for mean",
        "pytorch#10148",
        ("nn.MSELoss",),
        _sum_for_mean,
        "output",
        "different functions",
    ),
    Plant(
        "log-softmax without its maximum",
        "a formula as introductory articles print it",
        CE,
        _unstable_log_softmax,
        "output",
    ),
]
