"""Named tensors from the three formats in which traces and checkpoints travel.

Names, dtypes and shapes are known at once, numbers are read when asked for: safetensors
and torch files are memory-mapped, a member of an .npz is read as a whole. Nothing is
ever unpickled into anything but tensors and plain containers: a file that asks for more
is refused before any of it runs.
"""

import json
import math
import pickle
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SAFETENSORS_DTYPES = {
    "BOOL": "bool",
    "U8": "uint8",
    "U16": "uint16",
    "U32": "uint32",
    "U64": "uint64",
    "I8": "int8",
    "I16": "int16",
    "I32": "int32",
    "I64": "int64",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "BF16": "bfloat16",
    "F16": "float16",
    "F32": "float32",
    "F64": "float64",
    "C64": "complex64",
}
"""The dtypes that are read, by the code that safetensors gives them."""

STORAGE = {"bfloat16": "u2", "float8_e4m3fn": "u1", "float8_e5m2": "u1"}
"""In what NumPy, which lacks these dtypes, holds their bits."""

ORDER = "twofold.order"
"""The key of a safetensors file's metadata under which a JSON list orders the names."""

DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    RuntimeError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    pickle.UnpicklingError,
)
"""What the libraries raise on bytes that are not what they expect."""


class TraceFileError(Exception):
    """A file that cannot be read or written as named tensors, and why, in one line."""


def open_tensors(path) -> "TensorFile":
    """Open a trace or checkpoint: .safetensors, .npz, .pt or .pth.

    Raises TraceFileError, with one line that says why, if it cannot be read.
    """
    from safetensors import SafetensorError

    path = Path(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "there is no such file"
        raise TraceFileError(f"{path}: {what}")
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(FORMATS)
        raise TraceFileError(f"{path}: suffix {path.suffix!r} is not one of {known}")
    try:
        file = kind(path)
    except (*DAMAGE, SafetensorError) as error:
        reason = f"truncated or damaged: {first_line(error)}"
    else:
        if file.names():
            return file
        file.close()
        reason = "holds no tensors"
    found = _content(path)
    if found not in (None, kind):
        suffix = next(suffix for suffix, known in FORMATS.items() if known is found)
        reason = f"not what its suffix says, but {suffix}"
    raise TraceFileError(f"{path}: {reason}")


def widen(raw: np.ndarray, dtype: str, room: np.ndarray | None = None) -> np.ndarray:
    """Stored numbers as NumPy can compute with them: bfloat16 and float8 as float32.

    They are put into `room`, if there is any: 1-d, float32 and large enough.
    """
    if dtype not in STORAGE:
        return raw
    if room is None:
        room = np.empty(raw.size, np.float32)
    wide = room[: raw.size].reshape(raw.shape)
    if dtype == "bfloat16":  # the upper half of a float32
        bits = wide.view(np.uint32)
        np.copyto(bits, raw)
        np.left_shift(bits, 16, out=bits)
        return wide
    return np.take(_FLOAT8[dtype], raw, out=wide, mode="clip")


def _e4m3fn() -> np.ndarray:
    """Its 256 numbers: 4 bits of exponent, 3 of mantissa, no infinity, one NaN."""
    code = np.arange(128)
    exponent, mantissa = code >> 3, code & 7
    value = np.ldexp((exponent > 0) + mantissa / 8, np.maximum(exponent, 1) - 7)
    value[127] = np.nan
    return np.concatenate([value, -value]).astype(np.float32)


_UPPER_HALVES = (np.arange(256, dtype=np.uint16) << 8).view(np.float16)
_FLOAT8 = {"float8_e4m3fn": _e4m3fn(), "float8_e5m2": _UPPER_HALVES.astype(np.float32)}


@dataclass(frozen=True)
class Entry:
    """One tensor of a file: what is known of it before its numbers are read."""

    dtype: str
    shape: tuple[int, ...]
    source: object  # where its numbers are: an offset, a member's name, a tensor


class Stored:
    """The numbers of one tensor, flat and as stored; see `widen`."""

    def __init__(self, flat: np.ndarray):
        self.flat = flat

    def part(self, start: int, stop: int) -> np.ndarray:
        return self.flat[start:stop]

    def blocks(self, start: int, stop: int, size: int) -> Iterator[np.ndarray]:
        """The same in blocks of `size`, each good only until the next is asked for."""
        for i in range(start, stop, size):
            yield self.part(i, min(i + size, stop))


class _OnDisk(Stored):
    """A part is mapped. Blocks are read, all into the same memory: that is faster."""

    def __init__(self, path: Path, dtype: np.dtype, offset: int):
        self.path, self.dtype, self.offset = path, dtype, offset

    def part(self, start, stop):
        if start == stop:
            return np.empty(0, self.dtype)
        offset = self.offset + start * self.dtype.itemsize
        mapped = np.memmap(self.path, self.dtype, "r", offset, (stop - start,))
        return mapped.view(np.ndarray)

    def blocks(self, start, stop, size):
        room = np.empty(min(size, stop - start), self.dtype)
        with self.path.open("rb") as file:
            file.seek(self.offset + start * self.dtype.itemsize)
            for i in range(start, stop, size):
                block = room[: min(size, stop - i)]
                if file.readinto(block) != block.nbytes:
                    raise TraceFileError(f"{self.path}: cut short while it was read")
                yield block


class TensorFile:
    """The named tensors of a file, in its order. A context manager.

    `ignored` counts what is in the file but is no tensor; `metadata` is the text that a
    safetensors file may carry.
    """

    def __init__(self, path: Path):
        self.path = path
        self.ignored = 0
        self.metadata: dict[str, str] = {}
        self._entries: dict[str, Entry] = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        self._entries = {}

    def names(self) -> list[str]:
        return list(self._entries)

    def dtype(self, name: str) -> str:
        return self._entries[name].dtype

    def shape(self, name: str) -> tuple[int, ...]:
        return self._entries[name].shape

    def size(self, name: str) -> int:
        return math.prod(self.shape(name))

    def get(self, name: str) -> np.ndarray:
        """The whole tensor; to be read only, and on disk where the format allows it."""
        flat = self.stored(name).part(0, self.size(name))
        return widen(flat, self.dtype(name)).reshape(self.shape(name))

    def stored(self, name: str) -> Stored:
        """The tensor's numbers, still on disk where the format allows it."""
        try:
            return self._stored(self._entries[name])
        except DAMAGE as error:
            reason = f"{name} cannot be read: {first_line(error)}"
            raise TraceFileError(f"{self.path}: {reason}") from None

    def _stored(self, entry: Entry) -> Stored:
        raise NotImplementedError

    def _add(self, name: str, entry: Entry) -> None:
        if name in self._entries:
            raise TraceFileError(f"{self.path}: two tensors are named {name}")
        self._entries[name] = entry


class _Safetensors(TensorFile):
    """The library checks the header; NumPy maps what is asked for, and no more.

    The format keeps no order of the names: it is the one in the metadata under `ORDER`,
    or else that of the bytes.
    """

    def __init__(self, path: Path):
        from safetensors import safe_open

        super().__init__(path)
        with safe_open(path, framework="numpy"), path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length))
        self.metadata = header.pop("__metadata__", {})
        for name in self._order(header):
            code, shape = header[name]["dtype"], header[name]["shape"]
            start = 8 + length + header[name]["data_offsets"][0]
            dtype = SAFETENSORS_DTYPES.get(code, code)
            self._add(name, Entry(dtype, tuple(shape), start))

    def _order(self, header: dict) -> list[str]:
        if ORDER not in self.metadata:
            return sorted(header, key=lambda name: header[name]["data_offsets"])
        try:
            order = json.loads(self.metadata[ORDER])
            if sorted(order) == sorted(header):
                return order
        except (ValueError, TypeError):
            pass
        raise TraceFileError(
            f"{self.path}: what stands under {ORDER} is no list of its tensors' names"
        )

    def _stored(self, entry: Entry):
        if entry.dtype not in SAFETENSORS_DTYPES.values():
            raise TypeError(f"dtype {entry.dtype} is not supported")
        dtype = np.dtype(STORAGE.get(entry.dtype, entry.dtype)).newbyteorder("<")
        return _OnDisk(self.path, dtype, entry.source)


class _Npz(TensorFile):
    """Headers first, then member by member."""

    def __init__(self, path: Path):
        super().__init__(path)
        if not zipfile.is_zipfile(path):
            raise zipfile.BadZipFile("no directory of its members")
        self._archive = np.load(path, allow_pickle=False)
        try:
            for member in self._archive.zip.namelist():
                if member.endswith(".npy"):
                    self._add_member(member)
                else:
                    self.ignored += 1
        except BaseException:
            self.close()
            raise

    def _add_member(self, member: str) -> None:
        with self._archive.zip.open(member) as file:
            header = np.lib.format.read_array_header_2_0
            if np.lib.format.read_magic(file) == (1, 0):
                header = np.lib.format.read_array_header_1_0
            shape, _, dtype = header(file)
        name = member.removesuffix(".npy")
        if dtype.hasobject:
            raise _refusal(self.path, f"pickled objects in {name}")
        if dtype.kind in "SUMm":  # text and dates
            self.ignored += 1
        else:
            self._add(name, Entry(dtype.name, shape, member))

    def _stored(self, entry: Entry):
        if entry.dtype.startswith(("void", "record")):
            raise TypeError(f"dtype {entry.dtype} is none (.npz has no bfloat16)")
        return Stored(self._archive[entry.source].reshape(-1))

    def close(self) -> None:
        super().close()
        self._archive.close()


class _Torch(TensorFile):
    """Memory-mapped by torch, except for files in the format before torch 1.6. What was
    read stays mapped; the system takes it back when it needs the memory.
    """

    def __init__(self, path: Path):
        import torch

        super().__init__(path)
        mapped = zipfile.is_zipfile(path)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it warns of what it then refuses
                content = torch.load(
                    path, map_location="cpu", weights_only=True, mmap=mapped
                )
        except pickle.UnpicklingError as error:
            if _content(path) is not _Torch:
                raise
            found = re.search(r"GLOBAL (\S+)", str(error))
            what = found[1] if found else "more than tensors and plain containers"
            raise _refusal(path, what) from None
        self._flatten("", content)

    def _flatten(self, path: str, content) -> None:
        """Nested containers as dotted names: optimizer.state.0.exp_avg."""
        import torch

        if isinstance(content, torch.Tensor):
            dtype = str(content.dtype).removeprefix("torch.")
            entry = Entry(dtype, tuple(content.shape), content.detach())
            self._add(path or "tensor", entry)
        elif isinstance(content, dict | list | tuple):
            named = isinstance(content, dict)
            for key, item in content.items() if named else enumerate(content):
                self._flatten(f"{path}.{key}" if path else str(key), item)
        else:
            self.ignored += 1

    def _stored(self, entry: Entry):
        import torch

        tensor = entry.source
        if tensor.layout != torch.strided or tensor.is_quantized:
            raise TypeError("it is sparse or quantised")
        if entry.dtype in STORAGE:
            bits = torch.int16 if tensor.element_size() == 2 else torch.uint8
            x = tensor.view(bits).numpy().view(STORAGE[entry.dtype])
        else:
            x = tensor.resolve_conj().resolve_neg().numpy()
        return Stored(x.reshape(-1))


FORMATS = {".safetensors": _Safetensors, ".npz": _Npz, ".pt": _Torch, ".pth": _Torch}
"""The reader of each suffix."""


def _content(path: Path) -> type[TensorFile] | None:
    """Whose format a file's bytes are in, whatever its suffix; None if nobody's."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
        if any(name.endswith("/data.pkl") for name in members):
            return _Torch
        return _Npz if any(name.endswith(".npy") for name in members) else None
    with path.open("rb") as file:
        head = file.read(9)
    if head[8:] == b"{":
        return _Safetensors
    return _Torch if head[:1] == pickle.PROTO else None


def _refusal(path: Path, what: str) -> TraceFileError:
    return TraceFileError(
        f"{path}: refused: it holds {what}, and unpickling that could run code"
    )


def first_line(error: BaseException) -> str:
    """The first sentence of what a library has to say."""
    text = str(error) or type(error).__name__
    return text.splitlines()[0].split(". ")[0].rstrip(".")
