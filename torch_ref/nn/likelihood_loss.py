"""What `scratch.nn.likelihood_loss` writes by hand, from PyTorch."""

from torch.nn import GaussianNLLLoss, KLDivLoss, PoissonNLLLoss

__all__ = ["GaussianNLLLoss", "KLDivLoss", "PoissonNLLLoss"]
