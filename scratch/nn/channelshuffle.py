"""Channels in another order."""

import numpy as np

from .._arrays import floating, require_array, require_int
from ..module import Module

__all__ = ["ChannelShuffle"]


class ChannelShuffle(Module):
    r"""Deals the channels of `groups` blocks out in turns, one of each block.

    Forward: with $g$ blocks of $m = C / g$ channels, $y_{n,\,jg + i} = x_{n,\,im + j}$
    for $i < g$, $j < m$: channels as a matrix of $g$ rows, transposed. After a grouped
    convolution, every group of the next one sees all of the groups before.

    Backward: the transpose of a matrix is undone by transposing again,
    $dx_{n,\,im + j} = dy_{n,\,jg + i}$: a shuffle of $m$ blocks.

    Shape: $x$ (N, C, \*), $y$ the same, with at least one more dimension.

    Source: Zhang et al., ShuffleNet: an extremely efficient convolutional neural
    network for mobile devices, 2018.

    Raises:
        TypeError: `groups` is not an int; `x` is not an array.
        RuntimeError: `groups` is not positive or does not divide the channels; `x` has
            fewer than 3 dimensions.
    """

    def __init__(self, groups):
        require_int("groups", groups)
        if groups < 1:
            raise RuntimeError(f"groups: a positive int was expected, got {groups}")
        self.groups = groups

    def forward(self, x):
        require_array("input", x)
        if x.ndim < 3 or x.shape[1] % self.groups:
            raise RuntimeError(
                f"input: (N, C, *) with a multiple of groups = {self.groups} channels "
                f"was expected, got shape {x.shape}"
            )

        def back(dy):
            if not floating(x.dtype):
                return None
            return _shuffle(dy, x.shape[1] // self.groups)

        return _shuffle(x, self.groups), back

    def extra_repr(self):
        return f"groups={self.groups}"


def _shuffle(x: np.ndarray, groups: int) -> np.ndarray:
    n, channels, *others = x.shape
    each = channels // groups if groups else 0  # nothing at all: any shuffle will do
    return x.reshape(n, groups, each, *others).swapaxes(1, 2).reshape(x.shape)
