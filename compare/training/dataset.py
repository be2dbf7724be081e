"""A data set: samples to learn from and samples to test with, split by a fixed seed."""

from dataclasses import dataclass

import numpy as np

SPLIT_SEED = 0
TEST_SHARE = 0.2


class DataError(Exception):
    """The data of a lesson cannot be had; the message says why, for the user."""


class MissingPackage(DataError):
    """A package of an extra is not installed; the message says how to install it."""


@dataclass(frozen=True)
class Dataset:
    """Samples in float64, split into training and test samples."""

    name: str
    source: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    features: tuple[str, ...] = ()
    target: str = "target"
    classes: tuple[str, ...] = ()
    image_shape: tuple[int, int] | None = None
    account: tuple[str, ...] = ()  # what was done to raw data, in words

    def __str__(self) -> str:
        return f"{self.name}: {len(self.x_train)} to learn, {len(self.x_test)} to test"


def split(x: np.ndarray, y: np.ndarray, **about) -> Dataset:
    """The samples in an order of their own, a fifth of them to test."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(x))
    test, train = np.split(order, [round(TEST_SHARE * len(x))])
    return Dataset(
        x_train=x[train], y_train=y[train], x_test=x[test], y_test=y[test], **about
    )
