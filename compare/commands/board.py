"""`twofold board`: TensorBoard on this machine."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import click

from .common import examples, fail, runs_option, say


@click.command(epilog=examples("twofold board", "twofold board --port 7000"))
@runs_option
@click.option("--port", default=6006, show_default=True, type=click.IntRange(0, 65535))
def board(runs, port):
    """Serve the TensorBoard logs, to this machine only."""
    sys.exit(serve_board(runs, port))


def serve_board(runs: str, port: int) -> int:
    from ..report import tables

    folder = Path(runs)
    if not folder.is_dir():
        return fail(f"there is no folder {runs}; `twofold run` writes one")
    from ..training.board import lesson_links

    console = tables.console()
    for line in lesson_links(folder, port):
        console.print(line, soft_wrap=True, markup=False)
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--load_fast=false"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        for line in process.stderr:
            if _worth_reading(line):
                say(line.strip())
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        return 0


def _worth_reading(line: str) -> bool:
    """TensorBoard's own lines, less those that a user can do nothing about."""
    noise = ("TensorFlow installation not found", "NOTE:", "Warning", "load_fast")
    return bool(line.strip()) and not any(word in line for word in noise)
