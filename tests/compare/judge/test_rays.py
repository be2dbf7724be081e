"""A reference that can be asked nowhere but at the numbers that it was given."""

import numpy as np
import torch

import twofold


def isolated(x, p):
    if not bool(((p == 0) | (p == 0.3)).all()):
        raise RuntimeError("p: 0 or 0.3 was expected")
    return x.exp() * p


def by_hand(factor):
    def function(x, p):
        y = np.exp(x) * p
        return y, lambda dy: (factor * dy * y, dy * np.exp(x))

    return function


def test_where_no_ray_can_be_followed_there_is_a_verdict_all_the_same():
    """Else: a KeyError where the reference is not defined next to its inputs."""
    rng = np.random.default_rng(0)
    p = rng.choice([0, 0.3], (4, 5)).astype(np.float32).astype(np.float64)
    p = np.where(p > 0, 0.3, 0)
    x = rng.standard_normal((4, 5))
    options = {"draws": 1, "dtype": np.float64}
    assert twofold.check(by_hand(1), isolated, x, p, **options).ok
    report = twofold.check(by_hand(1.01), isolated, x, p, **options)
    assert report.verdict == "mismatch" and report.first == "grad of x"


def test_a_loss_of_scratch_leads_back_to_its_predictions_alone():
    """Else: a correct loss fails, since nothing leads to its targets."""
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((2, 20, 3))
    report = twofold.check(twofold.scratch.nn.MSELoss(), torch.nn.MSELoss(), x, t)
    assert report.ok and any("target" in note for note in report.notes)
