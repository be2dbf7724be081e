"""Many small checks in one test: all are made, and all that fail are shown together."""

import functools
import inspect

import pytest

FAILURES = (Exception, pytest.fail.Exception)


def each(names, values, ids=None, by=None):
    """As `pytest.mark.parametrize`, in one test and not in thousands.

    A failure does not keep the others from being tried; each is shown with its
    traceback and with the values that it belongs to. `by(*values)` gives a word for
    each row: there is then a test for every word, which `pytest -k` can choose.
    """
    names = names.split(",") if isinstance(names, str) else names
    names = [name.strip() for name in names]
    rows = []
    for i, value in enumerate(values):
        given = value if len(names) > 1 else (value,)
        label = ids(value) if callable(ids) else [*ids][i] if ids else None
        if isinstance(value, PARAMETERS):
            given, label = value.values, value.id or label
        label = label or ", ".join(map(_label, given))
        rows.append((label, dict(zip(names, given, strict=True)), given))
    assert rows, "nothing to try"
    words = list(dict.fromkeys(by(*given) for _, _, given in rows)) if by else []

    def decorate(function):
        @functools.wraps(function)
        def test(**fixtures):
            word = fixtures.pop("of", None) if by else None
            chosen = [row for row in rows if by is None or by(*row[2]) == word]
            failed = {}
            for label, arguments, _ in chosen:
                try:
                    function(**fixtures, **arguments)
                except FAILURES as error:
                    error.add_note(f"with {label}")
                    failed[label] = error
            if failed:
                said = f"{len(failed)} of {len(chosen)}: {'; '.join(failed)}"
                raise BaseExceptionGroup(said, list(failed.values()))

        left = inspect.signature(function).parameters.values()
        left = [p for p in left if p.name not in names]
        if by:
            left.append(inspect.Parameter("of", inspect.Parameter.KEYWORD_ONLY))
        test.__signature__ = inspect.Signature(left)
        return pytest.mark.parametrize("of", words)(test) if by else test

    return decorate


PARAMETERS = type(pytest.param())


def _label(value) -> str:
    return getattr(value, "__name__", None) or str(value)
