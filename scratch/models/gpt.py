"""A small generative transformer: attention that writes."""

import numpy as np

from .. import nn
from .._arrays import sum_rows

__all__ = ["GPT", "Block"]


class Block(nn.Module):
    r"""What a transformer is made of: places look at each other, then
    each thinks for itself; both only add to what is there.

    Forward: $x_1 = x + A(N_1(x))$ and $y = x_1 + F(N_2(x_1))$, with
    layer normalisations N before attention A and perceptron F.
    Attention is causal: a place sees itself and those before it.

    Backward: a sum hands its gradient to both parts, so what comes back
    through A and F is added to what passes beside them:
    $dx_1 = dy + N_2'(F'(dy))$ and $dx = dx_1 + N_1'(A'(dx_1))$.

    Shape: input and output (N, T, width).
    Source: Vaswani et al. 2017; Radford et al. 2019 for the order.
    """

    def __init__(self, width, heads):
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
        hidden = ~np.tri(x.shape[1], dtype=bool)
        n, norm1_back = self.norm1(x)
        (looked, _), attention_back = self.attention(
            n, n, n, None, False, hidden
        )
        x1 = x + looked

        # 3. Perceptron
        n, norm2_back = self.norm2(x1)
        thought, think_back = self.think(n)

        # 4. Backward pass
        def back(dy):
            dx1 = dy + norm2_back(think_back(dy))
            dq, dk, dv = attention_back(dx1)[:3]
            return dx1 + norm1_back(dq + dk + dv)

        return x1 + thought, back


class GPT(nn.Module):
    r"""Says of every place of a text which character comes next.

    The sum of two embeddings, of the character and of its place, goes
    through `depth` blocks, a layer normalisation and a linear layer.

    Shape: input (N, T) of characters' numbers, T up to `window`; output
    (N, symbols, T), as the cross-entropy takes it.
    Source: Radford et al. 2018.
    """

    def __init__(self, symbols, window, width, heads, depth):
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
        tokens, token_back = self.token(x)
        places, place_back = self.place(np.arange(x.shape[1]))
        y, blocks_back = self.blocks(tokens + places)
        y, norm_back = self.norm(y)
        logits, head_back = self.head(y)

        # 3. Backward pass
        def back(dy):
            dy = norm_back(head_back(dy.swapaxes(1, 2)))
            dx = blocks_back(dy)
            place_back(sum_rows(dx))
            return token_back(dx)

        return logits.swapaxes(1, 2), back
