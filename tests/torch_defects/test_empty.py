"""Where PyTorch has no way back for an empty batch.

Each test asserts the wrong behaviour of the installed version: once it fails, PyTorch
has mended it, and cases need not step around it any more.
"""

import pytest
import torch


@pytest.mark.parametrize("name", ["PixelShuffle", "PixelUnshuffle"])
def test_shuffled_pixels_of_no_image_have_no_gradient(name):
    """It has the shape of the output. Expected: an empty gradient, shaped as x."""
    x = torch.zeros(0, 4, 2, 2, requires_grad=True)
    y = getattr(torch.nn, name)(2)(x)
    assert y.shape[0] == 0
    with pytest.raises(RuntimeError, match="invalid gradient"):
        y.sum().backward()
