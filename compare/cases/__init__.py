"""What to feed each concept."""

from . import (
    activations,
    attention,
    averages,
    basics,
    clipping,
    convolution,
    initialisers,
    layers,
    lesson_networks,
    losses,
    more_losses,
    networks,
    normalization,
    optimisers,
    recurrent,
    schedules,
)

CASES = (
    convolution.CASES
    | normalization.CASES
    | layers.CASES
    | activations.CASES
    | recurrent.CASES
    | attention.CASES
    | losses.CASES
    | more_losses.CASES
    | initialisers.CASES
    | clipping.CASES
    | optimisers.CASES
    | schedules.CASES
    | averages.CASES
    | networks.CASES
    | basics.CASES
    | lesson_networks.CASES
)
