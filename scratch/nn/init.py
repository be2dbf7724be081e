"""Filling parameters: `torch.nn.init`, in place and to the same last bit.

Every function takes a NumPy array, or a parameter whose `data` is one, fills it in
place and returns what it was given. Arrays are filled in the order of memory, as in
PyTorch. `generator=None` stands for the default stream.

Wherever the values are random, the stream and so the values are PyTorch's for the same
seed; only `orthogonal_` depends on a library (LAPACK) and agrees within rounding.
"""

import math
import warnings

import numpy as np

from ..random import chosen_generator, default_generator

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

_GAINS = {
    **dict.fromkeys(
        (
            "linear",
            "conv1d",
            "conv2d",
            "conv3d",
            "conv_transpose1d",
            "conv_transpose2d",
            "conv_transpose3d",
            "sigmoid",
        ),
        1,
    ),
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,  # PyTorch found it by experiment
}
_DEFAULT_SLOPE = 0.01

# trunc_normal_: below this share of the normal's mass, most normal draws would be lost.
_ENOUGH_MASS = 0.3


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much a layer's weights grow to make up for the nonlinearity after it.

    1 for linear layers, convolutions and the sigmoid, 5/3 for tanh, sqrt(2) for relu,
    sqrt(2 / (1 + slope^2)) for leaky_relu (param: the slope, 0.01), 3/4 for selu.

    Raises: ValueError for another name, or a slope that is not a number.
    """
    if nonlinearity != "leaky_relu":
        if nonlinearity not in _GAINS:
            raise ValueError(f"calculate_gain: unknown nonlinearity {nonlinearity!r}")
        return _GAINS[nonlinearity]
    slope = _DEFAULT_SLOPE if param is None else param
    if isinstance(slope, bool) or not isinstance(slope, (int, float)):
        raise ValueError(f"calculate_gain: expected a number as slope, got {slope!r}")
    return math.sqrt(2.0 / (1 + slope**2))


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """Fill with U(a, b)."""
    _fill_uniform(_array(tensor), a, b, generator)
    return tensor


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """Fill with N(mean, std^2)."""
    _fill_normal(_array(tensor), mean, std, generator)
    return tensor


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """Fill with N(mean, std^2), cut off to [a, b].

    Numbers are drawn for the whole array, and those refused are drawn again, until none
    is. If [a, b] holds over 30% of the mass, the draws are normal, and refused if
    outside. Otherwise they are uniform in [a, b], and accepted with the probability
    exp(-(x - mean)^2 / (2 std^2)), relative to its maximum on [a, b]. PyTorch decides
    that with a logarithm of its own, which differs from ours in the last bit now and
    then; in float32 one decision in some 10^8 may so fall the other way.

    Source: torch.nn.init from 2.12 on; before, PyTorch inverted the distribution.
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "trunc_normal_: mean is more than 2 std from [a, b]; "
            "the values may be distributed differently",
            stacklevel=2,
        )
    array = _array(tensor)
    mass = _normal_cdf((b - mean) / std) - _normal_cdf((a - mean) / std)
    if mass > _ENOUGH_MASS:
        _redraw_outside(array, mean, std, a, b, generator)
    else:
        _redraw_improbable(array, mean, std, a, b, generator)
    return tensor


def _normal_cdf(x):
    return (1 + math.erf(x / math.sqrt(2))) / 2


def _redraw_outside(array, mean, std, a, b, generator):
    low, high = array.dtype.type(a), array.dtype.type(b)
    _fill_normal(array, mean, std, generator)
    while (outside := (array < low) | (array > high)).any():
        fresh = np.empty_like(array)
        _fill_normal(fresh, mean, std, generator)
        np.copyto(array, fresh, where=outside)


def _redraw_improbable(array, mean, std, a, b, generator):
    wide = np.promote_types(array.dtype, np.float32).type
    mode = max(a, min(mean, b))
    log_peak = -0.5 * ((mode - mean) / std) ** 2
    refused = np.ones(array.shape, bool)
    while refused.any():
        proposed, u = np.empty_like(array), np.empty_like(array)
        _fill_uniform(proposed, a, b, generator)
        np.copyto(array, proposed, where=refused)
        log_density = proposed
        log_density -= wide(mean)
        log_density /= wide(std)
        log_density *= log_density
        log_density *= wide(-0.5)
        log_density -= wide(log_peak)
        _fill_uniform(u, 0.0, 1.0, generator)
        with np.errstate(divide="ignore"):  # u may be 0
            log_u = np.log(u, dtype=np.float64).astype(u.dtype)
        refused &= log_u > log_density


def constant_(tensor, val):
    """Fill with `val`. Raises: RuntimeError if the dtype cannot hold it."""
    array = _array(tensor)
    try:
        with np.errstate(over="raise"):
            array[...] = val
    except (OverflowError, FloatingPointError):
        raise RuntimeError(f"constant_: {val} is too large for {array.dtype}") from None
    return tensor


def ones_(tensor):
    """Fill with 1."""
    return constant_(tensor, 1.0)


def zeros_(tensor):
    """Fill with 0."""
    return constant_(tensor, 0.0)


def eye_(tensor):
    """Fill a matrix with 1 on its diagonal, 0 elsewhere: a Linear that hands on.

    Raises: ValueError if there are not 2 dimensions.
    """
    array = _matrix("eye_", tensor)
    array[...] = 0
    np.fill_diagonal(array, 1)
    return tensor


def dirac_(tensor, groups=1):
    """Fill a kernel (C_out, C_in, *window) so that a convolution hands its input on.

    The middle of the window is 1 from input channel d to output channel d of each
    group, as far as both exist; all else is 0.

    Raises: ValueError unless there are 3, 4 or 5 dimensions, and C_out is divisible by
    `groups`.
    """
    array = _array(tensor)
    if array.ndim not in (3, 4, 5):
        raise ValueError(f"dirac_: expected 3, 4 or 5 dimensions, got {array.ndim}")
    outputs, inputs, *window = array.shape
    if outputs % groups != 0:
        raise ValueError(f"dirac_: {groups} groups do not divide {outputs} channels")
    per_group = outputs // groups
    group, channel = np.indices((groups, min(per_group, inputs)))
    middle = (size // 2 for size in window)
    array[...] = 0
    array[(group * per_group + channel, channel, *middle)] = 1
    return tensor


def _calculate_fan_in_and_fan_out(tensor) -> tuple[int, int]:
    """How many inputs reach an output, and outputs an input: (C_out, C_in, *window).

    Raises: ValueError if there are fewer than 2 dimensions.
    """
    shape = _array(tensor).shape
    if len(shape) < 2:
        raise ValueError(f"fans: expected 2 dimensions or more, got shape {shape}")
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """Fill with U(-l, l), l = gain * sqrt(6 / (fan_in + fan_out)).

    Signals keep their variance, forward and backward alike (Glorot and Bengio, 2010).
    """
    bound = math.sqrt(3.0) * _xavier_std(tensor, gain)
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """Fill with N(0, std^2), std = gain * sqrt(2 / (fan_in + fan_out)).

    Signals keep their variance, forward and backward alike (Glorot and Bengio, 2010).
    """
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


def _xavier_std(tensor, gain):
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return gain * math.sqrt(2.0 / float(fan_in + fan_out))


def kaiming_uniform_(
    tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None
):
    """Fill with U(-l, l), l = gain * sqrt(3 / fan).

    Signals keep their variance through rectifiers of slope `a`: forward with "fan_in",
    backward with "fan_out" (He et al., 2015).

    Raises: ValueError for another mode or nonlinearity.
    """
    if _is_empty(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None
):
    """Fill with N(0, std^2), std = gain / sqrt(fan); see `kaiming_uniform_`."""
    if _is_empty(tensor):
        return tensor
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    return normal_(tensor, 0.0, std, generator)


def _kaiming_std(tensor, a, mode, nonlinearity):
    fans = dict(
        zip(("fan_in", "fan_out"), _calculate_fan_in_and_fan_out(tensor), strict=True)
    )
    if mode.lower() not in fans:
        raise ValueError(f"mode: expected one of {list(fans)}, got {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans[mode.lower()])


def _is_empty(tensor):
    empty = _array(tensor).size == 0
    if empty:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return empty


def orthogonal_(tensor, gain=1, generator=None):
    """Fill with gain * Q, where Q^T Q = 1 or, with fewer rows than columns, Q Q^T = 1.

    Dimensions after the first are taken together. A matrix of N(0, 1) = Q R, and each
    column of Q takes the sign of R's diagonal, so that every Q is equally likely
    (Saxe et al., 2013; Mezzadri, 2007).

    Raises: ValueError if there are fewer than 2 dimensions, NotImplementedError for
    float16.
    """
    array = _array(tensor)
    if array.dtype == np.float16:
        raise NotImplementedError("orthogonal_: expected float32 or float64")
    if array.ndim < 2:
        raise ValueError(
            f"orthogonal_: expected 2 dimensions or more, got {array.ndim}"
        )
    if array.size == 0:
        return tensor
    shape = (len(array), array.size // len(array))
    drawn = chosen_generator(generator).normal(shape, dtype=array.dtype)
    wide = shape[0] < shape[1]
    q, r = np.linalg.qr(drawn.T if wide else drawn)
    q *= np.sign(np.diag(r))
    array[...] = (q.T if wide else q).reshape(array.shape)
    array *= gain
    return tensor


def sparse_(tensor, sparsity, std=0.01, generator=None):
    """Fill a matrix with N(0, std^2), then zero a share `sparsity` of each column.

    The share is rounded up. As in PyTorch, which rows are zeroed is drawn from the
    default stream, whatever `generator` (Martens, 2010).

    Raises: ValueError if there are not 2 dimensions.
    """
    array = _matrix("sparse_", tensor)
    rows, columns = array.shape
    zeros = math.ceil(sparsity * rows)
    _fill_normal(array, 0.0, std, generator)
    for column in range(columns):
        array[default_generator.randperm(rows)[:zeros], column] = 0
    return tensor


# What is filled, and in which order.


def _array(tensor):
    """The array to fill: `tensor` itself, or the `data` of a parameter."""
    array = tensor if isinstance(tensor, np.ndarray) else getattr(tensor, "data", None)
    if not isinstance(array, np.ndarray):
        raise TypeError(f"tensor: expected an array or parameter, got {type(tensor)}")
    return array


def _matrix(name, tensor):
    array = _array(tensor)
    if array.ndim != 2:
        raise ValueError(f"{name}: expected 2 dimensions, got {array.ndim}")
    return array


def _in_memory_order(array):
    """A view whose last axis has the smallest stride, the first one the largest."""
    return array.transpose(np.argsort(-np.abs(array.strides), kind="stable"))


def _fill_uniform(array, low, high, generator):
    view = _in_memory_order(array)
    generator = chosen_generator(generator)
    view[...] = generator.uniform(view.shape, low, high, array.dtype)


def _fill_normal(array, mean, std, generator):
    view = _in_memory_order(array)
    serial = not array.flags.c_contiguous
    generator = chosen_generator(generator)
    view[...] = generator.normal(view.shape, mean, std, array.dtype, serial)
