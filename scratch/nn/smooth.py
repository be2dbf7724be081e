"""Smooth relatives of the ReLU: exponentials and logarithms that bend its corner."""

import numpy as np

from .._arrays import choose, require_number
from ..bases.elementwise import Elementwise, InPlace, also_in_place
from .activation import log_sigmoid, sigmoid

__all__ = ["CELU", "ELU", "SELU", "LogSigmoid", "Softplus", "Softsign"]


class ELU(Elementwise):
    r"""Exponential linear unit: the left side saturates smoothly.

    Forward: $y = x$ for $x > 0$, else $\alpha (e^x - 1)$.

    Backward: $dx = dy$ for $x > 0$, else $\alpha e^x\, dy$; at 0 the slope is $\alpha$.

    Shape: any. Source: Clevert et al., Fast and accurate deep network learning by
    exponential linear units, 2015. Raises TypeError for an `alpha` that is no number.
    """

    def __init__(self, alpha=1.0, inplace=False):
        require_number("alpha", alpha)
        self.alpha = alpha
        self.inplace = inplace

    def _function(self, x):
        return _exponential_left(x, height=self.alpha)

    def extra_repr(self):
        return f"alpha={self.alpha}{also_in_place(self)}"


class CELU(Elementwise):
    r"""An ELU whose slope is continuous whatever $\alpha$.

    Forward: $y = x$ for $x > 0$, else $\alpha (e^{x / \alpha} - 1)$.

    Backward: $dx = dy$ for $x > 0$, else $e^{x / \alpha}\, dy$, which is $dy$ at 0.

    Shape: any. Source: Barron, Continuously differentiable exponential linear units,
    2017. Raises RuntimeError for an `alpha` of 0, TypeError for one that is no number.
    """

    def __init__(self, alpha=1.0, inplace=False):
        require_number("alpha", alpha)
        if alpha == 0:
            raise RuntimeError("alpha: 0 was given, and the formula divides by it")
        self.alpha = alpha
        self.inplace = inplace

    def _function(self, x):
        y, _ = _exponential_left(x, self.alpha, 1 / self.alpha)
        # PyTorch rounds this alpha to float, for float64 too.
        _, back = _exponential_left(x, self.alpha, 1 / float(np.float32(self.alpha)))
        return y, back

    def extra_repr(self):
        return f"alpha={self.alpha}{also_in_place(self)}"


class SELU(InPlace):
    r"""An ELU so scaled that activations keep mean 0 and variance 1 through the layers.

    Forward: $y = \lambda x$ for $x > 0$, else $\lambda \alpha (e^x - 1)$. The constants
    solve $E[y] = 0$ and $E[y^2] = 1$ for $x$ standard normal.

    Backward: $dx = \lambda\, dy$ for $x > 0$, else $\lambda \alpha e^x\, dy$; at 0 the
    slope is $\lambda \alpha$.

    Shape: any. Source: Klambauer et al., Self-normalizing neural networks, 2017.
    """

    ALPHA = 1.6732632423543772848170429916717
    SCALE = 1.0507009873554804934193349852946

    def _function(self, x):
        return _exponential_left(x, height=self.SCALE * self.ALPHA, right=self.SCALE)


class Softplus(Elementwise):
    r"""A ReLU with a round corner; its slope is the sigmoid.

    Forward: $y = \frac{1}{\beta} \log(1 + e^{\beta x})$, and $y = x$ where
    $\beta x$ > `threshold`: there both are equal, and the exponential may overflow.

    Backward: $\frac{dy}{dx} = \frac{e^{\beta x}}{1 + e^{\beta x}} = \sigma(\beta x)$;
    beyond the threshold 1.

    Shape: any. Source: Dugas et al., Incorporating second-order functional knowledge
    for better option pricing, 2000. Raises TypeError for options that are no numbers.
    """

    def __init__(self, beta=1.0, threshold=20.0):
        require_number("beta", beta)
        require_number("threshold", threshold)
        self.beta = beta
        self.threshold = threshold

    def _function(self, x):
        scaled = x * self.beta
        linear = scaled > self.threshold
        e = np.clip(scaled, -np.inf, self.threshold, out=scaled)
        np.exp(e, out=e)
        with np.errstate(divide="ignore", invalid="ignore"):  # beta = 0
            y = choose(linear, x, np.log1p(e) / self.beta, x.dtype)

        def back(dy):
            return dy * choose(linear, 1, e / (1 + e), x.dtype)

        return y, back

    def extra_repr(self):
        return f"beta={self.beta}, threshold={self.threshold}"


class LogSigmoid(Elementwise):
    r"""The logarithm of the sigmoid: a log-probability from a logit.

    Forward: $y = \log \sigma(x) = -\log(1 + e^{-x}) = \min(x, 0) - \log(1 + e^{-|x|})$,
    which never overflows.

    Backward: $\frac{dy}{dx} = \sigma'(x) / \sigma(x) = 1 - \sigma(x) = \sigma(-x)$.

    Shape: any.
    """

    def _function(self, x):
        return log_sigmoid(x), lambda dy: dy * sigmoid(-x)


class Softsign(Elementwise):
    r"""A cheap relative of the tanh, which approaches -1 and 1 slowly.

    Forward: $y = x / (1 + |x|)$.

    Backward: with $d = 1 + |x|$ and $d' = \mathrm{sign}(x)$ the quotient rule gives
    $\frac{dy}{dx} = (d - |x|) / d^2 = (1 - |y|) / d$, so $dx = (dy - dy\,|y|) / d$.

    Shape: any. Source: Turian et al., Quadratic features and deep architectures for
    chunking, 2009.
    """

    def _function(self, x):
        d = np.abs(x)
        d += 1
        with np.errstate(invalid="ignore"):  # infinity over infinity
            y = x / d

        def back(dy):
            dx = dy - dy * np.abs(y)
            dx /= d
            return dx

        return y, back


def _exponential_left(x, height, steepness=1, right=1):
    r"""$r x$ for $x > 0$, else $h (e^{s x} - 1)$; on the way back $r$ or $h s e^{s x}$.

    Where $x > 0$ the exponent is 0, and the exponential cannot overflow.
    """
    exponent = np.clip(x, -np.inf, 0)
    exponent *= steepness
    y = np.expm1(exponent)
    y *= height
    y += right * np.clip(x, 0, np.inf)

    def back(dy):
        slope = np.exp(exponent)
        slope *= height * steepness
        return dy * choose(x <= 0, slope, right, x.dtype)

    return y, back
