"""The ReLU family: functions made of straight pieces.

At a kink the slope is that of one of the two pieces, and each docstring says of which.
Every comparison is false for a NaN; so is the slope chosen for it. (PyTorch's own slope
at a NaN depends on where in memory the NaN is: its vectorised code and the code for the
last few elements disagree. What is here is the latter.)
"""

import math
import warnings

import numpy as np

from .. import random
from .._arrays import (
    choose,
    keep_where,
    require_float_array,
    require_number,
    require_same_dtype,
    require_sizes,
    sum_rows,
)
from ..bases.elementwise import Elementwise, InPlace, also_in_place
from ..module import Parameter
from . import init

__all__ = [
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Threshold",
]


class ReLU(InPlace):
    r"""Rectified linear unit.

    Forward: $y = \max(x, 0)$.

    Backward: $dx = dy\,[x > 0]$. At the kink the subgradient 0 is taken,
    $\mathrm{ReLU}'(0) = 0$, as PyTorch does; a NaN input lets the gradient through.

    `inplace` is taken for PyTorch's signature; the input is never written to.

    Shape: any. Source: Nair and Hinton, Rectified linear units improve restricted
    Boltzmann machines, 2010.
    """

    def _function(self, x):
        y = np.clip(x, 0, np.inf)  # with both bounds it is faster than `maximum`

        def back(dy):
            return keep_where(~(y <= 0), dy)

        return y, back


class LeakyReLU(Elementwise):
    r"""ReLU with a small slope where it would be flat.

    Forward: $y = x$ for $x > 0$, else $a x$ with $a$ = `negative_slope`.

    Backward: $dx = dy$ for $x > 0$, else $a\, dy$; at 0 the slope is $a$.

    Shape: any. Source: Maas et al., Rectifier nonlinearities improve neural network
    acoustic models, 2013.
    """

    def __init__(self, negative_slope=0.01, inplace=False):
        self.negative_slope = negative_slope
        self.inplace = inplace

    def _function(self, x):
        require_number("negative_slope", self.negative_slope)
        return _two_slopes(x, self.negative_slope)

    def extra_repr(self):
        return f"negative_slope={self.negative_slope}{also_in_place(self)}"


class PReLU(Elementwise):
    r"""ReLU that learns the slope of its left side, one for all or one a channel.

    Forward: $y = x$ for $x > 0$, else $w_c\, x$, where $c$ is the place along the
    second dimension, if there is more than one slope.

    Backward: $dx = dy$ for $x > 0$, else $w_c\, dy$. Where $x \le 0$,
    $\partial y / \partial w_c = x$, so $dw_c = \sum dy\, x\,[x \le 0]$ over all
    elements of the channel. At 0 the slope is $w_c$.

    Shape: any for one slope; (N, C, ...) for C = `num_parameters`.

    Source: He et al., Delving deep into rectifiers, 2015.

    Raises:
        TypeError: `num_parameters` is not an int, `init` not a number.
        RuntimeError: a negative `num_parameters`, an input with another number of
            channels or of another dtype than the weight.
    """

    def __init__(self, num_parameters=1, init=0.25, dtype=None):
        require_sizes(num_parameters=num_parameters)
        require_number("init", init)
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(np.empty(num_parameters, dtype or np.float32))
        self.reset_parameters()

    def reset_parameters(self):
        init.constant_(self.weight, self.init)

    def forward(self, x):
        w = self.weight.data
        require_float_array("input", x)
        require_same_dtype("input", x, "weight", w)
        channels = 1 if x.ndim < 2 else x.shape[1]
        if len(w) != 1 and (x.ndim == 0 or len(w) != channels):
            raise RuntimeError(
                f"input: shape {x.shape} has {channels} channels, "
                f"num_parameters = {len(w)}"
            )
        return super().forward(x)

    def _function(self, x):
        right = x > 0
        w = self.weight.data.astype(x.dtype, copy=False)
        per_channel = w.reshape(-1, *[1] * (x.ndim - 2)) if len(w) != 1 else w
        slope = choose(right, 1, per_channel, x.dtype)

        def back(dy):
            dw = keep_where(~right, x * dy)
            if len(w) == 1:
                dw = dw.sum(keepdims=True).reshape(1)
            else:
                N, C, *rest = dw.shape
                dw = sum_rows(dw.reshape(N, C, math.prod(rest)).sum(axis=2))
            self.weight.accumulate(dw)
            return dy * slope

        return x * slope, back

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"


class RReLU(Elementwise):
    r"""Leaky ReLU whose slope is drawn for each element while training.

    Forward: $y = x$ for $x > 0$, else $a x$ with $a$ uniform in [`lower`, `upper`);
    when evaluating $a$ is their mean.

    Backward: the slopes are constants, $dx = dy$ for $x > 0$, else $a\, dy$; at 0 the
    slope is $a$.

    The slopes come from the default generator, one for each element that is not
    positive, in the order of the indices, and equal PyTorch's.

    Shape: any. Source: Xu et al., Empirical evaluation of rectified activations in
    convolutional network, 2015.

    Raises: TypeError for a bound that is not a number; RuntimeError for one that is not
    finite, or a `lower` above `upper`.
    """

    def __init__(self, lower=1.0 / 8, upper=1.0 / 3, inplace=False):
        for name, bound in ("lower", lower), ("upper", upper):
            require_number(name, bound)
            if not math.isfinite(bound):
                raise RuntimeError(f"{name}: a finite number was expected, got {bound}")
        if lower > upper:
            raise RuntimeError(f"lower: {lower} is above upper = {upper}")
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def _function(self, x):
        if not self.training:
            return _two_slopes(x, (self.lower + self.upper) / 2)
        left = x <= 0
        low, high = (float(x.dtype.type(bound)) for bound in (self.lower, self.upper))
        u = random.default_generator.fractions(np.count_nonzero(left), np.float64)
        slope = np.ones(x.shape, x.dtype)
        slope[left] = u * (high - low) + low
        return x * slope, lambda dy: dy * slope

    def extra_repr(self):
        return f"lower={self.lower}, upper={self.upper}{also_in_place(self)}"


class Threshold(Elementwise):
    r"""Hands on what is above a threshold, and puts a value in place of the rest.

    Forward: $y = x$ for $x >$ `threshold`, else `value`.

    Backward: $dx = dy\,[x > \text{threshold}]$; at the threshold the slope is 0. The
    jump there has no slope at all.

    Shape: any.
    """

    def __init__(self, threshold, value, inplace=False):
        require_number("threshold", threshold)
        require_number("value", value)
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def _function(self, x):
        off = x <= self.threshold
        y = choose(off, self.value, x, x.dtype)
        return y, lambda dy: keep_where(~off, dy)

    def extra_repr(self):
        return f"threshold={self.threshold}, value={self.value}{also_in_place(self)}"


class Hardtanh(Elementwise):
    r"""The tanh in three straight pieces.

    Forward: $y = \min(\max(x, \text{min\_val}), \text{max\_val})$.

    Backward: $dx = dy\,[\text{min\_val} < x < \text{max\_val}]$; at both kinks the
    slope is 0.

    Shape: any. Source: Collobert, Large scale machine learning, 2004. Raises
    AssertionError for a `max_val` that is not above `min_val`, TypeError for a bound
    that is not a number.
    """

    def __init__(
        self,
        min_val=-1.0,
        max_val=1.0,
        inplace=False,
        min_value=None,
        max_value=None,
    ):
        for old, value in ("min_value", min_value), ("max_value", max_value):
            if value is not None:
                warnings.warn(
                    f"{old} is deprecated, as in PyTorch: it is called {old[:-2]}",
                    FutureWarning,
                    stacklevel=2,
                )
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        require_number("min_val", self.min_val)
        require_number("max_val", self.max_val)
        if self.max_val <= self.min_val:
            raise AssertionError(
                f"max_val: {self.max_val} is not above min_val = {self.min_val}"
            )

    def _function(self, x):
        y = np.clip(x, self.min_val, self.max_val)

        def back(dy):
            return keep_where(~((x <= self.min_val) | (x >= self.max_val)), dy)

        return y, back

    def extra_repr(self):
        return f"min_val={self.min_val}, max_val={self.max_val}{also_in_place(self)}"


class ReLU6(Hardtanh):
    r"""ReLU that ends at 6.

    Forward: $y = \min(\max(x, 0), 6)$.

    Backward: $dx = dy\,[0 < x < 6]$; at both kinks the slope is 0.

    Shape: any. Source: Krizhevsky, Convolutional deep belief networks on CIFAR-10,
    2010.
    """

    def __init__(self, inplace=False):
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class Hardsigmoid(InPlace):
    r"""The sigmoid in three straight pieces.

    Forward: $y = \min(\max(x + 3, 0), 6) / 6$.

    Backward: $dx = dy / 6$ for $-3 < x < 3$, else 0, at both kinks too.

    Shape: any. Source: Courbariaux et al., BinaryConnect, 2015; with these kinks Howard
    et al., Searching for MobileNetV3, 2019.
    """

    SLOPE = float(np.float32(1) / np.float32(6))  # PyTorch's constant is a float

    def _function(self, x):
        y = np.clip(x + 3, 0, 6)
        y /= 6

        def back(dy):
            return keep_where((x > -3) & (x < 3), dy * self.SLOPE)

        return y, back

    def extra_repr(self):
        return ""


class Hardswish(InPlace):
    r"""An input times its hard sigmoid: SiLU in cheap pieces.

    Forward: $y = x\, \min(\max(x + 3, 0), 6) / 6$: 0 up to -3, $x$ from 3 on, a
    parabola $(x^2 + 3x) / 6$ between.

    Backward: $dx = dy\,(x/3 + 1/2)$ for $-3 < x < 3$; 0 up to -3, $dy$ from 3 on. The
    slope jumps at both: at -3 it is 0, at 3 it is 1.

    Shape: any. Source: Howard et al., Searching for MobileNetV3, 2019.
    """

    def _function(self, x):
        y = np.clip(x + 3, 0, 6)
        y *= x
        y /= 6

        def back(dy):
            slope = x / 3
            slope += 0.5
            inside = (x > -3) & (x < 3)
            slope = choose(inside, slope, 1, x.dtype)
            return keep_where(~(x <= -3), dy * slope)

        return y, back

    def extra_repr(self):
        return ""


def _two_slopes(x, left):
    """x with the slope 1 where it is positive, and `left` elsewhere; its way back."""
    slope = choose(x > 0, 1, left, x.dtype)
    return x * slope, lambda dy: dy * slope
