"""Whole networks, each written out on both sides with the same steps."""

from .mlp import MLP

__all__ = ["MLP"]
