"""What `twofold bench` times."""

from . import activations, convolution, networks, optimisers, random, sequences

WORKLOADS = [
    *activations.WORKLOADS,
    *convolution.WORKLOADS,
    *networks.WORKLOADS,
    *optimisers.WORKLOADS,
    *random.WORKLOADS,
    *sequences.WORKLOADS,
]
