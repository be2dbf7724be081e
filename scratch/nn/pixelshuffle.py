"""Channels as pixels, and back."""

import numpy as np

from .._arrays import floating, require_array, require_int
from ..module import Module

__all__ = ["PixelShuffle", "PixelUnshuffle"]


class PixelShuffle(Module):
    r"""Makes r x r pixels of r x r channels, with $r$ = `upscale_factor`.

    Forward: $y_{c,\,ri + a,\,rj + b} = x_{c r^2 + a r + b,\,i,\,j}$ for
    $0 \le a, b < r$.

    Backward: every number is moved to one place, so its gradient is moved back,
    $dx_{c r^2 + a r + b,\,i,\,j} = dy_{c,\,ri + a,\,rj + b}$: `PixelUnshuffle`.

    Shape: $x$ (\*, C $r^2$, H, W), $y$ (\*, C, H r, W r).

    Source: Shi et al., Real-time single image and video super-resolution using an
    efficient sub-pixel convolutional neural network, 2016.

    Raises:
        TypeError: the factor is not an int; `x` is not an array.
        RuntimeError: the factor is not positive; `x` has fewer than 3 dimensions, or
            channels that $r^2$ does not divide.
    """

    def __init__(self, upscale_factor):
        _require_positive("upscale_factor", upscale_factor)
        self.upscale_factor = upscale_factor

    def forward(self, x):
        r = self.upscale_factor
        _require_multiples(x, "upscale_factor", r, r * r, 1)

        def back(dy):
            return _unshuffle(dy, r) if floating(x.dtype) else None

        return _shuffle(x, r), back

    def extra_repr(self):
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    r"""Makes r x r channels of r x r pixels, with $r$ = `downscale_factor`.

    Forward: $y_{c r^2 + a r + b,\,i,\,j} = x_{c,\,ri + a,\,rj + b}$ for
    $0 \le a, b < r$: undoes `PixelShuffle`.

    Backward: $dx_{c,\,ri + a,\,rj + b} = dy_{c r^2 + a r + b,\,i,\,j}$.

    Shape: $x$ (\*, C, H r, W r), $y$ (\*, C $r^2$, H, W).

    Source: as `PixelShuffle`.

    Raises:
        TypeError: the factor is not an int; `x` is not an array.
        RuntimeError: the factor is not positive; `x` has fewer than 3 dimensions, or a
            height or width that $r$ does not divide.
    """

    def __init__(self, downscale_factor):
        _require_positive("downscale_factor", downscale_factor)
        self.downscale_factor = downscale_factor

    def forward(self, x):
        r = self.downscale_factor
        _require_multiples(x, "downscale_factor", r, 1, r)

        def back(dy):
            return _shuffle(dy, r) if floating(x.dtype) else None

        return _unshuffle(x, r), back

    def extra_repr(self):
        return f"downscale_factor={self.downscale_factor}"


def _shuffle(x: np.ndarray, r: int) -> np.ndarray:
    *lead, channels, height, width = x.shape
    x = x.reshape(*lead, channels // r**2, r, r, height, width)
    y = np.empty((*lead, channels // r**2, height * r, width * r), x.dtype)
    for a, b in np.ndindex(r, r):
        y[..., a::r, b::r] = x[..., a, b, :, :]
    return y


def _unshuffle(x: np.ndarray, r: int) -> np.ndarray:
    *lead, channels, height, width = x.shape
    y = np.empty((*lead, channels, r, r, height // r, width // r), x.dtype)
    for a, b in np.ndindex(r, r):
        y[..., a, b, :, :] = x[..., a::r, b::r]
    return y.reshape(*lead, channels * r**2, height // r, width // r)


def _require_positive(name: str, factor) -> None:
    require_int(name, factor)
    if factor < 1:
        raise RuntimeError(f"{name}: a positive int was expected, got {factor}")


def _require_multiples(x, name: str, r: int, channels: int, side: int) -> None:
    require_array("input", x)
    if x.ndim < 3:
        raise RuntimeError(
            f"input: at least 3 dimensions were expected, got shape {x.shape}"
        )
    if x.shape[-3] % channels or x.shape[-2] % side or x.shape[-1] % side:
        raise RuntimeError(
            f"input: shape {x.shape} does not go with {name} = {r}: multiples of "
            f"{channels} channels and of {side} x {side} pixels were expected"
        )
