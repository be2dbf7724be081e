"""Whole networks, written out on both sides with the same steps."""

from .half_squared_error import HalfSquaredError
from .mlp import MLP
from .standardizer import Standardizer

__all__ = ["MLP", "HalfSquaredError", "Standardizer"]
