"""Writing with a model that says which character comes next."""

import torch
from torch import multinomial

from .. import nn

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
        super().__init__()
        # 1. The model
        self.model = model
        self.softmax = nn.Softmax(dim=1)
        self.length = length
        self.temperature = temperature
        self.window = window

    @torch.no_grad()
    def forward(self, text):
        for _ in range(self.length):
            # 2. What may come next
            seen = text[:, -self.window :]
            logits = self.model(seen)
            p = self.softmax(logits[:, :, -1] / self.temperature)

            # 3. Draw
            text = torch.cat([text, multinomial(p, 1)], dim=1)
        return text
