"""What `scratch.nn.utils.rnn` writes by hand, from PyTorch."""

from torch.nn.utils.rnn import *

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]
