"""Whole networks, written out on both sides with the same steps."""

from .autoencoder import *
from .bumpy_surface import *
from .cnn import *
from .collapsed import *
from .deep_belief import *
from .error_slope_delta import *
from .gpt import *
from .half_squared_error import *
from .linear_regression import *
from .logistic_regression import *
from .mlp import *
from .neuron import *
from .one_hot_error import *
from .penalised import *
from .perceptron import *
from .rbm import *
from .rnn import *
from .small_graph import *
from .softmax_regression import *
from .standardizer import *
from .writer import *

__all__ = []
__all__ += autoencoder.__all__
__all__ += bumpy_surface.__all__
__all__ += cnn.__all__
__all__ += collapsed.__all__
__all__ += deep_belief.__all__
__all__ += error_slope_delta.__all__
__all__ += gpt.__all__
__all__ += half_squared_error.__all__
__all__ += linear_regression.__all__
__all__ += logistic_regression.__all__
__all__ += mlp.__all__
__all__ += neuron.__all__
__all__ += one_hot_error.__all__
__all__ += penalised.__all__
__all__ += perceptron.__all__
__all__ += rbm.__all__
__all__ += rnn.__all__
__all__ += small_graph.__all__
__all__ += softmax_regression.__all__
__all__ += standardizer.__all__
__all__ += writer.__all__
