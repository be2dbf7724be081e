"""Many independent checks on all cores, through joblib.

Each task depends on its own arguments alone, the seed among them, so what is found does
not depend on the number of workers or on who runs what. Any joblib backend can be
named; "dask" starts a local cluster if none is there.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import joblib


class UnknownBackend(Exception):
    """The backend is not known to joblib, or its package is missing."""


def sweep(
    function: Callable, tasks: Iterable[tuple], *, jobs: int = -1, backend: str = "loky"
) -> Iterator:
    """`function(*task)` for each task, as they get ready, each with its number."""
    tasks = list(tasks)
    if len(tasks) == 1 or jobs == 1:
        for number, task in enumerate(tasks):
            yield number, function(*task)
        return
    # loky replaces a worker whose memory has grown, between two tasks.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    with _backend(backend, jobs):
        parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1)
        numbered = (
            joblib.delayed(_numbered)(function, number, task)
            for number, task in enumerate(tasks)
        )
        yield from parallel(numbered)


def _numbered(function: Callable, number: int, task: tuple):
    from ..sides.threads import threads

    with threads(1):
        return number, function(*task)


@contextmanager
def _backend(name: str, jobs: int):
    if name == "threading":
        raise UnknownBackend(
            "--backend threading: checks seed the global random streams, which threads "
            "would share; use processes"
        )
    try:
        if name == "dask":
            from dask.distributed import Client, get_client

            try:
                get_client()
            except ValueError:
                workers = joblib.cpu_count() if jobs == -1 else jobs
                with (
                    Client(n_workers=workers, threads_per_worker=1),
                    joblib.parallel_config(backend="dask", n_jobs=jobs),
                ):
                    yield
                return
        with joblib.parallel_config(backend=name, n_jobs=jobs):
            yield
    except ImportError as error:
        raise UnknownBackend(
            f"--backend {name} needs the package {error.name}: pip install '.[{name}]'"
        ) from None
    except ValueError as error:
        if "backend" not in str(error).lower():
            raise
        raise UnknownBackend(f"--backend {name}: {error}") from None
