"""The lessons, by name. A name is known without importing what the lesson needs."""

from importlib import import_module

NAMES = (
    "neuron",
    "perceptron",
    "linear-regression",
    "logistic-regression",
    "line-as-classifier",
    "softmax-regression",
    "chain-rule",
    "activations",
    "no-activation",
    "error-slope-delta",
    "digits",
    "gradient-descent",
    "learning-rate",
    "optimizers",
    "initialisation",
    "dying-relu",
    "overfitting",
    "hyperparameters",
    "xor",
    "playground",
    "misprints",
    "losses",
    "table",
    "house-prices",
    "cnn",
    "rnn",
    "lstm",
    "boltzmann",
    "deep-belief",
    "autoencoder",
    "gpt",
)


def load(name: str):
    """The lesson of that name, imported now."""
    return import_module(f"{__name__}.{name.replace('-', '_')}").LESSON
