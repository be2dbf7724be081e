"""Writing with a model that says which character comes next."""

import numpy as np

from .. import nn
from ..random import multinomial

__all__ = ["Writer"]


class Writer(nn.Module):
    r"""Goes on with texts by `length` characters.

    Forward: $c_{t+1} \sim \mathrm{softmax}(z_t / \tau)$ with $z_t$ the
    `model`'s logits at the last place and $\tau$ the `temperature`: the
    likelier characters come more often when it is low. The model sees
    the last `window` characters. No gradient leads through a draw.

    Shape: input (N, T) of characters' numbers, output (N, T + length).
    """

    def __init__(self, model, length, temperature=1.0, window=1000):
        # 1. The model
        self.model = model
        self.softmax = nn.Softmax(dim=1)
        self.length = length
        self.temperature = temperature
        self.window = window

    def forward(self, text):
        for _ in range(self.length):
            # 2. What may come next
            seen = text[:, -self.window :]
            logits, _ = self.model(seen)
            p, _ = self.softmax(logits[:, :, -1] / self.temperature)

            # 3. Draw
            text = np.concatenate([text, multinomial(p, 1)], axis=1)

        def back(dy):
            return None

        return text, back
