"""Parameter: an array, its gradient, and how gradients add up."""

import numpy as np
import pytest
import torch

from twofold.scratch.nn import Parameter


def test_gradients_add_up_and_the_first_is_copied():
    """Else: the second path of a shared weight is lost, or overwrites the caller."""
    parameter = Parameter(np.zeros(2, np.float32))
    first, second = np.float32([1, 2]), np.float32([10, 20])
    parameter.accumulate(first)
    assert not np.shares_memory(parameter.grad, first)
    parameter.accumulate(second)
    assert parameter.grad.tolist() == [11, 22]
    assert (first.tolist(), second.tolist()) == ([1, 2], [10, 20])


def test_a_gradient_takes_the_dtype_of_its_parameter():
    """Else: an optimiser's state silently becomes float64."""
    parameter = Parameter(np.zeros(2, np.float32))
    for _ in range(2):
        parameter.accumulate(np.ones(2))
        assert parameter.grad.dtype == np.float32


def test_a_single_number_has_a_gradient_that_is_an_array():
    """Else: an in-place update of a scalar's gradient is lost."""
    parameter = Parameter(np.array(1.0))
    parameter.accumulate(np.float64(2))
    parameter.accumulate(np.float64(3))
    assert isinstance(parameter.grad, np.ndarray)
    assert parameter.grad == 5


@pytest.mark.parametrize("shape", [(3,), (2, 1), (), (1, 2)])
def test_a_gradient_of_another_shape_is_refused(shape):
    """Else: broadcasting turns a mistake into a wrong gradient."""
    parameter = Parameter(np.zeros(2))
    with pytest.raises(RuntimeError, match=r"\(2,\)"):
        parameter.accumulate(np.ones(shape))
    assert parameter.grad is None
    reference = torch.nn.Parameter(torch.zeros(2))
    with pytest.raises(RuntimeError):
        reference.grad = torch.ones(shape)


def test_a_frozen_parameter_gets_no_gradient():
    """Else: weight decay and momentum move what was frozen."""
    parameter = Parameter(np.zeros(2), requires_grad=False)
    parameter.accumulate(np.ones(2))
    assert parameter.grad is None


def test_a_parameter_of_integers_is_refused_unless_frozen():
    """Else: an update is truncated to integers."""
    for side, values in ((Parameter, np.array([1])), (torch.nn.Parameter, [1])):
        with pytest.raises(RuntimeError, match="floating point"):
            side(values if side is Parameter else torch.tensor(values))
    assert Parameter(np.array([1]), requires_grad=False).dtype == np.int64


def test_a_parameter_reads_as_its_array():
    """Else: `np.asarray(parameter)` is an array holding an object."""
    parameter = Parameter(np.float32([[1, 2]]))
    np.testing.assert_array_equal(np.asarray(parameter), parameter.data, strict=True)
    assert (parameter.shape, parameter.ndim, parameter.size) == ((1, 2), 2, 2)
    assert "requires_grad=False" in repr(Parameter(np.ones(1), requires_grad=False))
