"""A loss that also charges for large weights."""

import numpy as np

from .. import nn

__all__ = ["Penalised"]


class Penalised(nn.Module):
    r"""$L + \lambda_1 \sum_i |w_i| + \tfrac{\lambda_2}{2} \sum_i w_i^2$
    over all weights of `model`, biases left out: they bend nothing.

    Backward: besides L's own way back, every weight gets
    $\lambda_1 \operatorname{sign}(w_i) + \lambda_2 w_i$, where
    sign(0) = 0. The first pulls by the same amount whatever the weight,
    until it is 0; the second in proportion to it.

    Shape: as `criterion`; the loss is one number.
    """

    def __init__(self, criterion, model, l1=0.0, l2=0.0):
        # 1. What is charged for
        self.criterion = criterion
        self.l1, self.l2 = l1, l2
        self.model = model

    def charged(self):
        return [p for p in self.model.parameters() if p.ndim > 1]

    def forward(self, output, target):
        # 2. Forward pass
        loss, loss_back = self.criterion(output, target)
        for p in self.charged():
            loss = loss + self.l1 * np.abs(p.data).sum()
            loss = loss + self.l2 / 2 * (p.data * p.data).sum()

        # 3. Backward pass
        def back(dy):
            for p in self.charged():
                pull = self.l1 * np.sign(p.data) + self.l2 * p.data
                p.accumulate(dy * pull)
            return loss_back(dy)

        return loss, back
