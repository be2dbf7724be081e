r"""Gates: $y = x\, g$, where $g$ between 0 and 1 says how much of $x$ passes.

By the product rule $dx = dy\,(g + x\, g')$: what passes, and how $x$ moves the gate.
"""

import math

import numpy as np

from .._arrays import require_float_array
from ..bases.elementwise import Elementwise, InPlace
from ..kernels.gaussian import normal_cdf, normal_density
from ..module import Module
from .activation import require_dimension, sigmoid

__all__ = ["GELU", "GLU", "Mish", "SiLU"]


class SiLU(InPlace):
    r"""Sigmoid linear unit, also called swish.

    Forward: $y = x\, \sigma(x)$.

    Backward: $\sigma' = \sigma (1 - \sigma)$, so
    $dx = dy\,(\sigma + x \sigma (1 - \sigma)) = dy\,(\sigma + y (1 - \sigma))$.

    Shape: any. Source: Elfwing et al., Sigmoid-weighted linear units, 2017.
    """

    def _function(self, x):
        gate = sigmoid(x)
        y = x * gate

        def back(dy):
            slope = 1 - gate
            slope *= y
            slope += gate
            slope *= dy
            return slope

        return y, back


class GELU(Elementwise):
    r"""Gaussian error linear unit: the gate is the normal distribution function.

    Forward: $y = x\, \Phi(x)$ with
    $\Phi(x) = P(Z \le x) = \frac12 (1 + \mathrm{erf}(x / \sqrt2))$.

    Backward: $\Phi' = \varphi$, the density $e^{-x^2/2} / \sqrt{2 \pi}$, so
    $dx = dy\,(\Phi(x) + x\, \varphi(x))$.

    `approximate="tanh"` is another function, at most 5e-4 away:
    $y = \frac12 x (1 + \tanh u)$ with $u = \sqrt{2 / \pi}\,(x + 0.044715\, x^3)$. With
    $t = \tanh u$ it goes back as
    $dx = dy\,[\frac12 (1 + t) + \frac12 x (1 - t^2)\, u']$ and
    $u' = \sqrt{2 / \pi}\,(1 + 3 \cdot 0.044715\, x^2)$.

    Shape: any. Source: Hendrycks and Gimpel, Gaussian error linear units, 2016. Raises
    RuntimeError for an `approximate` other than "none" and "tanh".
    """

    SLOPE = math.sqrt(2 / math.pi)
    CUBIC = 0.044715

    def __init__(self, approximate="none"):
        if approximate not in ("none", "tanh"):
            raise (RuntimeError if isinstance(approximate, str) else TypeError)(
                f"approximate: 'none' or 'tanh' was expected, got {approximate!r}"
            )
        self.approximate = approximate

    def _function(self, x):
        return self._by_tanh(x) if self.approximate == "tanh" else self._by_erf(x)

    def _by_erf(self, x):
        gate = normal_cdf(x)

        def back(dy):
            slope = normal_density(x)
            slope *= x
            slope += gate
            slope *= dy
            return slope

        return x * gate, back

    def _by_tanh(self, x):
        squared = x * x
        t = squared * (self.SLOPE * self.CUBIC)
        t += self.SLOPE
        t *= x
        np.tanh(t, out=t)
        gate = 0.5 + 0.5 * t

        def back(dy):
            slope = squared * (3 * self.SLOPE * self.CUBIC)
            slope += self.SLOPE
            slope *= 1 - t * t
            slope *= 0.5 * x
            slope += gate
            slope *= dy
            return slope

        return x * gate, back

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class Mish(InPlace):
    r"""A gate that is the tanh of the softplus.

    Forward: $y = x\, t$ with $t = \tanh(\log(1 + e^x))$. With $e = e^x$,
    $\tanh(\log a) = (a^2 - 1) / (a^2 + 1)$ for $a = 1 + e$ gives
    $t = \frac{e (e + 2)}{e (e + 2) + 2}$: one exponential instead of three functions.
    Beyond $x = 20$ it is 1 in every precision, and $e$ need not grow further.

    Backward: $\frac{dt}{dx} = (1 - t^2)\, \sigma(x)$, since the slope of the softplus
    is the sigmoid $e / (1 + e)$; so $dx = dy\,(t + x\,(1 - t^2)\, \sigma(x))$.

    Shape: any. Source: Misra, Mish: a self regularized non-monotonic activation
    function, 2019.
    """

    SATURATED = 20

    def _function(self, x):
        e = np.clip(x, -np.inf, self.SATURATED)
        np.exp(e, out=e)
        t = e * (e + 2)
        t /= t + 2

        def back(dy):
            slope = 1 - t * t
            slope *= x
            slope *= e / (1 + e)
            slope += t
            slope *= dy
            return slope

        return x * t, back


class GLU(Module):
    r"""Gated linear unit: one half of the input is the gate of the other.

    Forward: $y = a \odot \sigma(b)$ with $a$ and $b$ the halves of $x$ along `dim`.

    Backward: $da = dy \odot \sigma(b)$ and
    $db = dy \odot a \odot \sigma(b)\,(1 - \sigma(b))$, side by side again.

    Shape: $x$ (..., 2n, ...), $y$ (..., n, ...), where 2n is the size along `dim`.

    Source: Dauphin et al., Language modeling with gated convolutional networks, 2016.

    Raises:
        RuntimeError: the size along `dim` is odd, or the input a single number.
        IndexError: a `dim` that the input does not have.
    """

    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        require_float_array("input", x)
        if x.ndim == 0:
            raise RuntimeError("input: a single number cannot be halved")
        require_dimension(self.dim, x)
        if x.shape[self.dim] % 2:
            raise RuntimeError(
                f"input: shape {x.shape} is odd along dim = {self.dim}, "
                "and cannot be halved"
            )
        wide = np.promote_types(x.dtype, np.float32)
        a, b = np.split(np.asarray(x).astype(wide, copy=False), 2, axis=self.dim)
        gate = sigmoid(b)

        def back(dy):
            da = dy * gate
            db = da * (1 - gate)
            db *= a
            return np.concatenate([da, db], axis=self.dim).astype(x.dtype, copy=False)

        return (a * gate).astype(x.dtype, copy=False), back

    def extra_repr(self):
        return f"dim={self.dim}"
