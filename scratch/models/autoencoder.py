"""The autoencoder: repeats its input through a narrow place."""

from .. import nn
from .mlp import MLP

__all__ = ["Autoencoder"]


class Autoencoder(nn.Module):
    r"""An encoder with layers of the given `sizes`, the last of which
    is the bottleneck, and a decoder with the same sizes backwards.

    Forward: $z = \mathrm{encoder}(x)$,
    $\hat x = \sigma(\mathrm{decoder}(z))$, in (0, 1) as pixels are.

    Backward: the chain from $d\hat x$ through the decoder to $dz$, and
    on through the encoder.

    Shape: input and output (*, sizes[0]), code (*, sizes[-1]).
    Source: Hinton and Salakhutdinov 2006.
    """

    def __init__(self, sizes):
        # 1. Layers
        self.encoder = MLP(sizes)
        self.decoder = MLP(sizes[::-1])
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        # 2. Forward pass
        code, encoder_back = self.encoder(x)
        logits, decoder_back = self.decoder(code)
        output, sigmoid_back = self.sigmoid(logits)

        # 3. Backward pass
        def back(dy):
            return encoder_back(decoder_back(sigmoid_back(dy)))

        return output, back
