"""Our end of the candidate's process: start it, ask it, and say how it failed.

Whatever happens there becomes a `Failure` with words; nothing that it does or prints
becomes anything else. Every wait has an end.
"""

import atexit
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from . import fence, wire

PASSED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "CC", "CXX", "TZ")
PASSED_STARTS = ("CUDA", "NVIDIA", "TRITON", "TORCH_", "TORCHINDUCTOR_")
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Small blocks of memory are poisoned as well, see `fence.poison_memory`.
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
}
START_LIMIT = 300.0  # seconds for torch to load
WATCHED_EVERY = 0.1  # seconds between looks at the memory in use
IN_ALL = 10  # the limit of all calls, in limits of one
SHOWN = 4000  # bytes of what it printed
CUT = " [cut here]"
LEAST_MEMORY = 0.5  # GiB: Python with torch loaded takes most of this itself


class Failure(Exception):
    """The candidate gave no result. `kind` is a word for it."""

    def __init__(self, kind: str, words: str):
        super().__init__(words)
        self.kind = kind


@dataclass(frozen=True)
class Limits:
    """`seconds` of one call, `memory` in GiB."""

    seconds: float = 60.0
    memory: float = 8.0
    device: str = "cpu"


class Nursery:
    """The process that has torch loaded; a fork of it runs a candidate."""

    def __init__(self):
        self.control, theirs = socket.socketpair(socket.AF_UNIX)
        self.control.settimeout(START_LIMIT)
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in PASSED or name.startswith(PASSED_STARTS)
        }
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-I",  # nothing of the folder or the environment gets in
                "-u",  # what is printed is there even after a crash
                "-m",
                f"{__package__}.nursery",
                str(theirs.fileno()),
            ],
            pass_fds=(theirs.fileno(),),
            cwd="/",
            env={**environment, **SETTINGS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self.lines = self.control.makefile("rb")
        self.ready = False
        self.lock = threading.Lock()

    def ask(self, message: dict, files=()) -> dict:
        with self.lock:
            if not self.ready:
                self.ready = bool(self.lines.readline())
            text = json.dumps(message).encode()
            socket.send_fds(self.control, [text], list(files))
            line = self.lines.readline()
        if not line:
            raise OSError("the process apart has ended")
        return json.loads(line)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        self.lines.close()
        self.control.close()
        self.process.kill()
        self.process.wait()


_nursery: list[Nursery] = []


def nursery() -> Nursery:
    """The one of this process; started at the first call, which returns at once."""
    if _nursery and not _nursery[0].alive:
        _nursery.pop().close()
    if not _nursery:
        _nursery.append(Nursery())
    return _nursery[0]


@atexit.register
def close_nursery() -> None:
    while _nursery:
        _nursery.pop().close()


os.register_at_fork(after_in_child=_nursery.clear)  # it belongs to the parent


class Apart:
    """One candidate in its process. A context manager: it ends with the block."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.calls = 0
        self.spent = 0.0
        self.folder = Path(tempfile.mkdtemp(prefix="candidate-"))
        home = str(self.folder)
        self.printed = tempfile.TemporaryFile()  # noqa: SIM115
        self.connection, theirs = socket.socketpair(socket.AF_UNIX)
        self.connection.setblocking(False)
        self.process = None
        ask = {
            "do": "fork",
            "folder": home,
            "memory": limits.memory,
            "device": limits.device,
            "environment": {
                "HOME": home,
                "TMPDIR": home,
                "PWD": home,
                "TRITON_CACHE_DIR": f"{home}/triton",
                "TORCH_EXTENSIONS_DIR": f"{home}/extensions",
                "TORCHINDUCTOR_CACHE_DIR": f"{home}/inductor",
            },
        }
        try:
            files = [theirs.fileno(), self.printed.fileno()]
            self.process = nursery().ask(ask, files)["process"]
        finally:
            theirs.close()

    def __enter__(self) -> "Apart":
        return self

    def __exit__(self, *_) -> None:
        self.close()
        self.printed.close()

    def close(self) -> int | None:
        """End it; the status with which it had ended by itself, else -1."""
        if self.process is None:
            return None
        self.connection.close()
        process, self.process = self.process, None
        status = None
        with suppress(OSError):
            status = nursery().ask({"do": "reap", "process": process})["status"]
        shutil.rmtree(self.folder, ignore_errors=True)
        return status

    def output(self) -> str:
        """The beginning of what it has printed."""
        self.printed.seek(0)
        text = self.printed.read(SHOWN + 1)
        more = CUT if len(text) > SHOWN else ""
        return text[:SHOWN].decode(errors="replace") + more

    def ask(self, header: dict, arrays=(), seconds: float | None = None):
        """The reply to a message. Raises `Failure`."""
        if self.process is None:
            raise Failure("ended", "it had ended before")
        self.calls += 1
        nonce = secrets.token_hex(8)
        started = time.monotonic()
        left = IN_ALL * self.limits.seconds - self.spent
        allowed = min(seconds or self.limits.seconds, left)
        deadline = started + max(allowed, 0)
        try:
            wire.send(self._writer(deadline), {**header, "nonce": nonce}, list(arrays))
            most = int(self.limits.memory * 2**30)
            reply, found = wire.receive(self._reader(deadline), most)
        except (wire.Closed, ConnectionError):
            raise self._ended(header) from None
        except TimeoutError:
            self._kill()
            what = "in all" if allowed == left else f"in {_doing(header, self.calls)}"
            raise Failure(
                "time", f"no answer within {allowed:.3g} s {what}: it was stopped"
            ) from None
        except wire.Malformed as error:
            self._kill()
            raise Failure("protocol", f"its answer was none: {error}") from None
        finally:
            self.spent += time.monotonic() - started
        if reply.get("nonce") != nonce:
            self._kill()
            raise Failure("protocol", "it answered what had not been asked")
        if "error" in reply:
            words = f"{_doing(header, self.calls)}: {str(reply['error'])[:1000]}"
            raise Failure(str(reply.get("kind", "error"))[:20], words)
        return reply, found

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process, signal.SIGKILL)
        self.close()

    def _ended(self, header: dict) -> Failure:
        """How it ended, in words."""
        doing = _doing(header, self.calls)
        status = self.close()
        if status is None or status == -1:
            return Failure("protocol", f"it closed its channel in {doing}")
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            name = signal.Signals(number).name
            return Failure("crash", f"it was ended by {name} in {doing}")
        code = os.waitstatus_to_exitcode(status)
        return Failure("exit", f"it left with exit code {code} in {doing}")

    def _wait(self, deadline: float, writing: bool) -> None:
        """Until the channel is ready. Raises TimeoutError, and `Failure` for memory."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            channel = [self.connection]
            ready = select.select(
                [] if writing else channel,
                channel if writing else [],
                [],
                min(left, WATCHED_EVERY),
            )
            if any(ready):
                return
            used = self._memory()
            if used > self.limits.memory:
                self._kill()
                raise Failure("memory", f"it used {used:.1f} GiB of memory")

    def _memory(self) -> float:
        try:
            pages = Path(f"/proc/{self.process}/statm").read_text().split()[1]
        except (OSError, IndexError):
            return 0.0
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**30

    def _reader(self, deadline: float):
        def some(count: int) -> bytes:
            self._wait(deadline, writing=False)
            return self.connection.recv(count)

        return wire.reader(some)

    def _writer(self, deadline: float):
        def write(data: bytes) -> None:
            view = memoryview(data)
            while view:
                self._wait(deadline, writing=True)
                view = view[self.connection.send(view) :]

        return write


def _doing(header: dict, calls: int) -> str:
    return "loading" if header["do"] == "load" else f"call {calls - 1}"


@contextmanager
def hidden():
    """This process, which knows the reference, cannot be looked into."""
    before = fence.hide()
    try:
        yield
    finally:
        fence.hide(before)
