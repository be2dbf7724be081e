"""Holders of modules and parameters, edited beside PyTorch's."""

from collections import OrderedDict

import numpy as np
import pytest

from each import each
from twofold import scratch, torch_ref

pytestmark = pytest.mark.usefixtures("random_streams")


def listed(nn):
    return nn.ModuleList([nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1), nn.Tanh()])


def named(nn):
    return nn.ModuleDict(OrderedDict(out=nn.Linear(2, 3), bend=nn.Tanh()))


def weights(nn):
    return [nn.Linear(2, 3).weight, nn.Linear(3, 1).weight, nn.Linear(1, 1).bias]


def parameters(nn):
    return nn.ParameterList([*weights(nn), 7])


def by_name(nn):
    return nn.ParameterDict(zip("cab", weights(nn), strict=True))


def words(x, holder):
    """What both sides can be compared by: text, without the names of dtypes."""
    if isinstance(x, holder.__class__.__mro__[-2]):
        text = repr(x).replace("torch.FloatTensor", "float32")
        return text.replace("torch.float32", "float32")
    if isinstance(x, tuple | list):
        return [words(item, holder) for item in x]
    if hasattr(x, "requires_grad"):
        return "Parameter", tuple(x.shape), x.requires_grad
    return repr(x)


def changed(tree, make, change):
    """The holder after a change, the result, and the names of the state."""
    scratch.manual_seed(0)
    holder = make(tree.nn)
    result = change(holder, tree.nn)
    result = list(result) if hasattr(result, "__next__") else result
    shapes = [(k, tuple(v.shape)) for k, v in holder.state_dict().items()]
    held = [name for name, _ in holder.named_parameters()]
    return words(holder, holder), words(result, holder), shapes, held


CHANGES = {
    listed: {
        "nothing": lambda h, nn: None,
        "append": lambda h, nn: h.append(nn.ReLU()),
        "extend": lambda h, nn: h.extend(iter([nn.ReLU(), nn.Linear(1, 1)])),
        "insert": lambda h, nn: h.insert(1, nn.ReLU()),
        "insert at the end": lambda h, nn: h.insert(4, nn.ReLU()),
        "pop": lambda h, nn: h.pop(1),
        "pop from the end": lambda h, nn: h.pop(-2),
        "pop a slice": lambda h, nn: h.pop(slice(1, 3)),
        "set": lambda h, nn: h.__setitem__(-1, nn.Linear(1, 1)),
        "delete": lambda h, nn: h.__delitem__(0),
        "delete a slice": lambda h, nn: h.__delitem__(slice(0, 3, 2)),
        "index": lambda h, nn: h[-4],
        "slice": lambda h, nn: h[::2],
        "of one kind": lambda h, nn: nn.ModuleList([nn.ReLU() for _ in range(3)]),
        "add": lambda h, nn: h + nn.ModuleList([nn.ReLU()]),
        "add in place": lambda h, nn: h.__iadd__([nn.ReLU()]),
        "loop": lambda h, nn: list(h),
        "length": lambda h, nn: len(h),
        "contains": lambda h, nn: (h[1] in h, nn.Tanh() in h),
        "empty": lambda h, nn: nn.ModuleList(),
        "a list in a list": lambda h, nn: nn.ModuleList([h, nn.Tanh()]),
    },
    named: {
        "nothing": lambda h, nn: None,
        "set": lambda h, nn: h.__setitem__("more", nn.ReLU()),
        "set again": lambda h, nn: h.__setitem__("out", nn.ReLU()),
        "delete": lambda h, nn: h.__delitem__("out"),
        "pop": lambda h, nn: h.pop("bend"),
        "clear": lambda h, nn: h.clear(),
        "index": lambda h, nn: h["bend"],
        "names": lambda h, nn: list(h),
        "keys": lambda h, nn: list(h.keys()),
        "values": lambda h, nn: list(h.values()),
        "items": lambda h, nn: list(h.items()),
        "contains": lambda h, nn: ("out" in h, "in" in h),
        "length": lambda h, nn: len(h),
        "update": lambda h, nn: h.update({"z": nn.ReLU(), "a": nn.Tanh()}),
        "update by pairs": lambda h, nn: h.update([("z", nn.ReLU()), ["a", nn.Tanh()]]),
        "update by its like": lambda h, nn: h.update(nn.ModuleDict({"z": nn.ReLU()})),
        "empty": lambda h, nn: nn.ModuleDict(),
    },
    parameters: {
        "nothing": lambda h, nn: None,
        "append": lambda h, nn: h.append(nn.Linear(1, 1).weight),
        "append an array": lambda h, nn: h.append(nn.Linear(1, 1).weight.data),
        "append a word": lambda h, nn: h.append("word"),
        "extend": lambda h, nn: h.extend(weights(nn)),
        "add in place": lambda h, nn: h.__iadd__(weights(nn)),
        "set": lambda h, nn: h.__setitem__(-2, nn.Linear(1, 1).weight.data),
        "index": lambda h, nn: h[-3],
        "slice": lambda h, nn: h[::-2],
        "loop": lambda h, nn: list(h),
        "length": lambda h, nn: len(h),
        "empty": lambda h, nn: nn.ParameterList(),
    },
    by_name: {
        "nothing": lambda h, nn: None,
        "set": lambda h, nn: h.__setitem__("z", nn.Linear(1, 1).weight.data),
        "set a word": lambda h, nn: h.__setitem__("z", "word"),
        "delete": lambda h, nn: h.__delitem__("a"),
        "pop": lambda h, nn: h.pop("a"),
        "popitem": lambda h, nn: h.popitem(),
        "clear": lambda h, nn: h.clear(),
        "get": lambda h, nn: (h.get("a"), h.get("z"), h.get("z", 3)),
        "setdefault": lambda h, nn: (h.setdefault("a", 3), h.setdefault("z")),
        "copy": lambda h, nn: h.copy(),
        "fromkeys": lambda h, nn: h.fromkeys("xy", nn.Linear(1, 1).weight),
        "names": lambda h, nn: [list(h), list(h.keys()), list(reversed(h))],
        "values": lambda h, nn: list(h.values()),
        "items": lambda h, nn: list(h.items()),
        "contains": lambda h, nn: ("a" in h, "z" in h),
        "length": lambda h, nn: len(h),
        "update by a dict, sorted": lambda h, nn: h.update({"z": 1, "y": 2}),
        "update in order": lambda h, nn: h.update(OrderedDict(z=1, y=2)),
        "update by pairs": lambda h, nn: h.update([("z", 1), ("y", 2)]),
        "union": lambda h, nn: h | nn.ParameterDict({"z": 1, "a": None}),
        "union in place": lambda h, nn: h.__ior__({"z": 1, "a": None}),
        "union from the right": lambda h, nn: list(OrderedDict(z=1, a=2) | h),
        "empty": lambda h, nn: nn.ParameterDict(),
    },
}
ALL_CHANGES = [
    pytest.param(make, change, id=f"{make.__name__}: {name}")
    for make, changes in CHANGES.items()
    for name, change in changes.items()
]


@each("make, change", ALL_CHANGES)
def test_a_holder_is_edited_as_in_pytorch(make, change):
    """Else: what it holds is lost, in another order, or has other names."""
    assert changed(scratch, make, change) == changed(torch_ref, make, change)


REFUSED = {
    listed: {
        "a number": (TypeError, lambda h, nn: h.append(3)),
        "no iterable": (TypeError, lambda h, nn: h.extend(3)),
        "set a number": (TypeError, lambda h, nn: h.__setitem__(0, 3)),
        "beyond": (IndexError, lambda h, nn: h[4]),
        "delete beyond": (IndexError, lambda h, nn: h.__delitem__(-5)),
        "insert from the end": (KeyError, lambda h, nn: h.insert(-1, nn.ReLU())),
        "called": (NotImplementedError, lambda h, nn: h(3)),
    },
    named: {
        "a number": (TypeError, lambda h, nn: h.__setitem__("a", 3)),
        "a name that is none": (TypeError, lambda h, nn: h.__setitem__(3, nn.ReLU())),
        "a dot": (KeyError, lambda h, nn: h.__setitem__("a.b", nn.ReLU())),
        "a method": (KeyError, lambda h, nn: h.__setitem__("pop", nn.ReLU())),
        "not there": (KeyError, lambda h, nn: h["a"]),
        "delete nothing": (KeyError, lambda h, nn: h.__delitem__("a")),
        "pop nothing": (KeyError, lambda h, nn: h.pop("a")),
        "no mapping": (TypeError, lambda h, nn: h.update(3)),
        "no pairs": (TypeError, lambda h, nn: h.update([3])),
        "threes": (ValueError, lambda h, nn: h.update([(1, 2, 3)])),
        "called": (NotImplementedError, lambda h, nn: h(3)),
    },
    parameters: {
        "no iterable": (TypeError, lambda h, nn: h.extend(3)),
        "an array": (TypeError, lambda h, nn: h.extend(weights(nn)[0].data)),
        "beyond": (IndexError, lambda h, nn: h[4]),
        "set beyond": (IndexError, lambda h, nn: h.__setitem__(-5, 3)),
        "called": (RuntimeError, lambda h, nn: h(3)),
    },
    by_name: {
        "a name that is none": (TypeError, lambda h, nn: h.__setitem__(3, 3)),
        "a method": (KeyError, lambda h, nn: h.__setitem__("pop", weights(nn)[0])),
        "a number for one": (TypeError, lambda h, nn: h.__setitem__("a", 3)),
        "not there": (AttributeError, lambda h, nn: h["z"]),
        "delete nothing": (KeyError, lambda h, nn: h.__delitem__("z")),
        "no mapping": (TypeError, lambda h, nn: h.update(3)),
        "no pairs": (TypeError, lambda h, nn: h.update([3])),
        "threes": (ValueError, lambda h, nn: h.update([(1, 2, 3)])),
        "called": (RuntimeError, lambda h, nn: h(3)),
    },
}
ALL_REFUSED = [
    pytest.param(make, error, call, id=f"{make.__name__}: {name}")
    for make, calls in REFUSED.items()
    for name, (error, call) in calls.items()
]


@each("make, error, call", ALL_REFUSED)
def test_a_holder_refuses_what_pytorch_refuses(make, error, call):
    """Else: nonsense is kept; or after the error the holder has lost something."""
    with pytest.raises(error):
        call(make(torch_ref.nn), torch_ref.nn)
    holder = make(scratch.nn)
    before = repr(holder)
    with pytest.raises(error):
        call(holder, scratch.nn)
    assert repr(holder) == before


@pytest.mark.parametrize("call", ["append", "insert", "a number", "set"])
def test_none_is_refused_by_a_list_of_modules(call):
    """Else: a network that loops over the list calls None."""
    holder = listed(scratch.nn)
    with pytest.raises(TypeError, match="module: a Module was expected"):
        {
            "append": lambda: holder.append(None),
            "insert": lambda: holder.insert(0, None),
            "a number": lambda: holder.insert(0, 3),
            "set": lambda: holder.__setitem__(0, None),
        }[call]()
    assert len(holder) == 4


def test_integers_are_no_parameters():
    """Else: an optimiser meets a parameter that can have no gradient."""
    with pytest.raises(RuntimeError, match="floating point"):
        scratch.nn.ParameterList([np.arange(3)])


def test_held_parameters_train_with_the_network():
    """Else: an optimiser, `zero_grad` and `to` do not see what a holder holds."""
    holder = scratch.nn.ModuleDict({"a": scratch.nn.ParameterList([np.ones(2)])})
    parameter = holder["a"][0]
    assert list(holder.parameters()) == [parameter]
    parameter.accumulate(np.ones(2))
    holder.half().zero_grad()
    assert parameter.dtype == np.float16
    assert parameter.grad is None
