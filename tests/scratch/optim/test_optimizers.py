"""What scratch.optim promises beyond its numbers, which the harness compares."""

import inspect

import numpy as np
import pytest
import torch

from each import each
from optimizers import (
    DENSE,
    ELEMENTWISE,
    FULL,
    NAMES,
    SIDES,
    as_bytes,
    bowl,
    parameters,
    set_gradients,
    shapes_for,
    train,
    twins,
)
from twofold import scratch, torch_ref
from twofold.scratch._sparse import SparseGradient
from twofold.scratch.nn import Parameter
from twofold.scratch.optim._averages import lerp
from twofold.scratch.optim.muon import round_to_bfloat16, shorten

# Names, arguments, options, state keys.


@each("name", NAMES)
def test_signature_is_pytorchs(name):
    """An argument would have another name, place or default than in PyTorch."""

    def arguments(side):
        signature = inspect.signature(getattr(SIDES[side], name).__init__)
        return [(p.name, p.kind, p.default) for p in signature.parameters.values()]

    assert arguments("scratch") == arguments("torch")


@pytest.mark.parametrize("name", NAMES)
def test_groups_and_state_have_pytorchs_keys(name):
    """A state dict of one side would not mean the same on the other."""
    ours, theirs = twins(shapes_for(name))
    options = FULL.get(name, {})
    mine = getattr(scratch.optim, name)(ours, **options)
    reference = getattr(torch_ref.optim, name)(theirs, **options)

    def without_params(optimizer):
        return [
            {k: v for k, v in group.items() if k != "params"}
            for group in optimizer.param_groups
        ]

    assert without_params(mine) == without_params(reference)
    if name == "SparseAdam":
        for p, q in zip(ours, theirs, strict=True):
            if p.ndim:
                index = np.zeros((1, 1), np.int64)
                p.grad = SparseGradient(index, p.data[:1], p.shape)
                q.grad = torch.sparse_coo_tensor(
                    torch.from_numpy(index), q.data[:1], q.shape, check_invariants=True
                )
    else:
        set_gradients(ours, 0)
        set_gradients(theirs, 0)
    for optimizer in mine, reference:
        optimizer.step(*((lambda: 1.0,) if name == "LBFGS" else ()))
    for p, q in zip(ours, theirs, strict=True):
        state, expected = mine.state.get(p, {}), reference.state.get(q, {})
        assert set(state) == set(expected)
        for key, value in expected.items():
            if isinstance(value, torch.Tensor):
                assert np.shape(state[key]) == value.shape, key


# What a step leaves alone, and what it writes to.


@pytest.mark.parametrize("name", DENSE)
def test_parameters_without_gradient_are_left_alone(name):
    """Decay or momentum would move a parameter that has no gradient."""
    ours, theirs = twins([(4, 3), (2, 5)])
    mine = getattr(scratch.optim, name)(ours, **FULL.get(name, {}))
    reference = getattr(torch_ref.optim, name)(theirs, **FULL.get(name, {}))
    before = ours[1].data.copy()
    for params, optimizer in (ours, mine), (theirs, reference):
        set_gradients(params, 0, missing=[1])
        optimizer.step()
    assert np.array_equal(ours[1].data, before)
    assert set(mine.state.get(ours[1], {})) == set(reference.state.get(theirs[1], {}))

    set_gradients(ours, 1)
    mine.step()
    state = mine.state[ours[0]], mine.state[ours[1]]
    assert [s.get("step") for s in state] in ([2, 1], [None, None])


@each("name", DENSE)
@each("size", ["small", "large"])
def test_gradients_are_not_written_to_and_data_is(name, size):
    """A step would change `grad`, or put a new array in the place of `data`."""
    shapes = [(260, 130)] if size == "large" else [(4, 3), (2, 5)]
    params = parameters(shapes)
    optimizer = getattr(scratch.optim, name)(params, **FULL.get(name, {}))
    arrays = [p.data for p in params]
    for seed in range(3):
        set_gradients(params, seed)
        gradients = [p.grad.copy() for p in params]
        before = [p.data.copy() for p in params]
        optimizer.step()
        for p, array, old, gradient in zip(
            params, arrays, before, gradients, strict=True
        ):
            assert p.data is array
            assert not np.array_equal(p.data, old)
            assert np.array_equal(p.grad, gradient)


@pytest.mark.parametrize("name", DENSE)
def test_a_view_is_updated_where_it_is(name):
    """A transposed parameter would part from the array whose view it is."""
    whole = parameters([(260, 130)])[0].data
    kept = whole.copy()
    twin, view = Parameter(kept.T.copy()), Parameter(whole.T)
    for p in twin, view:
        optimizer = getattr(scratch.optim, name)([p], **FULL.get(name, {}))
        train(optimizer, [p], range(2))
    assert np.array_equal(whole.T, twin.data)
    assert not np.array_equal(whole, kept)


@each("name", ELEMENTWISE)
@each("dtype", [np.float16, np.float32, np.float64])
def test_gathered_or_alone_gives_the_same_bits(name, dtype):
    """The result would depend on which other parameters are trained."""
    shapes = [(), (1,), (7,), (5, 3), (0,), (33, 1031), (140_001,)]
    together, alone = parameters(shapes, dtype), parameters(shapes, dtype)
    options = FULL.get(name, {})
    one = getattr(scratch.optim, name)(together, **options)
    many = [getattr(scratch.optim, name)([p], **options) for p in alone]
    for seed in range(4):
        missing = [seed] if seed < 2 else []
        set_gradients(together, seed, missing)
        set_gradients(alone, seed, missing)
        one.step()
        for optimizer in many:
            optimizer.step()
    for p, q, optimizer in zip(together, alone, many, strict=True):
        assert as_bytes(one, [p]) == as_bytes(optimizer, [q])


@each("name", DENSE)
@each("dtype", [np.float16, np.float32, np.float64])
def test_numpy_numbers_do_not_widen_the_dtype(name, dtype):
    """A rate of type np.float64 would turn float32 arithmetic into float64."""
    results = []
    for number in float, np.float64, lambda x: np.array([x]):
        params = parameters([(4, 3)], dtype)
        optimizer = getattr(scratch.optim, name)(params, lr=number(0.01))
        train(optimizer, params, range(2))
        optimizer.param_groups[0]["lr"] = np.float64(0.02)
        train(optimizer, params, range(2, 4))
        state = optimizer.state[params[0]]
        arrays = [params[0].data, *[v for v in state.values() if np.ndim(v)]]
        assert {a.dtype for a in arrays} == {np.dtype(dtype)}
        assert type(optimizer.param_groups[0]["lr"]) is float
        results.append(as_bytes(optimizer, params))
    assert results[0] == results[1] == results[2]


def test_a_parameter_that_stands_twice_is_updated_twice():
    """It would be updated once, where PyTorch (which warns) updates it twice."""
    results = []
    for side, (p,) in zip(SIDES.values(), twins([(3,)], np.float64), strict=True):
        with pytest.warns(UserWarning):
            optimizer = side.SGD([p, p], lr=0.25)
        set_gradients([p], 0)
        optimizer.step()
        results.append(np.asarray(p.data))
    assert np.array_equal(*results)


def test_zeroed_gradients_are_gradients():
    """zero_grad(set_to_none=False) would stop momentum, or write no zeros."""
    (p,) = params = parameters([(3,)])
    optimizer = scratch.optim.SGD(params, momentum=0.9)
    train(optimizer, params, range(1))
    optimizer.zero_grad(set_to_none=False)
    assert not p.grad.any()
    before = p.data.copy()
    optimizer.step()
    assert not np.array_equal(p.data, before)
    optimizer.zero_grad()
    assert p.grad is None


@pytest.mark.parametrize("line_search", [None, "strong_wolfe"])
def test_lbfgs_counts_as_pytorch_counts(line_search):
    """An iteration or an evaluation too many or too few: another stopping rule."""
    options = {"line_search_fn": line_search, "max_iter": 4, "lr": 0.5}
    (p,), (q,) = twins([(6,)], np.float64)
    mine = scratch.optim.LBFGS([p], **options)
    reference = torch_ref.optim.LBFGS([q], **options)

    def closure():
        reference.zero_grad()
        loss = (0.5 * torch.arange(1, 7, dtype=q.dtype) * q * q).sum()
        loss.backward()
        return loss

    for _ in range(8):
        mine.step(bowl([p]))
        reference.step(closure)
        for key in "n_iter", "func_evals":
            assert mine.state[p][key] == reference.state[q][key]
    assert bowl([p])() < mine.defaults["tolerance_change"]  # and it has arrived


def test_a_step_returns_what_its_closure_returns():
    """The closure would not be called, or its loss be lost."""
    for name in DENSE:
        params = parameters([(4, 3)])
        before = params[0].data.copy()
        loss = getattr(scratch.optim, name)(params).step(bowl(params))
        assert isinstance(loss, float)
        assert loss > 0
        assert not np.array_equal(params[0].data, before)


def test_centered_rmsprop_survives_a_constant_gradient():
    """Rounding would make a variance of 0 negative, and its root NaN."""
    (p,) = parameters([(1000,)])
    p.grad = parameters([(1000,)], seed=1)[0].data
    optimizer = scratch.optim.RMSprop([p], alpha=0.5, centered=True, lr=1e-9)
    for _ in range(60):
        optimizer.step()
    assert np.isfinite(p.data).all()


def test_adafactor_gives_each_dtype_its_own_epsilon():
    """The first parameter's dtype would decide for all of its group."""
    results = []
    for order in ([np.float32, np.float64], [np.float64, np.float32]):
        params = [Parameter(np.ones(2, dtype)) for dtype in order]
        for p in params:
            p.grad = np.full(2, 1e-10, p.dtype)
        scratch.optim.Adafactor(params).step()
        results.append({p.dtype: p.data.tolist() for p in params})
    assert results[0] == results[1]


def test_a_lerp_with_weight_1_is_its_end():
    """A first moment with beta1 = 0 would not be the gradient after a larger one."""
    start, end = np.array([1e20, -1e20]), np.array([1e-20, np.pi])
    lerp(start, end, 1.0, out=start)
    assert np.array_equal(start, end)


def test_bfloat16_is_rounded_as_in_pytorch():
    """Muon would round up, down, or ties away from even."""
    bits = np.random.default_rng(0).integers(0, 2**32, 100_000, np.uint32)
    x = np.concatenate([bits, bits & 0xFFFF8000, bits | 0x8000]).view(np.float32)
    x = x[~np.isnan(x)]
    expected = torch.from_numpy(x.copy()).bfloat16().float().numpy()
    assert np.array_equal(
        round_to_bfloat16(x).view(np.uint32), expected.view(np.uint32)
    )


def test_shortening_is_rounding_to_bfloat16():
    """Else: Muon's iteration rounds some numbers to the wrong neighbour."""
    bits = np.arange(2**23, dtype=np.uint32)  # every mantissa
    for power in (-60, 0, 1):
        x = (bits | np.uint32((127 + power) << 23)).view(np.float32)
        expected = round_to_bfloat16(x.copy()).view(np.uint32)
        assert np.array_equal(shorten(x.copy()).view(np.uint32), expected)
        assert np.array_equal(-shorten(-x), round_to_bfloat16(x.copy()))
