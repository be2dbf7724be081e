"""Where PyTorch's norms leave rounding that the formula does not have.

Each test asserts what the installed version does: once it fails, PyTorch has mended it,
and cases that keep away from it can come nearer.
"""

import pytest
import torch


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_layer_norm_of_one_feature_has_a_gradient_of_its_weight(dtype):
    """A single number less its mean is 0, and so is the weight's gradient. PyTorch
    multiplies out, x r - mean r, in one rounding less on one side than on the other.
    """
    norm = torch.nn.LayerNorm(1, dtype=dtype)
    x = torch.tensor([[3.3]], dtype=dtype)
    norm(x).backward(torch.tensor([[0.7]], dtype=dtype))
    assert norm.weight.grad.item() != 0


def test_layer_norm_turns_one_infinite_gradient_into_a_row_of_nan():
    """With x above 0 in all places, x (inf) less mean (inf) is NaN. By the formula only
    those on the other side of the mean are NaN: -inf is expected on the same side.
    """
    norm = torch.nn.LayerNorm(4, elementwise_affine=False)
    x = torch.tensor([[1.0, 2.0, 3.0, 5.0]], requires_grad=True)
    norm(x).backward(torch.tensor([[torch.inf, 0.0, 0.0, 0.0]]))
    assert x.grad.isnan().all()
