"""Mistakes in padding, transposed convolutions and upsampling."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch.kernels import borders, resample
from twofold.scratch.nn import conv_transpose, fold, pixelshuffle, upsampling

MINE = "mine: backward"
OTHER = "different functions"


def _edge_repeated(n, before, after, mode):
    """A reflection that starts with the edge itself ("symmetric")."""
    for j, i in _right_sources(n, before, after, mode):
        yield j, i - 1 if j < before else i + 1


_right_sources = borders._sources


def _border_dropped(x, pads, mode, value):
    """A way back that hands on the middle, and drops what the border got."""
    y, _ = _right_grow(x, pads, mode, value)
    sizes = zip(x.shape[-len(pads) :], pads, strict=True)
    inside = ..., *(slice(before, before + n) for n, (before, _) in sizes)
    return y, lambda dy: dy[inside]


_right_grow = borders._grow


def _first_dimension_first():
    """`padding` read as (before, after) of the first dimension, then of the others."""
    from twofold.scratch.nn import padding

    def wrong(x, pads, mode, value=0):
        return borders.border(x, pads[::-1], mode, value)

    return patch(padding, "border", wrong)


def _flipped(dy, W, *others):
    return _right_gradient(dy, np.flip(W, range(2, W.ndim)), *others)


_right_gradient = conv_transpose.input_gradient


def _output_padding_in_front(dy, W, spatial, pads, how):
    """The extra places stand before the output instead of after it."""
    moved = [(before + before - after, 2 * after - before) for before, after in pads]
    return _right_gradient(dy, W, spatial, moved, how)


def _overwritten(columns, windows):
    """Where windows overlap, the last one's number replaces the others'."""
    spatial = [w.length for w in windows]
    x = np.zeros((*columns.shape[:2], *spatial), columns.dtype)
    for column, pixel in fold._places(windows):
        x[pixel] = columns[column]
    return x


def _strided(dy, lines):
    """Each pixel gets the gradient of its first copy, instead of all of their sum."""
    for axis, line in enumerate(lines, start=dy.ndim - len(lines)):
        if not line.copies:
            return _right_spread(dy, lines)
        seen, first = np.unique(line.index[0], return_index=True)
        dx = np.zeros((line.length, *np.moveaxis(dy, axis, 0).shape[1:]), dy.dtype)
        dx[seen] = np.moveaxis(dy, axis, 0)[first]
        dy = np.moveaxis(dx, 0, axis)
    return dy


_right_spread = resample.spread


def _corners_always(length, out, mode, align, factor, dtype):
    return _right_taps(length, out, mode, mode in ("linear", "bilinear"), factor, dtype)


def _slope_of_half(length, out, mode, align, factor, dtype):
    with patch(resample, "CUBIC", -0.5):
        return _right_taps(length, out, mode, align, factor, dtype)


def _factor_forgotten(length, out, mode, align, factor, dtype):
    return _right_taps(length, out, mode, align, None, dtype)


_right_taps = resample.taps


def _channels_inside(x, r):
    """The pixels' offset as the outer part of the channel, as TensorFlow has it."""
    *lead, channels, height, width = x.shape
    x = x.reshape(*lead, r * r, channels // r**2, height, width).swapaxes(-4, -3)
    return _right_shuffle(x.reshape(*lead, channels, height, width), r)


_right_shuffle = pixelshuffle._shuffle


PLANTS = [
    Plant(
        "reflection that repeats the edge",
        "NumPy's mode symmetric taken for reflect",
        ("nn.ReflectionPad1d",),
        lambda: patch(borders, "_sources", _edge_repeated),
        "output",
        OTHER,
    ),
    Plant(
        "the border's gradients dropped",
        "a way back that crops, right for constants only",
        ("nn.ReplicationPad2d",),
        lambda: patch(borders, "_grow", _border_dropped),
        "grad of input",
        MINE,
    ),
    Plant(
        "padding read from the first dimension on",
        "NumPy's order of pad widths taken for PyTorch's",
        ("nn.ConstantPad2d",),
        _first_dimension_first,
        "output",
    ),
    Plant(
        "a transposed convolution with the kernel flipped",
        "the kernel turned by hand for a routine that turns it too",
        ("nn.ConvTranspose2d",),
        lambda: patch(conv_transpose, "input_gradient", _flipped),
        "output",
        OTHER,
    ),
    Plant(
        "output_padding before the output",
        "the side of output_padding is a convention",
        ("nn.ConvTranspose1d",),
        lambda: patch(conv_transpose, "input_gradient", _output_padding_in_front),
        "output",
    ),
    Plant(
        "overlapping columns overwritten",
        "col2im that assigns instead of adding",
        ("nn.Unfold",),
        lambda: patch(fold, "_fold", _overwritten),
        "grad of input",
        MINE,
    ),
    Plant(
        "upsampling backward that strides instead of summing",
        "dx = dy[..., ::2, ::2] in hand-written networks",
        ("nn.UpsamplingNearest2d",),
        lambda: patch(upsampling, "spread", _strided),
        "grad of input",
        MINE,
    ),
    Plant(
        "corners aligned without being asked",
        "the default of align_corners changed in PyTorch 0.4",
        ("nn.Upsample",),
        lambda: patch(upsampling, "taps", _corners_always),
        "output",
        OTHER,
    ),
    Plant(
        "another cubic kernel",
        "a = -0.5 (TensorFlow, Pillow) for -0.75 (PyTorch, OpenCV)",
        ("nn.Upsample",),
        lambda: patch(upsampling, "taps", _slope_of_half),
        "output",
        OTHER,
    ),
    Plant(
        "scale_factor only for the size",
        "the default of recompute_scale_factor changed in PyTorch 1.6",
        ("nn.Upsample",),
        lambda: patch(upsampling, "taps", _factor_forgotten),
        "output",
        OTHER,
    ),
    Plant(
        "depth-to-space for pixel shuffle",
        "TensorFlow's order of channels taken for PyTorch's",
        ("nn.PixelShuffle",),
        lambda: patch(pixelshuffle, "_shuffle", _channels_inside),
        "output",
    ),
]
