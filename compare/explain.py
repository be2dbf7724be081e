"""Where it is, and who is wrong: what is asked once a draw differs."""

import numpy as np

from .arbiter import settle
from .placing import locate
from .report import Report


def explain(report: Report, candidate, reference, feed, names, rows, dtype) -> None:
    """Set the place, the cause and the notes of a report on `rows` that differ.

    A composite is taken apart first; the arbiter then hears the submodule at fault. An
    optimiser or a loop has no backward pass to be judged by: what it computes is
    another function, or the same one less precisely.
    """
    place = None
    if feed.upstream is not None:
        pair = candidate.make(feed), reference.make(feed)
        if all(hasattr(module, "named_modules") for module in pair):
            place = locate(candidate.make, reference, feed, dtype)
    if place is not None:
        report.place = str(place)
        candidate, reference, feed = place.candidate, place.reference, place.feed
        rows, names = place.rows, place.names
    rounded = feed.cast(np.dtype(dtype))
    report.traces = candidate.run(rounded), reference.run(rounded)
    if feed.upstream is None:
        imprecise = all(row.verdict != "mismatch" for row in rows)
        report.cause = "precision" if imprecise else "different functions"
        return
    report.cause, notes = settle(candidate, reference, feed, rows, names)
    report.notes += notes
