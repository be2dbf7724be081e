"""The process of which every candidate's is a fork: torch is loaded, once.

It listens on one socket. "fork" comes with the two files of the new process, its
channel and where its output goes; "reap" ends a process and says how it ended. It ends
with the process that started it.
"""

import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress

from . import fence, wire

MESSAGE = 1 << 20
GRACE = 1.0  # seconds for a process that has closed its channel to end by itself


def main(descriptor: int) -> None:
    control = socket.socket(fileno=descriptor)
    fence.hide()
    from . import runner, watch  # these load torch

    functions = watch.public()
    control.sendall(b"{}\n")
    while True:
        message, files, _, _ = socket.recv_fds(control, MESSAGE, 2)
        if not message:
            return
        ask = json.loads(message)
        if ask["do"] == "fork":
            process = os.fork()
            if process == 0:
                control.close()
                become(ask, *files, runner.Runner(functions))
                os._exit(0)
            for file in files:
                os.close(file)
            reply = {"process": process}
        else:
            reply = {"status": end(ask["process"])}
        control.sendall(json.dumps(reply).encode() + b"\n")


def become(ask: dict, channel: int, output: int, runs) -> None:
    """The life of one candidate's process."""
    os.setsid()
    fence.die_with_parent()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(ask["folder"])
    os.environ.update(ask["environment"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    fence.poison_memory()
    fence.limit(ask["memory"], ask["device"])
    fence.landlock(ask["folder"])
    runs.tried = fence.audit(ask["folder"])
    connection = socket.socket(fileno=channel)
    connection.setblocking(True)
    read = wire.reader(connection.recv)
    with suppress(wire.Closed, OSError):
        while True:
            header, arrays = wire.receive(read)
            wire.send(connection.sendall, *runs.answer(header, arrays))


def end(process: int) -> int:
    """The status with which it ended: by itself within the grace, or killed now."""
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            break
        time.sleep(0.005)
    else:
        status = -1
    with suppress(ProcessLookupError):  # what it has started ends with it
        os.killpg(process, signal.SIGKILL)
    if status == -1:
        os.waitpid(process, 0)
    return status


if __name__ == "__main__":
    main(int(sys.argv[1]))
