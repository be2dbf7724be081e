"""The judge of kernels: cheats are caught, honest ones match, and why is said."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import twofold
from twofold.compare.cli import main
from twofold.compare.concepts.kernels import corpus
from twofold.compare.concepts.kernels.corpus import KERNELS, kernels, try_kernel
from twofold.compare.concepts.kernels.draws import KINDS, altered, cut, fewer, reshaped
from twofold.compare.concepts.kernels.problem import BrokenReference, WrongOption, sized

# A few of each; `twofold selftest` judges all of them.
SOME = [
    "cheat remembers_by_pointer float32",
    "cheat reads_the_command_line float32",
    "cheat patches_a_call_and_is_right float32",
    "cheat ignores_the_gain float32",
    "cheat goes_back_half_way float32",
    "cheat computes_in_half_when_asked_for_single float32",
    "cheat overwrites_its_input float32",
    "cheat shares_its_output float32",
    "cheat exits_with_success float32",
    "cheat forges_an_answer float32",
    "cheat changes_the_judge float32",
    "cheat forgets_the_maximum float32",
    "cheat squares_before_the_mean float32",
    "cheat is_right_while_watched_for_gradients float32",
    "cheat is_wrong_far_below float32",
    "cheat knows_multiples_of_four float32",
    "cheat returns_nothing float32",
    "cheat returns_a_tuple float32",
    "honest softmax_function bfloat16",
    "honest softmax_single_only float32",
    "honest layer_norm_function float32",
    "honest batch_norm_plain float32",
    "honest mse_function float32",
    "problem attention float32",
    "problem transposed_view float32",
    "problem relu_in_place float32",
    "problem named_outputs float32",
]


@pytest.mark.parametrize("name", SOME)
def test_a_kernel_is_judged_rightly_and_for_the_right_reason(name):
    """If this failed, a cheat would pass, or an honest kernel would not."""
    judged = try_kernel(name)
    assert judged.right, judged.said
    assert judged.reasoned, judged.said


def test_every_kernel_of_the_corpus_is_there_and_says_what_it_is():
    """If this failed, the published figures would count kernels that are not there."""
    known = kernels().values()
    assert [k.name for k in known if not (k.file.is_file() and k.pretends)] == []
    for kind, folder in (("cheat", "cheats"), ("honest", "honest")):
        listed = {k.name for k in known if k.kind == kind}
        assert listed == {path.stem for path in (KERNELS / folder).glob("*.py")}
        assert len(listed) >= 30


@pytest.mark.parametrize("reason, code", [("exit code 0", 0), ("another reason", 1)])
def test_selftest_counts_kernels_and_fails_for_a_wrong_one(monkeypatch, reason, code):
    """If this failed, the command would say that all is well having judged nothing."""
    known = kernels()
    wanted = ["cheat exits_with_success float32", "honest hinge_relu float32"]
    few = {name: known[name] for name in wanted}
    few[wanted[0]] = replace(few[wanted[0]], reason=reason)
    monkeypatch.setattr(corpus, "kernels", lambda: few)
    done = CliRunner().invoke(main, ["selftest", "--only", "kernels", "--jobs", "1"])
    assert "1 of 1 cheats caught, 1 of 1 honest kernels match" in done.stdout
    assert done.exit_code == code


FORM = """
import torch
from torch import nn

size = 6

class {name}(nn.Module):
    def __init__(self):
        super().__init__()
        self.used = nn.Parameter(torch.ones(3))
        self.unused = nn.Parameter(torch.ones(3))

    def forward(self, x, y):
        {body}

def get_inputs():
    return [torch.rand(size, 3), torch.rand(size, 3)]
"""


@pytest.fixture
def pair(tmp_path):
    """A reference and a candidate with these bodies, as files."""

    def write(reference: str, candidate: str):
        files = tmp_path / "reference.py", tmp_path / "candidate.py"
        for file, name, body in zip(
            files, ("Model", "ModelNew"), (reference, candidate), strict=True
        ):
            file.write_text(FORM.format(name=name, body=body))
        return files

    return write


def test_what_a_reference_does_not_depend_on_is_said(pair):
    """If this failed, a worthless problem would count for something."""
    report = twofold.judge(*pair("return x * self.used", "return x * self.used"))
    assert report.ok, str(report)
    assert "the reference does not depend on y" in report.notes
    assert "the reference does not depend on parameter unused" in report.notes
    assert not any(note.endswith((" x", " used")) for note in report.notes)
    constant = "return (x * self.used).softmax(1).sum(1)"
    report = twofold.judge(*pair(constant, constant))
    assert any("whatever the inputs" in note for note in report.notes)


def test_culprit_operations_and_precision_are_in_the_report(pair):
    """If this failed, nobody could tell a kernel from a call of the library."""
    files = pair(
        "return (x + y) @ self.used", "return torch.mv(x + y, self.used.abs())"
    )
    report = twofold.judge(*files, allow=("mv", "add"), mode="train", draws=2)
    assert report.operations["forward"]["aten::mv"] == 1
    assert {"aten::ger", "aten::sgn"} & set(report.operations["backward"])
    assert report.cause == "mine: conduct" and "aten::abs" in str(report)
    assert report.visible < 1e-12
    assert report.line()["smallest_visible_error"] == report.visible


def test_sizes_change_where_they_stand_and_lines_stay():
    """If this failed, --set would change nothing, or something else."""
    source = "a = 1\nb = [2,\n  3]\nc: int = a\n\ndef f():\n    a = 5\n"
    pairs = sized("a, b = 1, (2,)\n", {"b": 30, "a": 4}, "it")
    assert pairs == "a, b = 4, 30\n"
    changed = sized(source, {"a": 10, "b": (4,), "c": "é"}, "it")
    assert changed == "a = 10\nb = (4,)\n\nc: int = 'é'\n\ndef f():\n    a = 5\n"
    assert sized(source, {"d": 1}, "it", needed=False) == source
    with pytest.raises(BrokenReference, match="no such name"):
        sized(source, {"d": 1}, "it")


def test_sizes_change_wherever_they_stand():
    """If this failed, square inputs would not stay square, or two that belong together
    would no longer fit.
    """
    x, targets, table = np.zeros((8, 3)), np.arange(8), np.zeros((3, 8))
    found = cut((x, targets, table, 2.0), {8: 5})
    assert [np.shape(a) for a in found] == [(5, 3), (5,), (3, 5), ()]
    assert [fewer(8, True), fewer(8, False), fewer(9, True)] == [7, 6, 7]
    (square,) = next(reshaped((np.zeros((6, 6)),), [6], 1))[0]
    assert square.shape == (5, 5)
    assert [words for _, words in reshaped((np.zeros((6, 6)),), [], 1)] == [""]


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_of_their_kind_and_others_stay(kind):
    """If this failed, draws would be called large, or far from zero, and be neither;
    or probabilities and signs would be none.
    """
    x = np.random.default_rng(0).random((6, 50))
    found = altered(x, kind, np.random.default_rng(1), (6,))
    seen = {
        "samples": abs(found).max() > 50 and 0 < abs(found[2]).max() < 0.01,
        "below": found.max() < -5,
        "above": found.min() > 5,
        "mixed": abs(found).max() > 10 and (abs(found) < 0.01).any(),
        "large": found.max() > 500,
        "zeros": (found == 0).any(),
        "whole": (found[found != 0] == np.round(found[found != 0])).any(),
        "small": 0 < found.max() < 0.1,
        "equal rows": (found == found[:, :1]).all(),
    }
    assert seen[kind]
    for bound in (x / x.sum(1, keepdims=True), np.sign(x - 0.5), np.arange(6)):
        drawn = altered(bound, kind, np.random.default_rng(1), (6,))
        assert np.array_equal(drawn, bound)


def test_the_command_says_it_to_people_and_to_machines(pair, tmp_path):
    """If this failed, a program that reads the last line would read something else."""
    files = pair("return x * self.used", 'print("match"); return x')
    where = tmp_path / "report.json"
    command = ["judge", *map(str, files), "--set", "size=4", "--forward-only"]
    done = CliRunner().invoke(main, [*command, "--json", str(where)])
    assert done.exit_code == 1, done.output
    line = json.loads(done.stdout.splitlines()[-1])
    assert (line["verdict"], line["first"]) == ("mismatch", "output")
    assert "it printed" in done.stdout
    written = json.loads(where.read_text())
    assert written["printed"].startswith("match")
    assert written["rows"][0]["shape"][1] == 3 and written["rows"][0]["shape"][0] <= 4


def test_a_broken_reference_is_wrong_use_and_leaves_no_old_verdict(pair, tmp_path):
    """If this failed, a candidate would be blamed for its judge, or an old report
    would be read as this one's.
    """
    files = pair("return x @ y", "return x")
    where = tmp_path / "report.json"
    where.write_text('{"verdict": "match"}')
    done = CliRunner().invoke(main, ["judge", *map(str, files), "--json", str(where)])
    assert done.exit_code == 2 and not where.exists()
    assert "reference.py: RuntimeError" in done.stderr
    done = CliRunner().invoke(main, ["judge", *map(str, files), "--set", "depth=1"])
    assert done.exit_code == 2 and "no such name" in done.stderr


@pytest.mark.parametrize(
    "top, body, words",
    [
        ("import sys; sys.exit(0)", "return x", "leaves"),
        ("import os; os._exit(0)", "return x", "leaves"),
        ("", "import sys; sys.exit(0)", "leaves"),
        ("", "return None", "no tensor"),
    ],
)
def test_a_reference_that_leaves_or_gives_nothing_is_broken(pair, top, body, words):
    """If this failed, it would end the judge with the exit code of a match."""
    files = pair(body, "return x")
    files[0].write_text(f"{top}\n{files[0].read_text()}")
    with pytest.raises(BrokenReference, match=words):
        twofold.judge(*files)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"forbid": ("sofmax",)}, "no operation"),
        ({"forbid": ("mul",), "allow": ("mul",)}, "both"),
        ({"memory": 0.01}, "GiB"),
    ],
)
def test_options_that_cannot_be_are_refused(pair, options, words):
    """If this failed, a word mistyped would forbid nothing, and the judge say match."""
    with pytest.raises(WrongOption, match=words):
        twofold.judge(*pair("return x", "return x"), **options)


def test_a_file_that_is_not_there_is_named_once():
    """If this failed, a user would read the same path twice, or a traceback."""
    with pytest.raises(ValueError, match=r"^nowhere.py: No such file or directory$"):
        twofold.judge(__file__, "nowhere.py")


def test_inputs_as_given_keep_their_structure(pair):
    """If this failed, a kernel for symmetric inputs could not be judged at all."""
    files = pair("return x @ y", "return x.T @ y")
    for file in files:
        text = file.read_text().replace("torch.rand(size, 3)", "made()")
        made = "def made():\n    a = torch.randn(4, 4)\n    return a + a.T\n"
        file.write_text(f"{text}\n{made}")
    report = twofold.judge(*files, as_given=True, forward_only=True)
    assert report.ok, str(report)
    assert not twofold.judge(*files, forward_only=True).ok


TABLE = """
import torch
from torch import nn
import torch.nn.functional as F

class Scatter(torch.autograd.Function):
    @staticmethod
    def forward(ctx, W, i):
        ctx.save_for_backward(i)
        ctx.shape = W.shape
        return W[i]

    @staticmethod
    def backward(ctx, dy):
        dW = dy.new_zeros(ctx.shape)
        dW[ctx.saved_tensors[0]] += dy
        dW[0] = 0
        return dW, None

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.W = nn.Parameter(torch.randn(5, 3))
        self.offset = nn.Parameter(torch.randn(3))

    def forward(self, i, x):
        {body}

def get_inputs():
    return [torch.randint(0, 5, (20,)), torch.rand(20, 3)]
"""
WHOLE = "return F.embedding(i, self.W, padding_idx=0) * x + self.offset"


@pytest.mark.parametrize(
    "body, first, cause",
    [
        ("return self.W[i] * x + self.offset", "grad of W", "convention"),
        ("return Scatter.apply(self.W, i) * x + self.offset", "grad of W", "mine"),
        (WHOLE + ".detach()", "grad of offset", "mine: backward"),
        ("self.b = 1; x.data.zero_(); " + WHOLE, "conduct: inputs", "mine: conduct"),
    ],
)
def test_who_is_wrong_is_said_by_what_the_reference_does(tmp_path, body, first, cause):
    """If this failed, a reference would be blamed for a row that it does not train, or
    a missing gradient be called another function.
    """
    files = tmp_path / "reference.py", tmp_path / "candidate.py"
    for file, text in zip(files, (WHOLE, body), strict=True):
        file.write_text(TABLE.format(body=text))
    report = twofold.judge(*files, mode="train")
    assert report.first == first, str(report)
    assert report.cause.startswith(cause)


def test_no_error_that_passed_is_below_what_would_be_seen(pair):
    """If this failed, the report would promise to see what it has just let pass."""
    files = pair("return x.tanh()", "return x.tanh() * (1 + 1e-12)")
    report = twofold.judge(*files, draws=1)
    assert report.ok and report.visible >= 0.9e-12
    assert any("let pass" in note for note in report.notes)
    assert not twofold.judge(*files, draws=1, dtype="float64").ok
