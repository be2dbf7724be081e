"""The wall between judge and candidate: what goes through it, and what does not."""

import io
import json

import numpy as np
import pytest

from twofold.compare.sides.apart import wire
from twofold.compare.sides.apart.process import CUT, SHOWN, Apart, Limits
from twofold.compare.sides.apart.side import ApartSide, described
from twofold.compare.sides.trace import Feed


def message(
    head: bytes, payload: bytes = b"", claimed: int | None = None
) -> io.BytesIO:
    size = len(payload) if claimed is None else claimed
    return io.BytesIO(wire.PREFIX.pack(len(head), size) + head + payload)


def received(stream: io.BytesIO):
    return wire.receive(wire.reader(stream.read), limit=1 << 20)


@pytest.mark.parametrize("dtype", [*wire.BYTES])
def test_numbers_of_every_kind_arrive_as_they_were_sent(dtype):
    """If this failed, a right candidate would be judged by other numbers."""
    kind = "float32" if dtype == "bfloat16" else dtype
    x = np.array([[0, 1, 1], [1, 0, 1]]).astype(kind)
    stream = io.BytesIO()
    wire.send(stream.write, {"do": "it"}, [wire.Numbers.of(x, dtype)])
    stream.seek(0)
    header, (numbers,) = received(stream)
    assert header == {"do": "it"}
    assert (numbers.dtype, numbers.shape) == (dtype, (2, 3))
    np.testing.assert_array_equal(numbers.array(), x)


MALFORMED = {
    "no JSON": message(b"\x80\x04pickle"),
    "no object": message(b"[]"),
    "no arrays": message(b"{}"),
    "an object's name": message(json.dumps({"arrays": [["object", [1]]]}).encode()),
    "a shape of floats": message(json.dumps({"arrays": [["int8", [1.0]]]}).encode()),
    "less than nothing": message(json.dumps({"arrays": [["int8", [-1]]]}).encode()),
    "true for one": message(json.dumps({"arrays": [["int8", [True]]]}).encode(), b"1"),
    "fewer bytes": message(json.dumps({"arrays": [["int64", [2]]]}).encode(), b"12"),
    "very many bytes": message(b"{}", claimed=1 << 40),
    "nested too deeply": message(b'{"a":' * 200_000),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_message_that_is_none_is_refused(name):
    """If this failed, a candidate could make the judge do what it says."""
    with pytest.raises(wire.Malformed):
        received(MALFORMED[name])


def test_what_cannot_be_written_as_json_and_numbers_is_not_sent():
    """If this failed, objects with code of their own would cross the wall."""
    with pytest.raises(TypeError, match="a set cannot be given"):
        described(({1, 2},))


def side_of(apart: Apart, body: str) -> ApartSide:
    """A candidate whose forward has this body."""
    start = {
        "source": "import torch\nfrom torch import nn\n"
        f"class ModelNew(nn.Module):\n    def forward(self, x):\n        {body}\n",
        "arguments": described(()),
        "seed": 0,
        "device": "cpu",
    }
    side = ApartSide(apart, start, [], ["x"])
    side.gradients = False
    return side


def feed(shape: tuple) -> Feed:
    x = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    return Feed(np.dtype(np.float64), (x,), {}, upstream=(np.ones_like(x),))


@pytest.mark.parametrize("size", [7, 1_000, 100_000])
def test_memory_that_nobody_has_written_to_holds_nan(size):
    """If this failed, an earlier answer could be found where none was written."""
    with Apart(Limits(seconds=30)) as apart:
        side = side_of(apart, "return torch.empty_like(x)")
        held = side.run(feed((size,)))["output"]
    assert np.isnan(held).all()


@pytest.mark.parametrize("order", ["c", "strided", "fortran", "offset"])
def test_orders_in_memory_hold_the_same_numbers(order):
    """If this failed, a kernel would be judged by numbers that it was not given."""
    with Apart(Limits(seconds=30)) as apart:
        side = side_of(
            apart, "return x * 1, torch.tensor([*x.stride(), x.storage_offset()])"
        )
        side.order = order
        numbers = feed((3, 4))
        trace = side.run(numbers)
    np.testing.assert_array_equal(trace["output 0"], numbers.inputs[0])
    expected = {
        "c": [4, 1, 0],
        "strided": [8, 2, 0],
        "fortran": [1, 3, 0],
        "offset": [4, 1, 3],
    }
    assert trace["output 1"].tolist() == expected[order]


def test_what_is_printed_is_cut_and_that_is_said():
    """If this failed, half of what a candidate printed would look like all of it."""
    with Apart(Limits(seconds=30)) as apart:
        side_of(apart, 'print("y" * 5000); return x').run(feed((3,)))
        assert apart.output().endswith(CUT)
        assert len(apart.output()) == SHOWN + len(CUT)


def test_writing_to_a_file_outside_is_called_writing():
    """If this failed, a candidate that tried to write would be said to have read."""
    with Apart(Limits(seconds=30)) as apart:
        body = """try: open("/tmp/outside.txt", "w")
        except OSError: pass
        return x"""
        side = side_of(apart, body)
        side.run(feed((3,)))
    assert "it tried to write /tmp/outside.txt, and could not" in side.notes.values()
