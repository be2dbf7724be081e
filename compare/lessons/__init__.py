"""The lessons, by name. A name is known without importing what the lesson needs."""

from importlib import import_module

NAMES = ("digits", "house-prices")


def load(name: str):
    """The lesson of that name, imported now."""
    return import_module(f"{__name__}.{name.replace('-', '_')}").LESSON
