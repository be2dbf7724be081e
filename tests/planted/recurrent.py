"""Mistakes in recurrent layers and embeddings."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import nn
from twofold.scratch.bases import table
from twofold.scratch.kernels import recurrence

MINE = "mine: backward"


def _reset_before():
    """n = tanh(a_n + W_n (r h) + b_n): the reset as it stands in the paper."""

    def run_gru(A, states, W, b_n):
        (h,), H = states, W.shape[1]
        right = _recurrence_run_gru(A.copy(), states, W, b_n)
        outputs = []
        for a in A:
            rz = recurrence.sigmoid_(a[:, : 2 * H] + h @ W[: 2 * H].T)
            r, z = rz[:, :H], rz[:, H:]
            n = np.tanh(a[:, 2 * H :] + (r * h) @ W[2 * H :].T + b_n)
            h = n + z * (h - n)
            outputs.append(h)
        return np.stack(outputs), (h,), right[2]

    return patch(recurrence, "run_gru", run_gru)


_recurrence_run_gru = recurrence.run_gru


def _gate_order():
    """i, f, o, g, as other libraries stack them."""
    right = recurrence.run_lstm

    def run_lstm(A, states, W, W_r):
        def swapped(x, axis):
            i, f, g, o = np.split(x, 4, axis=axis)
            return np.concatenate([i, f, o, g], axis=axis)

        Y, ends, back = right(swapped(A, 2), states, swapped(W, 0), W_r)

        def swapped_back(dY, dends):
            D, _, dstates, rest = back(dY, dends)
            return swapped(D, 2), swapped(D, 2), dstates, rest

        return Y, ends, swapped_back

    return patch(recurrence, "run_lstm", run_lstm)


def _no_way_through_time():
    right = recurrence.run_rnn

    def run_rnn(A, states, W, nonlinearity):
        Y, ends, _ = right(A, states, W, nonlinearity)

        def short_back(dY, dends):
            D = (1 - Y * Y) * dY if nonlinearity == "tanh" else (Y > 0) * dY
            D[-1] = (1 - Y[-1] ** 2 if nonlinearity == "tanh" else Y[-1] > 0) * (
                dY[-1] + dends[0]
            )
            return D, D, (np.zeros_like(dends[0]),), ()

        return Y, ends, short_back

    return patch(recurrence, "run_rnn", run_rnn)


def _last_row_wins():
    def add_rows(places, rows, count):
        total = np.zeros((count, rows.shape[1]), rows.dtype)
        total[places] += rows
        return total

    return patch(table, "add_rows", add_rows)


def _padding_learns():
    right = nn.Embedding.gradient

    def gradient(self, x, rows):
        padding, self.padding_idx = self.padding_idx, None
        found = right(self, x, rows)
        self.padding_idx = padding
        return found

    return patch(nn.Embedding, "gradient", gradient)


PLANTS = [
    Plant(
        "GRU's reset applied before the product",
        "coremltools#1124",
        ("nn.GRU",),
        _reset_before,
        "output",
        "different functions",
    ),
    Plant(
        "LSTM's gates in another order",
        "keras#8720",
        ("nn.LSTM",),
        _gate_order,
        "output",
        "different functions",
    ),
    Plant(
        "the path through time dropped from an RNN's gradient",
        "backward passes that unroll one step",
        ("nn.RNN",),
        _no_way_through_time,
        "grad of",
        MINE,
    ),
    Plant(
        "an embedding's repeated indices counted once",
        "indexed += in NumPy",
        ("nn.Embedding",),
        _last_row_wins,
        "grad of weight",
        MINE,
    ),
    Plant(
        "the padding's embedding learned",
        "a mask that is forgotten on the way back",
        ("nn.Embedding",),
        _padding_learns,
        "grad of weight",
    ),
]
