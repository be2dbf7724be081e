"""Cases for layers: linear maps, activations, dropout, containers."""

from .spec import Case, D, Exactly, K, N, Real, Size

ANY = Real((...,))
ON_ZERO = Exactly((N, D), (-1.0, 0.0, 2.0))
OFF_ZERO = Real((...,), kinks=(0.0,))
J = Size("J", large=False)  # PyTorch takes no empty second input
BILINEAR = {"in1_features": 5, "in2_features": J, "out_features": K}


def _one_layer_twice(tree):
    layer = tree.nn.Linear(4, 4)
    return tree.nn.Sequential(layer, tree.nn.Tanh(), layer)


CASES = {
    "nn.Identity": [Case({}, (ANY,))],
    "nn.Flatten": [
        Case({}, (Real((N, 3, 2)),)),
        Case({"start_dim": 0}, (Real((N, 3, 2)),)),
        Case({"start_dim": 1, "end_dim": 2}, (Real((2, N, 3, 2)),)),
    ],
    "nn.Linear": [
        Case({"in_features": D, "out_features": K}, (Real((..., D)),)),
        Case({"in_features": D, "out_features": K, "bias": False}, (Real((..., D)),)),
        Case({"in_features": D, "out_features": 1}, (Real((N, D)),)),
        # So many rows that they are summed in runs, and some are left over.
        Case({"in_features": 2, "out_features": 2}, (Real((8195, 2)),)),
    ],
    "nn.Bilinear": [
        Case(BILINEAR, (Real((..., 5)), Real((..., J)))),
        Case(BILINEAR | {"bias": False}, (Real((..., 5)), Real((..., J)))),
        Case(BILINEAR, (Real((5,)), Real((J,))), label="no batch"),
    ],
    "nn.ReLU": [Case({}, (OFF_ZERO,)), Case({}, (ON_ZERO,), label="at the kink")],
    "nn.LeakyReLU": [
        Case({}, (OFF_ZERO,)),
        Case({"negative_slope": 0.3}, (OFF_ZERO,)),
        Case({"negative_slope": -0.5}, (OFF_ZERO,)),
        Case({}, (ON_ZERO,), label="at the kink"),
    ],
    "nn.Sigmoid": [Case({}, (ANY,))],
    "nn.Tanh": [Case({}, (ANY,))],
    "nn.Softmax": [
        Case({"dim": 1}, (Real((N, D)),)),
        Case({"dim": 0}, (Real((D,)),)),
        Case({"dim": -2}, (Real((N, K, 3)),)),
    ],
    "nn.LogSoftmax": [
        Case({"dim": 1}, (Real((N, D)),)),
        Case({"dim": 0}, (Real((D,)),)),
        Case({"dim": -2}, (Real((N, K, 3)),)),
    ],
    "nn.Sequential": [
        Case(
            {},
            (Real((N, 4)),),
            label="Linear, Tanh, Linear, Sigmoid",
            build=lambda tree: tree.nn.Sequential(
                tree.nn.Linear(4, 5),
                tree.nn.Tanh(),
                tree.nn.Linear(5, 3),
                tree.nn.Sigmoid(),
            ),
        ),
        Case({}, (Real((N, 4)),), label="no layers"),
        Case({}, (Real((N, 4)),), label="one layer twice", build=_one_layer_twice),
    ],
    "nn.Dropout": [
        Case({}, (ANY,), training=True),
        Case({"p": 0.1}, (ANY,), training=True),
        Case({"p": 0.0}, (ANY,), training=True),
        Case({"p": 1.0}, (ANY,), training=True),
        Case({"p": 0.5}, (ANY,), label="p=0.5, evaluating"),
    ],
}
