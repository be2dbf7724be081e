"""TensorBoard logs: three writers in one folder, one section for each lesson.

`runs/<run>/{scratch,torch_ref,compare}`: what both sides know stands under the same tag
in the first two and is drawn into one card; what only the comparison knows, the
difference, stands in the third. A lesson that races variants has such three for each of
them, `runs/<run>/<variant>/...`, so that the tags are the same and one card shows the
race. Differences are logged as their logarithm, since a curve of 1e-8 looks like 0.
"""

import json
import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import numpy as np

from ..numerics.dtypes import unit_roundoff
from .checkpoint import REPORT

FLUSH_SECONDS = 5
HISTOGRAM_BINS = 64


class UnwritableRuns(Exception):
    """The folder for the logs cannot be written to."""


@dataclass(frozen=True)
class Points:
    """Vectors for the Projector, each with a label and, if given, a small image."""

    vectors: np.ndarray  # (N, D)
    labels: list[str]
    images: np.ndarray | None = None  # (N, height, width), in [0, 1]


class Board:
    """The logs of one run, a new one in `folder` or the one at `path` continued.

    What the logs of a continued run hold already is not written again: the training
    that goes on repeats its last seconds, with the same numbers.
    """

    def __init__(self, folder: str | os.PathLike, path: Path | None = None):
        self.path = path or _new_run(Path(folder))
        self.known = _last_steps(path) if path else {}
        self.writers = {}
        _silence_tensorboard()

    def writer(self, side: str, variant: str = ""):
        place = f"{variant}/{side}" if variant else side
        if place not in self.writers:
            from torch.utils.tensorboard import SummaryWriter

            try:
                self.writers[place] = SummaryWriter(
                    str(self.path / place), flush_secs=FLUSH_SECONDS
                )
            except OSError as error:
                raise UnwritableRuns(
                    f"cannot write logs to {self.path}: {error.strerror or error}"
                ) from error
        return self.writers[place]

    def logs(self, side: str, variant: str, tag: str, step: int) -> bool:
        """Whether an entry is new to these logs."""
        place = f"{variant}/{side}" if variant else side
        return step > self.known.get((place, tag), -1)

    def scalars(
        self, tag: str, values: dict[str, float], step: int, variant=""
    ) -> None:
        """One tag, a value for each side."""
        for side, value in values.items():
            if self.logs(side, variant, tag, step):
                self.writer(side, variant).add_scalar(
                    tag, value, step, new_style=True, double_precision=True
                )

    def difference(
        self, tag: str, relative: float, dtype, step: int, variant=""
    ) -> None:
        """log10 of a relative difference; one below a single rounding is shown as that.

        Numbers equal to the last bit differ by 0, whose logarithm no axis can hold.
        """
        shown = max(relative, unit_roundoff(dtype))
        if math.isfinite(shown):
            self.scalars(tag, {"compare": math.log10(shown)}, step, variant)

    def histograms(
        self, tag: str, arrays: dict[str, np.ndarray], step: int, variant=""
    ) -> None:
        for side, array in arrays.items():
            new = self.logs(side, variant, tag, step)
            if new and array.size and np.isfinite(array).all():
                self.writer(side, variant).add_histogram(
                    tag, array, step, bins=HISTOGRAM_BINS
                )

    def picture(self, side: str, tag: str, picture, step: int, variant="") -> None:
        """An image array (H, W, 3), a matplotlib figure, `Points`, or Markdown."""
        writer = self.writer(side, variant)
        if isinstance(picture, str):
            writer.add_text(tag, picture, step)
        elif isinstance(picture, Points):
            images = picture.images
            writer.add_embedding(
                picture.vectors,
                metadata=picture.labels,
                label_img=None if images is None else _as_tensor(images[:, None]),
                global_step=step,
                tag=tag.replace("/", " "),
            )
        elif isinstance(picture, np.ndarray):
            writer.add_image(tag, picture, step, dataformats="HWC")
        else:
            writer.add_figure(tag, picture, step, close=False)

    def trial(
        self, name: str, settings: dict, results: dict[str, float], variant=""
    ) -> None:
        """One row of the HParams table."""
        self.writer("compare", variant).add_hparams(settings, results, run_name=name)

    def flush(self) -> None:
        for writer in self.writers.values():
            writer.flush()

    def close(self) -> None:
        """Close all writers; raises the first OSError among what then goes wrong."""
        errors = []
        for writer in self.writers.values():
            try:
                writer.close()
            except OSError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def link(self, section: str, port: int = 6006) -> str:
        """Where `twofold board` shows a section of this run."""
        return deep_link(self.path.name, section, port)


def deep_link(run: str, section: str, port: int) -> str:
    """The address of a section, without the runs that only the HParams tab shows.

    `run` is the regular expression of a run's name.
    """
    runs = quote(f"^{run}/(?!.*compare/)", safe="*")
    tags = quote(f"^{section}/", safe="")
    address = f"http://127.0.0.1:{port}/?smoothing=0"
    return f"{address}&runFilter={runs}&tagFilter={tags}#timeseries"


def lesson_links(folder: Path, port: int) -> list[str]:
    """A deep link for each section of the newest run in `folder`."""
    runs = sorted(
        (p for p in folder.iterdir() if any(p.glob("**/compare"))), reverse=True
    )
    if not runs:
        return [f"no runs in {folder} yet: `twofold run` writes one"]
    report = runs[0] / REPORT
    found = json.loads(report.read_text()) if report.is_file() else []
    sections = dict.fromkeys(entry["name"].partition(": ")[0] for entry in found)
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


def _last_steps(path: Path) -> dict[tuple[str, str], int]:
    """The last step of each tag in the logs of a run, by writer and tag.

    A log cut in the middle of an entry, as a killed run leaves it, is read up to there.
    """
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    last: dict[tuple[str, str], int] = {}
    for file in path.rglob("events.out.tfevents.*"):
        place = str(file.parent.relative_to(path))
        for event in EventFileLoader(str(file)).Load():
            for value in event.summary.value:
                key = place, value.tag
                last[key] = max(event.step, last.get(key, -1))
    return last


def _as_tensor(x: np.ndarray):
    import torch

    return torch.from_numpy(np.ascontiguousarray(x))


@contextmanager
def writer_errors() -> Iterator[list[OSError]]:
    """What fails in the threads that write the logs, which would print a trace."""
    errors, usual = [], threading.excepthook

    def collect(failure):
        if isinstance(failure.exc_value, OSError):
            errors.append(failure.exc_value)
        else:
            usual(failure)

    threading.excepthook = collect
    try:
        yield errors
    finally:
        for thread in threading.enumerate():  # one that fails is not done with it yet
            if type(thread).__module__.startswith("tensorboard."):
                thread.join(timeout=1)
        threading.excepthook = usual


def _silence_tensorboard() -> None:
    """Hide notes about TensorFlow, which is not needed and not missed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
