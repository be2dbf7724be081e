"""A small generative transformer: attention that writes."""

import torch

from .. import nn

__all__ = ["GPT", "Block"]


class Block(nn.Module):
    r"""What a transformer is made of: places look at each other, then
    each thinks for itself; both only add to what is there.

    Forward: $x_1 = x + A(N_1(x))$ and $y = x_1 + F(N_2(x_1))$, with
    layer normalisations N before attention A and perceptron F.
    Attention is causal: a place sees itself and those before it.

    Shape: input and output (N, T, width).
    Source: Vaswani et al. 2017; Radford et al. 2019 for the order.
    """

    def __init__(self, width, heads):
        super().__init__()
        # 1. Layers
        self.norm1 = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(
            width, heads, batch_first=True
        )
        self.norm2 = nn.LayerNorm(width)
        self.think = nn.Sequential(
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Linear(4 * width, width),
        )

    def forward(self, x):
        # 2. Attention
        hidden = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool)
        hidden = hidden.triu(1).to(x.device)
        n = self.norm1(x)
        looked, _ = self.attention(n, n, n, None, False, hidden)
        x1 = x + looked

        # 3. Perceptron
        n = self.norm2(x1)
        thought = self.think(n)

        # 4. Backward pass
        # autograd has recorded it
        return x1 + thought


class GPT(nn.Module):
    r"""Says of every place of a text which character comes next.

    The sum of two embeddings, of the character and of its place, goes
    through `depth` blocks, a layer normalisation and a linear layer.

    Shape: input (N, T) of characters' numbers, T up to `window`; output
    (N, symbols, T), as the cross-entropy takes it.
    Source: Radford et al. 2018.
    """

    def __init__(self, symbols, window, width, heads, depth):
        super().__init__()
        # 1. Layers
        self.window = window
        self.token = nn.Embedding(symbols, width)
        self.place = nn.Embedding(window, width)
        blocks = [Block(width, heads) for _ in range(depth)]
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, symbols, bias=False)

    def forward(self, x):
        # 2. Forward pass
        tokens = self.token(x)
        places = self.place(torch.arange(x.shape[1], device=x.device))
        y = self.blocks(tokens + places)
        y = self.norm(y)
        logits = self.head(y)

        # 3. Backward pass
        # autograd has recorded it
        return logits.swapaxes(1, 2)
