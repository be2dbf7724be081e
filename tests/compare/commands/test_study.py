"""`twofold study` as a user types it."""

import threading
import urllib.request

import pytest
from click.testing import CliRunner

from twofold.compare.cli import main


@pytest.fixture
def twofold():
    def run(*arguments, **environment):
        return CliRunner().invoke(main, [*arguments], env=environment)

    return run


def test_alone_it_lists_lessons_and_concepts(twofold):
    """Else: a reader cannot know what there is to read."""
    result = twofold("study")
    assert result.exit_code == 0
    for name in ("digits", "models.MLP", "nn.Linear", "optim.SGD", "nn.init.normal_"):
        assert name in result.output


def test_two_columns_when_there_is_room_and_stacked_when_not(twofold):
    """Else: code wraps at half its width, or a wide screen stays half empty."""
    wide = twofold("study", "models.MLP", COLUMNS="170").output
    narrow = twofold("study", "models.MLP", COLUMNS="80").output
    beside = [line for line in wide.splitlines() if "NumPy" in line]
    assert beside and all("PyTorch" in line for line in beside)
    for output in (wide, narrow):
        assert "mlp_back" in output and "# autograd has recorded it" in output
        assert "2  Forward pass" in output
    assert any(line.rstrip() == "NumPy" for line in narrow.splitlines())
    assert max(map(len, narrow.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["study", "Linaer"], "Did you mean nn.Linear?"),
        (["study", "Linear", "--html", "x"], "give no NAME"),
        (["study", "--bench", "no-such-file", "--html", "x"], "no-such-file"),
    ],
)
def test_wrong_use_is_one_clear_line_and_exit_code_2(twofold, arguments, hint):
    """Else: a slip of the hand ends in a trace, or in half a site."""
    result = twofold(*arguments)
    assert result.exit_code == 2, result.output
    assert hint in result.output and "Traceback" not in result.output


def test_a_family_is_not_poured_over_the_terminal(twofold):
    """Else: seventy pages run through the window."""
    result = twofold("study", "optim")
    assert result.exit_code == 0
    assert "choose of" in result.output and "optim.Adam" in result.output


def test_the_server_is_for_this_machine_only(tmp_path, monkeypatch):
    """Else: everybody in the network reads along."""
    from http.server import ThreadingHTTPServer

    from twofold.compare.commands import study

    made = []

    def serve(self):
        made.append(self.server_address)
        thread = threading.Thread(target=self.handle_request)
        thread.start()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server_port}/") as answer:
            made.append(answer.read())
        thread.join()

    (tmp_path / "index.html").write_text("pages")
    monkeypatch.setattr(ThreadingHTTPServer, "serve_forever", serve)
    assert study.serve_pages(tmp_path, 0) == 0
    assert made[0][0] == "127.0.0.1" and made[1] == b"pages"
