r"""The standard normal distribution, in float32 ten times as fast as with SciPy's erf.

Below the layers because the polynomial that makes it fast says nothing of $\Phi$.
"""

import math

import numpy as np
from scipy.special import erf

# artanh(2 Phi(x) - 1) = x Q(x^2): Q by weighted least squares on [-6, 6], so that the
# largest error of Phi is 2.9e-8, half a rounding of float32 at 1. Beyond, the argument
# grows on, and Phi is 0 or 1. The highest power comes first.
_Q = np.float32(
    [
        1.75627683e-09,
        -1.32266259e-07,
        3.96477293e-06,
        -5.53063157e-05,
        -3.25947467e-05,
        3.63330844e-02,
        7.97884941e-01,
    ]
)


def normal_cdf(x: np.ndarray) -> np.ndarray:
    r"""$\Phi(x) = \frac12 (1 + \mathrm{erf}(x / \sqrt2))$, elementwise.

    For float32 SciPy's erf takes ten times as long as arithmetic: there
    $\Phi(x) = \frac12 (1 + \tanh(x\, Q(x^2)))$ with a polynomial $Q$.
    """
    if x.dtype != np.float32:
        return 0.5 * (1 + erf(x * math.sqrt(0.5)))
    with np.errstate(over="ignore"):  # to infinity, whose tanh is 1
        squared = x * x
        y = squared * _Q[0]
        for coefficient in _Q[1:-1]:
            y += coefficient
            y *= squared
        y += _Q[-1]
        y *= x
    np.tanh(y, out=y)
    y *= 0.5
    y += 0.5
    return y


def normal_density(x: np.ndarray) -> np.ndarray:
    r"""$\varphi(x) = e^{-x^2 / 2} / \sqrt{2 \pi}$, elementwise."""
    with np.errstate(over="ignore"):
        y = x * x
    y *= -0.5
    np.exp(y, out=y)
    y *= 1 / math.sqrt(2 * math.pi)
    return y
