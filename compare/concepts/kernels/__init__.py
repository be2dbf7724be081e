"""Kernels in KernelBench's form, judged against a reference in the same form."""
