"""Traces as files, so that a side can be produced elsewhere.

A trace is saved as safetensors: a header of names, dtypes, shapes and offsets, then the
bare numbers. C, Triton or JAX, on this machine or another, write and read it too. What
the format itself does not keep stands in the header's metadata: under `twofold.order`
the JSON list of the names in their order, under `twofold.carriers` a JSON object of
[rms, peak] by name. A file without them is taken in the order of its bytes.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..numerics.sizes import Size
from ..sides.trace import Trace
from .tensors import ORDER, SAFETENSORS_DTYPES, TraceFileError, first_line, open_tensors

CARRIERS = "twofold.carriers"
"""The key under which a trace's carriers stand in the metadata."""


def save_trace(trace: Mapping[str, np.ndarray], path) -> None:
    """Write a trace with its names, order and carriers; all of the file or nothing.

    Raises TraceFileError for what safetensors cannot hold and for what cannot be
    written.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    path = Path(path)
    if path.suffix != ".safetensors":
        raise TraceFileError(f"{path}: a trace is saved as .safetensors")
    arrays = {name: _storable(path, name, x) for name, x in trace.items()}
    carriers = getattr(trace, "carriers", {})
    carriers = {name: [size.rms, size.peak] for name, size in carriers.items()}
    metadata = {ORDER: json.dumps(list(arrays))}
    if carriers:
        metadata[CARRIERS] = json.dumps(carriers)
    try:
        with atomically(path) as partial:
            partial.touch()
            mode = partial.stat().st_mode  # safetensors would shut out other users
            save_file(arrays, partial, metadata)
            partial.chmod(mode)
    except (OSError, SafetensorError) as error:
        reason = f"cannot be written: {first_line(error)}"
        raise TraceFileError(f"{path}: {reason}") from None


def keep_traces(report, folder: Path, stem: str) -> list[Path]:
    """Save both sides' arrays of the first draw that differs; where they are."""
    paths = []
    for side, trace in zip(("mine", "reference"), report.traces, strict=False):
        make_ignored(folder)
        paths.append(folder / f"{stem}.{side}.safetensors")
        save_trace(trace, paths[-1])
    return paths


def make_ignored(folder: Path) -> None:
    """A folder of what can be made again, which git leaves out."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def _storable(path: Path, name: str, x) -> np.ndarray:
    """Contiguous and little-endian: safetensors copies the memory as it lies."""
    x = np.asarray(x)
    if name == "__metadata__":
        raise TraceFileError(f"{path}: safetensors keeps the name {name} for itself")
    if x.dtype.name not in SAFETENSORS_DTYPES.values():
        raise TraceFileError(f"{path}: {name}: safetensors has no dtype {x.dtype}")
    return x.astype(x.dtype.newbyteorder("<"), order="C", copy=False)


@contextmanager
def atomically(path) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place once it is whole."""
    path = Path(path)
    partial = path.with_name(f"{path.name}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def load_trace(path) -> Trace:
    """The trace in a file, in its order, in memory; bfloat16 and float8 as float32."""
    with open_tensors(path) as file:
        trace = Trace((name, np.array(file.get(name))) for name in file.names())
        carriers = file.metadata.get(CARRIERS, "{}")
    try:
        for name, (rms, peak) in json.loads(carriers).items():
            trace.carriers[name] = Size(float(rms), float(peak))
    except (ValueError, TypeError, AttributeError):
        reason = f"what stands under {CARRIERS} is not as save_trace writes it"
        raise TraceFileError(f"{path}: {reason}") from None
    return trace
