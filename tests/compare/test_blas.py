"""NumPy's products on processors that OpenBLAS does not know."""

import os
import subprocess
import sys

import pytest

from compare.blas import fitting_core

AVX512 = "flags : fpu avx512f avx512bw avx512cd avx512dq avx512vl"


@pytest.mark.parametrize(
    ("cpuinfo", "core"),
    [
        (f"vendor_id : AuthenticAMD\n{AVX512}\n\nprocessor : 1", "SKYLAKEX"),
        (f"vendor_id : GenuineIntel\n{AVX512}\n", None),
        ("vendor_id : AuthenticAMD\nflags : fpu avx2\n", None),
        ("", None),
    ],
)
def test_only_what_openblas_would_miss_is_named(cpuinfo, core):
    """If this failed, a processor would be asked for instructions it has not."""
    assert fitting_core(cpuinfo) == core


def test_a_users_choice_stays_and_a_loaded_numpy_is_left_alone(tmp_path):
    """If this failed, the command line would overrule the user."""
    path = tmp_path / "cpuinfo"
    path.write_text(f"vendor_id : AuthenticAMD\n{AVX512}\n")
    code = (
        "import os, sys; from pathlib import Path; {first}"
        "from compare.blas import use_the_whole_processor as use;"
        f"use(Path({str(path)!r})); print(os.environ.get('OPENBLAS_CORETYPE'))"
    )
    clean = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
    chosen = clean | {"OPENBLAS_CORETYPE": "HASWELL"}

    def said(environment, first=""):
        command = [sys.executable, "-c", code.format(first=first)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        return done.stdout.strip()

    assert said(clean) == "SKYLAKEX"
    assert said(chosen) == "HASWELL"
    assert said(clean, first="import numpy;") == "None"
