"""Tensors and traces in files, and their comparison."""
