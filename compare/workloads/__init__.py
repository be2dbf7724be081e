"""What `twofold bench` times."""

from . import networks

WORKLOADS = [*networks.WORKLOADS]
