"""PyTorch's schedules, for the names that `scratch.optim.lr_scheduler` offers."""

from .combined import *
from .cosine import *
from .cycles import *
from .factors import *
from .plateau import *
from .scheduler import *

__all__ = []
__all__ += combined.__all__
__all__ += cosine.__all__
__all__ += cycles.__all__
__all__ += factors.__all__
__all__ += plateau.__all__
__all__ += scheduler.__all__
