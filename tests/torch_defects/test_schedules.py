"""Where PyTorch's schedules, averages and initialisers do what they should not.

Each test asserts the wrong behaviour of the installed version: once it fails, PyTorch
has mended it, and what `scratch` says of it has to go.
"""

import pytest
import torch
from torch.optim import SGD, lr_scheduler, swa_utils


def optimizer():
    return SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0, momentum=0.9)


def test_cyclic_lr_takes_something_out_of_the_dict_that_it_loads():
    """`load_state_dict` pops an entry of the caller's dict, which then cannot be loaded
    again. Expected: what is handed in stays as it was.
    """
    schedule = lr_scheduler.CyclicLR(optimizer(), 0.1, 0.2)
    state = schedule.state_dict()
    schedule.load_state_dict(state)
    with pytest.raises(KeyError, match="_scale_fn_custom"):
        schedule.load_state_dict(state)


def test_a_sequence_cannot_hold_a_sequence():
    """When the inner sequence's turn comes, it is asked for rates, which a sequence
    does not have. Expected: as one sequence with the milestones of both.
    """
    sgd = optimizer()
    inner = lr_scheduler.SequentialLR(
        sgd,
        [
            lr_scheduler.ConstantLR(sgd, 0.5, 2),
            lr_scheduler.ExponentialLR(sgd, 0.9),
        ],
        [2],
    )
    outer = lr_scheduler.SequentialLR(sgd, [lr_scheduler.StepLR(sgd, 100), inner], [3])
    with pytest.raises(NotImplementedError):
        for _ in range(6):
            sgd.step()
            outer.step()


def test_the_mean_of_weights_is_no_float64_mean():
    """`get_swa_multi_avg_fn` divides 1 by a count in float32, so a float64 average has
    7 digits. Expected: those of `get_swa_avg_fn`, to the last bit or two.
    """

    def mean(**average):
        model = torch.nn.Linear(1, 1, bias=False, dtype=torch.float64)
        averaged = swa_utils.AveragedModel(model, **average)
        for weight in 1.0, 2.0, 4.0:
            model.weight.data.fill_(weight)
            averaged.update_parameters(model)
        return averaged.module.weight.item()

    def error(found):
        return abs(found - 7 / 3)

    single = mean(avg_fn=swa_utils.get_swa_avg_fn())
    multiple = mean(multi_avg_fn=swa_utils.get_swa_multi_avg_fn())
    assert error(single) < 2.0**-50 < 2.0**-30 < error(multiple)


def test_the_mean_of_weights_refuses_buffers_of_integers():
    """With `use_buffers`, batch norm's count of batches is averaged too, by a division
    that torch has withdrawn for integers. Expected: as `get_swa_avg_fn` does.
    """
    norm = torch.nn.BatchNorm1d(2)
    average = swa_utils.get_swa_multi_avg_fn()
    averaged = swa_utils.AveragedModel(norm, multi_avg_fn=average, use_buffers=True)
    averaged.update_parameters(norm)
    with pytest.raises(RuntimeError, match="Integer division"):
        averaged.update_parameters(norm)


def test_orthogonal_cannot_fill_a_transposed_kernel():
    """All other initialisers fill any tensor; this one takes a view that only exists if
    the tensor is contiguous. Expected: the values, wherever they lie.
    """
    kernel = torch.empty(5, 4, 3).permute(2, 1, 0)
    with pytest.raises(RuntimeError, match="view"):
        torch.nn.init.orthogonal_(kernel)
