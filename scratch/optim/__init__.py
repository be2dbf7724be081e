"""Optimisers, under the names of `torch.optim`."""

from . import lr_scheduler, swa_utils
from .adadelta import *
from .adafactor import *
from .adagrad import *
from .adam import *
from .adamax import *
from .adamw import *
from .asgd import *
from .lbfgs import *
from .muon import *
from .nadam import *
from .optimizer import *
from .radam import *
from .rmsprop import *
from .rprop import *
from .sgd import *
from .sparse_adam import *

__all__ = ["lr_scheduler", "swa_utils"]
__all__ += adadelta.__all__
__all__ += adafactor.__all__
__all__ += adagrad.__all__
__all__ += adam.__all__
__all__ += adamax.__all__
__all__ += adamw.__all__
__all__ += asgd.__all__
__all__ += lbfgs.__all__
__all__ += muon.__all__
__all__ += nadam.__all__
__all__ += optimizer.__all__
__all__ += radam.__all__
__all__ += rmsprop.__all__
__all__ += rprop.__all__
__all__ += sgd.__all__
__all__ += sparse_adam.__all__
