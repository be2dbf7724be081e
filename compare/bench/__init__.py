"""How long the work takes by hand, and how long PyTorch takes."""
