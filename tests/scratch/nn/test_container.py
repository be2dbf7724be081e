"""Sequential as a list of layers, edited beside PyTorch's."""

import pytest

from twofold import scratch, torch_ref


def changed(tree, change):
    layers = tree.nn.Sequential(tree.nn.ReLU(), tree.nn.Tanh(), tree.nn.Sigmoid())
    result = change(layers, tree.nn)
    return repr(layers), repr(result)


CHANGES = {
    "append": lambda s, nn: s.append(nn.Softmax(0)),
    "extend": lambda s, nn: s.extend([nn.Softmax(0), nn.Tanh()]),
    "insert": lambda s, nn: s.insert(1, nn.Softmax(0)),
    "insert from the end": lambda s, nn: s.insert(-1, nn.Softmax(0)),
    "insert at the end": lambda s, nn: s.insert(3, nn.Softmax(0)),
    "pop": lambda s, nn: s.pop(0),
    "pop from the end": lambda s, nn: s.pop(-2),
    "set": lambda s, nn: s.__setitem__(-1, nn.Softmax(0)),
    "delete": lambda s, nn: s.__delitem__(1),
    "delete a slice": lambda s, nn: s.__delitem__(slice(0, 2)),
    "index": lambda s, nn: s[-1],
    "slice": lambda s, nn: s[1:],
    "slice of nothing": lambda s, nn: s[3:],
    "length": lambda s, nn: len(s),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_sequence_of_layers_is_edited_as_in_pytorch(name):
    """Else: layers are lost, or have other names and so other weights."""
    assert changed(scratch, CHANGES[name]) == changed(torch_ref, CHANGES[name])


def test_a_refused_layer_leaves_the_sequence_as_it_was():
    """Else: after the error the network has lost its layers."""
    layers = scratch.nn.Sequential(scratch.nn.ReLU(), scratch.nn.Tanh())
    before = repr(layers)
    for change in (
        lambda: layers.insert(0, 3),
        lambda: layers.append(None),
        lambda: layers.pop(2),
        lambda: layers.__setitem__(0, 3),
    ):
        with pytest.raises((TypeError, IndexError)):
            change()
        assert repr(layers) == before
