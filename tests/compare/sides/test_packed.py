"""Packed sequences in the harness: as inputs, as outputs, and inside a network."""

import numpy as np
import torch

import twofold
from twofold import scratch
from twofold.compare.concepts.selftest import patch
from twofold.scratch.kernels import recurrence
from twofold.scratch.nn.utils import rnn

LENGTHS = np.array([2, 5, 1, 4])


def packed():
    x = np.random.default_rng(0).standard_normal((5, 4, 3))
    return x, rnn.pack_padded_sequence(x, LENGTHS, enforce_sorted=False)[0]


class Tagger(scratch.nn.Module):
    def __init__(self):
        self.before = scratch.nn.Linear(3, 3)
        self.reads = scratch.nn.GRU(3, 4, bidirectional=True)

    def forward(self, x):
        y, before_back = self.before(x)
        sequence, pack_back = rnn.pack_padded_sequence(y, LENGTHS, False, False)
        (sequence, _), back = self.reads(sequence)
        (y, _), pad_back = rnn.pad_packed_sequence(sequence)
        return y, lambda dy: before_back(pack_back(back(pad_back(dy))))


class TorchTagger(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.before = torch.nn.Linear(3, 3)
        self.reads = torch.nn.GRU(3, 4, bidirectional=True)

    def forward(self, x):
        pack = torch.nn.utils.rnn.pack_padded_sequence
        sequence = pack(self.before(x), LENGTHS.tolist(), enforce_sorted=False)
        sequence, _ = self.reads(sequence)
        return torch.nn.utils.rnn.pad_packed_sequence(sequence)[0]


def half_forgotten():
    """A GRU whose way back forgets half of what comes through time."""
    right = recurrence.run_gru

    def run_gru(A, states, W, b_n):
        Y, ends, back = right(A, states, W, b_n)

        def wrong_back(dY, dends):
            D, D_hidden, (dh,), rest = back(dY, dends)
            return D, D_hidden, (dh / 2,), rest

        return Y, ends, wrong_back

    return patch(recurrence, "run_gru", run_gru)


def test_layers_are_compared_on_packed_sequences():
    """Else: whoever writes a layer for packed input cannot check it alone."""
    for name in ("RNN", "GRU", "LSTM"):
        mine, reference = (getattr(nn, name)(3, 4) for nn in (scratch.nn, torch.nn))
        report = twofold.check(mine, reference, packed()[1])
        assert report.ok, report
        assert "grad of input 0" in [row.name for row in report.rows]


def test_a_mistake_in_a_packed_layer_is_placed_there():
    """Else: of a network with a packed layer one hears that something is wrong."""
    x, sequence = packed()
    assert twofold.check(Tagger(), TorchTagger(), x).ok
    with half_forgotten():
        alone = twofold.check(scratch.nn.GRU(3, 4), torch.nn.GRU(3, 4), sequence)
        inside = twofold.check(Tagger(), TorchTagger(), x)
    assert not alone.ok and alone.cause == "mine: backward"
    assert inside.cause == "mine: backward"
    assert inside.place.startswith("reads: grad of")
