"""Functions that pull numbers towards 0, and those near 0 to 0 itself."""

import numpy as np

from .._arrays import keep_where, require_number
from ..bases.elementwise import Elementwise

__all__ = ["Hardshrink", "Softshrink", "Tanhshrink"]


class Hardshrink(Elementwise):
    r"""Zero for small numbers, the others as they are.

    Forward: $y = x$ for $|x| > \lambda$, else 0, with $\lambda$ = `lambd`.

    Backward: $dx = dy\,[\,|x| > \lambda\,]$; at both edges, where $y$ jumps, it is 0. A
    NaN lets the gradient through. With a negative $\lambda$ everything passes.

    Shape: any. Source: Donoho and Johnstone, Ideal spatial adaptation by wavelet
    shrinkage, 1994. Raises TypeError for a `lambd` that is no number.
    """

    def __init__(self, lambd=0.5):
        require_number("lambd", lambd)
        self.lambd = lambd

    def _function(self, x):
        passes = ~(np.abs(x) <= self.lambd)
        return keep_where(passes, x), lambda dy: keep_where(passes, dy)

    def extra_repr(self):
        return str(self.lambd)


class Softshrink(Elementwise):
    r"""Every number moved towards 0 by $\lambda$, but not beyond.

    Forward: $y = \mathrm{sign}(x) \max(|x| - \lambda, 0)$ with $\lambda$ = `lambd`,
    that is $x$ less what of it lies in $[-\lambda, \lambda]$.

    Backward: $dx = dy\,[\,|x| > \lambda\,]$; at both kinks the slope is 0. A NaN lets
    the gradient through.

    Shape: any. Source: Donoho, De-noising by soft-thresholding, 1995. Raises
    RuntimeError for a `lambd` below 0, TypeError for one that is no number.
    """

    def __init__(self, lambd=0.5):
        require_number("lambd", lambd)
        if not lambd >= 0:
            raise RuntimeError(f"lambd: a number from 0 on was expected, got {lambd}")
        self.lambd = lambd

    def _function(self, x):
        y = x - np.clip(x, -self.lambd, self.lambd)
        return y, lambda dy: keep_where(~(np.abs(x) <= self.lambd), dy)

    def extra_repr(self):
        return str(self.lambd)


class Tanhshrink(Elementwise):
    r"""What the tanh leaves of its input.

    Forward: $y = x - \tanh x$.

    Backward: what arrives, less what goes back through the tanh,
    $dx = dy - dy\,(1 - \tanh^2 x)$, which is $dy\, \tanh^2 x$.

    Shape: any.
    """

    def _function(self, x):
        t = np.tanh(x)
        return x - t, lambda dy: dy - dy * (1 - t * t)
