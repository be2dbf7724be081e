"""What `scratch.nn.init` writes by hand, from PyTorch."""
