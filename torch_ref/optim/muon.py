"""What `scratch.optim.muon` writes by hand, from PyTorch."""

from torch.optim import Muon

__all__ = ["Muon"]
