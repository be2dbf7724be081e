"""The harness: runs both sides on the same numbers and says whether they match.

`check(mine, reference, *inputs)` returns a report, `assert_match` raises with one.
"""

__all__ = ["assert_match", "check"]


def __getattr__(name: str):
    """Load torch only when something is compared: help must appear at once."""
    if name in __all__:
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
