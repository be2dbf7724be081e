"""Handwritten digits, the data of the main lesson."""

from functools import cache

import numpy as np

from ...training.dataset import Dataset, split


@cache
def digits() -> Dataset:
    """1,797 handwritten digits, 8 by 8 pixels in [0, 1]."""
    from sklearn.datasets import load_digits

    data = load_digits()
    return split(
        data.data / 16,
        data.target.astype(np.int64),
        name="digits",
        source="Optical Recognition of Handwritten Digits, UCI, by scikit-learn",
        classes=tuple("0123456789"),
        image_shape=(8, 8),
    )
