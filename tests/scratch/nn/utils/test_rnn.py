"""Sequences of different lengths: packing, and recurrent layers on packed input."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from each import each
from every_concept import CONCEPTS, DTYPES, assert_match, sides
from twofold import scratch, torch_ref
from twofold.compare.concepts.cases import CASES
from twofold.compare.concepts.cases.spec import Given
from twofold.scratch._arrays import detach
from twofold.scratch.nn.utils import rnn

pytestmark = pytest.mark.usefixtures("random_streams")

LAYERS = "RNN", "GRU", "LSTM"
LENGTHS = np.array([2, 4, 1, 4])
EDGES = {
    "of one step": [1, 1, 1],
    "all equal": [7, 7, 7],
    "below the padding": [3, 3],
    "one sample": [5],
    "one sample of one step": [1],
}


def numbers(*shape, dtype=np.float64):
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


def packed(dtype=np.float64):
    """Four samples of LENGTHS, of three features."""
    x = numbers(4, 4, 3, dtype=dtype)
    return x, *rnn.pack_padded_sequence(x, LENGTHS, enforce_sorted=False)


def layer_and_states(name, dtype=np.float64, **options):
    layer = getattr(scratch.nn, name)(3, 5, dtype=dtype, **options)
    h = numbers(2 if layer.bidirectional else 1, 4, 5, dtype=dtype)
    return layer, (h, h.copy()) if name == "LSTM" else h


def arrays(nested):
    """All arrays in nested tuples."""
    if isinstance(nested, tuple | list):
        return [array for item in nested for array in arrays(item)]
    return [nested]


@each("dtype", [np.float64, np.float32])
@each("name", LAYERS)
@each("lengths", EDGES.values(), ids=EDGES)
def test_edges_of_lengths(lengths, name, dtype):
    """Else: a batch without padding, or nothing but padding after one step, fails."""
    name = f"nn.{name}"
    labels = "packed, unsorted", "packed, unsorted, deep"
    cases = {case.label: case for case in CASES[name]}
    for case in map(cases.get, labels):
        options = case.options | {"lengths": Given(np.array(lengths))}
        case = replace(case, options=options)
        assert_match(*sides(CONCEPTS[name], case, {"B": len(lengths)}), dtype)


@pytest.mark.parametrize("name", LAYERS)
def test_equal_lengths_are_a_padded_batch(name):
    """Else: packing changes what a layer computes."""
    layer, hx = layer_and_states(name, bidirectional=True)
    x = numbers(6, 4, 3)
    (y, ends), back = layer(x, hx)
    dx, dhx = back(y, ends)
    plain = arrays((y.reshape(24, -1), ends, dx, dhx)) + [
        p.grad for p in layer.parameters()
    ]
    layer.zero_grad()
    sequence, pack_back = rnn.pack_padded_sequence(x, [6] * 4)
    (y, ends), back = layer(sequence, hx)
    dx, dhx = back(y.data, ends)
    found = arrays((y.data, ends, pack_back(dx), dhx))
    found += [p.grad for p in layer.parameters()]
    for mine, theirs in zip(found, plain, strict=True):
        np.testing.assert_array_equal(mine, theirs, strict=True)


@pytest.mark.parametrize("name", LAYERS)
def test_the_padding_is_never_read(name):
    """Else: what happens to stand in the padding changes outputs and gradients."""
    layer, hx = layer_and_states(name, bidirectional=True)
    padding = np.arange(4)[:, None] >= LENGTHS
    results = []
    for value in (0.0, np.nan):
        layer.zero_grad()
        x = numbers(4, 4, 3)
        x[padding] = value
        sequence, pack_back = rnn.pack_padded_sequence(x, LENGTHS, False, False)
        (y, ends), back = layer(sequence, hx)
        (padded, _), pad_back = rnn.pad_packed_sequence(y)
        dy = np.where(padding[..., None], value, numbers(*padded.shape))
        dpacked, dhx = back(pad_back(dy), ends)
        dx = pack_back(dpacked)
        assert (dx[padding] == 0).all() and (dx[~padding] != 0).all()
        gradients = [p.grad for p in layer.parameters()]
        results.append(arrays((padded, ends, dx, dhx, gradients)))
    for zeros, nans in zip(*results, strict=True):
        np.testing.assert_array_equal(zeros, nans)
        assert np.isfinite(nans).all()


@pytest.mark.parametrize("name", LAYERS)
def test_last_states_are_those_of_each_samples_own_end(name):
    """Else: short samples end in what the padding made of them, or in another's."""
    layer, _ = layer_and_states(name, bidirectional=True)
    (y, ends), _ = layer(packed()[1])
    (padded, lengths), _ = rnn.pad_packed_sequence(y)
    h = ends[0] if name == "LSTM" else ends
    assert lengths.tolist() == LENGTHS.tolist()
    np.testing.assert_array_equal(h[0], padded[LENGTHS - 1, np.arange(4), :5])
    np.testing.assert_array_equal(h[1], padded[0, :, 5:])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAYERS)
def test_the_dtype_is_kept(name, dtype):
    """Else: half or single precision turns into double on the way."""
    layer, hx = layer_and_states(name, dtype, bidirectional=True)
    _, sequence, pack_back = packed(dtype)
    (y, ends), back = layer(sequence, hx)
    (padded, _), pad_back = rnn.pad_packed_sequence(y, padding_value=1)
    dpacked, dhx = back(pad_back(padded), ends)
    found = arrays((sequence.data, y.data, padded, ends, pack_back(dpacked), dhx))
    found += [p.grad for p in layer.parameters()]
    assert {array.dtype for array in found} == {np.dtype(dtype)}


def read_only(nested):
    for array in arrays(nested):
        if array is not None:
            array.flags.writeable = False
    return nested


@pytest.mark.parametrize("name", LAYERS)
def test_nothing_given_is_written_to(name):
    """Else: data that is used again, or a state that is kept, has changed."""
    layer, hx = layer_and_states(name, bidirectional=True)
    x, lengths = read_only((numbers(4, 4, 3), LENGTHS.copy()))
    sequence, pack_back = rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    (y, ends), back = layer(read_only(sequence), read_only(hx))
    (padded, _), pad_back = rnn.pad_packed_sequence(read_only(y))
    dpacked, _ = back(read_only(pad_back(read_only(padded))), read_only(ends))
    pack_back(read_only(dpacked))
    parts, unpad_back = rnn.unpad_sequence(x, lengths)
    again, pad_back = rnn.pad_sequence(read_only(parts))
    pad_back(read_only(again))
    unpad_back(parts)
    assert x.shape == (4, 4, 3)


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_that_nobody_has_or_wants(name):
    """Else: a network that uses the last state alone, or raw data, cannot train."""
    layer, hx = layer_and_states(name)
    _, sequence, _ = packed()
    (y, ends), back = layer(sequence)
    from_states = back(None, ends)
    from_zeros = back(np.zeros_like(y.data), ends)
    np.testing.assert_array_equal(from_states, from_zeros)
    assert from_states.shape == sequence.data.shape
    data = sequence._replace(data=detach(sequence.data))
    _, back = layer(data, hx)
    assert back(y.data)[0] is None


def test_the_gradient_of_packed_output_has_the_shape_of_its_data():
    """Else: a gradient of the padded array is taken for one of the packed data."""
    layer, _ = layer_and_states("GRU")
    _, back = layer(packed()[1])
    with pytest.raises(RuntimeError, match="back: the output of GRU"):
        back(numbers(4, 4, 5))

    class Packs(scratch.nn.Module):
        def forward(self, x):
            return rnn.pack_padded_sequence(x, LENGTHS, enforce_sorted=False)

    x, sequence, pack_back = packed()
    found, back = Packs()(x)
    np.testing.assert_array_equal(back(found.data), pack_back(sequence.data))


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("trailing", [(), (3,), (2, 3)])
def test_packing_and_padding_undo_each_other(batch_first, trailing):
    """Else: a step is lost, or stands in another sample."""
    sequences = [numbers(n, *trailing) for n in LENGTHS]
    sequence, pack_back = rnn.pack_sequence(sequences, enforce_sorted=False)
    unpacked, unpack_back = rnn.unpack_sequence(sequence)
    padded, _ = rnn.pad_sequence(sequences, batch_first)
    (again, _), pad_back = rnn.pad_packed_sequence(sequence, batch_first)
    unpadded, _ = rnn.unpad_sequence(padded, LENGTHS, batch_first)
    np.testing.assert_array_equal(again, padded)
    np.testing.assert_array_equal(unpack_back(unpacked), sequence.data)
    np.testing.assert_array_equal(pad_back(padded), sequence.data)
    for found in (unpacked, unpadded, pack_back(sequence.data)):
        for mine, original in zip(found, sequences, strict=True):
            np.testing.assert_array_equal(mine, original)


def test_samples_of_one_length_keep_their_order():
    """Else: the same batch is packed in another order on another machine."""
    lengths = np.array([2, 3] * 50)
    sequence, _ = rnn.pack_padded_sequence(numbers(3, 100), lengths, False, False)
    order = [*range(1, 100, 2), *range(0, 100, 2)]
    assert sequence.sorted_indices.tolist() == order
    assert sequence.batch_sizes.tolist() == [100, 100, 50]


def test_packed_sequences_are_made_and_read_as_in_pytorch():
    """Else: code that unpacks one, or makes one, has to be written twice."""
    x, sizes, order = numbers(6, 2), np.array([3, 2, 1]), np.array([2, 0, 1])
    for values in ((x, sizes, order), ((x, sizes), None, order), (x, sizes)):
        mine = rnn.PackedSequence(*values)
        theirs = torch_ref.nn.utils.rnn.PackedSequence(
            *[
                tuple(map(torch.from_numpy, v))
                if isinstance(v, tuple)
                else None
                if v is None
                else torch.from_numpy(v)
                for v in values
            ]
        )
        assert mine._fields == theirs._fields
        for a, b in zip(mine, theirs, strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                np.testing.assert_array_equal(a, b.numpy(), strict=True)
    assert rnn.invert_permutation(None) is None
