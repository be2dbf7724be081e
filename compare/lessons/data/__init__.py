"""The data of the lessons, all from installed packages."""

from .handwriting import digits
from .houses import house_prices

__all__ = ["digits", "house_prices"]
