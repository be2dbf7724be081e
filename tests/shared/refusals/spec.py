"""The language of the tables: both sides, and rows that say what is wrong."""

import numpy as np

from twofold import scratch, torch_ref
from twofold.compare.sides.arrays import to_torch


class Side:
    """One of the two libraries: `s.nn`, and `s(array)` for an input of its kind."""

    def __init__(self, tree, convert):
        self.nn, self.convert = tree.nn, convert

    def __call__(self, values, dtype=None):
        """Numbers of the given dtype; floating ones are float32 unless it says so."""
        array = np.asarray(values)
        if dtype is None and array.dtype == np.float64:
            dtype = np.float32
        return self.convert(array.astype(dtype or array.dtype))

    def prediction(self, values):
        """An input to which a gradient leads."""
        x = self(values)
        return x.requires_grad_() if self.convert is to_torch else x

    def backward(self, result, gradient=None):
        """Take the way back of what a module returned."""
        if self.convert is to_torch:
            return result.backward(None if gradient is None else self(gradient))
        return result[1]() if gradient is None else result[1](gradient)


SCRATCH, TORCH = Side(scratch, lambda x: x), Side(torch_ref, to_torch)

ROWS = np.full((3, 2), 0.5)  # three samples, of two features or classes
ONE = np.full(3, 0.5)
NO_ARRAY = {"list": [1.0, 2.0], "None": None, "float": 1.0, "str": "a"}
NO_FLOATS = {"int": [1, 0], "bool": [True, False], "complex": [1j, 0]}


def table(name, argument, calls: dict) -> dict:
    """Rows of the table: what is wrong with which argument of which module."""
    return {f"{name}, {argument}: {what}": (argument, f) for what, f in calls.items()}


def of(name, **options):
    """A function that calls the module of that name with numbers of a side's kind."""

    def call(*inputs):
        return lambda s: getattr(s.nn, name)(**options)(
            *(s(x) if isinstance(x, np.ndarray) else x for x in inputs)
        )

    return call


def refusals(name, call, wrong: dict) -> dict:
    """Rows for `call(**options)` with each of the wrong options of an argument."""
    return {
        f"{name}, {argument}: {number}": (argument, call(**options))
        for argument, several in wrong.items()
        for number, options in enumerate(several)
    }
