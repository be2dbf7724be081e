"""What went through the parts of a reference."""

import numpy as np
import torch

from twofold.compare.judge.placing import record
from twofold.compare.sides.modules import TorchSide
from twofold.compare.sides.trace import Feed


class Twice(torch.nn.Module):
    """One layer, used twice: y = 3 (3 x)."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1, bias=False)

    def forward(self, input):
        return self.layer(self.layer(input))


def test_of_a_part_that_is_called_twice_the_first_call_is_kept():
    """Else: what came in and what came back belong to different calls, and a part that
    is right is tried with numbers that it never saw.
    """
    reference = TorchSide(lambda dtype: Twice().to(torch.float64), ["input"])
    x, dy = np.array([[2.0]]), np.array([[5.0]])
    weights = {"layer.weight": np.array([[3.0]])}
    feed = Feed(np.dtype(np.float64), (x,), weights, upstream=(dy,))
    (call,) = record(reference, feed)
    assert (call.path, call.inputs[0].item()) == ("layer", 2)
    assert call.upstream[0].item() == 15  # through the second call
