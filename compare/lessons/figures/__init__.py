"""The pictures of the lessons."""

from .common import (
    SCRATCH,
    TORCH,
    confusion_matrix,
    first_layer_filters,
    predicted_against_actual,
    subplots,
    tile,
)

__all__ = [
    "SCRATCH",
    "TORCH",
    "confusion_matrix",
    "first_layer_filters",
    "predicted_against_actual",
    "subplots",
    "tile",
]
