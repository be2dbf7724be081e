"""Data of the first lessons: flowers, patients, students, and points in a plane."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from ...training.dataset import Dataset, split
from . import digits

MADE_UP_SEED = 0


@cache
def iris(pair: str = "") -> Dataset:
    """150 irises of three species, measured in centimetres.

    `pair`, as "setosa-versicolor", leaves two species, the first -1, the second +1,
    and of each flower the petal.
    """
    from sklearn.datasets import load_iris

    data = load_iris()
    names = tuple(str(name) for name in data.target_names)
    x, y = data.data, data.target.astype(np.int64)
    features = tuple(n.removesuffix(" (cm)") for n in data.feature_names)
    if pair:
        first, second = (names.index(name) for name in pair.split("-"))
        chosen = (y == first) | (y == second)
        x, features = x[chosen][:, 2:], features[2:]
        y = np.where(y[chosen] == second, 1.0, -1.0)[:, None]
        names = names[first], names[second]
    return split(
        x,
        y,
        name="irises",
        source="Fisher, 1936, by scikit-learn",
        features=features,
        classes=names,
    )


@cache
def diabetes(feature: str = "") -> Dataset:
    """442 patients: ten measurements, or one, and the disease a year later."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    features = tuple(data.feature_names)
    x = data.data
    if feature:
        x = x[:, [features.index(feature)]]
        features = (feature,)
    return split(
        x,
        data.target[:, None],
        name="diabetes",
        source="Efron et al., Least angle regression, 2004, by scikit-learn",
        features=features,
    )


@cache
def breast_cancer(feature: str = "") -> Dataset:
    """569 tumours: 30 measurements of their cells, or one; 1 is malignant."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    features = tuple(str(name) for name in data.feature_names)
    x = data.data
    if feature:
        x = x[:, [features.index(feature)]]
        features = (feature,)
    return split(
        x,
        1.0 - data.target[:, None],
        name="tumours",
        source="Breast Cancer Wisconsin (Diagnostic), UCI, by scikit-learn",
        features=features,
        classes=("benign", "malignant"),
    )


def tumours_with_outliers(outliers: int, radii: float) -> Dataset:
    """Tumours by their mean radius, and made-up malignant ones of a huge radius."""
    data = breast_cancer("mean radius")
    return replace(
        data,
        x_train=np.vstack([data.x_train, np.full((outliers, 1), radii)]),
        y_train=np.vstack([data.y_train, np.ones((outliers, 1))]),
    )


@cache
def students() -> Dataset:
    """250 made-up students: lectures attended and hours of study; does one fail?

    Both help, hours a little more, and luck has its say.
    """
    rng = np.random.default_rng(MADE_UP_SEED)
    lectures = rng.integers(0, 13, 250).astype(np.float64)
    hours = rng.integers(0, 25, 250) / 2
    log_odds = 6.5 - 0.5 * lectures - 0.7 * hours
    fails = rng.random(250) < 1 / (1 + np.exp(-log_odds))
    return split(
        np.stack([lectures, hours], 1),
        fails.astype(np.float64)[:, None],
        name="students",
        source="made up",
        features=("lectures attended", "hours of study"),
        classes=("passes", "fails"),
    )


@dataclass(frozen=True)
class PlaneData(Dataset):
    """Points in a plane, of which a network sees features: its x are their values."""

    points: np.ndarray | None = None  # the training samples, as they lie in the plane


FEATURES = {
    "x": lambda p: p[:, 0],
    "y": lambda p: p[:, 1],
    "xx": lambda p: p[:, 0] ** 2 / 5,
    "yy": lambda p: p[:, 1] ** 2 / 5,
    "xy": lambda p: p[:, 0] * p[:, 1] / 5,
    "sinx": lambda p: np.sin(p[:, 0]),
    "siny": lambda p: np.sin(p[:, 1]),
}
SHAPES = ("circle", "xor", "gauss", "spiral")


def features_of(points: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """What a network sees of points in a plane."""
    return np.stack([FEATURES[name](points) for name in names], axis=1)


@cache
def plane(shape: str, noise: float = 0.0, features: str = "x,y") -> PlaneData:
    """400 made-up points of two classes, -1 and +1, in a plane, most of them within 6.

    "circle" is one class around the other, "xor" opposite corners, "gauss" two clouds,
    "spiral" two arms. `noise`, 0 to 0.5, moves the points.
    """
    rng = np.random.default_rng(MADE_UP_SEED)
    n = 200
    sign = np.repeat([-1.0, 1.0], n)
    if shape == "circle":
        inner, outer = rng.uniform(0, 2.5, 2 * n), rng.uniform(3.5, 5, 2 * n)
        angle = rng.uniform(0, 2 * np.pi, 2 * n)
        points = np.stack([np.sin(angle), np.cos(angle)], 1)
        points *= np.where(sign > 0, inner, outer)[:, None]
    elif shape == "xor":
        corner = rng.choice([-1, 1], (2 * n, 1))
        points = rng.uniform(0.3, 5, (2 * n, 2)) * corner
        points[sign < 0, 0] *= -1
    elif shape == "gauss":
        points = 2 * sign[:, None] + rng.standard_normal((2 * n, 2))
    else:
        t = np.tile(np.linspace(0.05, 1, n), 2)
        angle = 3.5 * np.pi * t + np.where(sign > 0, 0, np.pi)
        points = 5 * t[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1)
    points = points + 2 * noise * rng.standard_normal(points.shape)
    names = tuple(features.split(","))
    found = split(
        np.hstack([points, features_of(points, names)]),
        sign[:, None],
        name=shape,
        source="made up",
        features=names,
        classes=("-1", "+1"),
    )
    return PlaneData(
        **vars(found)
        | {
            "x_train": found.x_train[:, 2:],
            "x_test": found.x_test[:, 2:],
            "points": found.x_train[:, :2],
        }
    )


@cache
def four_corners() -> Dataset:
    """Exclusive or: 1 where exactly one of the two inputs is 1."""
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64)
    y = np.array([[0], [1], [1], [0]], np.float64)
    names = ("first input", "second input")
    return Dataset("exclusive or", "by definition", x, y, x, y, names, ("0", "1"))


@cache
def curve() -> Dataset:
    """A made-up curve, sin 2x, at 200 places."""
    x = np.linspace(-np.pi, np.pi, 200)[:, None]
    return split(
        x,
        np.sin(2 * x),
        name="curve",
        source="made up",
        features=("x",),
    )


@cache
def digits_one_hot() -> Dataset:
    """The digits, their classes as ten numbers, 1 for the right one and 0 else."""
    data = digits()
    one_hot = np.eye(10)
    return replace(data, y_train=one_hot[data.y_train], y_test=one_hot[data.y_test])
