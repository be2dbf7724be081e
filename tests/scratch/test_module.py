"""Module and Parameter, beside the same network in PyTorch wherever there is one."""

from collections import OrderedDict
from copy import deepcopy
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from twofold import scratch, torch_ref
from twofold.compare.sides.arrays import to_torch
from twofold.scratch.nn import Module

pytestmark = pytest.mark.usefixtures("random_streams")

# What a network needs to be written once and built on either side.
SCRATCH = SimpleNamespace(
    name="scratch",
    nn=scratch.nn,
    models=scratch.models,
    array=lambda values: torch.tensor(values).numpy(),  # the dtype that it takes
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
    mine = scratch.models.Standardizer().fit(samples).fit(samples + 1)
    theirs = torch_ref.models.Standardizer().fit(to_torch(samples))
    theirs.fit(to_torch(samples + 1))
    assert_same_state(mine.state_dict(), theirs.state_dict())


# Modes and paths.


def test_train_and_eval_reach_every_module():
    """Else: dropout stays on while evaluating, somewhere deep down."""
    for net in both():
        assert all(module.training for module in net.modules())
        assert net.eval() is net
        assert not any(module.training for module in net.modules())
        net.body[1].train()
        assert [m.training for m in net.body.children()] == [False, True, False]
        assert net.train().body.training


def test_requires_grad_freezes_all_parameters():
    """Else: a frozen encoder goes on learning."""
    mine, _ = both()
    assert mine.requires_grad_(False) is mine
    y, back = mine.head(np.ones((3, 4), np.float32))
    back(y)
    assert [p.grad for p in mine.parameters()] == [None] * len(list(mine.parameters()))


def test_a_path_leads_to_the_module_that_it_leads_to_in_pytorch():
    """Else: a report names one module and shows another."""
    mine, theirs = both()
    for path, module in theirs.named_modules():
        assert type(mine.get_submodule(path)).__name__ == type(module).__name__
        assert mine.get_submodule(path) is dict(mine.named_modules())[path]


@pytest.mark.parametrize("path", ["no", "head.no", "gain", "nothing", "body..0", "."])
def test_a_path_that_leads_nowhere_is_an_attribute_error(path):
    """Else: a mistyped name returns None, or something that is no module."""
    mine, theirs = both()
    for net in (mine, theirs):
        with pytest.raises(AttributeError):
            net.get_submodule(path)
    with pytest.raises(AttributeError, match=path.replace(".", r"\.")):
        mine.get_submodule(path)


# All at once.


@pytest.mark.parametrize(
    ("convert", "dtype"),
    [
        (lambda net: net.half(), np.float16),
        (lambda net: net.float(), np.float32),
        (lambda net: net.double(), np.float64),
        (lambda net: net.to(np.float16), np.float16),
    ],
    ids=["half", "float", "double", "to"],
)
def test_a_converted_network_computes_in_its_new_dtype(convert, dtype):
    """Else: half of a network runs in another precision than asked for."""
    net = scratch.models.MLP((3, 4, 2))
    x = np.ones((2, 3), np.float32)
    y, back = net(x)
    back(y)
    assert convert(net) is net
    assert {p.dtype for p in net.parameters()} == {np.dtype(dtype)}
    assert {p.grad.dtype for p in net.parameters()} == {np.dtype(dtype)}
    y, back = net(x.astype(dtype))
    assert y.dtype == back(y).dtype == dtype
    assert {p.grad.dtype for p in net.parameters()} == {np.dtype(dtype)}


def test_converting_leaves_integers_and_shared_arrays_as_they_are():
    """Else: a count becomes a float, or a shared weight falls apart."""
    mine, theirs = both()
    assert_same_state(mine.double().state_dict(), theirs.double().state_dict())
    assert mine.same.weight is mine.body[2].second.weight
    for net, dtype in ((mine, np.int64), (theirs, torch.int64)):
        with pytest.raises(TypeError):
            net.to(dtype)


def test_zero_grad_leaves_none():
    """Else: an optimiser takes "no gradient" for a gradient of zero."""
    mine, _ = both()
    mine.gain.accumulate(np.ones(1, np.float32))
    mine.zero_grad()
    assert mine.gain.grad is None


def test_apply_goes_from_the_children_to_the_parents():
    """Else: an initialiser draws in another order than in PyTorch."""
    orders = []
    for net in both():
        visited = []
        assert net.apply(lambda m, visited=visited: visited.append(type(m).__name__))
        orders.append(visited)
    assert orders[0] == orders[1]


def test_a_deep_copy_shares_nothing():
    """Else: training the copy, or an early stopping's best, moves the original."""
    mine, _ = both()
    mine.gain.accumulate(np.ones(1, np.float32))
    copy = deepcopy(mine)
    assert_same_state(copy.state_dict(), mine.state_dict())
    assert repr(copy) == repr(mine)
    arrays = [*mine.state_dict().values(), mine.gain.grad]
    for other in (*copy.state_dict().values(), copy.gain.grad):
        assert not any(np.shares_memory(array, other) for array in arrays)
    assert copy.same.weight is copy.body[2].second.weight


# What is refused.


def test_a_module_without_forward_says_so():
    """Else: the error is about None."""
    for side in (Module, torch.nn.Module):
        with pytest.raises(NotImplementedError, match="forward"):
            side()(1)


BAD_NAMES = {1: TypeError, "a.b": KeyError, "": KeyError, "training": KeyError}


@pytest.mark.parametrize("name", [*BAD_NAMES, "forward", "gain"])
def test_a_name_that_is_taken_or_impossible_is_refused(name):
    """Else: a submodule hides a method, or a key of the state means two things."""
    error = BAD_NAMES.get(name, KeyError)
    for tree, net in zip((SCRATCH, TORCH), both(), strict=True):
        with pytest.raises(error, match=r"name|attribute"):
            net.add_module(name, tree.nn.ReLU())
        with pytest.raises(error, match=r"name|attribute"):
            net.register_buffer(name, tree.array([1.0]))


def test_what_is_no_module_and_no_array_is_refused():
    """Else: it shows when the network is called, or saved."""
    for net in both():
        with pytest.raises(TypeError):
            net.add_module("new", 3)
        with pytest.raises(TypeError):
            net.register_buffer("new", [1.0])
    net.add_module("new", None)
    net.register_buffer("empty", None)


def test_a_mode_that_is_no_bool_and_a_state_that_is_no_mapping_are_refused():
    """Else: `train("off")` switches training on."""
    for net in both():
        with pytest.raises(ValueError, match="mode"):
            net.train("off")
        with pytest.raises(TypeError, match="state_dict"):
            net.load_state_dict([1])
