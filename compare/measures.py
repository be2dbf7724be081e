"""How good outputs are, as one number."""

import numpy as np


def accuracy(output, target) -> float:
    """The share of samples whose largest logit is that of the right class."""
    return float(np.mean(output.argmax(axis=1) == target))


def r_squared(output, target) -> float:
    """1 - squared error / variance: 1 is perfect, 0 no better than the mean."""
    return float(
        1 - ((output - target) ** 2).sum() / ((target - target.mean()) ** 2).sum()
    )
