"""What goes between two processes that do not trust each other: JSON and raw bytes.

A message is a header, which is JSON, and the bytes of its arrays one after the other.
Nothing is ever unpickled. Whatever comes in is measured before it is believed.
"""

import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

PREFIX = struct.Struct("<IQ")  # bytes of the header, bytes of all arrays
HEADER_LIMIT = 1 << 22
DIMENSIONS = 64  # as many as NumPy and PyTorch know
BYTES = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}


class Malformed(ValueError):
    """A message that is none."""


class Closed(EOFError):
    """The other end is gone."""


@dataclass(frozen=True)
class Numbers:
    """An array as its bytes, in C order; the only form in which one travels."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, x: np.ndarray, dtype: str | None = None) -> "Numbers":
        """`dtype` "bfloat16": float32 numbers that hold such ones travel as them."""
        if dtype == "bfloat16":
            bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
            return cls(dtype, x.shape, (bits >> 16).astype(np.uint16).tobytes())
        return cls(x.dtype.name, x.shape, x.tobytes())

    def array(self) -> np.ndarray:
        """The array; bfloat16 comes as float32, which holds all of its numbers."""
        if self.dtype == "bfloat16":
            bits = np.frombuffer(self.data, np.uint16).astype(np.uint32) << 16
            return bits.view(np.float32).reshape(self.shape)
        return np.frombuffer(self.data, self.dtype).reshape(self.shape).copy()


def send(write: Callable, header: dict, arrays: list[Numbers]) -> None:
    """`write(bytes)` sends all of its bytes."""
    entries = [[n.dtype, list(n.shape)] for n in arrays]
    head = json.dumps({**header, "arrays": entries}).encode()
    if len(head) > HEADER_LIMIT:
        raise Malformed("the header is too long")
    write(PREFIX.pack(len(head), sum(len(n.data) for n in arrays)) + head)
    for numbers in arrays:
        write(numbers.data)


def receive(read: Callable, limit: int = 1 << 40) -> tuple[dict, list[Numbers]]:
    """`read(n)` returns exactly n bytes. Raises `Malformed`, and what `read` raises."""
    length, payload = PREFIX.unpack(read(PREFIX.size))
    if length > HEADER_LIMIT or payload > limit:
        raise Malformed(f"a message of {length} and {payload} bytes")
    try:
        header = json.loads(read(length))
        entries = header.pop("arrays")
        shapes = [_entry(*entry) for entry in entries]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise Malformed(f"not a header: {type(error).__name__}") from None
    sizes = [BYTES[dtype] * math.prod(shape) for dtype, shape in shapes]
    if sum(sizes) != payload:
        raise Malformed(f"arrays of {sum(sizes)} bytes in {payload}")
    return header, [
        Numbers(dtype, shape, read(size))
        for (dtype, shape), size in zip(shapes, sizes, strict=True)
    ]


def _entry(dtype, shape) -> tuple[str, tuple[int, ...]]:
    whole = all(type(n) is int and n >= 0 for n in shape)
    if type(dtype) is not str or dtype not in BYTES or not whole:
        raise ValueError("no array")
    if len(shape) > DIMENSIONS:
        raise ValueError("too many dimensions")
    return dtype, tuple(shape)


def reader(receive_some: Callable) -> Callable:
    """`read(n)` out of `receive_some(n)`, which gives at most n, b"" at the end."""

    def read(count: int) -> bytes:
        parts = []
        while count:
            part = receive_some(min(count, 1 << 22))
            if not part:
                raise Closed
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    return read
