"""A loss that also charges for large weights."""

from torch import nn

__all__ = ["Penalised"]


class Penalised(nn.Module):
    """The loss, plus l1 times the sum of |w|, plus l2 / 2 times the sum
    of squares, over all weights of `model`, biases left out.
    """

    def __init__(self, criterion, model, l1=0.0, l2=0.0):
        super().__init__()
        # 1. What is charged for
        self.criterion = criterion
        self.l1, self.l2 = l1, l2
        self.model = model

    def charged(self):
        return [p for p in self.model.parameters() if p.ndim > 1]

    def forward(self, output, target):
        # 2. Forward pass
        loss = self.criterion(output, target)
        for p in self.charged():
            loss = loss + self.l1 * p.abs().sum()
            loss = loss + self.l2 / 2 * (p * p).sum()

        # 3. Backward pass
        # autograd has recorded it
        return loss
