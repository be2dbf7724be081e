"""Decoders, distances, bags of indices, and losses of sequences."""

import numpy as np

from .spec import ONE, ROWS, of, table

STEPS = np.ones((5, 2, 4))
LOG_HALF = np.full((4, 2, 2), np.log(0.5))
LABELS = np.ones((2, 2), int)


def _decoders() -> dict:
    layer = of("TransformerDecoderLayer", d_model=4, nhead=2, dim_feedforward=3)
    whole = {"num_encoder_layers": 1, "num_decoder_layers": 1, "batch_first": True}
    whole = of("Transformer", d_model=4, nhead=2, dim_feedforward=3, **whole)
    mask = np.zeros((5, 4), bool)
    rows = table(
        "TransformerDecoderLayer",
        "query",
        {"features of tgt": layer(STEPS[..., :3], STEPS)},
    )
    rows |= table(
        "TransformerDecoderLayer",
        "key",
        {
            "features of memory": layer(STEPS, STEPS[..., :3]),
            "batch of memory": layer(STEPS, STEPS[:, :1]),
        },
    )
    rows |= table(
        "TransformerDecoderLayer",
        "attn_mask",
        {
            "tgt_mask": layer(STEPS, STEPS, mask),
            "memory_mask": layer(STEPS, STEPS, None, mask),
        },
    )
    rows["TransformerDecoderLayer, activation: unknown"] = (
        "activation",
        lambda s: s.nn.TransformerDecoderLayer(4, 2, activation="tanh"),
    )

    def stack(layers):
        return lambda s: s.nn.TransformerDecoder(
            s.nn.TransformerDecoderLayer(4, 2, 3), layers
        )

    rows["TransformerDecoder, num_layers: a fraction"] = ("num_layers", stack(1.5))
    rows["TransformerDecoder, num_layers: none"] = (
        "num_layers",
        lambda s: stack(0)(s)(s(STEPS), s(STEPS)),
    )
    rows |= table("Transformer", "tgt", {"batch": whole(STEPS, STEPS[:4])})
    rows |= table("Transformer", "tgt", {"features": whole(STEPS, STEPS[..., :3])})
    rows |= table("Transformer", "src", {"features": whole(STEPS[..., :3], STEPS)})
    return rows


def _pairs() -> dict:
    rows = {}
    for name in ("PairwiseDistance", "CosineSimilarity"):
        rows |= table(name, "x2", {"shape": of(name)(ROWS, ROWS[:2])})
    rows["CosineSimilarity, dim: beyond"] = ("dim", of("CosineSimilarity")(ONE, ONE))
    empty = np.ones((3, 0))
    rows["PairwiseDistance, x1: largest of nothing"] = (
        "x1",
        of("PairwiseDistance", p=float("inf"))(empty, empty),
    )
    triplet = "TripletMarginWithDistanceLoss"
    rows[f"{triplet}, margin: 0"] = (
        "margin",
        lambda s: getattr(s.nn, triplet)(margin=0),
    )
    rows[f"{triplet}, negative: dimensions"] = (
        "negative",
        of(triplet)(ROWS, ROWS, ONE),
    )
    rows[f"{triplet}, reduction: unknown"] = (
        "reduction",
        of(triplet, reduction="some")(ROWS, ROWS, ROWS),
    )
    form = of("Bilinear", in1_features=2, in2_features=3, out_features=1)
    rows |= table("Bilinear", "input1", {"features": form(ONE[None], ONE[None])})
    rows |= table("Bilinear", "input2", {"features": form(ROWS, ROWS)})
    rows |= table("Bilinear", "input2", {"rows": form(ROWS, np.ones((2, 3)))})
    rows |= table("Bilinear", "input2", {"dimensions": form(ROWS[0], ROWS)})
    for option, value in ("in1_features", 0), ("in2_features", -1):
        options = {"in1_features": 2, "in2_features": 3, "out_features": 1}
        call = of("Bilinear", **options | {option: value})(ROWS, ROWS)
        rows[f"Bilinear, {option}: {value}"] = (option, call)
    return rows


def _bags() -> dict:
    def bags(**options):
        return of("EmbeddingBag", num_embeddings=3, embedding_dim=2, **options)

    x, offsets, w = np.array([0, 1, 2, 0]), np.array([0, 2]), np.ones(4)
    rows = table(
        "EmbeddingBag",
        "input",
        {
            "too large": bags()(x + 1, offsets),
            "negative": bags()(x - 1, offsets),
            "floats": bags()(w, offsets),
            "dimensions": bags()(x.reshape(1, 2, 2)),
            "no places": bags()(np.ones((2, 0), int)),
        },
    )
    rows |= table(
        "EmbeddingBag",
        "offsets",
        {
            "missing": bags()(x),
            "with rows": bags()(x.reshape(2, 2), offsets),
            "dimensions": bags()(x, offsets[None]),
            "not from 0": bags()(x, offsets + 1),
            "beyond": bags()(x, offsets * 4),
            "no last one": bags(include_last_offset=True)(x[:0], offsets[:0]),
        },
    )
    rows |= table(
        "EmbeddingBag",
        "per_sample_weights",
        {
            "shape": bags(mode="sum")(x, offsets, w[:3]),
            "of a mean": bags()(x, offsets, w),
        },
    )
    rows["EmbeddingBag, mode: unknown"] = ("mode", bags(mode="min")(x, offsets))
    for option in ("sparse", "scale_grad_by_freq"):
        call = bags(mode="max", **{option: True})(x, offsets)
        rows[f"EmbeddingBag, {option}: max"] = (option, call)
    rows["EmbeddingBag, padding_idx: too large"] = (
        "padding_idx",
        lambda s: s.nn.EmbeddingBag(3, 2, padding_idx=3),
    )
    return rows


def _ctc() -> dict:
    ctc, two = of("CTCLoss"), (2, 2)
    rows = {}
    for argument, calls in {
        "log_probs": {
            "dimensions": ctc(LOG_HALF[None], LABELS, two, two),
            "nothing": ctc(LOG_HALF[:, :0], LABELS[:0], (), ()),
        },
        "targets": {
            "batch": ctc(LOG_HALF, LABELS[:1], two, two),
            "too short": ctc(LOG_HALF, LABELS[:, :1], two, two),
            "sum of lengths": ctc(LOG_HALF, LABELS[0], two, two),
        },
        "input_lengths": {
            "too long": ctc(LOG_HALF, LABELS, (5, 2), two),
            "batch": ctc(LOG_HALF, LABELS, (2,), two),
            "negative": ctc(LOG_HALF, LABELS, (-1, 2), two),
            "floats": ctc(LOG_HALF, LABELS, np.full(2, 2.5), np.array(two)),
        },
        "target_lengths": {
            "batch": ctc(LOG_HALF, LABELS, two, (2,)),
            "negative": ctc(LOG_HALF, LABELS, two, (-1, 2)),
        },
        "blank": {"beyond": of("CTCLoss", blank=2)(LOG_HALF, LABELS, two, two)},
        "reduction": {
            "unknown": of("CTCLoss", reduction="some")(LOG_HALF, LABELS, two, two)
        },
    }.items():
        rows |= table("CTCLoss", argument, calls)
    return rows


def _linear_cross_entropy() -> dict:
    name, target = "LinearCrossEntropyLoss", np.array([0, 1, 1])
    loss = of(name, in_features=2, num_classes=3)
    rows = table(name, "input", {"dimensions": loss(ROWS[None], target)})
    rows |= table(name, "input", {"features": loss(ROWS[:, :1], target)})
    rows |= table(name, "target", {"batch": loss(ROWS, target[:2])})
    rows |= table(name, "target", {"beyond": loss(ROWS, target + 2)})
    rows |= table(
        name,
        "weight",
        {"shape": lambda s: getattr(s.nn, name)(2, 3, weight=s(np.ones(2)))},
    )
    rows |= table(
        name,
        "label_smoothing",
        {"above 1": lambda s: getattr(s.nn, name)(2, 3, label_smoothing=1.5)},
    )
    rows |= table(
        name,
        "ignore_index",
        {
            "of probabilities": of(name, in_features=2, num_classes=3, ignore_index=1)(
                ROWS, np.full((3, 3), 1 / 3)
            )
        },
    )
    return rows


def _adaptive() -> dict:
    name = "AdaptiveLogSoftmaxWithLoss"
    target = np.array([0, 1, 3])
    call = of(name, in_features=2, n_classes=4, cutoffs=[2])
    rows = table(
        name,
        "target_",
        {
            "samples": call(ROWS, target[:2]),
            "dimensions": call(ROWS, target[None]),
            "of one sample": call(ROWS, np.array(1)),
            "beyond": call(ROWS, target + 1),
            "negative": call(ROWS, target - 1),
        },
    )
    rows |= table(
        name,
        "cutoffs",
        {
            str(cutoffs): lambda s, cutoffs=cutoffs: getattr(s.nn, name)(2, 4, cutoffs)
            for cutoffs in ([], [0], [4], [2, 1], [1, 1], [1.5])
        },
    )
    return rows


def _recurrent() -> dict:
    return {
        f"{name}, proj_size: {size}": (
            "proj_size",
            lambda s, name=name, size=size: getattr(s.nn, name)(3, 4, proj_size=size),
        )
        for name in ("RNN", "GRU")
        for size in (0, 2)
    }


REFUSED = (
    _decoders()
    | _pairs()
    | _bags()
    | _ctc()
    | _recurrent()
    | _linear_cross_entropy()
    | _adaptive()
)


def _holders() -> dict:
    def append(name, value):
        return lambda s: getattr(s.nn, name)().append(value)

    def update(name, argument, value):
        return argument, lambda s: getattr(s.nn, name)().update(value)

    return {
        "ModuleList, module: a number": ("module", append("ModuleList", 3)),
        "ModuleList, index: beyond": ("index", lambda s: s.nn.ModuleList()[0]),
        "ModuleDict, modules: a number": update("ModuleDict", "modules", 3),
        "ParameterList, index: beyond": ("index", lambda s: s.nn.ParameterList()[0]),
        "ParameterDict, key: a number": ("key", lambda s: s.nn.ParameterDict()[0]),
        "ParameterDict, parameters: a number": update("ParameterDict", "parameters", 3),
    }


REFUSED |= _holders()
