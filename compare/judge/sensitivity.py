"""How far the reference moves when nothing but rounding happens, for any roundoff."""

import numpy as np

from ..numerics.scores import CONDITIONING_DRAWS, Size, conditioning, unit_roundoff
from ..sides.trace import Feed, Trace, is_floating


def sensitivity(reference, wide: Feed, base: Trace, roundoff: float) -> dict[str, Size]:
    """The conditioning of every tensor of `base`, the reference's trace of the float64
    feed `wide`. It is proportional to the roundoff: it is taken at that of float32 and
    scaled.
    """
    rng = np.random.default_rng([wide.seed, 0x6B])
    moved = [
        reference.run(wide.moved(np.float32, rng)) for _ in range(CONDITIONING_DRAWS)
    ]
    scale = roundoff / unit_roundoff(np.float32)
    return {
        name: conditioning(x, [m[name] for m in moved if name in m]) * scale
        for name, x in base.items()
        if is_floating(x)
    }
