"""CTC beside the sum over all paths, and what it makes of samples without any."""

import itertools

import numpy as np
import pytest
import torch

import twofold
from twofold.scratch import nn

T, C = 5, 3


def said(path):
    """What a path says: runs of one class made one, then blanks (0) taken out."""
    return tuple(label for label, _ in itertools.groupby(path) if label)


def by_paths(label):
    """-log of the sum over all paths that say the label, for autograd to go through."""
    paths = [p for p in itertools.product(range(C), repeat=T) if said(p) == label]

    def loss(logits):
        q = torch.log_softmax(logits, dim=-1)
        steps = torch.arange(T)
        each = torch.stack([q[steps, torch.tensor(path)].sum() for path in paths])
        return -torch.logsumexp(each, dim=0)

    return loss


def by_recursion(label):
    """The log-softmax and the loss, their ways back one after the other."""

    def loss(logits):
        q, softmax_back = nn.LogSoftmax(-1)(logits)
        ctc = nn.CTCLoss(reduction="sum")
        y, back = ctc(q, np.array(label, int), (T,), (len(label),))
        return y, lambda dy=None: softmax_back(back(dy))

    return loss


@pytest.mark.parametrize("label", [(), (1,), (1, 2), (2, 2), (1, 2, 1), (1, 1, 1)])
def test_the_recursion_is_the_sum_over_all_paths(label):
    """Else: paths are left out or counted twice; or the gradient of logits is wrong."""
    logits = np.random.default_rng(len(label)).standard_normal((T, C))
    twofold.assert_match(by_recursion(label), by_paths(label), logits)


def half(steps, samples=1):
    return np.full((steps, samples, 2), np.log(0.5))


def test_a_label_that_does_not_fit_is_infinitely_unlikely():
    """Else: two equal labels are said in two steps, without a blank between them."""
    loss, back = nn.CTCLoss()(half(2), np.array([[1, 1]]), (2,), (2,))
    assert np.isinf(loss)
    assert np.isnan(back()).all()
    loss, back = nn.CTCLoss(zero_infinity=True)(half(2), np.array([[1, 1]]), (2,), (2,))
    assert loss == 0
    assert (back() == 0).all()


def test_steps_after_a_sample_s_end_do_not_count():
    """Else: padding is read as if it were said."""
    loss, back = nn.CTCLoss()(half(4), np.array([[1]]), (2,), (1,))
    one, _ = nn.CTCLoss()(half(2), np.array([[1]]), (2,), (1,))
    assert loss == one == -np.log(np.float64(0.75))  # 1 1, 0 1, 1 0, of four
    assert (back()[2:] == 0).all()
    assert (back()[:2] != 0).all()


def test_without_steps_only_nothing_can_be_said():
    """Else: an empty recording has a finite loss for any label, or none for silence."""
    ctc = nn.CTCLoss(reduction="none")
    losses, back = ctc(half(2, 2), np.array([[1], [1]]), (0, 0), (0, 1))
    assert losses.tolist() == [0, np.inf]
    assert (back(np.ones(2)) == 0).all()


def test_the_mean_divides_by_the_lengths_first():
    """Else: long targets outweigh short ones where they do not in PyTorch."""
    inputs = half(6, 2), np.array([[1, 1], [1, 0]]), (6, 6), (2, 1)
    each, _ = nn.CTCLoss(reduction="none")(*inputs)
    mean, _ = nn.CTCLoss()(*inputs)
    assert mean == (each[0] / 2 + each[1]) / 2
