"""What to feed each concept."""

from . import (
    activations,
    attention,
    averages,
    basics,
    clipping,
    containers,
    convolution,
    decoders,
    distances,
    initialisers,
    layers,
    lesson_networks,
    losses,
    more_losses,
    networks,
    normalization,
    optimisers,
    packed,
    recurrent,
    schedules,
    sequence_losses,
    spatial,
    spatial_pooling,
)

CASES = (
    convolution.CASES
    | normalization.CASES
    | layers.CASES
    | sequence_losses.CASES
    | distances.CASES
    | decoders.CASES
    | containers.CASES
    | activations.CASES
    | recurrent.CASES
    | packed.CASES
    | attention.CASES
    | losses.CASES
    | more_losses.CASES
    | initialisers.CASES
    | clipping.CASES
    | optimisers.CASES
    | schedules.CASES
    | spatial_pooling.CASES
    | spatial.CASES
    | averages.CASES
    | networks.CASES
    | basics.CASES
    | lesson_networks.CASES
)
