"""Convolution of each channel on its own, at a stride of 1, made fast by long runs.

Below the layers, and below the convolution as matrix products, which would be products
with a single row here. A padded plane lies in memory as one run, and what the kernel
sees at some offset is the same run, begun later. Between the lines of the output a run
holds windows that wrap around the end of a line. They are computed too and then left
out, which costs less than copying the lines one by one.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .._arrays import sum_rows

BLOCK = 1 << 18  # numbers: the runs of a few planes, which stay in the cache together


def fits(x: np.ndarray, W: np.ndarray, how) -> bool:
    alone = W.shape[1] == 1 and len(W) == how.groups == x.shape[1]
    return alone and set(how.stride) == {1}


def convolve(x, W, bias, pads, how) -> np.ndarray:
    """y_p = sum_k W_k x_(p + k) + b, for each channel a row of W times the runs."""
    y = np.empty((*x.shape[:2], *how.out(x.shape[2:], pads)), x.dtype)
    size = math.prod(how.kernel)
    W = W.reshape(-1, 1, size)
    for part, runs, area in _blocks(x, pads, how):
        n, channels, *_, length = runs.shape
        rows = runs.reshape(n, channels, size, length)
        products = np.empty((n, channels, math.prod(area)), x.dtype)
        product = products[..., None, :length]
        np.matmul(W[part[1]], rows, out=product)
        if bias is not None:
            product += bias[part[1], None, None]
        y[part] = _lines(products, area, y.shape[2:])
    return y


def kernel_gradient(x, dy, pads, how) -> np.ndarray:
    """dW_k = sum_p dy_p x_(p + k), with 0 for dy between the lines."""
    dW = np.zeros((x.shape[1], *how.kernel), x.dtype)
    between = (None,) * len(how.kernel)
    for part, runs, area in _blocks(x, pads, how):
        spread = np.zeros((*runs.shape[:2], math.prod(area)), x.dtype)
        _lines(spread, area, dy.shape[2:])[...] = dy[part]
        spread = spread[..., *between, : runs.shape[-1]]
        dW[part[1]] += sum_rows(np.vecdot(runs, spread))
    return dW[:, None]


def _blocks(x: np.ndarray, pads, how) -> Iterator[tuple]:
    """Some samples and channels; their runs (n, C, *kernel, length); the padded sizes.

    A negative number to pad takes away.
    """
    n, channels, *spatial = x.shape
    each = [*zip(spatial, pads, strict=True)]
    area = [m + sum(pad) for m, pad in each]
    kept = [slice(max(0, -pad[0]), m - max(0, -pad[1])) for m, pad in each]
    inside = [
        slice(max(0, pad[0]), size - max(0, pad[1]))
        for size, pad in zip(area, pads, strict=True)
    ]
    pitches = [math.prod(area[axis + 1 :]) for axis in range(len(area))]
    out = how.out(spatial, pads)
    length = sum((m - 1) * pitch for m, pitch in zip(out, pitches, strict=True)) + 1
    size = math.prod(how.kernel)
    most = max(1, BLOCK // (math.prod(area) * size))
    several, samples = min(channels, most), max(1, most // channels)
    for i in range(0, n, samples):
        for c in range(0, channels, several):
            part = slice(i, i + samples), slice(c, c + several)
            own = x[part]
            planes = np.zeros((*own.shape[:2], *area), x.dtype)
            planes[:, :, *inside] = own[:, :, *kept]
            steps = [
                step * gap
                for step, gap in zip(planes.strides[2:], how.dilation, strict=True)
            ]
            runs = as_strided(
                planes,
                (*own.shape[:2], *how.kernel, length),
                (*planes.strides[:2], *steps, x.itemsize),
            )
            yield part, runs, area


def _lines(runs: np.ndarray, area, out) -> np.ndarray:
    """A view of (n, C, run) as (n, C, *out)."""
    planes = runs.reshape(*runs.shape[:2], *area)
    return planes[:, :, *map(slice, out)]
