"""What the layers of the transformer's encoder and decoder are put together from."""

import copy

import numpy as np

from .._arrays import Detached, require_int
from ..nn import functional
from ..nn.container import ModuleList
from .attention_inputs import hidden

_ACTIVATIONS = {"relu": functional.relu, "gelu": functional.gelu}


def activation_function(activation):
    """The function of that name; anything but a name as it is."""
    if not isinstance(activation, str):
        return activation
    if activation not in _ACTIVATIONS:
        raise RuntimeError(
            f"activation: 'relu' or 'gelu' was expected, got {activation!r}"
        )
    return _ACTIVATIONS[activation]


def around(x, block, norm, norm_first):
    """A shortcut around a block: norm(x + block(x)), or x + block(norm(x)).

    The block's way back returns a tuple, the gradient of its input first, and so does
    this one.
    """
    if norm_first:
        n, norm_back = norm(np.asarray(x))  # its output is a result, and not detached
        f, block_back = block(n)
        y = x + f
    else:
        f, block_back = block(x)
        y, norm_back = norm(x + f)

    def back(dy):
        if norm_first:
            dn, *others = block_back(dy)
            return dy + norm_back(dn), *others
        dz = norm_back(dy)
        dx, *others = block_back(dz)
        return None if isinstance(x, Detached) else dz + dx, *others

    return y, back


def self_attention(attention, dropout, mask, padding, is_causal):
    """The block x -> dropout(attention(x, x, x)); back: dx, then those of the masks."""

    def block(x):
        a, attend_back = _attend(attention, dropout, x, x, mask, padding, is_causal)

        def back(da):
            dq, dk, dv, *dmasks = attend_back(da)
            return None if isinstance(x, Detached) else dq + dk + dv, *dmasks

        return a, back

    return block


def cross_attention(attention, dropout, memory, mask, padding, is_causal):
    """The block x -> dropout(attention(x, memory, memory)).

    Its way back returns dx, dmemory, then the gradients of the masks. What the memory
    is looked up by (keys) and what is found there (values) both depend on it.
    """

    def block(x):
        a, attend_back = _attend(
            attention, dropout, x, memory, mask, padding, is_causal
        )

        def back(da):
            dx, dk, dv, *dmasks = attend_back(da)
            return dx, None if isinstance(memory, Detached) else dk + dv, *dmasks

        return a, back

    return block


def _attend(attention, dropout, x, memory, mask, padding, is_causal):
    """dropout(attention(x, memory, memory)); back: dq, dk, dv, then the masks'."""
    (a, _), attention_back = attention(
        x, memory, memory, padding, False, mask, True, is_causal
    )
    y, dropout_back = dropout(a)

    def back(dy):
        dq, dk, dv, *dmasks = attention_back(dropout_back(dy))
        return dq, dk, dv, *dmasks[::-1]  # the mask comes before the padding here

    return y, back


def feed_forward(*parts):
    """The block that calls the parts one after the other."""

    def block(x):
        backs = []
        for part in parts:
            x, back = part(x)
            backs.append(back)

        def feed_forward_back(dy):
            for back in reversed(backs):
                dy = back(dy)
            return (dy,)

        return x, feed_forward_back

    return block


def copies(layer, count) -> ModuleList:
    require_int("num_layers", count)
    return ModuleList(copy.deepcopy(layer) for _ in range(count))


def through(layers, norm, x, *others):
    """A stack: `layer(x, *others)` of each, then the norm, if there is one.

    The way back returns the gradient of x, then for each of `others` that is an array
    the sum over the layers, as all of them see it; None where none has any.
    """
    if not len(layers):
        raise IndexError("num_layers: a stack of at least one layer was expected")
    backs, norm_back = [], None
    for layer in layers:
        x, back = layer(x, *others)
        backs.append(back)
    if norm is not None:
        x, norm_back = norm(x)
    given = sum(isinstance(other, np.ndarray) for other in others)

    def through_back(dx):
        if norm_back is not None:
            dx = norm_back(dx)
        sums = [None] * given
        for back in reversed(backs):
            found = back(dx)
            dx, *shares = found if isinstance(found, tuple) else (found,)
            for i, share in enumerate(shares):
                if share is not None:
                    sums[i] = share if sums[i] is None else sums[i] + share
        return dx, *sums

    return x, through_back


def is_causal_mask(mask) -> bool:
    """Whether a mask (S, S) hides just what comes after each place."""
    if mask is None or mask.ndim != 2 or mask.shape[0] != mask.shape[1]:
        return False
    added = hidden(mask, np.dtype(np.float64))
    causal = hidden(~np.tri(len(mask), dtype=bool), added.dtype)
    return np.array_equal(added, causal)
