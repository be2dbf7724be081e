"""Features on one scale: mean 0 and standard deviation 1."""

import numpy as np

from .. import nn
from .._arrays import sum_rows

__all__ = ["Standardizer"]


class Standardizer(nn.Module):
    """z = (x - mean) / std, with the mean and the standard deviation
    (divided by N) of the samples given to `fit`. A feature that never
    varies is only centred.

    Shape: x (N, D), z (N, D).
    """

    def fit(self, x):
        # 1. Statistics of the training samples
        mean = sum_rows(x) / len(x)
        centred = x - mean
        std = np.sqrt(sum_rows(centred * centred) / len(x))
        std[std == 0] = 1
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        return self

    def forward(self, x):
        # 2. Forward pass
        z = (x - self.mean) / self.std

        # 3. Backward pass
        def back(dz):
            return dz / self.std

        return z, back
