"""How both libraries run while they are compared: on one thread, and without warnings.

Both libraries keep their threads spinning between operations, so that in turns they
slow each other down; and arrays of a few thousand elements gain nothing from a second
thread.
"""

from contextlib import contextmanager

import numpy as np


@contextmanager
def threads(count: int):
    """NumPy's and PyTorch's linear algebra on `count` threads.

    NumPy's warnings of overflow and the like are silenced: PyTorch has none, and what
    they warn of is compared.
    """
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpool_limits(count, user_api="blas"), np.errstate(all="ignore"):
            yield
    finally:
        torch.set_num_threads(before)
