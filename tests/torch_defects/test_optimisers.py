"""Where PyTorch's optimisers do what they should not.

Each test asserts the wrong behaviour of the installed version: once it fails, PyTorch
has mended it, and what `scratch` says of it has to go.
"""

from copy import deepcopy

import pytest
import torch
from torch import optim


def parameter(values, dtype=torch.float32):
    return torch.nn.Parameter(torch.as_tensor(values, dtype=dtype))


def test_muon_overwrites_its_momentum_in_bfloat16():
    """With `nesterov=False` the matrix that is orthogonalised is the momentum buffer
    itself, and for bfloat16 parameters it is not copied before it is divided by its
    norm: the buffer then holds 1/4 everywhere. Expected: (1 - 0.95) * 8 = 0.4.
    """
    p = parameter(torch.zeros(4, 4), torch.bfloat16)
    optimizer = optim.Muon([p], nesterov=False)
    p.grad = torch.full_like(p, 8.0)
    optimizer.step()
    buffer = optimizer.state[p]["momentum_buffer"]
    assert (buffer == 0.25).all()


def test_centred_rmsprop_turns_into_nan_under_a_constant_gradient():
    """The variance is the mean square less the squared mean; both come to the same
    number, rounding makes the difference negative, and its root NaN. Expected: a
    variance that is not below 0.
    """
    gradient = torch.randn(2000, generator=torch.Generator().manual_seed(0))
    p = parameter(torch.ones(2000))
    optimizer = optim.RMSprop([p], centered=True, alpha=0.5)
    for _ in range(100):
        p.grad = gradient.clone()
        optimizer.step()
    assert p.isnan().any()


def test_adafactor_takes_its_epsilon_from_the_first_parameter():
    """The default of `eps[0]` is the machine epsilon of the parameter's dtype, but that
    of the first parameter is kept for all others: a float64 parameter moves elsewhere
    behind a float32 one. Expected: its own epsilon, whatever stands before it.
    """

    def moved_to(*dtypes):
        parameters = [parameter(torch.ones(2), dtype) for dtype in dtypes]
        optimizer = optim.Adafactor(parameters)
        for p in parameters:
            p.grad = torch.full_like(p, 1e-10)
        optimizer.step()
        return parameters[dtypes.index(torch.float64)].tolist()

    alone = moved_to(torch.float64)
    assert moved_to(torch.float64, torch.float32) == alone
    assert moved_to(torch.float32, torch.float64) != alone


def test_adafactor_stands_still_for_large_gradients():
    """Row means times column means overflow before they are divided, so that the update
    is 0. Expected: Adafactor's step does not depend on the gradient's scale.
    """

    def moved_to(gradient):
        p = parameter(torch.ones(3, 3))
        optimizer = optim.Adafactor([p])
        p.grad = torch.full_like(p, gradient)
        optimizer.step()
        return p.detach()

    assert (moved_to(1e8) != 1).all()
    assert (moved_to(1e10) == 1).all()


def resumed_state(optimiser, dtype, **options):
    """The state of a training that went on, and of one that was saved and resumed."""
    p = parameter(torch.linspace(-1, 1, 5), dtype)
    optimizer = optimiser([p], **options)
    for step in range(6):
        if step == 3:
            q = torch.nn.Parameter(p.detach().clone())
            resumed = optimiser([q], **options)
            resumed.load_state_dict(deepcopy(optimizer.state_dict()))
        p.grad = torch.cos(p.detach() + step)
        optimizer.step()
        if step >= 3:
            q.grad = torch.cos(q.detach() + step)
            resumed.step()
    return (p, optimizer.state[p]), (q, resumed.state[q])


def test_nadam_does_not_resume_exactly():
    """The product of its momenta is a float32 number; `load_state_dict` makes it one of
    the parameter's dtype, and from there on it is rounded otherwise. Expected: a
    training that is resumed ends where one without a break does.
    """
    options = {"momentum_decay": 1.0, "eps": 0.1, "lr": 0.05}
    (p, state), (q, loaded) = resumed_state(optim.NAdam, torch.float64, **options)
    assert state["mu_product"].dtype == torch.float32
    assert loaded["mu_product"].dtype == torch.float64
    assert not torch.equal(p, q)


def test_asgd_rounds_its_rate_when_it_resumes():
    """As NAdam's product: `eta` and `mu` are float32 numbers, and of the parameter's
    dtype once loaded. Expected: the same numbers.
    """
    options = {"lr": 0.05, "lambd": 0.1, "t0": 2}
    (_, state), (_, loaded) = resumed_state(optim.ASGD, torch.float16, **options)
    assert loaded["eta"].dtype == torch.float16
    assert loaded["eta"].item() != state["eta"].item()


def test_asgd_applies_a_new_rate_one_step_late():
    """The rate of the next step is worked out at the end of this one, so a schedule's
    change comes one step late. Expected: a rate of 0 moves nothing.
    """
    p = parameter([1.0])
    optimizer = optim.ASGD([p], lr=0.1)
    p.grad = torch.ones(1)
    optimizer.step()
    before = p.item()
    optimizer.param_groups[0]["lr"] = 0.0
    optimizer.step()
    assert p.item() != before
    after = p.item()
    optimizer.step()
    assert p.item() == after


def test_rprop_ignores_a_new_rate():
    """`lr` is where the step sizes start, and is never looked at again: a schedule has
    no effect. Expected: a scheduler that says so, or that does something.
    """
    ends = []
    for factor in 1.0, 0.1:
        p = parameter([1.0])
        optimizer = optim.Rprop([p], lr=0.1)
        schedule = optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
        p.grad = torch.ones(1)
        optimizer.step()
        schedule.step()
        optimizer.param_groups[0]["lr"] *= factor
        optimizer.step()
        ends.append(p.item())
    assert ends[0] == ends[1]


def test_adagrad_ignores_a_groups_initial_value():
    """`initial_accumulator_value` may be given with a group, and is kept there, but the
    sums are filled with the constructor's value. Expected: 5.
    """
    p, q = parameter([1.0]), parameter([1.0])
    groups = [{"params": [p]}, {"params": [q], "initial_accumulator_value": 5.0}]
    optimizer = optim.Adagrad(groups)
    assert optimizer.param_groups[1]["initial_accumulator_value"] == 5
    assert optimizer.state[q]["sum"].item() == 0


@pytest.mark.parametrize("order", [2.0, 3.0])
def test_a_float32_norm_of_many_numbers_loses_half_of_its_digits(order):
    """`get_total_norm` adds three million squares one after the other, in float32.
    Expected: sums in blocks, which keep the error within a few roundings.
    """
    generator = torch.Generator().manual_seed(0)
    gradient = torch.randn(3_000_000, generator=generator)
    total = torch.nn.utils.get_total_norm([gradient], order).item()
    exact = gradient.double().norm(order).item()
    roundings = abs(total / exact - 1) / 2.0**-24
    assert roundings > 500
