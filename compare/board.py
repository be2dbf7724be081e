"""TensorBoard logs: three writers in one folder, one section for each lesson.

`runs/<run>/{scratch,torch_ref,compare}`: what both sides know stands under the same tag
in the first two and is drawn into one card; what only the comparison knows, the
difference, stands in the third. Differences are logged as their logarithm, since a
curve of 1e-8 looks like 0.
"""

import json
import math
import os
from datetime import datetime
from pathlib import Path

import numpy as np

from .numerics import unit_roundoff

SIDES = ("scratch", "torch_ref", "compare")
REPORT = "report.json"
FLUSH_SECONDS = 5
HISTOGRAM_BINS = 64


class UnwritableRuns(Exception):
    """The folder for the logs cannot be written to."""


class Board:
    """The logs of one run."""

    def __init__(self, folder: str | os.PathLike):
        self.path = _new_run(Path(folder))
        _silence_tensorboard()
        from torch.utils.tensorboard import SummaryWriter

        self.writers = {
            side: SummaryWriter(str(self.path / side), flush_secs=FLUSH_SECONDS)
            for side in SIDES
        }

    def scalars(self, tag: str, values: dict[str, float], step: int) -> None:
        """One tag, a value for each side."""
        for side, value in values.items():
            self.writers[side].add_scalar(
                tag, value, step, new_style=True, double_precision=True
            )

    def difference(self, tag: str, relative: float, dtype, step: int) -> None:
        """log10 of a relative difference; one below a single rounding is shown as that.

        Numbers equal to the last bit differ by 0, whose logarithm no axis can hold.
        """
        shown = max(relative, unit_roundoff(dtype))
        self.scalars(tag, {"compare": math.log10(shown)}, step)

    def histograms(self, tag: str, arrays: dict[str, np.ndarray], step: int) -> None:
        for side, array in arrays.items():
            if np.isfinite(array).all():
                self.writers[side].add_histogram(tag, array, step, bins=HISTOGRAM_BINS)

    def picture(self, side: str, tag: str, picture, step: int) -> None:
        if isinstance(picture, np.ndarray):
            self.writers[side].add_image(tag, picture, step, dataformats="HWC")
        else:
            self.writers[side].add_figure(tag, picture, step, close=False)

    def text(self, tag: str, markdown: str, step: int) -> None:
        self.writers["compare"].add_text(tag, markdown, step)

    def trial(self, name: str, settings: dict, results: dict[str, float]) -> None:
        """One row of the HParams table."""
        self.writers["compare"].add_hparams(settings, results, run_name=name)

    def flush(self) -> None:
        for writer in self.writers.values():
            writer.flush()

    def close(self) -> None:
        for writer in self.writers.values():
            writer.close()

    def link(self, section: str, port: int = 6006) -> str:
        """Where `twofold board` shows a section of this run."""
        return deep_link(self.path.name, section, port)


def deep_link(run: str, section: str, port: int) -> str:
    return (
        f"http://127.0.0.1:{port}/?smoothing=0&runFilter=%5E{run}%2F%5Ba-z_%5D%2B%24"
        f"&tagFilter=%5E{section}%2F#timeseries"
    )


def lesson_links(folder: Path, port: int) -> list[str]:
    """A deep link for each section of the newest run in `folder`."""
    runs = sorted(
        (p for p in folder.iterdir() if (p / "compare").is_dir()), reverse=True
    )
    if not runs:
        return [f"no runs in {folder} yet: `twofold run` writes one"]
    report = runs[0] / REPORT
    found = json.loads(report.read_text()) if report.is_file() else []
    sections = [entry["name"] for entry in found]
    lines = [f"newest run: {runs[0].name}"]
    return lines + [f"  {deep_link(runs[0].name, s, port)}" for s in sections]


def _new_run(folder: Path) -> Path:
    """A new folder in `folder`, named by the time; two runs at once get two."""
    stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, 1000):
            path = folder / (stamp if attempt == 1 else f"{stamp}_{attempt}")
            try:
                path.mkdir()
                return path
            except FileExistsError:
                continue
    except OSError as error:
        raise UnwritableRuns(
            f"cannot write logs to {folder}: {error.strerror or error}"
        ) from error
    raise UnwritableRuns(f"cannot find a free name for a run in {folder}")


def _silence_tensorboard() -> None:
    """Hide notes about TensorFlow, which is not needed and not missed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
