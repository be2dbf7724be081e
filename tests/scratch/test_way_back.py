"""What a module's way back takes, whatever `forward` is made of."""

import numpy as np
import pytest
import torch

from twofold import scratch, torch_ref
from twofold.compare.sides.arrays import to_torch
from twofold.scratch.nn import Module


class Pair(Module):
    """Two outputs, the second of them optional, in a tuple within a tuple."""

    def forward(self, x):
        def back(dy, rest=(None, None)):
            dz, _ = rest
            return 2 * dy + (0 if dz is None else 3 * dz)

        return (2 * x, (3 * x, None)), back


def test_the_way_back_of_several_outputs_takes_what_there_is():
    """Else: an output that nobody used needs a gradient of zeros."""
    x = np.float32([1, 2])
    (y, (z, nothing)), back = Pair()(x)
    assert (y.tolist(), z.tolist(), nothing) == ([2, 4], [3, 6], None)
    assert back(y).tolist() == [4, 8]
    both = back(np.float64([1, 1]), (np.float64([1, 1]), None))
    assert both.dtype == np.float32
    assert both.tolist() == [5, 5]
    with pytest.raises(RuntimeError, match="Pair"):
        back(np.ones(3))
    with pytest.raises(RuntimeError, match="Pair"):
        back(y, (np.ones(3), None))
    with pytest.raises(RuntimeError, match="3 gradients"):
        back(y, (z, None), z)


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 1), (4, 2), ()])
def test_an_upstream_gradient_of_another_shape_is_refused(shape):
    """Else: it is broadcast, and the gradient is wrong without a word."""
    x = np.ones((3, 2), np.float32)
    _, back = scratch.nn.Tanh()(x)
    with pytest.raises(RuntimeError, match=r"Tanh.*\(3, 2\)"):
        back(np.ones(shape))
    y = torch_ref.nn.Tanh()(to_torch(x).requires_grad_())
    with pytest.raises(RuntimeError):
        y.backward(torch.ones(shape))


def test_only_a_single_number_may_go_without_an_upstream_gradient():
    """Else: `back()` of a layer returns a gradient of ones, which hides mistakes."""
    _, back = scratch.nn.Tanh()(np.ones((1, 1)))
    assert back().shape == (1, 1)
    _, back = scratch.nn.Tanh()(np.ones(2))
    with pytest.raises(RuntimeError, match=r"\(2,\)"):
        back()
