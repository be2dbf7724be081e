"""Cases for sequences of different lengths: packing, and recurrent layers on it."""

from dataclasses import dataclass

import numpy as np

from twofold import scratch
from twofold.scratch.nn.utils.rnn import PackedSequence

from .spec import Case, K, Real, Size, Together, Value

B = Size("B", large=False)  # not N, which may be none: what is empty cannot be packed
# PyTorch keeps the order of samples of one length in batches up to 16.
FEW = 13
T, I = 7, 5  # noqa: E741
H = Size("H", large=False)


@dataclass(frozen=True)
class Lengths(Value):
    """Lengths from 1 to `steps` of `count` samples; `falling` ones are sorted."""

    count: int | Size
    steps: int
    falling: bool = False

    def draw(self, dice):
        lengths = dice.rng.integers(1, self.steps + 1, dice.size(self.count))
        return np.sort(lengths)[::-1].copy() if self.falling else lengths


# Recurrent layers: what they do to a padded array, packed and padded again.


def _by_hand(tree) -> bool:
    return tree is scratch


def _on_padded(kind: str):
    def build(tree, lengths, enforce_sorted, padded_batch_first, **options):
        utils, layer = tree.nn.utils.rnn, getattr(tree.nn, kind)
        packing = {"batch_first": padded_batch_first}

        class OnPadded(layer):
            """The layer, with padded sequences in and out."""

            def forward(self, input, hx=None):
                packed = utils.pack_padded_sequence(
                    input, lengths, enforce_sorted=enforce_sorted, **packing
                )
                packed, ends = layer.forward(self, packed, hx)
                padded, _ = utils.pad_packed_sequence(packed, **packing)
                return padded, ends

        class OnPaddedByHand(layer):
            def forward(self, input, hx=None):
                packed, pack_back = utils.pack_padded_sequence(
                    input, lengths, enforce_sorted=enforce_sorted, **packing
                )
                (packed, ends), layer_back = layer.forward(self, packed, hx)
                (padded, _), pad_back = utils.pad_packed_sequence(packed, **packing)

                def back(dpadded, dends):
                    found = layer_back(pad_back(dpadded), dends)
                    if hx is None:
                        return pack_back(found)
                    dpacked, dhx = found
                    return pack_back(dpacked), dhx

                return (padded, ends), back

        return (OnPaddedByHand if _by_hand(tree) else OnPadded)(**options)

    return build


def layers(kind: str) -> list[Case]:
    """Packed input: sorted and not, both layouts, without and with first states."""
    sizes = {"input_size": I, "hidden_size": H}
    deep = {"num_layers": 2, "bidirectional": True}
    build = _on_padded(kind)

    def given(count, samples, hidden=H):
        state = Real((count, samples, hidden))
        if kind != "LSTM":
            return state
        return Together((state, Real((count, samples, H))))

    def case(label, options, samples, *states, first=False, falling=False, **more):
        batch = (samples, T, I) if first else (T, samples, I)
        packing = {
            "lengths": Lengths(samples, T, falling),
            "enforce_sorted": falling,
            "padded_batch_first": first,
        }
        return Case(
            packing | options,
            (Real(batch), *states),
            label=f"packed, {label}",
            build=build,
            **more,
        )

    cases = [
        case("sorted", sizes, B, falling=True),
        case("unsorted", sizes | {"batch_first": True}, B),
        case("unsorted, first states", sizes, B, given(1, B), first=True),
        case("one sample", sizes | deep, 1, given(4, 1)),
        case("sorted, deep", sizes | deep, B, given(4, B), falling=True, first=True),
        case("unsorted, deep", sizes | deep | {"bias": False}, B, given(4, B)),
        case("dropout", sizes | deep | {"dropout": 0.3}, FEW, training=True),
        case(
            "dropout, one direction",
            sizes | {"num_layers": 3, "dropout": 0.5},
            FEW,
            first=True,
            training=True,
        ),
    ]
    if kind == "LSTM":
        above = {"hidden_size": Size("H", minimum=3, large=False), "proj_size": 2}
        both = {"bidirectional": True}
        cases.append(case("projected", sizes | above | both, B, given(2, B, 2)))
    return cases


# The functions.


@dataclass(frozen=True)
class Packed(Value):
    """Packed rows; the samples came in an order of which `order` makes theirs."""

    batch_sizes: tuple[int, ...]
    order: tuple[int, ...] | None = None
    features: tuple = (K,)
    differentiable: bool = True

    def draw(self, dice):
        data = Real((sum(self.batch_sizes), *self.features)).draw(dice)
        order = None if self.order is None else np.array(self.order)
        return PackedSequence(data, np.array(self.batch_sizes), order)


def _unpad(tree):
    unpad = tree.nn.utils.rnn.unpad_sequence
    if _by_hand(tree):
        return unpad
    # PyTorch turns its argument in place, which autograd forbids for an input.
    return lambda x, *inputs, **options: unpad(x.clone(), *inputs, **options)


def _inverse(tree):
    invert = tree.nn.utils.rnn.invert_permutation
    return (lambda p: (invert(p), lambda dq: None)) if _by_hand(tree) else invert


@dataclass(frozen=True)
class Permutation(Value):
    """The numbers below `count` in a random order."""

    count: Size

    def draw(self, dice):
        return dice.rng.permutation(dice.size(self.count))


def _case(name, options, inputs, build=None):
    return Case(options, inputs, label=name, build=build)


FIRST = {"batch_first": True}
IN_ORDER, TO_PUT_BACK = Packed((4, 3, 3, 1)), Packed((4, 3, 3, 1), (2, 0, 3, 1))
SINGLE = Packed((1, 1, 1), features=())
LIST = Together(tuple(Real((n, K)) for n in (2, 5, 1, 5)))
FALLING = Together(tuple(Real((n, K)) for n in (5, 5, 2, 1)))
NUMBERS = Together(tuple(Real((n,)) for n in (3, 1)))

CASES = {
    "nn.utils.rnn.pack_padded_sequence": [
        _case("sorted", {}, (Real((T, B, K)), Lengths(B, T, True))),
        _case("first", FIRST, (Real((B, T, K)), Lengths(B, T, True))),
        *(
            _case(label, options, (x, Lengths(FEW, T)))
            for label, options, x in (
                ("unsorted", {"enforce_sorted": False}, Real((T, FEW, 2, K))),
                ("both", FIRST | {"enforce_sorted": False}, Real((FEW, T))),
            )
        ),
    ],
    "nn.utils.rnn.pad_packed_sequence": [
        _case("in order", {}, (IN_ORDER,)),
        _case("put back", {}, (TO_PUT_BACK,)),
        _case("first", FIRST | {"padding_value": 0.5}, (TO_PUT_BACK,)),
        _case("longer", {"padding_value": -2, "total_length": 6}, (TO_PUT_BACK,)),
        _case("one sample", {"total_length": 3}, (SINGLE,)),
    ],
    "nn.utils.rnn.pad_sequence": [
        _case("defaults", {}, (LIST,)),
        _case("first", FIRST | {"padding_value": 0.5}, (LIST,)),
        _case("left", {"padding_side": "left"}, (LIST,)),
        _case("left first", FIRST | {"padding_side": "left"}, (NUMBERS,)),
        _case("numbers", {}, (NUMBERS,)),
    ],
    "nn.utils.rnn.unpad_sequence": [
        _case("defaults", {}, (Real((T, B, K)), Lengths(B, T)), _unpad),
        _case("first", FIRST, (Real((B, T)), Lengths(B, T)), _unpad),
        _case("beyond the end", {}, (Real((T, B)), Lengths(B, 2 * T)), _unpad),
    ],
    "nn.utils.rnn.pack_sequence": [
        _case("sorted", {}, (FALLING,)),
        _case("unsorted", {"enforce_sorted": False}, (LIST,)),
        _case("numbers", {}, (NUMBERS,)),
    ],
    "nn.utils.rnn.unpack_sequence": [
        _case("in order", {}, (IN_ORDER,)),
        _case("put back", {}, (TO_PUT_BACK,)),
        _case("one sample", {}, (SINGLE,)),
    ],
    "nn.utils.rnn.invert_permutation": [
        _case("defaults", {}, (Permutation(Size("N")),), _inverse),
    ],
}
