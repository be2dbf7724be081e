"""The same result from any number of workers, on any backend."""

import pytest

from twofold.compare.concepts.catalogue import Concept
from twofold.compare.concepts.checking import check_concept
from twofold.compare.concepts.sweep import UnknownBackend, sweep

TASKS = [(Concept("nn.ReLU"), 3, 2), (Concept("nn.Linear"), 3, 2)]


def results(**options):
    found = dict(sweep(check_concept, TASKS, **options))
    reports = [found[number].to_json() for number in range(len(TASKS))]
    return [{k: v for k, v in report.items() if k != "seconds"} for report in reports]


def test_results_do_not_depend_on_the_number_of_workers():
    """If this failed, a finding could not be repeated on another machine."""
    assert results(jobs=2) == results(jobs=1)


def test_a_local_dask_cluster_gives_the_same(monkeypatch):
    """If this failed, the one named example of another backend would be a promise."""
    pytest.importorskip("distributed", reason="comes with the extra 'dask'")
    assert results(jobs=2, backend="dask") == results(jobs=1)


@pytest.mark.parametrize("backend", ["nonsense", "threading"])
def test_an_unfit_backend_is_one_clear_line(backend):
    """If this failed, a slip would end in a trace, or two checks share their dice."""
    with pytest.raises(UnknownBackend, match=backend):
        results(jobs=2, backend=backend)
