"""What `scratch.nn.rnn` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]
