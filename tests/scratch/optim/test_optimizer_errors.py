"""Bad options, parameters and gradients of optimisers."""

import numpy as np
import pytest
import torch

from each import each
from optimizers import DENSE, NAMES, SIDES, parameters, raised, set_gradients, twins
from twofold import scratch, torch_ref

BAD = [
    *[(name, {"lr": -1.0}) for name in NAMES],
    *[(name, {"lr": np.array([0.1, 0.2])}) for name in NAMES],
    *[
        (name, {"weight_decay": -1.0})
        for name in NAMES
        if name not in ("Rprop", "LBFGS", "SparseAdam")
    ],
    *[
        (name, {"betas": betas})
        for name in ("Adam", "AdamW", "Adamax", "NAdam", "RAdam", "SparseAdam")
        for betas in ((1.0, 0.9), (0.9, -0.1))
    ],
    *[
        (name, {"eps": -1.0})
        for name in NAMES
        if name not in ("SGD", "Rprop", "ASGD", "LBFGS", "Adafactor", "Muon")
    ],
    ("SGD", {"momentum": -0.1}),
    ("SGD", {"nesterov": True}),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    ("NAdam", {"momentum_decay": -1.0}),
    ("Adagrad", {"lr_decay": -1.0}),
    ("Adagrad", {"initial_accumulator_value": -1.0}),
    ("Adagrad", {"fused": True, "foreach": True}),
    ("Adagrad", {"fused": True, "differentiable": True}),
    ("Adadelta", {"rho": 1.1}),
    ("RMSprop", {"momentum": -1.0}),
    ("RMSprop", {"alpha": -1.0}),
    ("Rprop", {"etas": (1.1, 1.2)}),
    ("Rprop", {"etas": (0.5, 0.9)}),
    ("Adafactor", {"eps": (-1.0, 1e-3)}),
    ("Adafactor", {"eps": (None, -1.0)}),
    ("Adafactor", {"beta2_decay": 0.1}),
    ("Adafactor", {"d": 0.5}),
    ("Muon", {"momentum": -1.0}),
    ("Muon", {"adjust_lr_fn": "arbitrary"}),
    ("SparseAdam", {"lr": 0.0}),
    ("SparseAdam", {"eps": 0.0}),
]


@each(("name", "options"), BAD, ids=str)
def test_bad_options_raise_what_pytorch_raises(name, options):
    """A bad option would be taken, or raise another exception than in PyTorch."""
    ours, theirs = twins([(2, 2)])
    theirs_options = {
        k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v
        for k, v in options.items()
    }
    expected = raised(lambda: getattr(torch_ref.optim, name)(theirs, **theirs_options))
    assert expected is not None
    assert raised(lambda: getattr(scratch.optim, name)(ours, **options)) is expected


BAD_PARAMETERS = {
    "one": lambda p, q: p,
    "none": lambda p, q: [],
    "a set": lambda p, q: [{"params": {p, q}}],
    "no parameter": lambda p, q: [p, 3],
    "twice in a group": lambda p, q: [p, p],
    "in two groups": lambda p, q: [{"params": p}, {"params": [q, p]}],
    "some names": lambda p, q: [("p", p), q],
    "groups with and without names": lambda p, q: [
        {"params": [p]},
        {"params": [("q", q)]},
    ],
}


@pytest.mark.parametrize("case", BAD_PARAMETERS)
def test_bad_parameters_raise_what_pytorch_raises(case):
    """A list of parameters that PyTorch refuses would be taken."""
    expected, got = (
        raised(lambda s=side, t=twin: s.SGD(BAD_PARAMETERS[case](*t)))
        for side, twin in zip(
            (torch_ref.optim, scratch.optim),
            reversed(twins([(2,), (3,)])),
            strict=True,
        )
    )
    assert expected is not None
    assert got is expected


@pytest.mark.parametrize("name", DENSE)
def test_a_gradient_that_does_not_fit_raises(name):
    """A gradient of another shape or dtype would be broadcast or cast in silence."""
    for wrong in np.ones((3, 4), np.float32), np.ones((4, 3)):
        (p,) = parameters([(4, 3)])
        p.grad = wrong
        before = p.data.copy()
        with pytest.raises(RuntimeError, match="grad of shape"):
            getattr(scratch.optim, name)([p]).step()
        assert np.array_equal(p.data, before)


def test_groups_are_checked_when_a_state_is_loaded():
    """A state of another network would be taken over in part."""
    params = parameters([(2,), (3,)])
    saved = scratch.optim.Adam(params).state_dict()
    for groups in [params[:1]], [params[:1], params[1:]]:
        optimizer = scratch.optim.Adam([{"params": g} for g in groups])
        with pytest.raises(ValueError, match="groups of"):
            optimizer.load_state_dict(saved)


@pytest.mark.parametrize("options", [{"ns_steps": 100}, {"ns_coefficients": (1, 2)}])
def test_muon_checks_its_iteration_at_a_step(options):
    """Muon would iterate without end, or with a polynomial that is none."""
    for side, twin in zip(SIDES.values(), twins([(2, 2)]), strict=True):
        optimizer = side.Muon(twin, **options)
        set_gradients(twin, 0)
        with pytest.raises(ValueError):
            optimizer.step()


def test_lbfgs_refuses_groups_and_unknown_searches():
    """L-BFGS would leave out a group, or search by a method it does not know."""
    for side, twin in zip(SIDES.values(), twins([(2,), (3,)]), strict=True):
        with pytest.raises(ValueError):
            side.LBFGS([{"params": [p]} for p in twin])
        optimizer = side.LBFGS(twin, line_search_fn="armijo")
        set_gradients(twin, 0)
        with pytest.raises(RuntimeError):
            optimizer.step(lambda: 1.0)
        optimizer.add_param_group({"params": twins([(2,)])[side is torch_ref.optim]})
        with pytest.raises(AssertionError):
            optimizer.step(lambda: 1.0)
