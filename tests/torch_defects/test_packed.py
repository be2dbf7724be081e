"""Where PyTorch's functions on sequences of different lengths do what they should not.

Each test asserts the wrong behaviour of the installed version: once it fails, PyTorch
has mended it, and what `scratch` says of it has to go.
"""

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, unpad_sequence

STEPS = torch.arange(12.0).reshape(4, 3)


def test_lengths_beyond_the_input_are_packed():
    """The first of three samples of four steps is said to have five. Expected: an
    error; instead the batch sizes make eight rows, and there are seven.
    """
    packed = pack_padded_sequence(STEPS, [5, 2, 1])
    assert packed.batch_sizes.tolist() == [3, 2, 1, 1, 1]
    assert len(packed.data) == 7


def test_samples_without_a_length_are_dropped():
    """Two lengths for three samples. Expected: the error that sorted ones get."""
    with pytest.raises(RuntimeError, match="batch_size"):
        pack_padded_sequence(STEPS, [4, 2])
    packed = pack_padded_sequence(STEPS, [2, 4], enforce_sorted=False)
    assert len(packed.data) == 6


def test_unpadding_turns_its_argument():
    """`transpose_` leaves the caller's array with its axes exchanged, and cannot be
    done to an array that wants a gradient. Expected: an argument that stays as it is.
    """
    padded = STEPS.clone()
    unpad_sequence(padded, torch.tensor([4, 2, 1]))
    assert padded.shape == (3, 4)
    with pytest.raises(RuntimeError, match="in-place"):
        unpad_sequence(STEPS.clone().requires_grad_(), torch.tensor([4, 2, 1]))
