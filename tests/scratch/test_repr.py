"""How modules print: as in PyTorch, so that both can be laid side by side."""

from collections import OrderedDict

import pytest

from each import each
from twofold import scratch, torch_ref
from twofold.compare.concepts.cases import CASES
from twofold.compare.concepts.cases.spec import Dice
from twofold.compare.concepts.catalogue import concepts
from twofold.compare.concepts.checking import SIDES

pytestmark = pytest.mark.usefixtures("random_streams")


def nested(t):
    """Modules within modules, one of them with both children and words of its own."""

    class Scale(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = t.nn.Linear(1, 1)
            self.none = None

        def extra_repr(self):
            return "a scale"

    return t.nn.Sequential(t.nn.Sequential(t.nn.Linear(3, 4), Scale()), t.nn.Tanh())


def one(t):
    """A weight of one number."""
    return t.nn.Linear(1, 1).weight.data


REPRESENTED = {
    "nested": nested,
    "no layers": lambda t: t.nn.Sequential(),
    "in each other": lambda t: t.nn.Sequential(t.nn.Sequential(t.nn.Sequential())),
    "named": lambda t: t.nn.Sequential(OrderedDict(a=t.nn.ReLU(), b=t.nn.Tanh())),
    "ModuleList": lambda t: t.nn.ModuleList([t.nn.Tanh(), t.nn.Tanh(), t.nn.ReLU()]),
    "ModuleDict": lambda t: t.nn.ModuleDict({"b": t.nn.ModuleList(), "a": t.nn.Tanh()}),
    "ParameterList": lambda t: t.nn.ParameterList([3, "a"]),
    "ParameterDict": lambda t: t.nn.ParameterDict({"b": 3, "a": None}),
    "Identity": lambda t: t.nn.Identity(3, some=1),
    "Linear": lambda t: t.nn.Linear(3, 2),
    "Linear without bias": lambda t: t.nn.Linear(3, 2, bias=False),
    "Flatten": lambda t: t.nn.Flatten(),
    "Flatten dims": lambda t: t.nn.Flatten(0, end_dim=-2),
    "ReLU": lambda t: t.nn.ReLU(),
    "ReLU inplace": lambda t: t.nn.ReLU(inplace=True),
    "LeakyReLU": lambda t: t.nn.LeakyReLU(),
    "LeakyReLU options": lambda t: t.nn.LeakyReLU(1e-5, inplace=True),
    **{
        name: lambda t, name=name: getattr(t.nn, name)()
        for name in (
            *("Hardsigmoid", "Hardswish", "Hardtanh", "PReLU", "RReLU", "ReLU6"),
            *("CELU", "ELU", "SELU", "LogSigmoid", "Softplus", "Softsign"),
            *("GELU", "GLU", "Mish", "SiLU", "Hardshrink", "Softshrink", "Tanhshrink"),
            *("Sigmoid", "Softmin", "Softmax2d", "Dropout1d", "Dropout2d", "Dropout3d"),
            *("AlphaDropout", "FeatureAlphaDropout", "HuberLoss", "SmoothL1Loss"),
            *("GaussianNLLLoss", "KLDivLoss", "PoissonNLLLoss", "HingeEmbeddingLoss"),
            *("MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss"),
            *("SoftMarginLoss", "CosineEmbeddingLoss", "MarginRankingLoss"),
            "TripletMarginLoss",
        )
    },
    **{
        f"{name} inplace": lambda t, name=name: getattr(t.nn, name)(inplace=True)
        for name in (
            *("Hardsigmoid", "Hardswish", "Hardtanh", "RReLU", "ReLU6", "CELU"),
            *("ELU", "SELU", "Mish", "SiLU", "Dropout1d", "AlphaDropout"),
        )
    },
    "Threshold": lambda t: t.nn.Threshold(0.5, -1),
    "Threshold inplace": lambda t: t.nn.Threshold(1, 2.0, inplace=True),
    "Hardtanh options": lambda t: t.nn.Hardtanh(-2, 3.5),
    "PReLU options": lambda t: t.nn.PReLU(4, init=0.1),
    "RReLU options": lambda t: t.nn.RReLU(0.1, 0.5),
    "CELU options": lambda t: t.nn.CELU(2),
    "ELU options": lambda t: t.nn.ELU(0.3),
    "GELU options": lambda t: t.nn.GELU(approximate="tanh"),
    "GLU options": lambda t: t.nn.GLU(1),
    "Softplus options": lambda t: t.nn.Softplus(2.0, 5),
    "Hardshrink options": lambda t: t.nn.Hardshrink(1),
    "Softshrink options": lambda t: t.nn.Softshrink(0.25),
    "Softmin dim": lambda t: t.nn.Softmin(dim=1),
    "Conv1d": lambda t: t.nn.Conv1d(4, 6, 3, groups=2, padding="same", dilation=2),
    "Conv2d": lambda t: t.nn.Conv2d(4, 6, 3),
    "Conv2d options": lambda t: t.nn.Conv2d(
        4, 6, (3, 2), (1, 2), 1, bias=False, padding_mode="reflect"
    ),
    "Conv3d": lambda t: t.nn.Conv3d(4, 6, 3, padding_mode="circular"),
    "ConvTranspose1d": lambda t: t.nn.ConvTranspose1d(4, 6, 3),
    "ConvTranspose2d": lambda t: t.nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, 2, False, 2),
    "ConvTranspose3d": lambda t: t.nn.ConvTranspose3d(4, 6, 3, (1, 2, 1)),
    **{
        f"{kind}{n}d": lambda t, kind=kind, n=n: getattr(t.nn, f"{kind}{n}d")(
            (1, 2) * n
        )
        for kind in ("ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad")
        for n in (1, 2, 3)
    },
    **{
        name: lambda t, name=name: getattr(t.nn, name)(1, 3.5)
        for name in ("ConstantPad1d", "ConstantPad2d", "ConstantPad3d")
    },
    "Fold": lambda t: t.nn.Fold((5, 6), 2),
    "Unfold": lambda t: t.nn.Unfold(2, padding=(1, 2)),
    "PixelShuffle": lambda t: t.nn.PixelShuffle(2),
    "PixelUnshuffle": lambda t: t.nn.PixelUnshuffle(2),
    "ChannelShuffle": lambda t: t.nn.ChannelShuffle(2),
    "Unflatten": lambda t: t.nn.Unflatten(1, [2, 3]),
    "Upsample": lambda t: t.nn.Upsample(2),
    "Upsample options": lambda t: t.nn.Upsample(scale_factor=(1, 2), mode="bicubic"),
    "UpsamplingNearest2d": lambda t: t.nn.UpsamplingNearest2d(scale_factor=2),
    "UpsamplingBilinear2d": lambda t: t.nn.UpsamplingBilinear2d((3, 4)),
    "MaxPool1d": lambda t: t.nn.MaxPool1d(2),
    "MaxPool2d": lambda t: t.nn.MaxPool2d((3, 2), 1, 1, 2, ceil_mode=True),
    "AvgPool1d": lambda t: t.nn.AvgPool1d(3, padding=1),
    "AvgPool2d": lambda t: t.nn.AvgPool2d(2, (1, 2), divisor_override=3),
    "AdaptiveAvgPool1d": lambda t: t.nn.AdaptiveAvgPool1d(3),
    "AdaptiveAvgPool2d": lambda t: t.nn.AdaptiveAvgPool2d([2, 3]),
    "AdaptiveMaxPool1d": lambda t: t.nn.AdaptiveMaxPool1d((3,)),
    "AdaptiveMaxPool2d": lambda t: t.nn.AdaptiveMaxPool2d((None, 3), True),
    "MaxPool3d": lambda t: t.nn.MaxPool3d((3, 2, 4), 2, 1, ceil_mode=True),
    "AvgPool3d": lambda t: t.nn.AvgPool3d(2, (1, 2, 3), divisor_override=3),
    "AdaptiveAvgPool3d": lambda t: t.nn.AdaptiveAvgPool3d([2, 3, None]),
    "AdaptiveMaxPool3d": lambda t: t.nn.AdaptiveMaxPool3d(2, True),
    "LPPool1d": lambda t: t.nn.LPPool1d(2, 3),
    "LPPool2d": lambda t: t.nn.LPPool2d(1.5, (2, 3), 1, ceil_mode=True),
    "LPPool3d": lambda t: t.nn.LPPool3d(float("inf"), 3, (1, 2, 3)),
    "MaxUnpool1d": lambda t: t.nn.MaxUnpool1d(2),
    "MaxUnpool2d": lambda t: t.nn.MaxUnpool2d((2, 1), 1, 0),
    "MaxUnpool3d": lambda t: t.nn.MaxUnpool3d(2, padding=1),
    "FractionalMaxPool2d": lambda t: t.nn.FractionalMaxPool2d(2, 3),
    "FractionalMaxPool3d": lambda t: t.nn.FractionalMaxPool3d(2, output_ratio=0.5),
    "BatchNorm1d": lambda t: t.nn.BatchNorm1d(3),
    "BatchNorm2d": lambda t: t.nn.BatchNorm2d(3, 1e-3, None, bias=False),
    "BatchNorm2d plain": lambda t: t.nn.BatchNorm2d(
        3, affine=False, track_running_stats=False
    ),
    "BatchNorm3d": lambda t: t.nn.BatchNorm3d(3),
    "InstanceNorm1d": lambda t: t.nn.InstanceNorm1d(3),
    "InstanceNorm2d": lambda t: t.nn.InstanceNorm2d(3, 1e-3, None, True, bias=False),
    "InstanceNorm3d": lambda t: t.nn.InstanceNorm3d(3, track_running_stats=True),
    "LocalResponseNorm": lambda t: t.nn.LocalResponseNorm(2),
    "LocalResponseNorm options": lambda t: t.nn.LocalResponseNorm(3, 1, 0.5, 2.0),
    "CrossMapLRN2d": lambda t: t.nn.CrossMapLRN2d(3),
    "LayerNorm": lambda t: t.nn.LayerNorm(3),
    "LayerNorm options": lambda t: t.nn.LayerNorm([2, 3], 0.1, bias=False),
    "RMSNorm": lambda t: t.nn.RMSNorm((2, 3), elementwise_affine=False),
    "GroupNorm": lambda t: t.nn.GroupNorm(2, 4, affine=False),
    "Tanh": lambda t: t.nn.Tanh(),
    "Softmax": lambda t: t.nn.Softmax(),
    "Softmax dim": lambda t: t.nn.Softmax(dim=-1),
    "LogSoftmax": lambda t: t.nn.LogSoftmax(),
    "LogSoftmax dim": lambda t: t.nn.LogSoftmax(1),
    "Dropout": lambda t: t.nn.Dropout(),
    "Dropout options": lambda t: t.nn.Dropout(1, inplace=True),
    "Embedding": lambda t: t.nn.Embedding(3, 2),
    "Embedding options": lambda t: t.nn.Embedding(3, 2, -1, 1.0, 1.0, True, True),
    "EmbeddingBag": lambda t: t.nn.EmbeddingBag(3, 2),
    "EmbeddingBag options": lambda t: t.nn.EmbeddingBag(
        3, 2, 1.0, 1.0, True, "sum", True, None, True, -1
    ),
    "PairwiseDistance": lambda t: t.nn.PairwiseDistance(1.0),
    "CosineSimilarity": lambda t: t.nn.CosineSimilarity(0),
    "TripletMarginWithDistanceLoss": lambda t: t.nn.TripletMarginWithDistanceLoss(
        distance_function=t.nn.CosineSimilarity()
    ),
    "LinearCrossEntropyLoss": lambda t: t.nn.LinearCrossEntropyLoss(
        3, 4, out_features=(2,)
    ),
    "AdaptiveLogSoftmaxWithLoss": lambda t: t.nn.AdaptiveLogSoftmaxWithLoss(
        6, 11, [3, 5], 2.0
    ),
    "CTCLoss": lambda t: t.nn.CTCLoss(1),
    "Bilinear": lambda t: t.nn.Bilinear(3, 4, 2, bias=False),
    "TransformerDecoderLayer": lambda t: t.nn.TransformerDecoderLayer(4, 2, 3),
    "TransformerDecoder": lambda t: t.nn.TransformerDecoder(
        t.nn.TransformerDecoderLayer(4, 2, 3), 2
    ),
    "Transformer": lambda t: t.nn.Transformer(4, 2, 1, 2, 3, batch_first=True),
    "RNN": lambda t: t.nn.RNN(3, 4, 2, "relu", False, True, 0.5, True),
    "GRU": lambda t: t.nn.GRU(3, 4),
    "LSTM": lambda t: t.nn.LSTM(3, 4, proj_size=2),
    "RNNCell": lambda t: t.nn.RNNCell(3, 4, False, "relu"),
    "GRUCell": lambda t: t.nn.GRUCell(3, 4),
    "LSTMCell": lambda t: t.nn.LSTMCell(3, 4),
    "MultiheadAttention": lambda t: t.nn.MultiheadAttention(4, 2, bias=False),
    "TransformerEncoderLayer": lambda t: t.nn.TransformerEncoderLayer(4, 2, 3),
    "TransformerEncoder": lambda t: t.nn.TransformerEncoder(
        t.nn.TransformerEncoderLayer(4, 2, 3, activation=t.nn.GELU()),
        2,
        t.nn.LayerNorm(4),
        enable_nested_tensor=False,
    ),
    "MSELoss": lambda t: t.nn.MSELoss(reduction="sum"),
    "L1Loss": lambda t: t.nn.L1Loss(),
    "BCELoss": lambda t: t.nn.BCELoss(weight=one(t)),
    "BCEWithLogitsLoss": lambda t: t.nn.BCEWithLogitsLoss(),
    "NLLLoss": lambda t: t.nn.NLLLoss(ignore_index=1),
    "CrossEntropyLoss": lambda t: t.nn.CrossEntropyLoss(label_smoothing=0.1),
}


@each("name", REPRESENTED)
def test_a_module_prints_as_in_pytorch(name):
    """Else: `print(model)` on both sides cannot be laid side by side."""
    assert repr(REPRESENTED[name](scratch)) == repr(REPRESENTED[name](torch_ref))


@each("name", [n for n in CASES if n.startswith("models.")])
def test_a_network_prints_as_in_pytorch(name):
    """Else: a network's layers stand in another order or under other names."""
    case = CASES[name][0]
    sides = SIDES["models"](concepts()[name], case, Dice([0], 0), 0, "cpu")
    mine, reference = (side.make(sides[2]) for side in sides[:2])
    assert repr(mine) == repr(reference)


def test_every_layer_is_among_those_printed():
    """Else: a new layer prints in its own way, unnoticed."""
    built = {type(REPRESENTED[name](scratch)).__name__ for name in REPRESENTED}
    layers = {n for n, c in concepts().items() if c.family == "nn"}
    assert {name.partition(".")[2] for name in layers} <= built
