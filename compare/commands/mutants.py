"""`twofold selftest --mutants`: random edits of scratch, and which of them are seen."""

import json
from pathlib import Path

from .common import EXIT_DIFFERS, fail, progress_bar, require_writable, write_json

KEPT = Path(".parity")  # which functions a check reaches, until the code changes
EXPECTED = 0.98  # of the edits that are not equivalent


def run_mutants(count: int, seed: int, json_file, jobs: int, backend: str) -> int:
    import joblib

    from ..concepts.catalogue import concepts
    from ..concepts.mutants.running import (
        choose,
        fates,
        fingerprint,
        reach,
        reached,
    )
    from ..concepts.sweep import UnknownBackend, sweep
    from ..files.traces import make_ignored
    from ..report import tables

    console = tables.console()
    require_writable(json_file)
    kept = KEPT / f"reach-{fingerprint(seed)}.json"
    measured = json.loads(kept.read_text()) if kept.is_file() else []
    tasks = [] if measured else [(name, seed) for name in concepts()]
    found = []
    try:
        with progress_bar() as progress:
            bar = progress.add_task("what checks reach", total=len(tasks) + count)
            if tasks:
                for _, one in sweep(reached, tasks, jobs=jobs, backend=backend):
                    measured.append(one)
                    progress.advance(bar)
                make_ignored(KEPT)
                kept.write_text(json.dumps(measured))
            reach_of = reach(measured)
            edits = choose(reach_of, count, seed)
            progress.update(bar, description="editing")
            workers = joblib.cpu_count() if jobs == -1 else jobs
            for one in fates(edits, reach_of, seed, workers):
                found.append(one)
                progress.advance(bar)
                if not one.killed:
                    why = one.equivalent or "NOT SEEN"
                    console.print(f"{one.edit}\n    {why}", markup=False)
    except UnknownBackend as error:
        return fail(error)
    alike = sum(1 for one in found if not one.killed and one.equivalent)
    killed = sum(one.killed for one in found)
    console.print(
        f"{killed} of {len(found)} edits seen; of the others {alike} change nothing, "
        f"{len(found) - killed - alike} were not seen"
    )
    write_json(json_file, [one.to_json() for one in found])
    return 0 if killed >= EXPECTED * (len(found) - alike) else EXIT_DIFFERS
