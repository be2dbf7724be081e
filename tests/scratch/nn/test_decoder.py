"""The transformer's decoder and the whole: first weights, masks, what is detached."""

import numpy as np
import pytest

from twofold import scratch, torch_ref
from twofold.scratch import nn
from twofold.scratch._arrays import detach

pytestmark = [
    pytest.mark.usefixtures("random_streams"),
    pytest.mark.filterwarnings("ignore:enable_nested_tensor"),
]

MADE = {
    "TransformerDecoderLayer": lambda t: t.nn.TransformerDecoderLayer(4, 2, 3),
    "TransformerDecoder": lambda t: t.nn.TransformerDecoder(
        t.nn.TransformerDecoderLayer(4, 2, 3, bias=False), 2, t.nn.LayerNorm(4)
    ),
    "Transformer": lambda t: t.nn.Transformer(4, 2, 1, 2, 3),
    "Transformer with a part of one's own": lambda t: t.nn.Transformer(
        4, 2, 1, 1, 3, custom_encoder=t.nn.Sequential(t.nn.Linear(4, 4))
    ),
    "Bilinear": lambda t: t.nn.Bilinear(3, 4, 2),
}


@pytest.mark.parametrize("name", MADE)
def test_parameters_are_drawn_as_pytorch_draws_them(name):
    """Else: both sides start from different weights, or the later ones do."""
    scratch.manual_seed(3)
    torch_ref.manual_seed(3)
    mine, theirs = (MADE[name](t).state_dict() for t in (scratch, torch_ref))
    assert list(mine) == list(theirs)
    for key, x in mine.items():
        np.testing.assert_array_equal(x, theirs[key].numpy(), key, strict=True)


def test_the_causal_mask_is_pytorch_s():
    """Else: a place sees what comes after it."""
    mine = nn.Transformer.generate_square_subsequent_mask(4)
    theirs = torch_ref.nn.Transformer.generate_square_subsequent_mask(4)
    np.testing.assert_array_equal(mine, theirs.numpy(), strict=True)


LAYERS = {
    "encoder": lambda first: nn.TransformerEncoderLayer(4, 2, 3, 0.0, norm_first=first),
    "decoder": lambda first: nn.TransformerDecoderLayer(4, 2, 3, 0.0, norm_first=first),
}


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_what_is_detached_needs_no_gradient(name, norm_first):
    """Else: data that no gradient leads to costs one, or the way back fails."""
    layer = LAYERS[name](norm_first)
    x = np.random.default_rng(0).standard_normal((2, 5, 1, 4)).astype(np.float32)
    inputs = x[:1] if name == "encoder" else x
    _, back = layer(*inputs)
    back(x[0])
    wanted = {key: p.grad for key, p in layer.named_parameters()}
    layer.zero_grad()
    _, back = layer(*map(detach, inputs))
    found = back(x[0])
    if not norm_first:
        assert (found if name == "encoder" else found[0]) is None
    if name == "decoder":
        assert found[1] is None
    for key, p in layer.named_parameters():
        np.testing.assert_array_equal(p.grad, wanted[key], key)


def test_a_stack_has_the_sum_of_the_gradients_of_its_memory():
    """Else: only one layer of the decoder tells the encoder what it needs."""
    layer = nn.TransformerDecoderLayer(4, 2, 3, 0.0)
    stack = nn.TransformerDecoder(layer, 2)
    tgt, memory, dy = np.random.default_rng(0).standard_normal((3, 5, 2, 4))
    stack.double()
    _, back = stack(tgt, memory)
    first, second = stack.layers
    h, first_back = first(tgt, memory)
    _, second_back = second(h, memory)
    dh, dm_second = second_back(dy)
    dx, dm_first = first_back(dh)
    found = back(dy)
    np.testing.assert_array_equal(found[0], dx)
    np.testing.assert_array_equal(found[1], dm_second + dm_first)
