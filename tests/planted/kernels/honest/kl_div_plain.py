"""The sum of its terms."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def forward(self, predictions, targets):
        terms = torch.xlogy(targets, targets) - targets * predictions.log()
        return terms.sum() / predictions.shape[0]
