"""Where PyTorch's norms have rounding, or results, that the formula does not have.

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


def test_cross_map_response_norm_keeps_the_first_channel_in_its_sum():
    """Of 5 channels the last has neighbour 3 only. Expected: channel 0 has no say."""
    norm = torch.nn.CrossMapLRN2d(3, alpha=1.0)
    x = torch.ones(1, 5, 1, 1)
    louder = x.clone()
    louder[0, 0] = 3.0
    assert norm(louder)[0, 4] != norm(x)[0, 4]


def test_cross_map_response_norm_has_the_gradient_of_another_function():
    """Its way back sums over channels that are one off. Expected: the slope of what it
    computes, as from autograd; the forward pass is right for 2 channels.
    """
    x = torch.tensor([1.0, 2.0]).reshape(1, 2, 1, 1)
    own, plain = (x.clone().requires_grad_() for _ in range(2))
    y = torch.nn.CrossMapLRN2d(3, alpha=3.0, beta=1.0, k=3)(own)
    same = plain / (3 + (plain * plain).sum())
    assert y.flatten().tolist() == same.flatten().tolist() == [0.125, 0.25]
    y.sum().backward()
    same.sum().backward()
    assert plain.grad.flatten().tolist() == [0.03125, -0.0625]
    assert own.grad.flatten().tolist() != plain.grad.flatten().tolist()


def test_instance_norm_remembers_nothing_of_an_empty_batch_but_nan():
    """The mean over no samples. Expected: what was remembered, as in batch norm."""
    norm = torch.nn.InstanceNorm1d(2, track_running_stats=True)
    norm(torch.ones(0, 2, 3))
    assert norm.running_mean.isnan().all() and norm.running_var.isnan().all()


def test_instance_norm_has_no_way_back_from_an_empty_batch():
    """Expected: an empty gradient, as without weights."""
    norm = torch.nn.InstanceNorm1d(2, affine=True)
    with pytest.raises(IndexError):
        norm(torch.ones(0, 2, 3, requires_grad=True)).sum().backward()
