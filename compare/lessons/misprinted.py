"""Formulas as often printed in introductory articles, written as they are printed.

Each function is a pair's candidate: it returns the output and the way back. Where only
a value was printed, the way back is the right one for what was printed.
"""

import numpy as np

TARGETS = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
WEIGHTS = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]])
BIASES = np.array([0.1, -0.2])
SAMPLES = np.array([[1.0, 2.0], [-1.0, 0.5], [0.5, -1.5], [2.0, 1.0]])
ANSWERS = np.array([1.0, -2.0, 0.5, 3.0])
PICKED = 1
RATE = 0.1


def no_way_back(*_):
    """Of an update, which no gradient leads through."""


def relu(z):
    """(a) The slope of a sigmoid's output, z(1 - z), for ReLU."""
    return np.maximum(z, 0), lambda dy: dy * z * (1 - z)


def cost_without_minus(p):
    """(b) Cost = y log p."""
    t = TARGETS.astype(p.dtype)
    return (t * np.log(p)).sum(), lambda dy: dy * t / p


def log_likelihood(p):
    """(c) sum(y log p - (1 - y) log(1 - p))."""
    t = TARGETS.astype(p.dtype)
    value = (t * np.log(p) - (1 - t) * np.log(1 - p)).sum()
    return value, lambda dy: dy * (t / p + (1 - t) / (1 - p))


def softmax_without_axis(x):
    """(d) exp(x) / exp(x).sum(axis=1): row i's sum divides column i."""
    e = np.exp(x)
    total = e.sum(axis=1)
    y = e / total

    def back(dy):  # x_ij is in y_ij, and through total_i in all of column i
        return e * (dy / total - ((dy * y).sum(axis=0) / total)[:, None])

    return y, back


def softmax_without_maximum(x):
    """(d) With the axis kept, but no maximum subtracted."""
    e = np.exp(x)
    y = e / e.sum(axis=1, keepdims=True)
    return y, lambda dy: y * (dy - (dy * y).sum(axis=1, keepdims=True))


def softmax_for_binary(z):
    """(e) -sum y log softmax(z), offered as binary cross-entropy."""
    t = TARGETS.astype(z.dtype)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -(t * np.log(p)).sum()
    return loss, lambda dy: dy * (p * t.sum(axis=1, keepdims=True) - t)


def uphill(w):
    """(f) w += rate * gradient, with the gradient of the loss."""
    return (w + w.dtype.type(RATE) * gradient(w)) - w, no_way_back


def sum_without_inputs(x):
    """(g) z_j = sum_i w_ij + b_j: the inputs are missing."""
    z = WEIGHTS.astype(x.dtype).sum(axis=1) + BIASES.astype(x.dtype)
    return np.tile(z, (len(x), 1)), lambda dy: np.zeros_like(x)


def tanh(x):
    """(h) 2 / (1 + e^-x) - 1, which is tanh(x / 2)."""
    s = 1 / (1 + np.exp(-x))
    return 2 * s - 1, lambda dy: dy * 2 * s * (1 - s)


def one_sample_full_gradient(w):
    """(i) One sample is picked, and the step taken with the gradient of them all."""
    return (w - w.dtype.type(RATE) * gradient(w)) - w, no_way_back


# The right ones, where scratch has no concept of its own for them.


def downhill(w):
    """w -= rate * gradient."""
    return (w - w.dtype.type(RATE) * gradient(w)) - w, no_way_back


def one_sample(w):
    """w -= rate * gradient of the picked sample's loss."""
    step = w.dtype.type(RATE) * gradient(w, slice(PICKED, PICKED + 1))
    return (w - step) - w, no_way_back


def right_log_likelihood(p):
    """sum(y log p + (1 - y) log(1 - p))."""
    t = TARGETS.astype(p.dtype)
    value = (t * np.log(p) + (1 - t) * np.log(1 - p)).sum()
    return value, lambda dy: dy * (t / p - (1 - t) / (1 - p))


def right_cost(p):
    """-sum y log p."""
    t = TARGETS.astype(p.dtype)
    return -(t * np.log(p)).sum(), lambda dy: -dy * t / p


def gradient(w, samples=slice(None)):
    """Of the mean of (w x_n - t_n)^2 / 2 over the samples."""
    x, t = SAMPLES[samples].astype(w.dtype), ANSWERS[samples].astype(w.dtype)
    return (x @ w - t) @ x / w.dtype.type(len(x))


def loss(w) -> float:
    return float(((SAMPLES @ w - ANSWERS) ** 2).mean() / 2)
