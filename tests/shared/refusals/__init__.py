"""Calls with bad arguments, by family: `{what: (argument, call)}`, for both sides.

`call(s)` makes the call on a side, with `s.nn` and with numbers of its kind; the
message must name the argument. What stands in REFUSED is refused on both sides with the
same class of exception; `accidents` has the rest, each with its reason.
"""

from . import (
    activations,
    class_losses,
    dropouts,
    elementwise_losses,
    gradients,
    layers,
    more_losses,
    more_sequences,
    norms,
    packed,
    sequences,
    spatial,
    spatial_pooling,
    windows,
)

REFUSED = (
    layers.REFUSED
    | sequences.REFUSED
    | more_sequences.REFUSED
    | packed.REFUSED
    | activations.REFUSED
    | dropouts.REFUSED
    | elementwise_losses.REFUSED
    | class_losses.REFUSED
    | more_losses.REFUSED
    | windows.REFUSED
    | spatial_pooling.REFUSED
    | spatial.REFUSED
    | norms.REFUSED
    | gradients.REFUSED
)
