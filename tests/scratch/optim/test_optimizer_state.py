"""Saving, copying and resuming optimisers."""

import copy
import pickle

import numpy as np
import pytest
import torch

from each import each
from optimizers import (
    DENSE,
    ELEMENTWISE,
    FULL,
    as_bytes,
    bowl,
    parameters,
    shapes_for,
    train,
    twins,
)
from twofold import scratch, torch_ref
from twofold.scratch.nn import Parameter


@each("name", DENSE)
@each("dtype", [np.float16, np.float32, np.float64])
def test_resuming_changes_no_bit(name, dtype):
    """A training that was saved, loaded and continued would not be the same one."""
    shapes = [(4, 3), (2, 5)] if name == "Muon" else [(), (7,), (5, 3), (260, 130)]
    options = FULL.get(name, {})
    params = parameters(shapes, dtype)
    optimizer = getattr(scratch.optim, name)(params, **options)
    train(optimizer, params, range(4))
    saved = copy.deepcopy(optimizer.state_dict())
    resumed = parameters(shapes, dtype, seed=1)
    for p, q in zip(resumed, params, strict=True):
        p.data[...] = q.data
    other = getattr(scratch.optim, name)(resumed, lr=0.77)
    other.load_state_dict(saved)
    train(optimizer, params, range(4, 8))
    train(other, resumed, range(4, 8))
    assert as_bytes(optimizer, params) == as_bytes(other, resumed)


@pytest.mark.parametrize("line_search", [None, "strong_wolfe"])
def test_resuming_lbfgs_changes_no_bit(line_search):
    """L-BFGS would forget its history, or share it with the one that was saved."""
    options = {"line_search_fn": line_search, "max_iter": 3, "history_size": 4}
    params = parameters([(4,), (3, 2)])
    optimizer = scratch.optim.LBFGS(params, **options)
    for _ in range(2):
        optimizer.step(bowl(params))
    resumed = [Parameter(p.data.copy()) for p in params]
    other = scratch.optim.LBFGS(resumed)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for _ in range(3):
        assert optimizer.step(bowl(params)) == other.step(bowl(resumed))
    assert [p.data.tobytes() for p in params] == [p.data.tobytes() for p in resumed]


@each("name", DENSE)
@each("clone", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copied_optimizer_goes_on_alike(name, clone):
    """The copy's state would be views of arrays that are updated no more."""
    params = parameters(shapes_for(name))
    optimizer = getattr(scratch.optim, name)(params, **FULL.get(name, {}))
    train(optimizer, params, range(3))
    other, copies = clone((optimizer, params))
    train(optimizer, params, range(3, 6))
    train(other, copies, range(3, 6))
    assert as_bytes(optimizer, params) == as_bytes(other, copies)


@pytest.mark.parametrize("name", DENSE)
def test_states_travel_both_ways(name):
    """A checkpoint of one side could not be loaded by the other."""
    ours, theirs = twins(shapes_for(name))
    options = FULL.get(name, {})
    mine = getattr(scratch.optim, name)(ours, **options)
    reference = getattr(torch_ref.optim, name)(theirs, **options)
    train(mine, ours, range(3))
    train(reference, theirs, range(3))

    from_torch = getattr(scratch.optim, name)(ours, lr=0.77)
    from_torch.load_state_dict(reference.state_dict())
    saved = mine.state_dict()
    saved["state"] = {
        i: {
            k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v
            for k, v in entry.items()
        }
        for i, entry in saved["state"].items()
    }
    from_scratch = getattr(torch_ref.optim, name)(theirs, lr=0.77)
    from_scratch.load_state_dict(saved)

    assert from_torch.param_groups[0]["lr"] == reference.param_groups[0]["lr"]
    for p, q in zip(ours, theirs, strict=True):
        for key, value in reference.state[q].items():
            assert np.array_equal(from_torch.state[p][key], np.asarray(value)), key
        for key, value in mine.state[p].items():
            assert np.array_equal(np.asarray(from_scratch.state[q][key]), value), key
    for optimizer, params in (from_torch, ours), (from_scratch, theirs):
        train(optimizer, params, range(1))  # and it can go on


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_state_that_was_cleared_is_new(name):
    """A rule would go on with averages that were thrown away."""
    shapes = [(7,), (5, 3)]
    params = parameters(shapes)
    optimizer = getattr(scratch.optim, name)(params, **FULL.get(name, {}))
    train(optimizer, params, range(3))
    fresh = [Parameter(p.data.copy()) for p in params]
    other = getattr(scratch.optim, name)(fresh, **FULL.get(name, {}))
    optimizer.state.clear()
    train(optimizer, params, range(3, 5))
    train(other, fresh, range(3, 5))
    assert as_bytes(optimizer, params) == as_bytes(other, fresh)


def test_a_group_that_comes_later_is_trained():
    """A new group would be left out, or lose the options of the others."""
    params = parameters([(3,), (4,)])
    optimizer = scratch.optim.Adam(params[:1], lr=0.5)
    train(optimizer, params, range(2))
    before = params[1].data.copy()
    optimizer.add_param_group({"params": params[1], "lr": 0.25})
    train(optimizer, params, range(2, 3))
    assert not np.array_equal(params[1].data, before)
    assert [optimizer.state[p]["step"] for p in params] == [3, 1]
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.25]
