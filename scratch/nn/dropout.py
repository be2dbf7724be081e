"""Noise that regularises."""

import numpy as np

from .. import random
from .._arrays import empty_in_memory_order, require_float_array, require_number
from ..module import Module

__all__ = ["Dropout"]


class Dropout(Module):
    r"""Zeroes each element with probability `p` while training.

    Forward: $y = x \odot m$ with $m_i = b_i / (1 - p)$ and
    $b_i \sim \mathrm{Bernoulli}(1 - p)$. The division keeps the expectation,
    $E[y] = x$, so that nothing has to be scaled when evaluating; there $y = x$.

    Backward: the mask is a constant, $dx = dy \odot m$.

    The mask comes from the default generator, in the order of memory, and equals
    PyTorch's. With `p` = 0 nothing is drawn, with `p` = 1 everything is 0.

    `inplace` is taken for PyTorch's signature; the input is never written to.

    Shape: any. Raises ValueError for a `p` outside [0, 1]. Source: Srivastava et al.,
    Dropout: a simple way to prevent neural networks from overfitting, 2014.
    """

    def __init__(self, p=0.5, inplace=False):
        require_number("p", p)
        if not 0 <= p <= 1:
            raise ValueError(f"p: a probability in [0, 1] was expected, got {p}")
        self.p = p
        self.inplace = inplace

    def forward(self, x):
        require_float_array("input", x)
        if not self.training or self.p == 0 or x.size == 0:
            return x, lambda dy: dy
        mask, flat_mask = empty_in_memory_order(x)
        if self.p == 1:
            mask[...] = 0
        else:
            generator = random.default_generator
            flat_mask[:] = generator.bernoulli(1 - self.p, x.size, x.dtype)
            wide = np.promote_types(x.dtype, np.float32).type
            mask *= x.dtype.type(1 / wide(1 - self.p))

        def back(dy):
            return dy * mask

        return x * mask, back

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"
