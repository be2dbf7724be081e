"""Padding: more numbers around a sequence, an image or a volume."""

from .._arrays import floating, require_array, require_number
from ..bases.window_inputs import sizes_each
from ..kernels.borders import border
from ..module import Module

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _Pad(Module):
    """What padding along any number of `dimensions` shares."""

    dimensions: int
    mode: str
    value = 0

    def __init__(self, padding):
        self.padding = sizes_each("padding", padding, 2 * self.dimensions)

    def forward(self, x):
        self._require_fitting(x)
        each = zip(self.padding[::2], self.padding[1::2], strict=True)
        y, unborder = border(x, [*each][::-1], self.mode, self.value)

        def back(dy):
            return unborder(dy) if floating(x.dtype) else None

        return y, back

    def _require_fitting(self, x) -> None:
        self._require_dimensions(x, NotImplementedError)
        if 0 in x.shape[x.ndim - self.dimensions - 1 :]:
            raise RuntimeError(
                f"input: shape {x.shape} has an empty dimension other than the batch"
            )

    def _require_dimensions(self, x, error: type) -> None:
        require_array("input", x)
        least = self.dimensions + 1
        if x.ndim not in (least, least + 1):
            raise error(
                f"input: {least} dimensions (without a batch) or {least + 1} were "
                f"expected, got shape {x.shape}"
            )

    def extra_repr(self):
        return f"{self.padding}"


class _ConstantPad(_Pad):
    mode = "zeros"

    def __init__(self, padding, value):
        super().__init__(padding)
        require_number("value", value)
        self.value = value

    def _require_fitting(self, x) -> None:
        require_array("input", x)
        if x.ndim < self.dimensions:
            raise RuntimeError(
                f"input: at least {self.dimensions} dimensions were expected, got "
                f"shape {x.shape}"
            )

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    r"""The number `value` before and after a sequence.

    Forward: $y_j = x_{j - P}$ where $0 \le j - P < L$, else `value`, with $P$ of
    `padding` = $(P, Q)$ before and $Q$ after it, or one number for both.

    Backward: $dx_i = dy_{i + P}$. What was padded is a constant, and its gradient is
    dropped. A negative number to pad takes away, and what was taken away has the
    gradient 0.

    Shape: $x$ (\*, L), $y$ (\*, P + L + Q).

    Raises:
        TypeError: a number to pad is not an int, `value` is not a number; `x` is not
            an array.
        RuntimeError: another number of sizes; more is taken away than is there; `x` has
            too few dimensions.
    """

    dimensions = 1


class ConstantPad2d(_ConstantPad):
    r"""The number `value` around an image.

    Forward, backward and errors: as `ConstantPad1d`, along two dimensions. `padding` is
    one number for all four sides, or (left, right, top, bottom): the last dimension
    comes first.

    Shape: $x$ (\*, H, W), $y$ (\*, top + H + bottom, left + W + right).
    """

    dimensions = 2


class ConstantPad3d(_ConstantPad):
    r"""The number `value` around a volume.

    Forward, backward and errors: as `ConstantPad1d`, along three dimensions. `padding`
    is one number for all six sides, or (left, right, top, bottom, front, back).

    Shape: $x$ (\*, D, H, W), $y$ likewise with the padded sizes.
    """

    dimensions = 3


class _ZeroPad(_ConstantPad):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad1d(_ZeroPad, ConstantPad1d):
    r"""Zeros before and after a sequence.

    Forward, backward, shape and errors: as `ConstantPad1d` with `value` = 0.
    """


class ZeroPad2d(_ZeroPad, ConstantPad2d):
    r"""Zeros around an image.

    Forward, backward, shape and errors: as `ConstantPad2d` with `value` = 0.
    """


class ZeroPad3d(_ZeroPad, ConstantPad3d):
    r"""Zeros around a volume.

    Forward, backward, shape and errors: as `ConstantPad3d` with `value` = 0.
    """


class _ReflectionPad(_Pad):
    mode = "reflect"


class ReflectionPad1d(_ReflectionPad):
    r"""The numbers of the input, reflected at both ends of a sequence.

    Forward: $y_j = x_{i(j)}$ with $i(j) = |j - P|$ up to the last number of $x$, and
    $2 (L - 1) - (j - P)$ from there on; $P$ numbers come before and $Q$ after $x$,
    from `padding` = $(P, Q)$ or one number for both. The edge is not repeated.

    Backward: $x_i$ is copied to every $j$ with $i(j) = i$, so
    $dx_i = \sum_{j: i(j) = i} dy_j$: the border folds back onto the input.

    A negative number to pad takes away, after the reflection.

    Shape: $x$ (N, C, L) or (C, L), $y$ likewise with the length P + L + Q.

    Raises:
        TypeError: a number to pad is not an int; `x` is not an array.
        RuntimeError: another number of sizes; more is to be reflected than is
            there without the edge; nothing would be left; `x` has an empty dimension
            other than the batch.
        NotImplementedError: `x` has another number of dimensions.
    """

    dimensions = 1


class ReflectionPad2d(_ReflectionPad):
    r"""The input reflected around an image.

    Forward, backward and errors: as `ReflectionPad1d`, along the last dimension and
    then along the one before it, so that a corner is padded from padded sides; back in
    the other order. `padding` is one number for all four sides, or (left, right, top,
    bottom): the last dimension comes first.

    Shape: $x$ (N, C, H, W) or (C, H, W), $y$ likewise with the heights top + H + bottom
    and the widths left + W + right.
    """

    dimensions = 2


class ReflectionPad3d(_ReflectionPad):
    r"""The input reflected around a volume.

    Forward, backward and errors: as `ReflectionPad2d`, along three dimensions.
    `padding` is one number for all six sides, or (left, right, top, bottom, front,
    back).

    Shape: $x$ (N, C, D, H, W) or (C, D, H, W), $y$ likewise with the padded sizes.
    """

    dimensions = 3


class _ReplicationPad(_Pad):
    mode = "replicate"


class ReplicationPad1d(_ReplicationPad):
    r"""The first and last number, repeated at the ends of a sequence.

    Forward: $y_j = x_{i(j)}$ with $i(j) = \min(\max(j - P, 0), L - 1)$; $P$ numbers
    come before and $Q$ after $x$, from `padding` = $(P, Q)$ or one number for both.

    Backward: $dx_i = \sum_{j: i(j) = i} dy_j$: $dx_0 = \sum_{j \le P} dy_j$ and the
    last likewise, in between $dx_i = dy_{i + P}$.

    A negative number to pad takes away, after the repetition.

    Shape: $x$ (N, C, L) or (C, L), $y$ likewise with the length P + L + Q.

    Raises:
        TypeError: a number to pad is not an int; `x` is not an array.
        RuntimeError: another number of sizes; nothing would be left; `x` has
            an empty dimension other than the batch.
        NotImplementedError: `x` has another number of dimensions.
    """

    dimensions = 1


class ReplicationPad2d(_ReplicationPad):
    r"""The edges repeated around an image.

    Forward, backward and errors: as `ReplicationPad1d`, along the last dimension and
    then along the one before it, so that a corner is padded from padded sides; back in
    the other order. `padding` is one number for all four sides, or (left, right, top,
    bottom): the last dimension comes first.

    Shape: $x$ (N, C, H, W) or (C, H, W), $y$ likewise with the heights top + H + bottom
    and the widths left + W + right.
    """

    dimensions = 2


class ReplicationPad3d(_ReplicationPad):
    r"""The edges repeated around a volume.

    Forward, backward and errors: as `ReplicationPad2d`, along three dimensions.
    `padding` is one number for all six sides, or (left, right, top, bottom, front,
    back).

    Shape: $x$ (N, C, D, H, W) or (C, D, H, W), $y$ likewise with the padded sizes.
    """

    dimensions = 3


class _CircularPad(_Pad):
    mode = "circular"

    def _require_fitting(self, x) -> None:
        self._require_dimensions(x, ValueError)


class CircularPad1d(_CircularPad):
    r"""The input wrapped around at both ends of a sequence.

    Forward: $y_j = x_{(j - P) \bmod L}$: before the first number come the last $P$, and
    after the last the first $Q$, from `padding` = $(P, Q)$ or one number for both.

    Backward: $dx_i = \sum_{j \equiv i + P \,(\mathrm{mod}\, L)} dy_j$.

    A negative number to pad takes away, before the rest is wrapped around.

    Shape: $x$ (N, C, L) or (C, L), $y$ likewise with the length P + L + Q.

    Raises:
        TypeError: a number to pad is not an int; `x` is not an array.
        RuntimeError: another number of sizes; more is to be wrapped around, or
            taken away, than is there.
        ValueError: `x` has another number of dimensions.
    """

    dimensions = 1


class CircularPad2d(_CircularPad):
    r"""The input wrapped around an image.

    Forward, backward and errors: as `CircularPad1d`, along the last dimension and
    then along the one before it, so that a corner is padded from padded sides; back in
    the other order. `padding` is one number for all four sides, or (left, right, top,
    bottom): the last dimension comes first.

    Shape: $x$ (N, C, H, W) or (C, H, W), $y$ likewise with the heights top + H + bottom
    and the widths left + W + right.
    """

    dimensions = 2


class CircularPad3d(_CircularPad):
    r"""The input wrapped around a volume.

    Forward, backward and errors: as `CircularPad2d`, along three dimensions.
    `padding` is one number for all six sides, or (left, right, top, bottom, front,
    back).

    Shape: $x$ (N, C, D, H, W) or (C, D, H, W), $y$ likewise with the padded sizes.
    """

    dimensions = 3
