"""Networks that dream, see, read and write: what they are by definition."""

from itertools import product

import numpy as np
import pytest

from twofold import scratch
from twofold.scratch.models import (
    CNN,
    GPT,
    RBM,
    Autoencoder,
    CharacterModel,
    ContrastiveDivergence,
    DeepBelief,
    SequenceClassifier,
    Writer,
)

rng = np.random.default_rng(0)


def machine(n_visible=4, n_hidden=3) -> RBM:
    scratch.manual_seed(0)
    rbm = RBM(n_visible, n_hidden).double()
    for p in rbm.parameters():
        p.data[...] = rng.standard_normal(p.shape)
    return rbm


def states(n: int) -> np.ndarray:
    return np.array(list(product((0.0, 1.0), repeat=n)))


def summed_out(rbm, v):
    """exp(-E(v, h)) for every h, one row for each v."""
    return np.stack(
        [np.exp(-rbm.energy(v, np.tile(h, (len(v), 1)))) for h in states(3)], axis=1
    )


def equal(mine, by_hand) -> bool:
    """Equal up to the last three of sixteen digits: a sum of eight exponentials."""
    return np.array_equal(np.round(mine, 12), np.round(by_hand, 12))


def test_the_free_energy_sums_over_all_hidden_states():
    """If this failed, contrastive divergence would lower something else."""
    rbm, v = machine(), states(4)
    assert equal(rbm.free_energy(v), -np.log(summed_out(rbm, v).sum(axis=1)))


def test_hidden_probabilities_are_those_of_the_energy():
    """If this failed, Gibbs sampling would sample from another distribution."""
    rbm, v = machine(), states(4)
    weights = summed_out(rbm, v)
    weights /= weights.sum(axis=1, keepdims=True)
    assert equal(rbm.hidden(v), weights @ states(3))


def test_gibbs_sampling_comes_to_the_distribution_of_the_energy():
    """If this failed, dreams would not be what the machine holds likely."""
    rbm = machine(2, 3)
    for p in rbm.parameters():
        p.data *= 0.5
    rbm.k = 20
    scratch.manual_seed(1)
    dreams, _ = rbm(np.zeros((20_000, 2)))
    likely = np.exp(-rbm.free_energy(states(2)))
    likely /= likely.sum()
    found = np.array([(dreams == v).all(axis=1).mean() for v in states(2)])
    five_sigma = 5 * np.sqrt(likely * (1 - likely) / len(dreams))
    assert (np.abs(found - likely) < five_sigma).all()


def test_samples_are_equal_in_every_precision():
    """If this failed, a float64 run could not be the truth of a float32 run."""
    v = (rng.random((50, 4)) < 0.5).astype(np.float64)
    found = []
    for dtype in (np.float32, np.float64):
        rbm = machine().to(dtype)
        for p in rbm.parameters():
            p.data[...] = 0.25
        scratch.manual_seed(3)
        found.append(rbm(v.astype(dtype))[0])
        assert found[-1].dtype == dtype
    assert np.array_equal(*found)
    assert set(np.unique(found[0])) == {0, 1}


def test_a_machine_that_is_evaluated_draws_nothing():
    """If this failed, measuring would move the random stream of the training."""
    rbm, v = machine().eval(), states(4)
    scratch.manual_seed(3)
    before = scratch.get_rng_state()
    first, _ = rbm(v)
    assert np.array_equal(scratch.get_rng_state(), before)
    assert ((first > 0) & (first < 1)).all()


def test_dreams_equal_to_the_data_leave_nothing_to_learn():
    """If this failed, a machine that dreams perfectly would go on changing."""
    rbm, v = machine(), states(4)
    loss, back = ContrastiveDivergence(rbm)(v, v)
    back()
    assert loss == 0
    assert all((p.grad == 0).all() for p in rbm.parameters())


def test_a_layer_takes_over_what_a_machine_computes():
    """If this failed, pre-training would be lost on the way to fine-tuning."""
    rbm, v = machine(), states(4)
    network = DeepBelief((4, 3, 2)).double()
    network.adopt(0, rbm.state_dict())
    features, _ = network.below(v)
    assert np.array_equal(features, rbm.hidden(v))


def test_the_code_of_an_autoencoder_is_its_narrowest_place():
    """If this failed, there would be no bottleneck."""
    model = Autoencoder((8, 5, 2))
    code, _ = model.encoder(np.zeros((3, 8), np.float32))
    output, _ = model(np.zeros((3, 8), np.float32))
    assert code.shape == (3, 2)
    assert output.shape == (3, 8) and ((output > 0) & (output < 1)).all()


@pytest.mark.parametrize("norm", [False, True])
def test_empty_paper_stays_empty(norm):
    """If this failed, the maps of a convolution without bias would see ink in none."""
    model = CNN(8, channels=(2, 3), kernel_size=3, norm=norm).eval()
    maps, _ = model.features(np.zeros((2, 1, 8, 8), np.float32))
    assert maps.shape == (2, 12) and (maps == 0).all()


READERS = {
    "GPT": lambda: GPT(7, 6, 8, 2, 2),
    "RNN": lambda: CharacterModel(7, 3, 5, "RNN"),
    "GRU": lambda: CharacterModel(7, 3, 5, "GRU"),
    "LSTM": lambda: CharacterModel(7, 3, 5, "LSTM"),
}


@pytest.mark.parametrize("name", READERS)
def test_no_place_sees_what_comes_after_it(name):
    """If this failed, the model would learn to copy the answer."""
    scratch.manual_seed(0)
    model = READERS[name]()
    text = rng.integers(0, 7, (2, 6))
    changed = text.copy()
    changed[:, 4] = (changed[:, 4] + 1) % 7
    before, after = model(text)[0], model(changed)[0]
    assert np.array_equal(before[:, :, :4], after[:, :, :4])
    assert not np.array_equal(before[:, :, 4:], after[:, :, 4:])


def test_a_classifier_looks_at_the_last_state():
    """If this failed, it would answer before it has read to the end."""
    scratch.manual_seed(0)
    model = SequenceClassifier(7, 3, 5, 2, "GRU")
    text = rng.integers(0, 7, (2, 6))
    vectors, _ = model.embedding(text)
    (states, _), _ = model.recurrent(vectors)
    answer, _ = model.head(states[:, -1])
    assert np.array_equal(model(text)[0], answer)


def test_a_cold_writer_takes_the_likeliest_and_sees_its_window():
    """If this failed, temperature or window would be without effect."""
    scratch.manual_seed(0)
    model = GPT(7, 4, 8, 2, 1)
    start = rng.integers(0, 7, (3, 5))
    text, back = Writer(model, 6, temperature=1e-4, window=4)(start)
    assert text.shape == (3, 11) and np.array_equal(text[:, :5], start)
    assert back(text) is None
    for t in range(5, 11):
        logits, _ = model(text[:, t - 4 : t])
        assert np.array_equal(text[:, t], logits[:, :, -1].argmax(axis=1))


def test_a_text_longer_than_the_window_is_refused():
    """If this failed, places without an embedding would get that of another."""
    with pytest.raises(IndexError):
        GPT(7, 4, 8, 2, 1)(np.zeros((1, 5), np.int64))


@pytest.mark.parametrize(
    "use",
    [
        lambda rbm, v: rbm(v),
        lambda rbm, v: rbm.free_energy(v),
        lambda rbm, v: ContrastiveDivergence(rbm)(v, v),
    ],
)
def test_images_of_another_size_are_refused(use):
    """If this failed, the message would be one about matrices."""
    v = np.zeros((2, 5), np.float32)
    with pytest.raises(RuntimeError, match=r"input: 4 visible units.*\(2, 5\)"):
        use(RBM(4, 3), v)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_networks_keep_the_dtype_and_take_one_sample_or_none(dtype):
    """If this failed, a stray float64 would slip in, or an empty batch break off."""
    models = {
        "RBM": (RBM(4, 3), (4,)),
        "Autoencoder": (Autoencoder((4, 2)), (4,)),
        "DeepBelief": (DeepBelief((4, 3, 2)), (4,)),
        "CNN": (CNN(8, (2, 3), 3), (1, 8, 8)),
    }
    for name, (model, shape) in models.items():
        model.to(dtype)
        for count in (1, 0):
            output, back = model(np.zeros((count, *shape), dtype))
            assert output.dtype == dtype and len(output) == count, name
            gradient = back(output)
            assert gradient is None or gradient.dtype == dtype, name
