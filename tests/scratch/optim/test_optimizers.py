"""What scratch.optim promises beyond its numbers, which the harness compares."""

import copy
import inspect
import pickle

import numpy as np
import pytest
import torch

import scratch.optim
import torch_ref.optim
from scratch._sparse import SparseGradient
from scratch.nn import Parameter
from scratch.optim._lerp import lerp
from scratch.optim.muon import round_to_bfloat16, shorten

SIDES = {"scratch": scratch.optim, "torch": torch_ref.optim}
NAMES = [
    n for n in scratch.optim.__all__ if inspect.isclass(getattr(SIDES["torch"], n))
]
NAMES.remove("Optimizer")
DENSE = [n for n in NAMES if n not in ("LBFGS", "SparseAdam")]
ELEMENTWISE = [n for n in DENSE if n not in ("Adafactor", "Muon")]

# Options under which every array of the state is there.
FULL = {
    "SGD": {"momentum": 0.9, "weight_decay": 0.1, "maximize": True},
    "Adam": {"amsgrad": True, "weight_decay": 0.1, "maximize": True},
    "RMSprop": {"momentum": 0.9, "centered": True, "weight_decay": 0.1},
    "ASGD": {"t0": 2, "weight_decay": 0.1, "maximize": True},
    "Adagrad": {"lr_decay": 0.1, "initial_accumulator_value": 0.5, "maximize": True},
    "NAdam": {"weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True},
    "RAdam": {"betas": (0.9, 0.9), "weight_decay": 0.1, "maximize": True},
    "Adafactor": {"weight_decay": 0.1, "maximize": True},
}
for _name in "Adamax", "Adadelta", "AdamW", "Rprop":
    FULL[_name] = {"maximize": True}


def parameters(shapes, dtype=np.float32, seed=0):
    rng = np.random.default_rng(seed)
    return [Parameter(np.asarray(rng.standard_normal(s)).astype(dtype)) for s in shapes]


def shapes_for(name):
    return [(4, 3), (2, 5)] if name == "Muon" else [(), (1,), (7,), (5, 3)]


def twins(shapes, dtype=np.float32):
    """The same parameters on both sides."""
    ours = parameters(shapes, dtype)
    theirs = [torch.nn.Parameter(torch.from_numpy(p.data.copy())) for p in ours]
    return ours, theirs


def set_gradients(params, seed, missing=()):
    rng = np.random.default_rng(seed)
    for i, p in enumerate(params):
        gradient = np.asarray(rng.standard_normal(tuple(p.shape)))
        if i in missing:
            p.grad = None
        elif isinstance(p, Parameter):
            p.grad = gradient.astype(p.dtype)
        else:
            p.grad = torch.from_numpy(gradient).to(p.dtype)


def train(optimizer, params, steps):
    for seed in steps:
        set_gradients(params, seed)
        optimizer.step()


def raised(call):
    """The class of what `call` raises or warns of, or None."""
    try:
        call()
    except Exception as error:
        return type(error)
    return None


def as_bytes(optimizer, params):
    arrays = [p.data for p in params]
    for p in params:
        arrays += [np.asarray(v) for _, v in sorted(optimizer.state[p].items())]
    return [a.tobytes() for a in arrays]


# Names, arguments, options, state keys.


@pytest.mark.parametrize("name", NAMES)
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


# Errors.

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


@pytest.mark.parametrize(("name", "options"), BAD, ids=str)
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


@pytest.mark.parametrize("name", DENSE)
@pytest.mark.parametrize("size", ["small", "large"])
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


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
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


@pytest.mark.parametrize("name", DENSE)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
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


# Saving, copying, resuming.


@pytest.mark.parametrize("name", DENSE)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
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


@pytest.mark.parametrize("name", DENSE)
@pytest.mark.parametrize(
    "clone", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
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


# Conventions of single rules.


def bowl(params):
    """A closure: half the sum of k x_k^2, forwards and backwards."""

    def closure():
        loss = 0.0
        for p in params:
            k = np.arange(1, p.size + 1, dtype=p.dtype).reshape(p.shape)
            p.grad = k * p.data
            loss += 0.5 * float((p.grad * p.data).sum())
        return loss

    return closure


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


# Sparse gradients.


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
