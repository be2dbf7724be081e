"""Where it is, and who is wrong: what is asked once a draw differs."""

from ..sides.modules import TorchSide
from .arbiter import off_kinks, settle
from .draw import UNDEFINED
from .explanation import Explanation
from .placing import locate
from .second_look import is_convention


def explain(candidate, reference, feed, names, rows, dtype) -> Explanation:
    """The place, the cause and the notes of `rows` that differ.

    A composite is taken apart first; the arbiter then hears the submodule at fault. An
    optimiser or a loop has no backward pass to be judged by: what it computes is
    another function, or the same one less precisely.
    """
    found = Explanation()
    place = None
    if feed.upstream is not None:
        pair = candidate.make(feed), reference.make(feed)
        composite = all(hasattr(module, "named_modules") for module in pair)
        if composite and isinstance(reference, TorchSide):
            others = getattr(candidate, "other_names", None)
            place = locate(candidate.make, reference, feed, dtype, others)
    if place is not None:
        found.place = str(place)
        candidate, reference, feed = place.candidate, place.reference, place.feed
        rows, names = place.rows, place.names
    rounded = feed.cast(dtype)
    found.traces = candidate.run(rounded), reference.run(rounded)
    wrong = [row for row in rows if row.verdict == "mismatch"]
    if wrong and all(map(is_convention, wrong)):
        found.cause = "convention"
        return found
    if feed.upstream is None:
        found.cause = "different functions" if wrong else "precision"
        return found
    found.cause, found.notes = settle(candidate, reference, feed, rows, names)
    if found.cause == "unsettled":
        _ask_next_to(found, candidate, reference, feed, rows, names)
    return found


def _ask_next_to(found: Explanation, candidate, reference, feed, rows, names) -> None:
    """At a kink there is no derivative, and both contradict it: ask next to it."""
    for zeros in (True, False):
        near = off_kinks(feed, zeros)
        try:
            cause, notes = settle(candidate, reference, near, rows, names)
        except UNDEFINED:
            continue
        if cause != "unsettled":
            found.cause, found.notes = cause, notes
            return
