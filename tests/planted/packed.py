"""Mistakes with sequences of different lengths."""

from contextlib import ExitStack, contextmanager

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch.kernels.packed import Packing
from twofold.scratch.nn.utils import rnn

MINE = "mine: backward"


def _padding_gates(packing, A):
    """For each step that some samples lack: how many have it, and gates of the others.

    Zeros are padding's part of the gates, but for the biases.
    """
    return [
        (running, np.zeros((1, packing.samples - running, A.shape[1]), A.dtype))
        for _, steps, running in packing.stretches
        for _ in range(steps)
        if running < packing.samples
    ]


def _ended_go_on():
    """The states of samples that have ended are updated from the padding."""
    right = Packing.run

    def run(self, loop, A, states):
        Y, lasts, back = right(self, loop, A, states)
        for running, gates in _padding_gates(self, A):
            _, ends, _ = loop(gates, [last[running:] for last in lasts])
            for last, end in zip(lasts, ends, strict=True):
                last[running:] = end
        return Y, lasts, back

    return patch(Packing, "run", run)


@contextmanager
def _reverse_from_the_padding():
    """The padded batch is turned as a whole: short samples begin with their padding."""
    right_turned, right_run = Packing.turned, Packing.run

    def turned(self, X):
        self.is_turned = not getattr(self, "is_turned", False)
        return right_turned(self, X)

    def run(self, loop, A, states):
        if getattr(self, "is_turned", False):
            states = [state.copy() for state in states]
            for running, gates in _padding_gates(self, A):
                _, after, _ = loop(gates, [state[running:] for state in states])
                for state, x in zip(states, after, strict=True):
                    state[running:] = x
        return right_run(self, loop, A, states)

    with ExitStack() as stack:
        stack.enter_context(patch(Packing, "turned", turned))
        stack.enter_context(patch(Packing, "run", run))
        yield


def _left_sorted():
    """Outputs stay in the order of their lengths."""
    right = rnn.pad_packed_sequence

    def pad_packed_sequence(sequence, *args, **options):
        return right(rnn.PackedSequence(*sequence[:2]), *args, **options)

    return patch(rnn, "pad_packed_sequence", pad_packed_sequence)


def _states_left_sorted():
    """Last states stay in the order of their lengths, as many first write it."""
    right = rnn.pack_padded_sequence

    def pack_padded_sequence(*args, **options):
        packed, back = right(*args, **options)
        if packed.sorted_indices is not None:
            same = np.arange(len(packed.sorted_indices))
            packed = packed._replace(unsorted_indices=same)
        return packed, back

    return patch(rnn, "pack_padded_sequence", pack_padded_sequence)


def _padding_has_gradient():
    """The padding gets the gradient of the step before it."""
    right = rnn.pack_padded_sequence

    def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
        packed, right_back = right(input, lengths, batch_first, enforce_sorted)

        def back(ddata):
            dX = right_back(ddata)
            steps_first = dX.swapaxes(0, 1) if batch_first else dX
            for sample, length in enumerate(lengths):
                steps_first[length:, sample] = steps_first[length - 1, sample]
            return dX

        return packed, back

    return patch(rnn, "pack_padded_sequence", pack_padded_sequence)


PLANTS = [
    Plant(
        "states of samples that have ended go on being updated",
        "recurrent layers run over padding",
        ("nn.LSTM",),
        _ended_go_on,
        "output 1",
        "different functions",
    ),
    Plant(
        "the reverse direction begins at the padding",
        "a padded batch flipped as a whole",
        ("nn.RNN",),
        _reverse_from_the_padding,
        "output 0",
        "different functions",
    ),
    Plant(
        "packed outputs not put back into their order",
        "sorted batches before enforce_sorted=False",
        ("nn.LSTM",),
        _left_sorted,
        "output 0",
        "different functions",
    ),
    Plant(
        "last states of packed samples not put back into their order",
        "sorted batches before enforce_sorted=False",
        ("nn.RNN",),
        _states_left_sorted,
        "output 1",
        "different functions",
    ),
    Plant(
        "the padding's gradient not dropped",
        "padding filled by repetition, and its gradient left",
        ("nn.LSTM",),
        _padding_has_gradient,
        "grad of input",
        MINE,
    ),
]
