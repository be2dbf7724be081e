"""Adam whose weight decay does not pass through the moments."""

from .adam import Adam

__all__ = ["AdamW"]


class AdamW(Adam):
    r"""`Adam` with `decoupled_weight_decay`, and a decay of 0.01 by default.

    The decay is $p \leftarrow p - \gamma \lambda\, p$, before the step of Adam. In the
    paper the decay is multiplied by a schedule only; in PyTorch by the rate $\gamma$
    too, so a decay of 0.01 at a rate of 0.001 takes $10^{-5}$ of the weight at a step.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=1e-2,
        amsgrad=False,
        *,
        maximize=False,
        foreach=None,
        capturable=False,
        differentiable=False,
        fused=None,
    ):
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )
