"""Cases for the networks of the lessons on images, sequences and dreams."""

from .spec import Binary, Case, Classes, D, N, Real, Size, Uniform

B = Size("N", minimum=2, large=False)
T = Size("T", large=False)
CELLS = ("RNN", "GRU", "LSTM")
SYMBOLS = {"symbols": 7}
TEXT = Classes((B, 8), 7)
UNIT = 1.0  # inputs as a data set has them after standardisation


def _contrastive_divergence(tree, n_visible, n_hidden):
    return tree.models.ContrastiveDivergence(tree.models.RBM(n_visible, n_hidden))


def _adopted(tree, sizes, **weights):
    network = tree.models.DeepBelief(sizes)
    network.adopt(1, weights)
    return network


def _writer(tree, symbols, **options):
    return tree.models.Writer(tree.models.CharacterModel(symbols, 3, 5), **options)


CASES = {
    "models.CNN": [
        Case(options, (Real((B, 1, size, size), spread=UNIT),), training=training)
        for size, options in (
            (8, {"size": 8, "channels": (3, 5), "kernel_size": 3, "norm": True}),
            (12, {"size": 12, "channels": (2, 3), "hidden": 6, "classes": 4}),
        )
        for training in (True, False)
    ],
    "models.CharacterModel": [
        Case(SYMBOLS | {"width": 3, "hidden": 5, "cell": cell}, (TEXT,))
        for cell in CELLS
    ],
    "models.SequenceClassifier": [
        Case(SYMBOLS | {"width": 3, "hidden": 5, "classes": 3, "cell": cell}, (TEXT,))
        for cell in CELLS
    ],
    "models.Block": [
        Case({"width": 8, "heads": heads}, (Real((N, T, 8), spread=UNIT),))
        for heads in (1, 2)
    ],
    "models.GPT": [
        Case(SYMBOLS | {"window": 8, "width": 6, "heads": 2, "depth": depth}, (TEXT,))
        for depth in (1, 2)
    ],
    "models.Writer": [
        Case(
            SYMBOLS | {"length": 5, "temperature": t, "window": w},
            (TEXT,),
            build=_writer,
        )
        for t, w in ((1.0, 1000), (0.5, 4))
    ],
    "models.RBM": [
        Case(
            {"n_visible": 9, "n_hidden": D, "k": k},
            (Binary((N, 9)),),
            training=training,
            label=f"{k} steps, {'samples' if training else 'probabilities'}",
        )
        for k, training in ((1, True), (3, True), (1, False), (2, False))
    ],
    "models.ContrastiveDivergence": [
        Case(
            {"n_visible": 9, "n_hidden": D},
            (values, Binary((N, 9))),
            build=_contrastive_divergence,
            label=label,
        )
        for label, values in (
            ("samples", Binary((N, 9))),
            ("probabilities", Uniform((N, 9), differentiable=True)),
        )
    ],
    "models.Autoencoder": [
        Case({"sizes": sizes}, (Real((N, sizes[0]), spread=UNIT),))
        for sizes in ((9, 2), (8, 16, 5, 3))
    ],
    "models.DeepBelief": [
        Case({"sizes": (9, 7, 5, 4)}, (Uniform((N, 9), differentiable=True),)),
        Case(
            {
                "sizes": (9, 7, 5, 4),
                "weight": Real((5, 7), spread=UNIT),
                "hidden_bias": Real((5,), spread=UNIT),
            },
            (Uniform((N, 9), differentiable=True),),
            build=_adopted,
        ),
    ],
}
