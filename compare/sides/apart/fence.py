"""What a process that runs somebody's kernel may use: memory, time on disk, files.

Not a sandbox against malice towards the machine. It keeps a candidate from finding the
reference: it reads libraries and its own folder, neither the folders of a user nor
other processes. Landlock (Linux 5.13) holds that for whatever the process does; where
there is none, an audit hook does for Python's own calls.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

FILE_LIMIT = 1 << 30  # bytes of any one file it writes, its own output among them

PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 3, 4, 38
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read a file, read a folder
WRITE = 1 << 1 | sum(1 << k for k in range(4, 13))  # write, remove and make
OF_A_FILE = 1 << 0 | 1 << 1 | 1 << 2
RULESET_VERSION = 1
PATH_BENEATH = 1
NO_TCP = 1 << 0 | 1 << 1  # neither bind nor connect, from the 4th version on
NO_SIGNALS = 1 << 1  # to processes outside, from the 6th version on
M_PERTURB = -6

HERE = Path(__file__).resolve().parent
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/nix", "/sys")
OF_PROC = (
    "self",
    "cpuinfo",
    "meminfo",
    "stat",
    "version",
    "filesystems",
    "devices",
    "driver",
    "sys",
)


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("files", "net", "scoped")]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def libc():
    return ctypes.CDLL(None, use_errno=True)


def hide(hidden: bool = True) -> bool:
    """Other processes of this user cannot look into this one; how it was before."""
    if sys.platform != "linux":
        return False
    before = libc().prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0
    libc().prctl(PR_SET_DUMPABLE, int(not hidden), 0, 0, 0)
    return before


def die_with_parent() -> None:
    if sys.platform == "linux":
        libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def poison_memory() -> None:
    """Whatever is allocated is full of ones, bit by bit: NaN in every precision.

    glibc alone knows this call. It fills with the low byte of the value, inverted, but
    does so for any value that is not 0.
    """
    if hasattr(libc(), "mallopt"):
        libc().mallopt(M_PERTURB, 0x100)


def limit(memory: float, device: str) -> None:
    """`memory` in GiB, beyond what is in use. A GPU's driver reserves addresses by the
    terabyte: there the parent watches what is really used.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))
    if device == "cpu" and sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + int(memory * 2**30)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def readable() -> list[str]:
    """Folders of which a candidate may read: the system's, Python's, and this one, of
    which a warning shows a line.
    """
    proc = [f"/proc/{name}" for name in OF_PROC]
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix]
    packages = [path for path in sys.path if "site-packages" in path]
    found = dict.fromkeys([*SYSTEM, *proc, *python, *packages, str(HERE)])
    return [path for path in found if os.path.exists(path)]


def landlock(folder: str) -> bool:
    """From now on this process reads `readable()` alone and writes to `folder` alone.

    Returns whether the system can do this.
    """
    if sys.platform != "linux":
        return False
    system = libc()
    version = system.syscall(CREATE_RULESET, None, 0, RULESET_VERSION)
    if version < 1:
        return False
    everything = READ | WRITE
    rules = _Ruleset(
        everything, NO_TCP if version >= 4 else 0, NO_SIGNALS if version >= 6 else 0
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = system.syscall(CREATE_RULESET, ctypes.byref(rules), size, 0)
    if ruleset < 0:
        return False
    allowed = dict.fromkeys(readable(), READ)
    allowed |= {"/dev": READ | WRITE, folder: everything}
    for path, rights in allowed.items():
        if not os.path.exists(path):
            continue
        if not os.path.isdir(path):
            rights &= OF_A_FILE
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = _Beneath(rights, parent)
        system.syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
        os.close(parent)
    system.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    held = system.syscall(RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return held


def writes(mode=None, flags=None) -> bool:
    """Whether a file that is opened so can be written to."""
    if isinstance(flags, int):
        return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return bool(set(str(mode or "")) & set("wax+"))


def audit(folder: str) -> list[str]:
    """Python's own ways to files are fenced as well; the list fills with what was
    tried outside, and with programs that were started.
    """
    real, fsdecode = os.path.realpath, os.fsdecode
    own = f"/proc/{os.getpid()}"
    roots = (*map(real, readable()), "/dev", real(folder), own)
    inside = tuple(root.rstrip("/") + "/" for root in roots)
    tried: list[str] = []

    def hook(event, arguments):
        if event in ("open", "os.listdir", "os.scandir"):
            path = arguments[0]
            if path is None or isinstance(path, int):
                return
            path = real(fsdecode(path))
            if path in roots or path.startswith(inside):
                return
            if len(tried) < 100:
                tried.append(f"write {path}" if writes(*arguments[1:3]) else path)
            raise PermissionError(f"{path}: outside what a candidate may read")
        if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
            tried.append(f"program {fsdecode(arguments[0] or 'shell')}")

    sys.addaudithook(hook)
    return tried
