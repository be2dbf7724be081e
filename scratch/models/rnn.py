"""Recurrent networks: they read one symbol after the other."""

import numpy as np

from .. import nn

__all__ = ["CharacterModel", "SequenceClassifier"]


class CharacterModel(nn.Module):
    r"""Says of every place of a text which character comes next.

    Each character becomes a vector, a recurrent layer (`cell`: "RNN",
    "GRU" or "LSTM") carries a state from place to place, and a linear
    layer turns each state into logits.

    Shape: input (N, T) of characters' numbers, output (N, symbols, T),
    as the cross-entropy takes it.
    Source: Elman 1990; Mikolov 2010.
    """

    def __init__(self, symbols, width, hidden, cell="RNN"):
        # 1. Layers
        self.embedding = nn.Embedding(symbols, width)
        layer = getattr(nn, cell)
        self.recurrent = layer(width, hidden, batch_first=True)
        self.head = nn.Linear(hidden, symbols)

    def forward(self, x):
        # 2. Forward pass
        vectors, embedding_back = self.embedding(x)
        (states, _), recurrent_back = self.recurrent(vectors)
        logits, head_back = self.head(states)

        # 3. Backward pass
        def back(dy):
            dstates = head_back(dy.swapaxes(1, 2))
            return embedding_back(recurrent_back(dstates))

        return logits.swapaxes(1, 2), back


class SequenceClassifier(nn.Module):
    r"""Reads a sequence to its end and then names its class.

    Only the last state is looked at: what came first has to be carried
    there, and its gradient all the way back.

    Shape: input (N, T) of symbols' numbers, output (N, classes).
    """

    def __init__(self, symbols, width, hidden, classes, cell="RNN"):
        # 1. Layers
        self.embedding = nn.Embedding(symbols, width)
        layer = getattr(nn, cell)
        self.recurrent = layer(width, hidden, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x):
        # 2. Forward pass
        vectors, embedding_back = self.embedding(x)
        (states, _), recurrent_back = self.recurrent(vectors)
        logits, head_back = self.head(states[:, -1])

        # 3. Backward pass
        def back(dy):
            dstates = np.zeros_like(states)
            dstates[:, -1] = head_back(dy)
            return embedding_back(recurrent_back(dstates))

        return logits, back
