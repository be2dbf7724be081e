"""Where PyTorch's bags, distances and CTC loss contradict themselves.

Each test asserts what the installed version does: once it fails, PyTorch has mended it,
and cases that keep away from it can come nearer.
"""

import torch
from torch import nn

TABLE = torch.arange(12.0).reshape(6, 2)


def bags(mode, **options):
    return nn.EmbeddingBag.from_pretrained(TABLE, freeze=False, mode=mode, **options)


def test_a_bag_s_gradient_is_divided_by_how_often_another_index_is_there():
    """Each of three indices is summed as often as it is counted, so that every row has
    a gradient of 1. For the k-th row in use PyTorch's CPU code takes the count of what
    stands at place k of the sorted indices: here always index 0, which is there thrice.
    """
    layer = bags("sum", scale_grad_by_freq=True)
    layer(torch.tensor([[0, 1, 0, 2, 0, 1]])).sum().backward()
    third = torch.tensor(1.0) / 3
    assert layer.weight.grad[0, 0] == 1
    assert layer.weight.grad[1, 0] == 2 * third
    assert layer.weight.grad[2, 0] == third


def test_indices_after_the_last_offset_are_counted_and_not_summed():
    """A mean of the rows 2 and 3 is 5; PyTorch divides their sum by three, and on the
    way back of "sum" reads the gradient of a bag that is not there.
    """
    x, offsets = torch.arange(5), torch.tensor([0, 2, 4])
    mean = bags("mean", include_last_offset=True)(x, offsets)
    assert mean[1, 0] == torch.tensor(10.0) / 3
    assert bags("sum", include_last_offset=True)(x, offsets)[1, 0] == 10


def test_the_slope_of_a_cosine_does_not_know_of_its_epsilon():
    """Below eps the length does not count: the cosine is linear in x, with the slope
    y / (|y| eps), here 1. PyTorch's gradient still goes through the length.
    """
    x = torch.tensor([[0.25, 0.0]], requires_grad=True)
    y = torch.tensor([[1.0, 0.0]])
    cosine = nn.CosineSimilarity(eps=1.0)
    cosine(x, y).backward()
    assert cosine(2 * x, y) == 2 * cosine(x, y)
    assert x.grad[0, 0] == 0.75


def test_ctc_s_gradient_is_that_of_the_logits():
    """Of two classes in one step, -log p(1) = -q(1) has the derivatives 0 and -1.
    PyTorch adds the probabilities, which only a log-softmax would.
    """
    q = torch.log(torch.tensor([[[0.25, 0.75]]])).requires_grad_()
    nn.CTCLoss(reduction="sum")(q, torch.tensor([[1]]), (1,), (1,)).backward()
    assert q.grad[0, 0, 0] == q[0, 0, 0].exp()


def test_ctc_takes_labels_that_are_apart_in_memory_for_others():
    """Targets one after the other, every second number of an array: PyTorch steps over
    the numbers between within a sample, but not from one sample to the next.
    """
    q = torch.randn(6, 2, 5, generator=torch.Generator().manual_seed(0)).log_softmax(-1)
    wide = torch.tensor([1, 4, 2, 4, 3, 4, 1, 4])
    ctc, lengths = nn.CTCLoss(reduction="none"), ((6, 6), (2, 2))
    apart, together = (ctc(q, t, *lengths) for t in (wide[::2], wide[::2].clone()))
    assert apart[0] == together[0]
    assert apart[1] != together[1]
