"""The fingerprint: it must say yes here, and no wherever PyTorch's stream differs."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from twofold.compare.concepts import fingerprint as module
from twofold.compare.concepts.fingerprint import Fingerprint, fingerprint
from twofold.scratch import random

CAPABILITY = torch.backends.cpu.get_cpu_capability()


@pytest.mark.skipif(CAPABILITY not in ("AVX2", "AVX512"), reason="not the model's CPU")
def test_the_streams_are_the_same_on_x86_64_with_avx2():
    """Else: the harness copies weights where equal seeds would do."""
    assert fingerprint() == Fingerprint(())
    assert fingerprint().same


def test_pytorch_without_fused_multiply_add_is_found_out():
    """Else: on such a machine networks start unequal, and nobody is told."""
    code = (
        "from twofold.compare.concepts.fingerprint import fingerprint\n"
        "print(*fingerprint().differing)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "ATEN_CPU_CAPABILITY": "default"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "float32 normal" in run.stdout


@pytest.mark.parametrize("kind", module._DRAWS)
def test_one_bit_in_one_kind_is_found_and_named(kind, monkeypatch):
    """Else: a kind is listed but not compared, or blamed on another."""
    ours, theirs = module._DRAWS[kind]

    def flipped(generator):
        drawn = ours(generator)
        drawn.view(np.uint8)[-8] ^= 1
        return drawn

    monkeypatch.setitem(module._DRAWS, kind, (flipped, theirs))
    assert kind in fingerprint().differing


def test_a_word_too_many_is_found(monkeypatch):
    """Else: equal numbers hide a stream that is out of step."""
    ours, theirs = module._DRAWS["randperm"]
    one_more = (lambda g: (ours(g), g.words(1))[0], theirs)
    monkeypatch.setitem(module._DRAWS, "randperm", one_more)
    assert "randperm" in fingerprint().differing


def test_nothing_global_is_touched_or_matters():
    """Else: looking at the stream changes the run, or its settings the answer."""
    before = torch.get_rng_state(), random.get_rng_state()
    expected = fingerprint()
    torch.set_default_dtype(torch.float64)
    try:
        assert fingerprint() == expected
    finally:
        torch.set_default_dtype(torch.float32)
    assert np.array_equal(torch.get_rng_state(), before[0])
    assert np.array_equal(random.get_rng_state(), before[1])


def test_it_speaks_in_one_sentence():
    """Else: the harness has nothing to say, or does not say what differs."""
    assert "the same numbers, bit for bit" in str(Fingerprint(()))
    sentence = str(Fingerprint(("float32 normal", "randperm")))
    assert sentence.endswith("other numbers here: float32 normal, randperm.")
    assert "\n" not in sentence and torch.__version__ in sentence
