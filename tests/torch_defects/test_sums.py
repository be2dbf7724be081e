"""Where PyTorch adds one number after the other and loses digits.

Each test asserts the wrong behaviour of the installed version: once it fails, PyTorch
has mended it, and lessons need not step around it any more.
"""

from math import fsum

import torch


def test_the_bias_gradient_of_a_convolution_loses_digits():
    """It is a running sum over batch and pixels. Expected: as precise as `sum`."""
    generator = torch.Generator().manual_seed(0)
    dy = torch.rand(100, 6, 28, 28, generator=generator)
    conv = torch.nn.Conv2d(1, 6, 5, padding=2)
    conv(torch.zeros(100, 1, 28, 28)).backward(dy)
    exact = dy.double().sum((0, 2, 3))
    error = (conv.bias.grad.double() - exact).abs().max()
    assert error > 4 * (dy.sum((0, 2, 3)).double() - exact).abs().max()


def test_batch_normalisation_in_float64_loses_digits():
    """The mean is a running sum too; in float32 it is taken in float64, which hides it.
    Expected: as precise as `mean`.
    """
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(100, 1, 28, 28, dtype=torch.float64, generator=generator)
    norm = torch.nn.BatchNorm2d(1, momentum=1.0).double()
    norm(x)
    exact = fsum(x.flatten().tolist()) / x.numel()
    assert abs(norm.running_mean.item() - exact) > 8 * abs(x.mean().item() - exact)
