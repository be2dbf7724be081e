"""More pixels, or fewer, from the pixels around."""

import math

from .._arrays import require_float_array, require_int
from ..kernels.resample import MODES, read, spread, taps
from ..kernels.window import wide
from ..module import Module

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]

_DIMENSIONS = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


class Upsample(Module):
    r"""Reads a sequence, an image or a volume at more places, or at fewer.

    Forward: along each dimension, of $L$ numbers and $M$ outputs, output $o$ is read at
    place $t_o$ and is a weighted sum of the numbers around,
    $y_o = \sum_k w_{ko}\, x_{i_k(o)}$. With the ratio $r = L / M$:

    - "nearest": one number, $i(o) = \lfloor r o \rfloor$.
    - "linear", "bilinear", "trilinear" (1, 2, 3 dimensions): with $i = \lfloor t_o
      \rfloor$ and $\lambda = t_o - i$, $y_o = (1 - \lambda) x_i + \lambda x_{i + 1}$.
    - "bicubic" (2 dimensions): $x_{i-1}, ..., x_{i+2}$, weighted by Keys' cubic kernel
      $k$ at their distances from $t_o$: $k(d) = ((a + 2) d - (a + 3)) d^2 + 1$ up to 1
      and $((a d - 5a) d + 8a) d - 4a$ from there to 2, $a = -0.75$.

    Pixels are squares, and $t_o = r (o + \frac{1}{2}) - \frac{1}{2}$ puts the centres
    of both rows of squares over each other (linear: not below 0). With `align_corners`
    they are points, and the first and last ones meet: $t_o = o (L - 1) / (M - 1)$.
    Beyond an end, the number at the end is taken. The sums run along one dimension
    after the other, as $y = A x B^\top$ for an image.

    Backward: $M$ numbers are made of $L$ by a matrix, and the way back is its
    transpose: each $x_i$ gets from every output that it went into,
    $dx_i = \sum_{k, o:\, i_k(o) = i} w_{ko}\, dy_o$: a sum, for "nearest" over the
    $M / L$ copies, and not one of them.

    Either `size` is given, or `scale_factor`: then $M = \lfloor L f \rfloor$, and
    $r = 1 / f$ unless `recompute_scale_factor`, also if that is not $L / M$; but as in
    PyTorch $r = L / M$ for images in mode "nearest" if $M$ is $L$ or $2 L$.

    Shape: $x$ (N, C, \*spatial), $y$ (N, C, \*size), for 1, 2 or 3 spatial dimensions.

    Source: Keys, Cubic convolution interpolation for digital image processing, 1981;
    Long et al., Fully convolutional networks for semantic segmentation, 2015.

    Raises:
        ValueError: not one of `size` and `scale_factor`, or a number of them other
            than that of the dimensions; `align_corners` with "nearest";
            `recompute_scale_factor` with a `size`.
        TypeError: a size is not an int; `x` is not an array.
        NotImplementedError: an unknown `mode`, or one for another number of dimensions.
        RuntimeError: nothing is left, or `x` has nothing but an empty batch.
    """

    def __init__(
        self,
        size=None,
        scale_factor=None,
        mode="nearest",
        align_corners=None,
        recompute_scale_factor=None,
    ):
        if isinstance(scale_factor, tuple):
            scale_factor = tuple(map(float, scale_factor))
        else:
            scale_factor = float(scale_factor) if scale_factor else None
        if mode not in MODES:
            raise NotImplementedError(
                f"mode: one of {MODES} was expected, got {mode!r}"
            )
        if (size is None) == (scale_factor is None):
            raise ValueError(
                f"size: either size or scale_factor was expected, got {size} and "
                f"{scale_factor}"
            )
        for n in size if isinstance(size, tuple | list) else (size,):
            if size is not None:
                require_int("size", n)
        if align_corners is not None and mode not in _DIMENSIONS:
            raise ValueError(f"align_corners: has no meaning for mode {mode!r}")
        if recompute_scale_factor and size is not None:
            raise ValueError("recompute_scale_factor: has no meaning with a size")
        self.name = type(self).__name__
        self.size = size
        self.scale_factor = scale_factor
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, x):
        spatial = self._fitting(x)
        sizes, factors = self._sizes(spatial)
        if min(*sizes, *x.shape[1:]) < 1:
            raise RuntimeError(
                f"input: shape {x.shape} cannot be resampled to size {sizes}"
            )
        dtype = wide(x.dtype)
        lines = [
            taps(n, out, self.mode, bool(self.align_corners), factor, dtype)
            for n, out, factor in zip(spatial, sizes, factors, strict=True)
        ]
        y = read(x.astype(dtype, copy=False), lines).astype(x.dtype, copy=False)

        def back(dy):
            dx = spread(dy.astype(dtype, copy=False), lines)
            return dx.astype(x.dtype, copy=False)

        return y, back

    def _fitting(self, x) -> tuple[int, ...]:
        """The spatial shape of x."""
        require_float_array("input", x)
        dimensions = _DIMENSIONS.get(self.mode, min(max(x.ndim - 2, 1), 3))
        if x.ndim != dimensions + 2:
            raise NotImplementedError(
                f"input: {dimensions + 2} dimensions were expected for mode "
                f"{self.mode!r}, got shape {x.shape}"
            )
        return x.shape[2:]

    def _sizes(self, spatial) -> tuple[list[int], list[float | None]]:
        """The size of each dimension, and its factor where that sets the places."""
        count = len(spatial)
        given = self.size if self.scale_factor is None else self.scale_factor
        name = "size" if self.scale_factor is None else "scale_factor"
        each = [*given] if isinstance(given, tuple | list) else [given] * count
        if len(each) != count:
            raise ValueError(f"{name}: one or {count} were expected, got {given}")
        if name == "size":
            return each, [None] * count
        if not all(map(math.isfinite, each)):
            raise RuntimeError(f"scale_factor: a number was expected, got {given}")
        sizes = [int(n * factor) for n, factor in zip(spatial, each, strict=True)]
        if self.recompute_scale_factor:
            return sizes, [None] * count
        if self.mode == "nearest" and count == 2:  # as many, or doubled: copied
            both = [*zip(spatial, sizes, each, strict=True)]
            each = [None if out in (n, 2 * n) else factor for n, out, factor in both]
        return sizes, each

    def extra_repr(self):
        if self.scale_factor is not None:
            return f"scale_factor={self.scale_factor!r}, mode={self.mode!r}"
        return f"size={self.size!r}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    r"""`Upsample` with `mode` "nearest", for images.

    Forward: $y_{ij} = x_{\lfloor r_1 i \rfloor, \lfloor r_2 j \rfloor}$ with
    $r = L / M$ for each dimension. Backward: $dx_{uv} = \sum dy_{ij}$ over all $i, j$
    that were copied from there.

    Shape: $x$ (N, C, H, W), $y$ (N, C, \*size).
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    r"""`Upsample` with `mode` "bilinear" and `align_corners`, for images.

    Forward: $y = A x B^\top$, where row $i$ of $A$ has $1 - \lambda$ and $\lambda$ at
    the two rows of $x$ around $t_i = i (H - 1) / (M_1 - 1)$, and $B$ the same for the
    columns. Backward: $dx = A^\top dy\, B$.

    Shape: $x$ (N, C, H, W), $y$ (N, C, \*size).
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
