"""Going on after an interruption: as if there had been none."""

import importlib.util
import resource
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from twofold.compare.cli import main
from twofold.compare.lessons import digits
from twofold.compare.sides.threads import threads
from twofold.compare.training import checkpoint
from twofold.compare.training.board import Board
from twofold.compare.training.checkpoint import Keeper, NothingToResume
from twofold.compare.training.lesson import Settings
from twofold.compare.training.lockstep import snapshot
from twofold.compare.training.runs import LessonRun

SCRIPT = Path(__file__).parents[2] / "kill_and_resume.py"
SPEC = importlib.util.spec_from_file_location(SCRIPT.stem, SCRIPT)
kill_and_resume = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(kill_and_resume)

SETTINGS = Settings(epochs=3, batch_size=256, lr=2e-3)  # 6 steps an epoch


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing gets to clean up."""


def scheduled_build(side):
    """Digits with all that must be kept: dropout, a schedule, early stopping."""
    experiment = digits.build(side)
    training = side.tree.training
    scheduler = side.tree.optim.lr_scheduler.StepLR(experiment.optimizer, 1, gamma=0.5)
    stopper = training.EarlyStopping(experiment.model, lambda: 1.0, patience=9)
    experiment.loop = stopper.watch(training.scheduled(experiment.loop, scheduler))
    experiment.keepers = {"schedule": scheduler, "early stopping": stopper}
    return experiment


def lesson_run(folder, killed_at=None):
    lesson = replace(digits.LESSON, build=scheduled_build, figures=())
    board = Board(folder.parent, folder)
    count = 0

    def progress(phase):
        nonlocal count
        count += 1
        if count == killed_at:
            raise Killed

    run = LessonRun(lesson, SETTINGS, board, progress, keeper=Keeper(folder))
    try:
        with threads(1):
            outline = run.run()
    except Killed:
        return None
    finally:
        board.close()
    return {side: snapshot(e) for side, e in run.sides.items()}, outline


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing ends before its end, and where its logs are."""
    folder = tmp_path_factory.mktemp("whole")
    return *lesson_run(folder), folder


@pytest.mark.parametrize("killed_at", [2, 9, 13])
def test_a_killed_training_ends_with_the_same_bits(
    whole, tmp_path, monkeypatch, killed_at
):
    """If this failed, going on would lose dropout masks, a schedule, or a moment."""
    monkeypatch.setattr(checkpoint, "SECONDS", 0)
    weights, outline, folder = whole
    assert lesson_run(tmp_path, killed_at) is None
    resumed, again = lesson_run(tmp_path)
    for side in "scratch", "torch_ref":
        assert np.array_equal(weights[side], resumed[side])
    assert again.ok and outline.ok and again.steps == outline.steps == 18
    assert again.judged_until == outline.judged_until
    assert {r.name for r in again.report.rows} == {r.name for r in outline.report.rows}
    losses = kill_and_resume.read_losses
    assert losses(folder) == losses(tmp_path) != {}


def command(*arguments):
    """The command in this process: only what is killed needs one of its own."""
    return CliRunner().invoke(main, ["run", *map(str, arguments)])


def test_a_run_killed_from_outside_goes_on(tmp_path):
    """If this failed, what kill -9 leaves behind would be of no use."""
    arguments = ["digits", "--dtype", "float32", "--epochs", "9"]
    run = kill_and_resume.start_and_kill(
        tmp_path / "killed", arguments, "checkpoint.pt"
    )
    for done in (
        command("--resume", run),
        command(*arguments, "--runs", tmp_path / "whole"),
    ):
        assert done.exit_code == 0, done.output
    (whole,) = (tmp_path / "whole").iterdir()
    weights = map(kill_and_resume.final_weights, (run, whole))
    assert kill_and_resume.same(*weights)


def test_a_folder_without_a_run_is_refused(tmp_path):
    """If this failed, a mistyped --resume would end in a trace."""
    with pytest.raises(NothingToResume, match="No such file"):
        Keeper(tmp_path).plan()


def test_a_full_disk_is_one_line_and_a_run_that_can_go_on(tmp_path):
    """Else: no room ends minutes of training in a stack trace, and they are lost."""

    def cramped():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    first = ["digits", "--epochs", "1", "--dtype", "float32"]
    result = subprocess.run(
        [*kill_and_resume.COMMAND, *first],
        cwd=tmp_path,
        preexec_fn=cramped,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert "twofold: the logs could not be written" in result.stderr
    assert "Traceback" not in result.stderr
    (run,) = (tmp_path / "runs").iterdir()
    result = command("--resume", run)
    assert result.exit_code == 0, result.output
