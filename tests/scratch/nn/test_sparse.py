"""Bags of indices: empty ones, ties, and how often an index was used."""

import numpy as np
import pytest

from twofold import scratch, torch_ref
from twofold.scratch import nn

pytestmark = pytest.mark.usefixtures("random_streams")

TABLE = np.array([[1.0, 8.0], [2.0, 4.0], [2.0, 2.0], [4.0, 1.0]])


def bags(mode, **options):
    return nn.EmbeddingBag.from_pretrained(TABLE, freeze=False, mode=mode, **options)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_an_empty_bag_is_zeros_and_has_no_gradient(mode):
    """Else: 0 / 0, the largest of nothing, or the row of another bag."""
    layer = bags(mode, padding_idx=1)
    y, back = layer(np.array([3, 1, 1]), np.array([0, 0, 1]))
    assert y.tolist() == [[0, 0], [4, 1], [0, 0]]
    back(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    assert layer.weight.grad.tolist() == [[0, 0], [0, 0], [0, 0], [3, 4]]


def test_the_first_of_equal_numbers_is_the_largest():
    """Else: a tie gives its gradient to another row than in PyTorch, or to both."""
    layer = bags("max")
    y, back = layer(np.array([[2, 1, 0]]))
    assert y.tolist() == [[2, 8]]
    back(np.array([[3.0, 5.0]]))
    assert layer.weight.grad.tolist() == [[0, 5], [0, 0], [3, 0], [0, 0]]


@pytest.mark.parametrize("layer", [nn.Embedding, nn.EmbeddingBag])
def test_a_gradient_is_divided_by_how_often_its_index_was_used(layer):
    """Else: frequent words learn as fast as if they were rare, or by another's count.

    PyTorch's `EmbeddingBag` divides by another's: tests/torch_defects/test_bags.py.
    """
    options = {"mode": "sum"} if layer is nn.EmbeddingBag else {}
    table = layer.from_pretrained(
        TABLE, freeze=False, scale_grad_by_freq=True, **options
    )
    x = np.array([[0, 1, 0, 2, 0, 1]])
    y, back = table(x)
    back(np.ones_like(y))
    assert table.weight.grad.tolist() == [[1, 1], [1, 1], [1, 1], [0, 0]]


def test_the_last_offset_is_where_the_indices_end():
    """Else: indices after it belong to no bag, or half; see torch_defects."""
    layer = bags("sum", include_last_offset=True)
    with pytest.raises(RuntimeError, match="offsets"):
        layer(np.arange(4), np.array([0, 2, 3]))


def test_a_pretrained_table_is_not_learned_unless_it_is_said():
    """Else: fine-tuning changes a table that was to be kept."""
    layer = nn.EmbeddingBag.from_pretrained(TABLE)
    y, back = layer(np.array([[0, 1]]))
    back(np.ones_like(y))
    assert layer.weight.grad is None
    assert bags("sum").weight.requires_grad


@pytest.mark.parametrize("padding_idx", [None, -2])
def test_the_table_is_drawn_as_pytorch_draws_it(padding_idx):
    """Else: both sides start from different weights."""
    scratch.manual_seed(3)
    torch_ref.manual_seed(3)
    tables = [
        t.nn.EmbeddingBag(5, 3, padding_idx=padding_idx) for t in (scratch, torch_ref)
    ]
    mine, theirs = (np.asarray(table.weight.data) for table in tables)
    np.testing.assert_array_equal(mine, theirs, strict=True)
