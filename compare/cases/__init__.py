"""What to feed each concept."""

from . import layers, losses, networks, optimisers

CASES = layers.CASES | losses.CASES | optimisers.CASES | networks.CASES
