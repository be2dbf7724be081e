"""What `scratch.nn.activation` writes by hand, from PyTorch."""

from torch.nn import LeakyReLU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh

__all__ = ["LeakyReLU", "LogSoftmax", "ReLU", "Sigmoid", "Softmax", "Tanh"]
