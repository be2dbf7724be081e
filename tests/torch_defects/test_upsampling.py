"""Where the way back of PyTorch's upsampling is not that of its own forward pass.

Each test asserts the wrong behaviour of the installed version: once it fails, PyTorch
has mended it, and cases need not step around it any more. A gradient of ones adds up to
how often each pixel was copied; numbers are small integers, so every sum is exact.
"""

import pytest
import torch


def copies(x, **options):
    """How often the forward pass copies each number of a line, by it and by its way
    back.
    """
    x = x.reshape(1, 1, -1).requires_grad_()
    y = torch.nn.Upsample(**options)(x)
    y.sum().backward()
    counts = [int((y == number).sum()) for number in x.flatten()]
    return counts, x.grad.flatten().tolist()


@pytest.mark.parametrize(
    ("factor", "forward", "backward"),
    [(1.2, [2, 1, 0], [1, 1, 1]), (2.1, [3, 2, 1], [2, 2, 2])],
)
def test_nearest_goes_back_by_the_sizes_not_by_the_factor(factor, forward, backward):
    """Along one or three dimensions, if there are as many numbers, or twice as many.
    Expected: the same counts. Images go by the sizes both ways.
    """
    x = torch.arange(3.0)
    assert copies(x, scale_factor=factor) == (forward, backward)


def test_nearest_in_float64_goes_back_in_float32():
    """Places that are nearly whole are rounded down or not. Expected: as forward."""
    forward, backward = copies(torch.arange(300.0, dtype=torch.float64), size=140)
    assert forward != backward
    forward, backward = copies(torch.arange(300.0), size=140)
    assert forward == backward


def test_nearest_depends_on_the_memory_format():
    """A volume with channels last goes by the sizes forward too. Expected: equal."""
    x = torch.arange(216.0).reshape(1, 8, 3, 3, 3)
    layer = torch.nn.Upsample(scale_factor=2.1)
    y, z = layer(x), layer(x.contiguous(memory_format=torch.channels_last_3d))
    assert y.shape == z.shape
    assert not torch.equal(y, z)


def test_bicubic_goes_back_as_if_it_had_copied():
    """If there are as many numbers. Expected: the slope of what it computes."""
    x = torch.tensor([[0.0, 1.0, 0.0]] * 3)[None, None].requires_grad_()
    y = torch.nn.Upsample(scale_factor=1.2, mode="bicubic")(x)
    assert not torch.equal(x, y)
    y.sum().backward()
    assert x.grad.unique().tolist() == [1.0]
    # Each row of y is linear in x, so <1, y> is <grad, x> for a right gradient.
    assert abs(y.sum() - (x.grad * x).sum()) > 0.1
