"""Sequences of different lengths: packing, and packed input of recurrent layers."""

import numpy as np

STEPS = np.ones((4, 3, 2))
DATA, SIZES = np.ones((6, 2)), np.array([3, 2, 1])


def _call(name, *inputs, **options):
    """A function of `nn.utils.rnn`; arrays are made those of the side."""

    def own(s, x):
        if isinstance(x, list):
            return [own(s, item) for item in x]
        return s(x) if isinstance(x, np.ndarray) else x

    return lambda s: getattr(s.nn.utils.rnn, name)(
        *[own(s, x) for x in inputs], **options
    )


def _of_packed(name, data, batch_sizes, **options):
    def call(s):
        rnn = s.nn.utils.rnn
        packed = rnn.PackedSequence(s(data), s(batch_sizes))
        return getattr(rnn, name)(packed, **options)

    return call


def _layer(name, data, batch_sizes, *states):
    def call(s):
        packed = s.nn.utils.rnn.PackedSequence(s(data), s(batch_sizes))
        hx = [s(state) for state in states]
        return getattr(s.nn, name)(2, 5)(packed, *([tuple(hx)] if hx[1:] else hx))

    return call


def _rows(function, argument, calls: dict) -> dict:
    return {
        f"{function}, {argument}: {what}": (argument, f) for what, f in calls.items()
    }


def _refused() -> dict:
    pack, pad = "pack_padded_sequence", "pad_packed_sequence"
    lengths = {
        "none": [4, 2, 0],
        "negative": [4, 2, -1],
        "too few": [4, 2],
        "rising": [2, 4, 1],
        "in two dimensions": np.ones((3, 1), int),
        "one number": 3,
        "None": None,
        "str": "a",
    }
    rows = _rows(
        pack, "lengths", {k: _call(pack, STEPS, v) for k, v in lengths.items()}
    )
    rows |= _rows(pack, "input", {"one dimension": _call(pack, STEPS[:, 0, 0], [4])})
    rows |= _rows(
        pack,
        "lengths",
        {
            "of an empty input": _call(pack, STEPS[:0], [0, 0, 0]),
            "of no samples": _call(pack, STEPS[:, :0], []),
        },
    )
    rows |= _rows(
        pad,
        "total_length",
        {
            "too short": _of_packed(pad, DATA, SIZES, total_length=2),
            "a fraction": _of_packed(pad, DATA, SIZES, total_length=4.5),
        },
    )
    rows |= _rows(
        pad, "padding_value", {"str": _of_packed(pad, DATA, SIZES, padding_value="a")}
    )
    wrong = {"too many": [3, 3, 2], "none": [], "rising": [1, 2, 3]}
    rows |= _rows(
        pad,
        "batch_sizes",
        {k: _of_packed(pad, DATA, np.array(v, int)) for k, v in wrong.items()},
    )
    one = STEPS[:, 0, 0]
    wrong = {
        "a number": 3,
        "none": [],
        "numbers": [1, 2],
        "of other features": [STEPS[0], STEPS[0, :, :0]],
        "of other dimensions": [STEPS[0], one],
        "without steps": [np.array(1.0)],
    }
    rows |= _rows(
        "pad_sequence",
        "sequences",
        {k: _call("pad_sequence", v) for k, v in wrong.items()},
    )
    rows |= _rows(
        "pad_sequence",
        "padding_side",
        {"top": _call("pad_sequence", [one], padding_side="top")},
    )
    rows |= _rows(
        "pack_sequence",
        "lengths",
        {
            "none": _call("pack_sequence", [one, one[:0]]),
            "rising": _call("pack_sequence", [one[:2], one]),
        },
    )
    rows |= _rows(
        "unpad_sequence",
        "lengths",
        {"too few": _call("unpad_sequence", STEPS, np.array([4, 2]))},
    )
    rows |= _rows(
        "unpad_sequence",
        "padded_sequences",
        {"one dimension": _call("unpad_sequence", one, np.array([1]))},
    )
    wrong = {
        "two dimensions": np.array([[1, 0]]),
        "floats": np.array([1.0, 0.0]),
        "no index": np.array([3, 0]),
        "list": [1, 0],
    }
    rows |= _rows(
        "invert_permutation",
        "permutation",
        {k: _call("invert_permutation", v) for k, v in wrong.items()},
    )
    rows |= _rows("PackedSequence", "data", {"alone": _call("PackedSequence", STEPS)})
    for name in ("RNN", "GRU", "LSTM"):
        first = np.ones((1, 3, 5))
        states = (first, first) if name == "LSTM" else (first,)
        wrong = {
            "three dimensions": (DATA[None], SIZES),
            "features": (np.ones((6, 3)), SIZES),
            "integers": (np.ones((6, 2), int), SIZES),
        }
        rows |= _rows(
            f"packed {name}", "input", {k: _layer(name, *v) for k, v in wrong.items()}
        )
        wrong = {"rising": [2, 3, 1], "too many": [3, 2, 2]}
        rows |= _rows(
            f"packed {name}",
            "batch_sizes",
            {k: _layer(name, DATA, np.array(v)) for k, v in wrong.items()},
        )
        short = tuple(state[:, :2] for state in states)
        rows |= _rows(
            f"packed {name}",
            "hx",
            {"of two samples": _layer(name, DATA, SIZES, *short)},
        )
    return rows


REFUSED = _refused()

# What PyTorch's own code reads before it has looked at the argument.
DUCK_TYPING = _rows(
    "pack_sequence", "sequences", {"numbers": _call("pack_sequence", [1, 2])}
)

# PyTorch's packed data would not fit its batch_sizes, or would lack the last samples.
STRICTER = {
    "pack_padded_sequence, lengths beyond the steps": (
        RuntimeError,
        "lengths",
        _call("pack_padded_sequence", STEPS, [5, 2, 1]),
    ),
    "pack_padded_sequence, unsorted lengths of some samples": (
        RuntimeError,
        "lengths",
        _call("pack_padded_sequence", STEPS, [2, 4], enforce_sorted=False),
    ),
    "pad_packed_sequence, batch_sizes of some rows": (
        RuntimeError,
        "batch_sizes",
        _of_packed("pad_packed_sequence", DATA, SIZES[:2]),
    ),
    "invert_permutation, a number twice": (
        RuntimeError,
        "permutation",
        _call("invert_permutation", np.array([0, 0])),
    ),
}
