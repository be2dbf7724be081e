"""Module and Parameter, beside the same network in PyTorch wherever there is one."""

from collections import OrderedDict
from copy import deepcopy
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import scratch
import torch_ref
from compare.sides import to_torch
from scratch.nn import Module, Parameter

pytestmark = pytest.mark.usefixtures("random_streams")

# What a network needs to be written once and built on either side.
SCRATCH = SimpleNamespace(
    name="scratch",
    nn=scratch.nn,
    models=scratch.models,
    array=np.array,
    manual_seed=scratch.manual_seed,
)
TORCH = SimpleNamespace(
    name="torch",
    nn=torch_ref.nn,
    models=torch_ref.models,
    array=torch.tensor,
    manual_seed=torch.manual_seed,
)


def nested(tree):
    """Parameters above, between and below submodules; buffers; one layer used twice."""
    nn = tree.nn

    class Scale(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.register_buffer("calls", tree.array([0]))
            self.weight = nn.Parameter(tree.array([1.0] * size))
            self.register_buffer("missing", None)
            self.register_buffer("cache", tree.array([1.0]), persistent=False)
            self.shift = nn.Parameter(tree.array([0.5]))

        def extra_repr(self):
            return "a scale"

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(4, 2)
            self.gain = nn.Parameter(tree.array([2.0]))
            self.body = nn.Sequential(
                nn.Sequential(nn.Linear(3, 4), nn.Tanh()),
                Scale(4),
                nn.Sequential(OrderedDict(first=nn.ReLU(), second=nn.Linear(4, 4))),
            )
            self.nothing = None
            self.same = self.body[2].second
            self.register_buffer("steps", tree.array([3.0]))
            self.loss = nn.BCEWithLogitsLoss(pos_weight=tree.array([2.0]))

    tree.manual_seed(4)
    return Net()


def both():
    return nested(SCRATCH), nested(TORCH)


def numpy_of(x):
    return x.detach().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)


def assert_same_state(mine, theirs):
    """The same names in the same order, with equal values of equal dtype."""
    mine, theirs = dict(mine), dict(theirs)
    assert list(mine) == list(theirs)
    for name, value in theirs.items():
        np.testing.assert_array_equal(
            numpy_of(mine[name]), numpy_of(value), name, strict=True
        )


# Names and order.


def test_parameters_buffers_and_state_have_pytorchs_names_in_its_order():
    """Else: weights do not travel by name, or optimiser state lands elsewhere."""
    mine, theirs = both()
    mine, theirs = (net.double() for net in (mine, theirs))
    assert_same_state(mine.named_parameters(), theirs.named_parameters())
    assert_same_state(mine.named_buffers(), theirs.named_buffers())
    assert_same_state(mine.state_dict(), theirs.state_dict())
    assert_same_state(mine.named_parameters("net"), theirs.named_parameters("net"))
    assert_same_state(mine.state_dict(prefix="net."), theirs.state_dict(prefix="net."))


def test_modules_and_children_have_pytorchs_names_in_its_order():
    """Else: `apply` draws initial weights in another order."""
    mine, theirs = both()
    for walk in ("named_modules", "named_children"):
        names = [(n, type(m).__name__) for n, m in getattr(mine, walk)()]
        assert names == [(n, type(m).__name__) for n, m in getattr(theirs, walk)()]
    assert len(list(mine.modules())) == len(list(theirs.modules()))
    assert len(list(mine.children())) == len(list(theirs.children()))
    assert len(list(mine.buffers())) == len(list(theirs.buffers()))


def test_what_is_shared_is_listed_once_and_kept_under_both_names():
    """Else: an optimiser updates a shared weight twice, or a checkpoint lacks it."""
    mine, _ = both()
    names = [name for name, _ in mine.named_parameters()]
    assert "body.2.second.weight" in names
    assert "same.weight" not in names
    state = mine.state_dict()
    assert state["same.weight"] is state["body.2.second.weight"]
    assert len(list(mine.parameters())) == len({id(p) for p in mine.parameters()})

    twice = scratch.nn.Sequential(layer := scratch.nn.Linear(2, 2), layer)
    assert [name for name, _ in twice.named_children()] == ["0"]
    assert len(twice) == 2
    assert list(twice) == [layer, layer]
    theirs = torch_ref.nn.Sequential(layer := torch_ref.nn.Linear(2, 2), layer)
    assert list(twice.state_dict()) == list(theirs.state_dict())
    assert repr(twice) == repr(theirs)


def test_a_shared_layer_is_called_twice_and_initialised_once():
    """Else: `apply` draws twice for one layer, and everything after it differs."""
    calls = []
    layer = scratch.nn.ReLU()
    scratch.nn.Sequential(layer, layer).apply(calls.append)
    assert [type(module).__name__ for module in calls] == ["ReLU", "Sequential"]


def test_one_array_registered_twice_is_one_buffer():
    """Else: a shared table is counted, and sent, twice."""

    def build(tree):
        class Two(tree.nn.Module):
            def __init__(self):
                super().__init__()
                table = tree.array([1.0])
                self.register_buffer("a", table)
                self.register_buffer("b", table)

        return Two()

    names = [[n for n, _ in build(tree).named_buffers()] for tree in (SCRATCH, TORCH)]
    assert names == [["a"], ["a"]]


# State in and out.


def test_state_travels_both_ways_without_a_mapping():
    """Else: comparing the two sides needs a table of names."""
    mine, theirs = both()
    scratch.manual_seed(5)
    other = nested(SCRATCH)
    for parameter in other.parameters():
        parameter.data += 1
    tensors = {name: to_torch(value) for name, value in other.state_dict().items()}
    theirs.load_state_dict(tensors)
    assert list(mine.load_state_dict(theirs.state_dict())) == [[], []]
    for name, value in mine.state_dict().items():
        np.testing.assert_array_equal(value, other.state_dict()[name], name)
        assert value is not other.state_dict()[name]


def test_loading_copies_into_the_arrays_and_keeps_their_dtype():
    """Else: an optimiser goes on with the old arrays, or float32 becomes float64."""
    mine, _ = both()
    arrays = mine.state_dict()
    mine.load_state_dict({k: np.asarray(v, np.float64) for k, v in arrays.items()})
    for name, array in mine.state_dict().items():
        assert array is arrays[name]
    assert mine.state_dict()["head.weight"].dtype == np.float32


def test_every_problem_of_a_state_is_reported_and_nothing_is_copied():
    """Else: problems come one at a time, or half a checkpoint is loaded."""
    mine, theirs = both()
    before = {name: value.copy() for name, value in mine.state_dict().items()}
    state = {name: value + 1 for name, value in before.items()}
    del state["gain"], state["body.1.shift"]
    state["extra"] = state["body.9.weight"] = np.ones(1)
    state["head.weight"] = np.ones((2, 5), np.float32)
    state["head.bias"] = np.ones((2, 1), np.float32)
    with pytest.raises(RuntimeError) as error:
        mine.load_state_dict(state)
    tensors = {name: to_torch(np.asarray(value)) for name, value in state.items()}
    with pytest.raises(RuntimeError) as reference:
        theirs.load_state_dict(tensors)
    names = ("gain", "body.1.shift", "extra", "body.9.weight", "head.weight")
    for name in (*names, "head.bias"):
        assert name in str(error.value)
        assert name in str(reference.value)
    assert "(2, 5)" in str(error.value)
    assert "(2, 4)" in str(error.value)
    for name, value in mine.state_dict().items():
        np.testing.assert_array_equal(value, before[name], name)


def test_a_state_that_need_not_fit_is_loaded_as_far_as_it_does():
    """Else: fine-tuning from a part of a network is impossible."""
    mine, theirs = both()
    state = {"head.bias": np.float32([7, 8]), "extra": np.ones(1)}
    found = mine.load_state_dict(state, strict=False)
    tensors = {name: to_torch(value) for name, value in state.items()}
    expected = theirs.load_state_dict(tensors, strict=False)
    assert found.missing_keys == expected.missing_keys
    assert found.unexpected_keys == expected.unexpected_keys == ["extra"]
    assert_same_state(mine.state_dict(), theirs.state_dict())
    with pytest.raises(RuntimeError, match=r"head\.bias.*\(3,\).*\(2,\)"):
        mine.load_state_dict({"head.bias": np.ones(3)}, strict=False)


def test_a_buffer_that_is_not_persistent_stays_out_of_the_state():
    """Else: a cache is saved, or a checkpoint without it does not load."""
    mine, _ = both()
    assert "body.1.cache" not in mine.state_dict()
    assert "body.1.cache" in dict(mine.named_buffers())
    assert mine.to(np.float16).body[1].cache.dtype == np.float16
    assert mine.body[1].calls.dtype == np.int64


def test_a_buffer_may_be_registered_anew():
    """Else: what is fitted once cannot be fitted again."""
    samples = np.arange(6.0).reshape(3, 2)
    fitted = scratch.models.Standardizer().fit(samples)
    again = torch_ref.models.Standardizer().fit(to_torch(samples))
    assert_same_state(fitted.fit(samples + 1).state_dict(), again.state_dict().items())
