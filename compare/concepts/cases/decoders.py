"""Cases for the transformer's decoder, and for the whole transformer."""

from .attention import CAUSAL, NONE, UNIT, YES
from .spec import Case, Chance, Given, Real, Size

B = Size("B", large=False)
S = Size("S", large=False)
T = Size("T", large=False)

SIZES = {"d_model": 6, "nhead": 2, "dim_feedforward": 7, "dropout": 0.0}
WHOLE = SIZES | {"num_encoder_layers": 1, "num_decoder_layers": 1}
FIRST = {"batch_first": True}
DROPPED = {"dropout": 0.3}

# Inputs near to each other lose all digits in a norm's difference from their mean.
TGT, MEMORY = Real((T, B, 6), spread=UNIT), Real((S, B, 6), spread=UNIT)
TGT_FIRST, MEMORY_FIRST = Real((B, T, 6), spread=UNIT), Real((B, S, 6), spread=UNIT)
ONE = Real((T, 6), spread=UNIT), Real((S, 6), spread=UNIT)
FIVE = Real((5, B, 6), spread=UNIT)

OWN_MASK, MASK = Chance((T, T), 0.2), Chance((T, S), 0.2)
OWN_NUMBERS, NUMBERS = Real((T, T), spread=UNIT), Real((T, S), spread=UNIT)
OWN_PAD, PAD = Chance((B, T), 0.2), Chance((B, S), 0.2)
LOOK_BACK = Given(CAUSAL)


def _layers() -> list[Case]:
    bool_masks = OWN_MASK, MASK, OWN_PAD, PAD
    return [
        Case(SIZES | {"norm_first": True}, (TGT, MEMORY)),
        Case(SIZES | {"activation": "gelu", "layer_norm_eps": 0.1}, (TGT, MEMORY)),
        Case(SIZES, (TGT, MEMORY)),
        Case(SIZES | FIRST, (TGT_FIRST, MEMORY_FIRST)),
        Case(SIZES | {"bias": False}, (TGT, MEMORY)),
        Case(SIZES, ONE),
        Case(SIZES, (TGT, MEMORY, *bool_masks)),
        Case(SIZES | {"norm_first": True}, (TGT, MEMORY, *bool_masks)),
        Case(SIZES, (TGT, MEMORY, OWN_NUMBERS, NUMBERS)),
        Case(SIZES | FIRST, (TGT_FIRST, MEMORY_FIRST, NONE, NUMBERS)),
        Case(SIZES, (TGT, MEMORY, NONE, NONE, NONE, PAD)),
        Case(SIZES, (FIVE, MEMORY, LOOK_BACK, NONE, NONE, NONE, YES)),
        Case(SIZES, (FIVE, FIVE, LOOK_BACK, LOOK_BACK, NONE, NONE, YES, YES)),
        Case(SIZES | DROPPED, (TGT, MEMORY), training=True),
        Case(
            SIZES | FIRST | DROPPED,
            (TGT_FIRST, MEMORY_FIRST, NONE, NONE, OWN_PAD, PAD),
            training=True,
        ),
        Case(
            SIZES | DROPPED | {"norm_first": True},
            (TGT, MEMORY, OWN_MASK),
            training=True,
        ),
        Case(SIZES | DROPPED, (TGT, MEMORY), label="dropout, evaluating"),
        Case({}, (TGT, MEMORY), label="GELU as a module", build=_with_modules),
    ]


def _with_modules(tree):
    return tree.nn.TransformerDecoderLayer(
        6, 2, 7, dropout=0.0, activation=tree.nn.GELU("tanh")
    )


def _stack_of(norm=True, **options):
    """A stack of two such layers."""

    def build(tree):
        layer = tree.nn.TransformerDecoderLayer(6, 2, 7, **options)
        return tree.nn.TransformerDecoder(
            layer, 2, tree.nn.LayerNorm(6) if norm else None
        )

    return build


def _stacks() -> list[Case]:
    plain, first = _stack_of(dropout=0.0), _stack_of(dropout=0.0, batch_first=True)
    before = _stack_of(dropout=0.3, norm_first=True, activation="gelu")
    padded = TGT_FIRST, MEMORY_FIRST, NONE, NONE, OWN_PAD, PAD
    bare = _stack_of(norm=False, dropout=0.0, norm_first=True)
    return [
        Case({}, (TGT, MEMORY), label="two layers, norm first", build=bare),
        Case({}, (TGT, MEMORY), label="two layers, norm", build=plain),
        Case(
            {},
            (TGT, MEMORY),
            label="two layers",
            build=_stack_of(norm=False, dropout=0.0),
        ),
        Case({}, ONE, label="no batch", build=plain),
        Case({}, padded, label="padding", build=first),
        Case(
            {},
            (TGT, MEMORY, OWN_NUMBERS, NUMBERS),
            label="masks of numbers",
            build=plain,
        ),
        Case({}, (FIVE, MEMORY, LOOK_BACK), label="causal", build=plain),
        Case({}, (TGT, MEMORY), True, "dropout, norm first", before),
    ]


def _custom(tree):
    """Parts of one's own: an encoder without a norm, a decoder of two layers."""
    encoder = tree.nn.TransformerEncoderLayer(6, 2, 5, dropout=0.0)
    encoder = tree.nn.TransformerEncoder(encoder, 1, enable_nested_tensor=False)
    decoder = tree.nn.TransformerDecoderLayer(6, 1, 5, dropout=0.0)
    decoder = tree.nn.TransformerDecoder(decoder, 2)
    return tree.nn.Transformer(6, custom_encoder=encoder, custom_decoder=decoder)


def _whole() -> list[Case]:
    src, tgt = MEMORY, TGT
    src_mask, src_pad = Chance((S, S), 0.2), Chance((B, S), 0.2)
    numbers = Real((S, S), spread=UNIT), OWN_NUMBERS, NUMBERS
    masks = src_mask, OWN_MASK, MASK, src_pad, OWN_PAD, PAD
    two = {"num_encoder_layers": 2, "num_decoder_layers": 2}
    pads = NONE, NONE, NONE, src_pad, OWN_PAD, PAD
    return [
        Case(WHOLE, (src, tgt)),
        Case(WHOLE | two | {"norm_first": True, "activation": "gelu"}, (src, tgt)),
        Case(WHOLE | FIRST, (MEMORY_FIRST, TGT_FIRST, *pads)),
        Case(WHOLE | {"bias": False, "layer_norm_eps": 0.1}, ONE[::-1]),
        Case(WHOLE, (src, tgt, *numbers)),
        Case(WHOLE, (FIVE, FIVE, LOOK_BACK, LOOK_BACK, LOOK_BACK)),
        Case(WHOLE, (src, tgt, *masks)),
        Case(WHOLE | DROPPED, (src, tgt), training=True),
        Case(WHOLE | DROPPED, (src, tgt), label="dropout, evaluating"),
        Case({}, (src, tgt), label="parts of one's own", build=_custom),
    ]


CASES = {
    "nn.TransformerDecoderLayer": _layers(),
    "nn.TransformerDecoder": _stacks(),
    "nn.Transformer": _whole(),
}
