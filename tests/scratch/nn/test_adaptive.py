"""The adaptive softmax: all classes, the likeliest one, first weights."""

import numpy as np
import pytest
import torch

import twofold
from twofold import scratch, torch_ref

pytestmark = pytest.mark.usefixtures("random_streams")


def pair():
    """Both sides, drawn from one seed."""
    made = []
    for tree in (scratch, torch_ref):
        tree.manual_seed(3)
        made.append(tree.nn.AdaptiveLogSoftmaxWithLoss(6, 11, [3, 5], 2.0))
    return made


def test_parameters_are_drawn_as_pytorch_draws_them():
    """Else: both sides start from different weights; or the second draw differs."""
    mine, theirs = pair()
    for _ in range(2):
        state = theirs.state_dict()
        assert list(mine.state_dict()) == list(state)
        for key, x in mine.state_dict().items():
            np.testing.assert_array_equal(x, state[key].numpy(), key, strict=True)
        mine.reset_parameters()
        theirs.reset_parameters()


@pytest.mark.parametrize("spread", [0.0, 1.0, 30.0])
def test_the_likeliest_class_is_pytorch_s(spread):
    """Else: a class of a cluster is taken for one of the head, or the other way."""
    mine, theirs = pair()
    rng = np.random.default_rng(0)
    x = (spread * rng.standard_normal((50, 6))).astype(np.float32)
    np.testing.assert_array_equal(
        mine.predict(x), theirs.predict(torch.from_numpy(x)).numpy()
    )


def test_the_log_probabilities_of_all_classes_are_pytorch_s():
    """Else: what is learned is not what is predicted with."""
    mine, theirs = pair()
    x = np.random.default_rng(0).standard_normal((7, 6))
    twofold.assert_match(
        lambda x: (mine.to(x.dtype).log_prob(x), lambda dy: None),
        lambda x: theirs.to(x.dtype).log_prob(x.detach()),
        x,
    )
