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


def share_rebuilt(output, target) -> float:
    """The share of units, on or off, that are rebuilt right."""
    return float(np.mean((output >= 0.5) == (target >= 0.5)))


def mean_squared_error(output, target) -> float:
    return float(np.mean((output - target) ** 2))


def sign_accuracy(output, target) -> float:
    """The share of samples whose output is above 0 where the target is."""
    return float(np.mean((output > 0) == (target > 0)))


def importance(
    predict, x, target, measure, names, rounds: int = 20
) -> dict[str, float]:
    """How much `measure` falls when one input is shuffled among the samples."""
    rng = np.random.default_rng(0)
    whole = measure(predict(x), target)
    falls = {}
    for j, name in enumerate(names):
        worse = []
        for _ in range(rounds):
            shuffled = x.copy()
            shuffled[:, j] = rng.permutation(shuffled[:, j])
            worse.append(measure(predict(shuffled), target))
        falls[name] = float(whole - np.mean(worse))
    return dict(sorted(falls.items(), key=lambda item: -item[1]))


def surprise(output, target) -> float:
    """The mean cross-entropy of logits (N, C, T), in nats for each class that counts.

    Its exponential says among how many equally likely classes one would have to guess.
    """
    top = output.max(axis=1, keepdims=True)
    log_p = output - top - np.log(np.exp(output - top).sum(axis=1, keepdims=True))
    counts = target >= 0
    right = np.take_along_axis(log_p, np.where(counts, target, 0)[:, None], axis=1)
    return float(-right[:, 0][counts].mean())
