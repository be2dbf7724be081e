"""Rows or channels brought to mean 0 and variance 1, fast in blocks within the cache.

Below the layers because all norms share it, whatever they take the mean over: of rows,
or of channels over samples and positions.
"""

from collections.abc import Callable

import numpy as np

from .._arrays import sum_rows

BLOCK = 1 << 16  # numbers: several arrays of as many stay in the cache together
SHORT = 16  # numbers: for fewer, a product for each row costs more than it saves


def standardise(
    X: np.ndarray, eps: float, W=None, b=None, centred: bool = True
) -> tuple[np.ndarray, Callable]:
    r"""Each row of X (R, D) less its mean, over its deviation, times W, plus b.

    Forward: $\hat x = (x - \mu) r$ with $r = 1 / \sqrt{\sigma^2 + \epsilon}$,
    $y = \hat x w + b$. Not `centred`, $\mu$ is taken as 0.

    Backward: with $g = dy\, w$ and means over the row,
    $dx = r (g - \bar g - \hat x\, \overline{g \hat x})$; not centred, $\bar g$ goes.

    `back(dY)` returns (dX, dW, db). All is done in blocks of rows that stay in the
    cache from the first step to the last.
    """
    rows, width = X.shape
    x_hat, Y = np.empty_like(X), np.empty_like(X)
    R = np.empty((rows, 1), X.dtype)
    ones = np.ones(width, X.dtype)
    n = max(width, 1)
    step = max(1, BLOCK // n)
    blocks = [slice(i, i + step) for i in range(0, rows, step)]
    for block in blocks:
        x, centre = X[block], x_hat[block]
        if centred:
            np.subtract(x, (x @ ones / n)[:, None], out=centre)
            x = centre
        with np.errstate(over="ignore"):
            variance = np.vecdot(x, x) / n
        if centred:  # PyTorch merges partial variances, and has inf * 0 then
            variance[np.isinf(variance)] = np.nan
        R[block, 0] = 1 / np.sqrt(variance + eps)
        np.multiply(x, R[block], out=centre)
        y = Y[block]
        if W is None:
            y[...] = centre
        else:
            np.multiply(centre, W, out=y)
        if b is not None:
            y += b

    def back(dY):
        dX = np.empty_like(X)
        dW, db = (np.zeros((len(blocks), width), X.dtype) for _ in "Wb")
        w = ones if W is None else W
        for k, block in enumerate(blocks):
            dy, dx, centre = dY[block], dX[block], x_hat[block]
            product = dy * centre
            if W is not None:
                dW[k] = sum_rows(product)
            if b is not None:
                db[k] = sum_rows(dy)
            along = (product @ w / n)[:, None]
            np.multiply(dy, w, out=dx)
            np.multiply(centre, along, out=product)
            dx -= product
            if centred:
                dx -= (dy @ w / n)[:, None]
            dx *= R[block]
        return dX, sum_rows(dW), sum_rows(db)

    return Y, back


def standardise_channels(
    X: np.ndarray, eps: float, w=None, b=None, statistics: tuple | None = None
) -> tuple:
    r"""Each channel of X (N, C, L) less its mean, over its deviation, times w, plus b.

    Forward: $y = \hat x w + b$ with $\hat x = (x - \mu) r$ and
    $r = 1 / \sqrt{\sigma^2 + \epsilon}$; $\mu$ and $\sigma^2$ are those of the n = N L
    numbers of the channel, or the given `statistics`.

    Backward: with $g = dy\, w$, $dw = \sum dy\, \hat x$, $db = \sum dy$ and
    $dx = r (g - \frac1n \sum g - \hat x \frac1n \sum g \hat x)$; with given ones
    $dx = r g$.

    Returns Y, `back(dY)`, which returns (dX, dw, db), and $\mu$ and $\sigma^2$.
    """
    n = max(X.shape[0] * X.shape[2], 1)
    if statistics is None:
        mean = channel_sums(X) / n
        centred = X - mean[:, None]
        variance = channel_dots(centred, centred) / n
    else:
        mean, variance = statistics
        centred = X - mean[:, None]
    r = 1 / np.sqrt(variance + eps)
    scale = r if w is None else r * w
    Y = centred * scale[:, None]
    if b is not None:
        Y += b[:, None]

    def back(dY):
        db, dw = channel_sums(dY), r * channel_dots(dY, centred)
        if statistics is None:
            dX = centred * (r * dw / -n)[:, None]
            dX += dY
            dX -= (db / n)[:, None]
            dX *= scale[:, None]
        else:
            dX = dY * scale[:, None]
        return dX, dw, db

    return Y, back, mean, variance


def channel_sums(x: np.ndarray) -> np.ndarray:
    """The sum over samples and positions, (N, C, L) -> (C,)."""
    return sum_rows(x @ np.ones(x.shape[2], x.dtype))


def channel_dots(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The sum of products over samples and positions, twice (N, C, L) -> (C,)."""
    with np.errstate(over="ignore"):  # infinity, as in PyTorch
        if x.shape[2] < SHORT:
            return channel_sums(x * y)
        return sum_rows(np.vecdot(x, y))
