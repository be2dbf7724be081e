"""Sparse gradients in parameters and optimisers."""

import numpy as np
import pytest
import torch

from optimizers import NAMES, parameters, raised, set_gradients, twins
from twofold import scratch, torch_ref
from twofold.scratch._sparse import SparseGradient
from twofold.scratch.nn import Parameter


def sparse_twins(shape, k, entries=40, seed=0):
    rng = np.random.default_rng(seed)
    indices = np.stack([rng.integers(0, n, entries) for n in shape[:k]])
    values = rng.standard_normal((entries, *shape[k:]))
    return SparseGradient(indices, values, shape), torch.sparse_coo_tensor(
        torch.from_numpy(indices),
        torch.from_numpy(values),
        shape,
        check_invariants=True,
    )


@pytest.mark.parametrize(("shape", "k"), [((9, 3), 1), ((30,), 1), ((4, 5, 2), 2)])
def test_duplicates_are_summed_as_in_pytorch(shape, k):
    """A row that is named twice would keep one gradient, or stand there twice."""
    ours, theirs = sparse_twins(shape, k)
    once, expected = ours.coalesce(), theirs.coalesce()
    assert np.array_equal(once.indices, expected.indices())
    bound = 40 * np.finfo(float).eps * np.abs(ours.values).max()  # of 40 additions
    assert np.abs(once.values - expected.values().numpy()).max() <= bound
    assert np.abs(ours.to_dense() - theirs.to_dense().numpy()).max() <= bound


def test_parameters_accumulate_sparse_gradients():
    """An embedding that is used twice would lose a gradient."""
    (a, _), (b, _) = sparse_twins((9, 3), 1), sparse_twins((9, 3), 1, seed=1)
    ones = np.ones((9, 3))
    for parts in (a, b), (a, ones), (ones, a), (a, b, ones):
        p = Parameter(np.zeros((9, 3)))
        for part in parts:
            p.accumulate(part)
        dense = [x if x is ones else x.to_dense() for x in parts]
        total = p.grad if isinstance(p.grad, np.ndarray) else p.grad.to_dense()
        assert np.abs(total - sum(dense)).max() <= 100 * np.finfo(float).eps
        assert isinstance(p.grad, SparseGradient) == all(x is not ones for x in parts)
    assert np.array_equal(ones, np.ones((9, 3)))


@pytest.mark.parametrize("name", ["SparseAdam", "Adagrad"])
def test_rows_without_gradient_stay(name):
    """A sparse step would decay or move rows that it does not name."""
    (p,) = params = parameters([(50, 3)], np.float64)
    optimizer = getattr(scratch.optim, name)(params)
    for seed in range(3):
        before = p.data.copy()
        p.grad, _ = sparse_twins((50, 3), 1, entries=5, seed=seed)
        rows = set(p.grad.indices[0])
        optimizer.step()
        changed = set(np.flatnonzero((p.data != before).any(axis=1)))
        assert changed == rows


def test_a_sparse_gradient_without_entries_only_counts():
    """An empty batch would break a step, or not count as one."""
    (p,) = params = parameters([(5, 3)], np.float64)
    optimizer = scratch.optim.SparseAdam(params)
    p.grad, _ = sparse_twins((5, 3), 1)
    optimizer.zero_grad(set_to_none=False)
    before = p.data.copy()
    optimizer.step()
    assert np.array_equal(p.data, before)
    assert optimizer.state[p]["step"] == 1


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("SGD", "LBFGS")])
def test_sparse_and_dense_are_refused_where_pytorch_refuses_them(name):
    """A sparse gradient would be taken for a dense one, or the other way round."""
    options = {"weight_decay": 0.1} if name == "Adagrad" else {}
    ours, theirs = twins([(4, 3)], np.float64)
    for sparse in True, False:
        (ours[0].grad, theirs[0].grad) = sparse_twins((4, 3), 1)
        if not sparse:
            set_gradients(ours, 0)
            set_gradients(theirs, 0)
        expected = raised(getattr(torch_ref.optim, name)(theirs, **options).step)
        assert raised(getattr(scratch.optim, name)(ours, **options).step) is expected
