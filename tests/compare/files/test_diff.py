"""`twofold diff`: planted differences, verdicts and names."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file as save_torch_file

from twofold.compare.files import diff as module
from twofold.compare.files.diff import (
    DiffReport,
    WrongNames,
    compare_files,
    match_names,
)
from twofold.compare.files.tensors import TraceFileError, open_tensors
from twofold.compare.files.traces import save_trace
from twofold.compare.numerics.scores import LIMIT, PEAK_LIMIT

U32 = 2.0**-24


class Near(float):
    """Equal up to the rounding of sums in float32, in which the rows are added up."""

    __hash__ = float.__hash__

    def __eq__(self, other):
        return abs(other - float(self)) <= LIMIT**2 * U32 * abs(float(self))


def write(path, tensors):
    """The arrays in whatever format the suffix asks for."""
    if path.suffix == ".safetensors":
        save_trace(tensors, path)
    elif path.suffix == ".npz":
        np.savez(path, **tensors)
    else:
        torch.save({name: torch.from_numpy(x) for name, x in tensors.items()}, path)
    return path


def rows_of(a, b, **matching):
    with open_tensors(a) as file_a, open_tensors(b) as file_b:
        pairing = match_names(file_a.names(), file_b.names(), **matching)
        return list(compare_files(file_a, file_b, pairing))


@pytest.fixture
def row_of(tmp_path):
    """The row of one pair of arrays."""

    def row_of(a, b, suffix=".npz"):
        paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
        for path, x in zip(paths, (a, b), strict=True):
            write(path, {"x": x})
        (row,) = rows_of(*paths)
        return row

    return row_of


def weights(seed=0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "encoder.weight": rng.standard_normal((30, 20)).astype(np.float32),
        "encoder.bias": rng.standard_normal(30),
        "steps": np.array(7),
    }


@pytest.mark.parametrize("a", [".safetensors", ".npz", ".pt"])
@pytest.mark.parametrize("b", [".safetensors", ".npz", ".pt"])
def test_the_same_tensors_are_equal_in_any_two_formats(a, b, tmp_path):
    """Else: the format, not the numbers, makes the difference."""
    tensors = weights()
    rows = rows_of(
        write(tmp_path / f"a{a}", tensors), write(tmp_path / f"b{b}", tensors)
    )
    assert [row.name for row in rows] == list(tensors)
    assert [row.verdict for row in rows] == ["equal"] * 3
    assert all(row.rms == row.peak == row.score.value == 0 for row in rows)
    assert all(row.index is None and row.unequal == 0 for row in rows)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_figures_are_those_of_the_formulas(dtype, sign, row_of):
    """Else: the units, the norms or the place are not what the help says."""
    rng = np.random.default_rng(1)
    b = (sign * rng.exponential(3, (57, 41))).astype(dtype)
    a = (b * (1 + rng.standard_normal(b.shape) * 1e-2)).astype(dtype)
    row = row_of(a, b)
    gap, base = np.abs(a.astype(np.longdouble) - b), b.astype(np.longdouble)
    rms = np.sqrt((gap**2).mean() / (base**2).mean())
    u = np.finfo(dtype).eps / 2
    at = np.unravel_index(gap.argmax(), gap.shape)
    assert row.verdict == "different"
    assert row.rms == Near(float(rms))
    assert row.score.rms == Near(float(rms / u))
    assert row.peak == Near(float(gap.max()))
    peak = float(gap.max() / np.abs(base).max() / u)
    assert row.score.peak == Near(peak)
    assert (row.index, row.values) == (at, (a[at], b[at]))
    assert row.unequal == np.count_nonzero(a != b)


@pytest.mark.parametrize("scale", [1e-42, 1e-30, 1e-18, 1e18, 1e38])
def test_the_scale_of_the_numbers_does_not_matter(scale, row_of):
    """Else: squares overflow, or vanish, and with them the difference."""
    rng = np.random.default_rng(2)
    b = (rng.uniform(-1, 1, 999) * scale).astype(np.float32)
    a = b.copy()
    a[::2] *= np.float32(1.01)
    expected = np.float64(a) - np.float64(b)
    rms = np.linalg.norm(expected) / np.linalg.norm(np.float64(b))
    assert row_of(a, b).rms == Near(rms)
    far = row_of(b, -b)  # 2e38 - -2e38 is beyond float32
    assert far.rms == Near(2)
    wide = b.astype(np.float64) * scale**6
    assert row_of(wide, wide * 1.5).rms == Near(1 / 3)


@pytest.mark.parametrize("limit", ["rms", "peak"])
def test_the_limits_are_the_projects(limit, row_of):
    """Else: rounding and difference part somewhere else than documented."""
    b = np.ones(1024, np.float32)
    steps = np.zeros(1024)
    if limit == "rms":
        steps[:] = LIMIT * U32 * 2 / 2
    else:
        steps[5] = PEAK_LIMIT * U32
    assert row_of((b + steps).astype(np.float32), b).verdict == "rounding"
    above = row_of((b + steps * 1.25).astype(np.float32), b)
    assert above.verdict == "different"
    assert max(above.score.rms / LIMIT, above.score.peak / PEAK_LIMIT) == 1.25


def test_a_single_element_among_a_million_is_found(row_of):
    """Else: a norm over everything hides what one index has broken."""
    b = np.random.default_rng(3).standard_normal((1000, 1000)).astype(np.float32)
    a = b.copy()
    a[612, 340] *= 1.001
    row = row_of(a, b)
    assert (row.verdict, row.index, row.unequal) == ("different", (612, 340), 1)
    assert row.values == (a[612, 340], b[612, 340])
    a = b.copy()
    i = np.unravel_index(np.abs(np.abs(b) - 0.01).argmin(), b.shape)
    a[i] = -b[i]
    assert row_of(a, b).index == i


@pytest.mark.parametrize("suffix", [".safetensors", ".npz", ".pt"])
@pytest.mark.parametrize("place", [0, 6, 7, 14, 15, 29])
def test_blocks_and_spans_join_without_a_seam(place, suffix, row_of, monkeypatch):
    """Else: what lies at the edge of a block is compared twice or never."""
    monkeypatch.setattr(module, "BLOCK", 7)
    monkeypatch.setattr(module, "SPAN", 15)
    b = np.linspace(2, 1, 30)
    a = b.copy()
    a[place] += 3
    row = row_of(a, b, suffix)
    assert (row.index, row.unequal, row.peak) == ((place,), 1, Near(3))
    assert row.rms == Near(3 / np.linalg.norm(b))
    assert row.score.peak == Near(3 / 2 / 2.0**-53)
    a[place:] = np.nan
    row = row_of(a, b, suffix)
    assert (row.index, row.unequal) == ((place,), 30 - place)
    assert row.reason == f"{30 - place} × NaN on A alone"
    a[:] = b + 1e-9
    row = row_of(a, b, suffix)
    assert row.unequal == 30
    assert row.rms == Near(1e-9 * 30**0.5 / np.linalg.norm(b))


def test_a_file_that_shrinks_while_it_is_read_is_an_error(tmp_path):
    """Else: the rest of the tensor is whatever the memory held before."""
    paths = [write(tmp_path / f"{n}.safetensors", {"x": np.ones(99)}) for n in "ab"]
    with open_tensors(paths[0]) as a, open_tensors(paths[1]) as b:
        paths[1].write_bytes(paths[1].read_bytes()[:-8])
        with pytest.raises(TraceFileError, match="cut short"):
            list(compare_files(a, b, match_names(["x"], ["x"])))


def test_progress_reaches_the_end(tmp_path, monkeypatch):
    """Else: the bar stands still, or passes 100%."""
    monkeypatch.setattr(module, "SPAN", 15)
    path = write(tmp_path / "a.npz", weights())
    done = []
    with open_tensors(path) as a, open_tensors(path) as b:
        pairing = match_names(a.names(), b.names())
        list(compare_files(a, b, pairing, done.append))
    assert sum(done) == 30 * 20 + 30 + 1 and max(done) == 15


def test_nan_and_infinity_must_stand_in_the_same_places(row_of):
    """Else: a diverged run equals a healthy one, or no run with a NaN itself."""
    inf, nan = np.inf, np.nan
    b = np.array([1.0, nan, inf, -inf, 2, 3])
    assert row_of(b, b.copy()).verdict == "equal"
    for at, value, what in (
        (0, nan, "1 × NaN on A alone"),
        (1, 5, "1 × NaN on B alone"),
        (2, -inf, "1 × an infinity on one side"),
        (3, 0, "1 × an infinity on one side"),
        (4, inf, "1 × an infinity on one side"),
    ):
        a = b.copy()
        a[at] = value
        a[5] = 1e6  # a greater difference, but not the graver
        row = row_of(a, b)
        assert (row.verdict, row.index, row.unequal) == ("different", (at,), 2)
        assert what in row.reason and row.score.value == inf
    row = row_of(np.array([inf, 1.1]), np.array([3.0, 1]))
    assert row.rms == Near(0.1 / 10**0.5)  # all of b counts
    a = b.copy()
    a[0] *= 1 + 2.0**-52
    assert row_of(a, b).verdict == "rounding"
    assert row_of(a.astype(np.float32), b).verdict == "equal"  # 1 is all that is left


def test_the_coarser_dtype_sets_the_unit(row_of, tmp_path):
    """Else: a checkpoint rounded to bfloat16 cannot be told from a broken one."""
    b = np.random.default_rng(4).standard_normal(5000)
    row = row_of(b.astype(np.float16), b)
    assert (row.verdict, row.dtypes) == ("rounding", ("float16", "float64"))
    assert 0.1 < row.score.rms < 1 and "float16 against float64" in row.reason
    same = b.astype(np.float32)
    assert row_of(same.astype(float), same).verdict == "equal"
    tensor = torch.from_numpy(same)
    for dtype in (torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2):
        save_torch_file({"x": tensor.to(dtype)}, tmp_path / "a.safetensors")
        torch.save({"x": tensor}, tmp_path / "b.pt")
        (row,) = rows_of(tmp_path / "a.safetensors", tmp_path / "b.pt")
        assert row.verdict == "rounding" and 0.1 < row.score.rms < 1
        for wrong in (-tensor, 0 * tensor, tensor.roll(1), tensor * 1.3):
            save_torch_file({"x": wrong.to(dtype)}, tmp_path / "a.safetensors")
            (row,) = rows_of(tmp_path / "a.safetensors", tmp_path / "b.pt")
            assert row.verdict == "different"


def test_integers_and_booleans_must_be_equal(row_of):
    """Else: an index that is off by one passes as rounding."""
    big = np.array([2**53, 5])
    row = row_of(big + np.array([1, 0]), big)  # equal in float64
    assert (row.verdict, row.index, row.peak) == ("different", (0,), 1)
    assert row.values == (2**53 + 1, 2**53)
    row = row_of(np.array([True, False]), np.array([True, True]))
    assert (row.verdict, row.index, row.score.value) == ("different", (1,), np.inf)
    assert row_of(np.array([1, 2], np.int8), np.array([1.0, 2])).verdict == "equal"
    off = row_of(np.array([10**9]), np.array([10.0**9 + 1]))
    assert off.verdict == "different"


def test_complex_numbers_and_odd_shapes(row_of):
    """Else: imaginary parts are dropped, or a scalar has no place."""
    b = np.arange(6).reshape(2, 3) * (1 + 1j)
    a = b.copy()
    a[1, 2] += 0.5j
    row = row_of(a, b)
    assert (row.index, row.peak, row.unequal) == ((1, 2), 0.5, 1)
    assert row.rms == Near(np.linalg.norm(a - b) / np.linalg.norm(b))
    assert row_of(b.astype(np.complex64), b).verdict == "equal"
    assert row_of(b * (1 + 2.0**-52), b).verdict == "rounding"
    a[1, 0] = complex(3, np.nan)
    assert row_of(a, b).index == (1, 0)
    assert row_of(np.array(1.0), np.array(2.0)).index == ()
    assert row_of(np.empty((0, 3)), np.empty((0, 3))).verdict == "equal"
    assert row_of(np.empty((0, 3)), np.empty((3, 0))).verdict == "shape"
    assert row_of(np.ones(3), np.zeros(3)).rms == np.inf
    assert row_of(np.arange(6).reshape(2, 3).T, np.arange(6)).verdict == "shape"


def test_names_are_paired_as_asked():
    """Else: a renamed tensor is compared with nothing, or with the wrong one."""
    a = ["module.w", "module.b", "step", "old"]
    b = ["new", "b", "w", "extra"]
    found = match_names(a, b, {"module.*": "*", "old": "new"})
    assert found.pairs == [("module.w", "w"), ("module.b", "b"), ("old", "new")]
    assert (found.only_a, found.only_b) == (["step"], ["extra"])
    found = match_names(a, b, {"module.*": "*", "module.b": "gone"}, select=["*w", "b"])
    assert found.pairs == [("module.w", "w")]
    assert (found.only_a, found.only_b) == ([], ["new", "b"])
    found = match_names(["a.w", "a.b"], ["a.w", "a.b"], exclude=["*.b"])
    assert found.pairs == [("a.w", "a.w")]
    assert match_names(["w[0]"], ["w[0]"], select=["w[0]"]).pairs == [("w[0]", "w[0]")]
    assert match_names(["w"], ["m.w"], {"*": "m.*"}).pairs == [("w", "m.w")]
    found = match_names(["aba", "abba"], ["aba", "x"], {"ab*ba": "x*"})
    assert found.pairs == [("aba", "aba"), ("abba", "x")]


@pytest.mark.parametrize(
    ("matching", "message"),
    [
        ({"renames": {"nothing": "x"}}, "'nothing'"),
        ({"renames": {"nothing.*": "*"}}, r"nothing\.\*"),
        ({"renames": {"x": "y"}}, "would both be 'y'"),
        ({"select": ["x", "z*"]}, r"'z\*'"),
        ({"exclude": ["*"]}, "nothing to compare"),
    ],
)
def test_what_fits_no_name_is_wrong_use(matching, message):
    """Else: a mistyped name compares nothing, and all is well."""
    with pytest.raises(WrongNames, match=message):
        match_names(["x", "y"], ["x", "y"], **matching)


def test_the_report_knows_the_first_and_the_worst():
    """Else: a table that is cut at the top hides the worst tensor."""
    paired = match_names(["x", "y"], ["z", "y"])
    assert (paired.pairs, paired.only_a, paired.only_b) == ([("y", "y")], ["x"], ["z"])
    row = module.DiffRow
    names = {v: (v, v) for v in module.SEVERITY}
    rows = [
        row(names[v], v, ((), ()), ("float32",) * 2, score=module.Score(s, 0))
        for v, s in (("equal", 0), ("different", 20), ("rounding", 2), ("shape", 0))
    ]
    worse = row(("w", "w"), "different", ((), ()), (), score=module.Score(1, 1e9))
    report = DiffReport("a", "b", [*rows, worse])
    assert report.first == "different" and not report.ok
    order = [found.name for found in report.worst_first]
    assert order == ["shape", "w", "different", "rounding", "equal"]
    assert DiffReport("a", "b", [rows[0], rows[2]]).ok
