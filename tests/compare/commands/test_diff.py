"""`twofold diff` as a command: exit codes, output at any width, JSON, memory."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from twofold.compare.cli import main
from twofold.compare.files.traces import save_trace


def write(path, tensors):
    """The arrays in whatever format the suffix asks for."""
    if path.suffix == ".safetensors":
        save_trace(tensors, path)
    elif path.suffix == ".npz":
        np.savez(path, **tensors)
    else:
        torch.save({name: torch.from_numpy(x) for name, x in tensors.items()}, path)
    return path


@pytest.fixture
def run(tmp_path):
    """The command on two sets of arrays: exit code, output, JSON."""

    def run(a, b, *options, suffixes=(".safetensors", ".npz"), width=45):
        paths = [
            str(write(tmp_path / f"{name}{suffix}", tensors))
            for name, suffix, tensors in zip("ab", suffixes, (a, b), strict=True)
        ]
        file = tmp_path / "report.json"
        file.unlink(missing_ok=True)
        result = CliRunner().invoke(
            main,
            ["diff", *paths, "--json", str(file), *options],
            env={"COLUMNS": str(width)},
        )
        report = json.loads(file.read_text()) if file.exists() else None
        return result.exit_code, result.output, report

    return run


def weights(seed=0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "encoder.weight": rng.standard_normal((30, 20)).astype(np.float32),
        "encoder.bias": rng.standard_normal(30),
        "steps": np.array(7),
    }


def test_the_exit_code_says_whether_they_match(run):
    """Else: a script that relies on it passes on a difference."""
    a = weights()
    near = {**a, "encoder.bias": a["encoder.bias"] * (1 + 2.0**-52)}
    code, output, report = run(a, near)
    assert code == 0 and report["ok"] and report["first"] is None
    assert "tensors: 3, of which 2 equal, 1 rounding" in output
    flipped = {**a, "encoder.bias": -a["encoder.bias"]}
    reshaped = {**a, "encoder.bias": a["encoder.bias"].reshape(5, 6)}
    fewer = {name: a[name] for name in ("encoder.weight", "steps")}
    for other in (flipped, reshaped, fewer):
        for pair in ((a, other), (other, a)):
            code, output, report = run(*pair)
            assert code == 1 and not report["ok"]
            assert report["first"] == "encoder.bias" and "encoder.bias" in output
    far = {name: -1e9 * x for name, x in flipped.items()} | {"steps": a["steps"] + 1}
    output = run(a, far)[1]
    assert "worst: steps" in output
    assert "first in the order of A: encoder.weight" in output
    assert run(a, flipped, "--exclude", "*.bias")[0] == 0
    assert run(a, flipped, "--select", "*.bias")[0] == 1
    assert run(a, flipped, "--select", "*.bais")[0] == 2


def test_wrong_use_is_one_line_and_exit_code_2(run, tmp_path):
    """Else: a user who mistypes a file gets a traceback."""
    a = weights()
    wrong = tmp_path / "map.json"
    wrong.write_text('["x"]')
    for options in (
        ["--rename", "encoder.weight"],
        ["--map", str(wrong)],
        ["--map", str(tmp_path / "none.json")],
        ["--rename", "encoder.wieght=x"],
        ["--json", str(tmp_path / "no" / "x.json")],
        ["--top", "-1"],
    ):
        code, output, _ = run(a, a, *options)
        assert code == 2 and "Traceback" not in output, options
    (tmp_path / "x.npz").write_bytes(b"garbage")
    for bad in ("x.npz", "none.pt", "x.onnx"):
        arguments = ["diff", str(tmp_path / "a.safetensors"), str(tmp_path / bad)]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 2 and str(tmp_path / bad) in result.output
        assert result.output.count("\n") == 1


def test_names_are_mapped_by_file_and_by_option(run, tmp_path):
    """Else: checkpoints of two code bases cannot be compared."""
    a = {f"module.{name}": x for name, x in weights().items()}
    b = weights()
    b["count"] = b.pop("steps")
    assert run(a, b)[0] == 1
    names = tmp_path / "map.json"
    names.write_text(json.dumps({"module.steps": "count", "module.*": "*"}))
    code, _, report = run(a, b, "--map", str(names))
    assert code == 0
    assert [row["names"] for row in report["rows"]][2] == ["module.steps", "count"]
    assert run(a, b, "--rename", "module.*=*", "--rename", "module.steps=count")[0] == 0
    assert run(a, b, "--rename", "module.*=*")[0] == 1


def test_the_json_holds_every_row_and_only_json(run):
    """Else: a program has to read the table, or chokes on NaN."""
    a = {"x": np.array([1.0, np.nan]), "y": np.ones(2), "c": np.ones(1, np.complex64)}
    b = {"x": np.array([np.inf, 1.0]), "z": np.ones(2), "c": np.zeros(1, np.complex64)}
    code, _, report = run(a, b, "--top", "1")
    assert code == 1
    assert [row["name"] for row in report["rows"]] == ["x", "c", "y", "z"]
    assert report["counts"] == {
        "equal": 0,
        "rounding": 0,
        "different": 2,
        "shape": 0,
        "missing": 2,
    }
    x, c, y, _ = report["rows"]
    assert (x["index"], x["values"], x["max_roundings"]) == ([0], [1, "inf"], "inf")
    assert c["values"] == ["(1+0j)", "0j"]
    assert (y["names"], y["shapes"], y["dtypes"]) == (
        ["y", None],
        [[2], None],
        ["float64", None],
    )


def test_narrow_output_keeps_numbers_and_verdicts_whole(run):
    """Else: at 45 columns 2.0e-03 reads 2.0e, and a verdict is cut."""
    a = weights()
    a["a.very.long.name.that.no.narrow.terminal.can.hold.weight"] = np.full(3, 1.25)
    a["x[bold]y"] = np.ones(1)
    b = {name: x * 1.002 if x.ndim else x for name, x in a.items()}
    for width in (45, 72, 120):
        code, output, _ = run(a, b, "--top", "9", width=width)
        assert code == 1
        assert all(len(line) <= width for line in output.splitlines())
        assert "✗ different" in output and "✓ equal" in output
        assert "3e+04" in output and "2.0e-03" in output and "x[bold]y" in output
    code, output, _ = run(a, b, "--top", "1")
    assert output.count("✗") == 1
    assert "tensors: 5, of which 1 equal, 4 different" in output
    _, output, _ = run(a, {"a[bold]b": np.ones(1)}, "--top", "1")
    assert "only in A: encoder.weight and 4 more" in output
    assert "only in B: a[bold]b" in output and "first" not in output


def test_the_two_values_are_shown_apart(run):
    """Else: the worst element reads A 0.1, B 0.1."""
    b = np.full(3, 0.1, np.float32)
    a = b + np.float32([0, 1e-6, 0])
    _, output, _ = run({"x": a}, {"x": b}, width=120)
    assert "at [1]: A 0.100001, B 0.1\n" in output


def test_a_name_cannot_command_the_terminal(run):
    """Else: a downloaded checkpoint clears the screen or forges a verdict."""
    a = {"x\x1b[2J": np.ones(1), "only\r": np.ones(1)}
    _, output, _ = run(a, {"x\x1b[2J": np.zeros(1)}, suffixes=(".safetensors",) * 2)
    assert "\x1b" not in output and "\r" not in output
    assert r"x\x1b[2J" in output and r"only\r" in output


def test_what_is_no_tensor_is_counted(tmp_path):
    """Else: nobody notices that half of a checkpoint was left out."""
    torch.save({"x": torch.ones(1), "epoch": 3}, tmp_path / "a.pt")
    np.savez(tmp_path / "b.npz", x=np.ones(1, np.float32))
    arguments = ["diff", str(tmp_path / "a.pt"), str(tmp_path / "b.npz")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0 and "1 in A, 0 in B" in result.output


def test_help_comes_without_the_heavy_imports():
    """Else: `twofold diff --help` takes a second."""
    code = (
        "import sys; from twofold.compare.cli import main\n"
        "try: main(['diff', '--help'])\n"
        "except SystemExit: print(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "cannot say" in run.stdout.replace("\n ", "")
    loaded = set(run.stdout.splitlines()[-1].split())
    assert not loaded & {"numpy", "torch", "rich", "safetensors"}


def test_files_of_arrays_are_compared_without_torch(tmp_path):
    """Else: to compare two small files takes seconds, and torch where there is none."""
    write(tmp_path / "a.safetensors", {"x": np.ones(3, np.float32)})
    code = (
        "import sys; from twofold.compare.commands.diff import diff_files\n"
        "code = diff_files(*sys.argv[1:]); print(code, 'torch' in sys.modules)"
    )
    path = tmp_path / "a.safetensors"
    command = [sys.executable, "-c", code, path, path]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "0 False"


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_memory_stays_near_the_largest_tensor(tmp_path):
    """Else: a checkpoint that fits on the disk but not twice into memory is lost."""
    rng = np.random.default_rng(5)
    tensors = {f"x{i}": rng.random(1 << 20, np.float32) for i in range(20)}
    size = sum(x.nbytes for x in tensors.values())  # 80 MiB in 4 MiB tensors
    for name in "ab":
        for suffix in (".safetensors", ".npz"):
            write(tmp_path / f"{name}{suffix}", tensors)
    code = (
        "import resource, sys; from twofold.compare.commands.diff import diff_files\n"
        "import numpy, rich.progress, safetensors.numpy, twofold.compare.files.diff\n"
        "import twofold.compare.report.tables\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak(); code = diff_files(*sys.argv[1:])\n"
        "print(peak() - before, file=sys.stderr); sys.exit(code)"
    )
    unit = 1 if sys.platform == "darwin" else 1024
    for suffix in (".safetensors", ".npz"):
        run = subprocess.run(
            [sys.executable, "-c", code, *(tmp_path / f"{n}{suffix}" for n in "ab")],
            capture_output=True,
            text=True,
            check=True,
        )
        assert int(run.stderr) * unit < size / 2


@pytest.mark.parametrize(("verdict", "code"), [("match", 0), ("mismatch", 1)])
def test_weights_of_a_run_have_its_verdict(tmp_path, verdict, code):
    """Else: a training that matched at every step ends in two files that differ."""
    weights = tmp_path / "weights"
    weights.mkdir()
    x = np.ones((3, 2), np.float32)
    for side, w in (("scratch", x), ("torch_ref", x + 1e-4)):
        write(weights / f"digits.{side}.safetensors", {"w": w})
    entry = [{"name": "digits", "verdict": verdict}]
    (tmp_path / "report.json").write_text(json.dumps(entry))
    files = [str(weights / f"digits.{s}.safetensors") for s in ("scratch", "torch_ref")]
    result = CliRunner().invoke(main, ["diff", *files])
    assert result.exit_code == code and f"on the way: {verdict}." in result.output
