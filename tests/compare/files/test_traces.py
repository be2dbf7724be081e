"""Traces and checkpoints as files: what comes back, and what is refused."""

import json
import os
import pickle
import stat
import zipfile

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch_file

import twofold
from twofold.compare.files.tensors import TraceFileError, open_tensors
from twofold.compare.files.traces import (
    CARRIERS,
    ORDER,
    keep_traces,
    load_trace,
    save_trace,
)
from twofold.compare.numerics.sizes import Size
from twofold.compare.sides.trace import Trace

DTYPES = (
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64"
)


class Trap:
    """Unpickled, it makes a folder: proof that a file's code has run."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def some_trace() -> Trace:
    rng = np.random.default_rng(0)
    trace = Trace({"z: grad of weight": rng.standard_normal((3, 4))})
    trace["a"] = np.array(2.5, np.float32)
    trace["m"] = np.empty((0, 2), np.float16)
    for dtype in DTYPES.split():
        trace[dtype] = rng.integers(0, 2, (2, 3)).astype(dtype)
    trace["complex64"] = np.array([1 + 2j], np.complex64)
    trace["transposed"] = np.arange(6.0).reshape(2, 3).T
    trace["reversed"] = np.arange(6, dtype=np.int32)[::-2]
    trace["big-endian"] = np.arange(4, dtype=">f4")
    trace.carriers["a"] = Size(1 / 3, 5e-324)
    return trace


def test_a_trace_comes_back_with_names_order_shapes_dtypes_and_carriers(tmp_path):
    """Else: a side produced elsewhere is compared with another trace than it made."""
    trace = some_trace()
    save_trace(trace, tmp_path / "trace.safetensors")
    again = load_trace(tmp_path / "trace.safetensors")
    assert list(again) == list(trace)
    assert again.carriers == trace.carriers
    for name, x in trace.items():
        assert again[name].shape == x.shape, name
        assert again[name].dtype == x.dtype.newbyteorder("="), name
        assert np.array_equal(again[name], x), name
        again[name][...] = 0  # neither read-only nor the file itself


def test_a_file_of_somebody_else_is_taken_in_the_order_of_its_bytes(tmp_path):
    """Else: what a plain C program writes is refused, or shuffled."""
    header, data = {}, b""
    for i, name in enumerate(["second", "first"]):
        offsets = [4 * i, 4 * i + 4]
        header[name] = {"dtype": "F32", "shape": [1], "data_offsets": offsets}
        data += np.float32(i).tobytes()
    text = json.dumps(header).encode()
    path = tmp_path / "c.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    trace = load_trace(path)
    assert list(trace) == ["second", "first"]
    assert trace["first"].tolist() == [1]


@pytest.mark.parametrize(
    "metadata",
    [
        {ORDER: '["x", "y"]'},
        {ORDER: "7"},
        {ORDER: "{"},
        {CARRIERS: "[1]"},
        {CARRIERS: '{"x": 1}'},
    ],
)
def test_metadata_that_does_not_fit_is_an_error(metadata, tmp_path):
    """Else: an order that leaves tensors out silently drops them."""
    save_file({"x": np.ones(1)}, tmp_path / "x.safetensors", metadata)
    with pytest.raises(TraceFileError, match="twofold"):
        load_trace(tmp_path / "x.safetensors")


def test_a_trace_is_written_whole_or_not_at_all(tmp_path):
    """Else: a reader finds half a trace, or the last good one is gone."""
    path = tmp_path / "trace.safetensors"
    save_trace({"x": np.ones(2)}, path)
    with pytest.raises(TraceFileError, match="complex128"):
        save_trace({"x": np.zeros(2), "c": np.ones(1, complex)}, path)
    with pytest.raises(TraceFileError, match="__metadata__"):
        save_trace({"__metadata__": np.ones(1)}, path)
    assert load_trace(path)["x"].tolist() == [1, 1]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    with pytest.raises(TraceFileError, match="cannot be written"):
        save_trace({"x": np.ones(2)}, tmp_path / "no" / "t.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    with pytest.raises(TraceFileError, match="cannot be written"):
        save_trace({"x": np.ones(2)}, tmp_path / "folder.safetensors")
    assert not list(tmp_path.glob("*.partial"))
    with pytest.raises(TraceFileError, match="saved as"):
        save_trace({"x": np.ones(2)}, tmp_path / "t.npz")


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_what_is_kept_of_a_difference_is_left_out_by_git(tmp_path):
    """Else: each failing test leaves files to be committed by mistake."""
    report = twofold.check(
        lambda x: 2 * x, lambda x: x * 3, np.ones(2), gradients=False
    )
    folder = tmp_path / ".parity"
    assert len(keep_traces(report, folder, "x")) == 2
    assert (folder / ".gitignore").read_text() == "*\n"


def test_others_may_read_what_they_may_read_elsewhere(tmp_path):
    """Else: the trace is sent to a colleague who cannot open it."""
    (tmp_path / "plain").touch()
    save_trace({"x": np.ones(2)}, tmp_path / "t.safetensors")
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_dtypes_that_numpy_lacks_are_widened_exactly(dtype, suffix, tmp_path):
    """Else: one of the 256 or 65536 numbers is read as another."""
    wide = dtype == "bfloat16"
    bits = torch.arange(1 << 16 if wide else 1 << 8).to(
        torch.int16 if wide else torch.uint8
    )
    tensor = bits.view(getattr(torch, dtype)).reshape(2, -1)
    path = tmp_path / f"x{suffix}"
    (save_torch_file if suffix == ".safetensors" else torch.save)({"x": tensor}, path)
    with open_tensors(path) as file:
        assert (file.dtype("x"), file.shape("x")) == (dtype, tuple(tensor.shape))
        x = file.get("x")
    assert x.dtype == np.float32
    assert np.array_equal(x, tensor.float().numpy(), equal_nan=True)


def test_nested_checkpoints_get_dotted_names_and_the_rest_is_counted(tmp_path):
    """Else: an optimiser's state is not compared, and nobody is told."""
    model = torch.nn.Linear(2, 3)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    content = {"state_dict": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(
        {**content, "epoch": 3, "history": [torch.ones(1), "text"]},
        path := (tmp_path / "checkpoint.pt"),
    )
    with open_tensors(path) as file:
        assert file.names()[:3] == [
            "state_dict.weight",
            "state_dict.bias",
            "optimizer.state.0.step",
        ]
        assert "history.0" in file.names()
        assert np.array_equal(
            file.get("optimizer.state.1.exp_avg"),
            optimizer.state[model.bias]["exp_avg"].numpy(),
        )
        assert file.ignored > 3  # epoch, text, learning rate, ...


def test_a_bare_tensor_and_an_old_file_of_torch_are_read(tmp_path):
    """Else: checkpoints from before torch 1.6 cannot be compared."""
    torch.save(torch.arange(3), tmp_path / "bare.pth")
    with open_tensors(tmp_path / "bare.pth") as file:
        assert file.get("tensor").tolist() == [0, 1, 2]
    torch.save(torch.tensor([1 + 2j]).conj(), tmp_path / "conjugate.pt")
    with open_tensors(tmp_path / "conjugate.pt") as file:
        assert file.get("tensor").tolist() == [1 - 2j]
    old = tmp_path / "old.pt"
    torch.save({"x": torch.ones(2)}, old, _use_new_zipfile_serialization=False)
    with open_tensors(old) as file:
        assert file.get("x").tolist() == [1, 1]


def test_names_that_meet_are_an_error(tmp_path):
    """Else: one tensor stands for two."""
    content = {"a.b": torch.ones(1), "a": {"b": torch.zeros(1)}}
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(TraceFileError, match=r"named a\.b"):
        open_tensors(tmp_path / "x.pt")


def test_members_of_an_npz_are_described_before_they_are_read(tmp_path):
    """Else: looking at the names costs as much as reading all numbers."""
    path = tmp_path / "x.npz"
    np.savez_compressed(path, f=np.asfortranarray(np.arange(6.0).reshape(2, 3)), s="t")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("readme.txt", "no array")
    with open_tensors(path) as file:
        assert (file.names(), file.ignored) == (["f"], 2)
        assert (file.dtype("f"), file.shape("f")) == ("float64", (2, 3))
        assert file.get("f").tolist() == [[0, 1, 2], [3, 4, 5]]
        assert file.stored("f").part(1, 4).tolist() == [1, 2, 3]


@pytest.mark.parametrize("name", ["x.pt", "old.pt", "plain.pt", "x.npz"])
def test_pickled_objects_are_refused_and_not_run(name, tmp_path):
    """Else: comparing a downloaded checkpoint runs whatever is in it."""
    path, trap = tmp_path / name, Trap(tmp_path / "sprung")
    if name == "x.npz":
        np.savez(path, good=np.ones(1), bad=np.array([trap], object))
    elif name == "plain.pt":
        path.write_bytes(pickle.dumps({"x": trap}))
    else:
        torch.save(
            {"good": torch.ones(1), "bad": trap},
            path,
            _use_new_zipfile_serialization=name == "x.pt",
        )
    with pytest.raises(TraceFileError, match="refused") as caught:
        open_tensors(path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "sprung").exists()
    if name != "x.npz":
        pickle.loads(pickle.dumps(trap))  # the trap does work
        assert (tmp_path / "sprung").exists()


def write(path, content=None) -> None:
    if path.suffix == ".safetensors":
        save_file({"x": np.arange(50.0)} if content is None else content, path)
    elif path.suffix == ".npz":
        np.savez(path, **({"x": np.arange(50.0)} if content is None else content))
    else:
        torch.save({"x": torch.arange(50.0)} if content is None else content, path)


@pytest.mark.parametrize("suffix", [".safetensors", ".npz", ".pt"])
def test_what_is_wrong_with_a_file_is_said_in_one_line(suffix, tmp_path):
    """Else: a user gets a traceback, or a comparison with nothing."""
    good = tmp_path / f"good{suffix}"
    write(good)
    whole = good.read_bytes()
    bad = tmp_path / f"bad{suffix}"
    noise = np.random.default_rng(0).bytes(1000)
    for content in (b"", noise, whole[:-1], whole[:60], whole[: len(whole) // 2]):
        bad.write_bytes(content)
        with pytest.raises(TraceFileError, match="truncated or damaged") as caught:
            open_tensors(bad)
        assert str(bad) in str(caught.value) and "\n" not in str(caught.value)
    write(bad, {})
    with pytest.raises(TraceFileError, match="no tensors"):
        open_tensors(bad)
    for other in {".safetensors", ".npz", ".pt"} - {suffix}:
        write(tmp_path / f"good{other}")
        bad.write_bytes((tmp_path / f"good{other}").read_bytes())
        with pytest.raises(TraceFileError, match=f"suffix says, but {other}"):
            open_tensors(bad)
    with pytest.raises(TraceFileError, match="no such file"):
        open_tensors(tmp_path / f"none{suffix}")


def test_unknown_suffixes_and_folders_are_named(tmp_path):
    """Else: the wrong reader is tried, and its message misleads."""
    (tmp_path / "x.onnx").touch()
    with pytest.raises(TraceFileError, match=r"'\.onnx' is not one of \.safetensors"):
        open_tensors(tmp_path / "x.onnx")
    (tmp_path / "x.pt").mkdir()
    with pytest.raises(TraceFileError, match="is a folder"):
        open_tensors(tmp_path / "x.pt")


def test_one_damaged_or_unsupported_tensor_does_not_hide_the_others(tmp_path):
    """Else: a checkpoint with one odd tensor cannot be compared at all."""
    path = tmp_path / "x.npz"
    np.savez(path, good=np.ones(9), bad=np.full(99999, 7.0), void=np.zeros(2, "V2"))
    whole = path.read_bytes()
    path.write_bytes(whole.replace(np.float64(7).tobytes(), b"\0" * 8, 1))
    with open_tensors(path) as file:
        assert file.get("good").sum() == 9
        for name, why in (("bad", "CRC"), ("void", "bfloat16")):
            with pytest.raises(TraceFileError, match=f"{name} cannot be read.*{why}"):
                file.get(name)
    path = tmp_path / "x.pt"
    torch.save({"good": torch.ones(2), "bad": torch.eye(2).to_sparse()}, path)
    with open_tensors(path) as file:
        assert file.get("good").tolist() == [1, 1]
        with pytest.raises(TraceFileError, match="sparse"):
            file.get("bad")
