"""Layers and losses, under the names of `torch.nn`."""

from ..module import Module, Parameter
from . import functional, init, utils
from .activation import *
from .adaptive import *
from .adaptive_pooling import *
from .attention import *
from .batchnorm import *
from .channelshuffle import *
from .container import *
from .conv import *
from .conv_transpose import *
from .ctc_loss import *
from .distance import *
from .dropout import *
from .embedding_loss import *
from .flatten import *
from .fold import *
from .fractional_pooling import *
from .gate import *
from .instancenorm import *
from .likelihood_loss import *
from .linear import *
from .linear_cross_entropy import *
from .loss import *
from .lp_pooling import *
from .margin_loss import *
from .normalization import *
from .padding import *
from .parameter_container import *
from .pixelshuffle import *
from .pooling import *
from .rectifier import *
from .rnn import *
from .robust_loss import *
from .shrink import *
from .smooth import *
from .sparse import *
from .transformer import *
from .transformer_decoder import *
from .unpooling import *
from .upsampling import *

__all__ = ["Module", "Parameter", "functional", "init", "utils"]
__all__ += activation.__all__
__all__ += adaptive.__all__
__all__ += adaptive_pooling.__all__
__all__ += attention.__all__
__all__ += batchnorm.__all__
__all__ += channelshuffle.__all__
__all__ += container.__all__
__all__ += conv.__all__
__all__ += conv_transpose.__all__
__all__ += ctc_loss.__all__
__all__ += distance.__all__
__all__ += dropout.__all__
__all__ += embedding_loss.__all__
__all__ += flatten.__all__
__all__ += fold.__all__
__all__ += fractional_pooling.__all__
__all__ += gate.__all__
__all__ += instancenorm.__all__
__all__ += likelihood_loss.__all__
__all__ += linear.__all__
__all__ += linear_cross_entropy.__all__
__all__ += loss.__all__
__all__ += lp_pooling.__all__
__all__ += margin_loss.__all__
__all__ += normalization.__all__
__all__ += padding.__all__
__all__ += parameter_container.__all__
__all__ += pixelshuffle.__all__
__all__ += pooling.__all__
__all__ += rectifier.__all__
__all__ += rnn.__all__
__all__ += robust_loss.__all__
__all__ += shrink.__all__
__all__ += smooth.__all__
__all__ += sparse.__all__
__all__ += transformer.__all__
__all__ += transformer_decoder.__all__
__all__ += unpooling.__all__
__all__ += upsampling.__all__
