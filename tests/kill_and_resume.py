"""Kill a run at random moments, go on with it, and see that nothing was lost.

    python tests/kill_and_resume.py 20 digits --dtype float32 --epochs 20

After every kill -9 the logs must be readable, and the run, once it has gone on to its
end, must have the final weights, bit for bit, of one that was never killed.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from twofold.compare.files.traces import load_trace

COMMAND = [sys.executable, "-m", "twofold", "run"]
START = 3.0  # seconds that a run needs before it begins, about
PATIENCE = 60  # seconds for Python and torch to start


def final_weights(run: Path) -> dict[str, dict[str, np.ndarray]]:
    return {p.name: load_trace(p) for p in (run / "weights").glob("*.safetensors")}


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(
        a[file].keys() == b[file].keys()
        and all(np.array_equal(a[file][name], b[file][name]) for name in a[file])
        for file in a
    )


def read_losses(run: Path) -> dict[tuple[str, str], list[int]]:
    """The steps of every loss curve in the logs, by writer and tag."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    steps: dict[tuple[str, str], list[int]] = {}
    for file in sorted(run.rglob("events.out.tfevents.*")):
        place = str(file.parent.relative_to(run))
        for event in EventFileLoader(str(file)).Load():
            for value in event.summary.value:
                if value.tag.endswith("/loss"):
                    steps.setdefault((place, value.tag), []).append(event.step)
    return steps


def whole_run(folder: Path, arguments: list[str]) -> tuple[Path, float]:
    started = time.monotonic()
    subprocess.run(
        [*COMMAND, *arguments, "--runs", folder], check=True, capture_output=True
    )
    return next(folder.iterdir()), time.monotonic() - started


def start_and_kill(
    folder: Path, arguments: list[str], file: str = "plan.json", after: float = 0.0
) -> Path:
    """A run killed when that file is there, or so many seconds later.

    What it leaves behind has logs that can be read.
    """
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--runs", folder],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    give_up = time.monotonic() + PATIENCE
    while not list(folder.glob(f"*/{file}")) and time.monotonic() < give_up:
        if process.poll() is not None:
            break
        time.sleep(0.01)
    time.sleep(after)
    process.kill()
    process.wait()
    (run,) = folder.iterdir()
    read_losses(run)
    return run


def killed_run(folder: Path, arguments: list[str], after: float) -> Path:
    """A run killed as above, and then gone on with."""
    run = start_and_kill(folder, arguments, after=after)
    subprocess.run([*COMMAND, "--resume", run], check=True, capture_output=True)
    return run


def main(times: int, arguments: list[str]) -> int:
    rng = random.Random(0)
    lost = 0
    with tempfile.TemporaryDirectory() as place:
        reference, seconds = whole_run(Path(place) / "whole", arguments)
        for k in range(times):
            after = rng.uniform(0, seconds - START)
            run = killed_run(Path(place) / str(k), arguments, after)
            kept = same(final_weights(run), final_weights(reference))
            kept = kept and read_losses(run) == read_losses(reference)
            lost += not kept
            print(
                f"killed after {after:.1f} s: {'same' if kept else 'LOST'}", flush=True
            )
    print(f"{times - lost} of {times} kept everything")
    return lost


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]) > 0)
