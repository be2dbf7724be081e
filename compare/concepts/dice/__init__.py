"""How equal are the two random streams? The figures behind `twofold check random`.

Every kind of draw is made by `scratch` and by PyTorch from the same seeds, with options
and sizes that vary from seed to seed; numbers and the generators' states are compared
by their bytes. Then all kinds are mixed in long sequences on one generator.
"""

from .kinds import KINDS
from .spec import Row
from .streams import compare_streams, count_rows

__all__ = ["KINDS", "Row", "compare_streams", "count_rows"]
