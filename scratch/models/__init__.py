"""Whole networks, written out on both sides with the same steps."""

from .autoencoder import Autoencoder
from .bumpy_surface import BumpySurface
from .cnn import CNN
from .collapsed import Collapsed
from .deep_belief import DeepBelief
from .error_slope_delta import ErrorSlopeDelta
from .gpt import GPT, Block
from .half_squared_error import HalfSquaredError
from .linear_regression import LeastSquares, LinearRegression
from .logistic_regression import LogisticRegression
from .mlp import MLP
from .neuron import Neuron
from .one_hot_error import OneHotError
from .penalised import Penalised
from .perceptron import Perceptron, PerceptronLoss
from .rbm import RBM, ContrastiveDivergence
from .rnn import CharacterModel, SequenceClassifier
from .small_graph import SmallGraph
from .softmax_regression import SoftmaxRegression
from .standardizer import Standardizer
from .writer import Writer

__all__ = [
    "CNN",
    "GPT",
    "MLP",
    "RBM",
    "Autoencoder",
    "Block",
    "BumpySurface",
    "CharacterModel",
    "Collapsed",
    "ContrastiveDivergence",
    "DeepBelief",
    "ErrorSlopeDelta",
    "HalfSquaredError",
    "LeastSquares",
    "LinearRegression",
    "LogisticRegression",
    "Neuron",
    "OneHotError",
    "Penalised",
    "Perceptron",
    "PerceptronLoss",
    "SequenceClassifier",
    "SmallGraph",
    "SoftmaxRegression",
    "Standardizer",
    "Writer",
]
