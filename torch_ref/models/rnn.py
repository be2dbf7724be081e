"""Recurrent networks: they read one symbol after the other."""

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
        super().__init__()
        # 1. Layers
        self.embedding = nn.Embedding(symbols, width)
        layer = getattr(nn, cell)
        self.recurrent = layer(width, hidden, batch_first=True)
        self.head = nn.Linear(hidden, symbols)

    def forward(self, x):
        # 2. Forward pass
        vectors = self.embedding(x)
        states, _ = self.recurrent(vectors)
        logits = self.head(states)

        # 3. Backward pass
        # autograd has recorded it
        return logits.swapaxes(1, 2)


class SequenceClassifier(nn.Module):
    r"""Reads a sequence to its end and then names its class.

    Only the last state is looked at: what came first has to be carried
    there, and its gradient all the way back.

    Shape: input (N, T) of symbols' numbers, output (N, classes).
    """

    def __init__(self, symbols, width, hidden, classes, cell="RNN"):
        super().__init__()
        # 1. Layers
        self.embedding = nn.Embedding(symbols, width)
        layer = getattr(nn, cell)
        self.recurrent = layer(width, hidden, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x):
        # 2. Forward pass
        vectors = self.embedding(x)
        states, _ = self.recurrent(vectors)
        logits = self.head(states[:, -1])

        # 3. Backward pass
        # autograd has recorded it
        return logits
