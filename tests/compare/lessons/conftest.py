"""How lessons are run when they are tested."""

import pytest

from twofold.compare.sides.threads import threads
from twofold.compare.training import envelope


@pytest.fixture(autouse=True)
def one_thread():
    with threads(1):
        yield


@pytest.fixture(autouse=True)
def narrow_envelope(monkeypatch):
    """One moved run of the reference and not four: a judge who is at first stricter,
    and makes the others before he calls any weights different.
    """
    monkeypatch.setattr(envelope, "MOVED_RUNS", 1)
