"""Letting NumPy's matrix products use the whole processor.

OpenBLAS, which NumPy's packages bring along, knows processors by their names. Of one
that is younger than itself it uses the oldest instructions that fit: on AMD processors
with AVX-512 half of the vector units stay idle, and a product takes twice its time.
"""

import os
import sys
from pathlib import Path

CORE = "OPENBLAS_CORETYPE"
AVX512_CORE = "SKYLAKEX"
NEEDED = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


def use_the_whole_processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> None:
    """Name OpenBLAS a core that fits, before NumPy is loaded; a user's choice stays."""
    if CORE in os.environ or "numpy" in sys.modules:
        return
    try:
        core = fitting_core(cpuinfo.read_text())
    except OSError:
        return
    if core:
        os.environ[CORE] = core


def fitting_core(cpuinfo: str) -> str | None:
    """The core to name for the first processor listed, if OpenBLAS would miss it."""
    first, _, _ = cpuinfo.partition("\n\n")
    flags = next((line for line in first.splitlines() if line.startswith("flags")), "")
    if "AuthenticAMD" in first and set(flags.split()) >= NEEDED:
        return AVX512_CORE
    return None
