"""What functions of single numbers share."""

import numpy as np

from .._arrays import require_float_array
from ..module import Module


class Elementwise(Module):
    """A function of each number on its own: `_function(x)` returns (y, back).

    float16 is computed in float32 and rounded once, as in PyTorch. A single number
    comes as an array of one, so that `_function` may work in place on its own arrays.
    """

    def _function(self, x):
        raise NotImplementedError

    def forward(self, x):
        require_float_array("input", x)
        dtype, wide = x.dtype, np.promote_types(x.dtype, np.float32)
        array = np.atleast_1d(np.asarray(x)).astype(wide, copy=False)
        y, wide_back = self._function(array)
        shape = x.shape

        def back(dy):
            dx = wide_back(np.atleast_1d(dy).astype(wide, copy=False))
            return dx.astype(dtype, copy=False).reshape(shape)

        return y.astype(dtype, copy=False).reshape(shape), back


class InPlace(Elementwise):
    """One with PyTorch's argument `inplace`. The input is never written to."""

    def __init__(self, inplace=False):
        self.inplace = inplace

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


def also_in_place(module) -> str:
    """How PyTorch ends an `extra_repr` that has begun with other options."""
    return ", inplace=True" if module.inplace else ""
