"""Cases for the networks of the first lessons: one unit, one line, a few layers."""

from itertools import pairwise

from .spec import C, Case, Exactly, N, Real, Uniform

UNIT = 1.0  # inputs as a data set has them after standardisation
SIGNS = Exactly((N, 1), (-1.0, 1.0), differentiable=False)


def _collapsed(tree, sizes, **weights):
    model = tree.models.MLP(sizes, activation="Identity")
    model.to(weights["layers.0.weight"].dtype)
    model.load_state_dict(weights)
    return tree.models.Collapsed(model)


def _weights(sizes) -> dict:
    """Those of the linear layers of an MLP, between which stand the activations."""
    found = {}
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        found[f"layers.{2 * i}.weight"] = Real((n_out, n_in), spread=UNIT)
        found[f"layers.{2 * i}.bias"] = Real((n_out,), spread=UNIT)
    return found


CASES = {
    "models.SmallGraph": [
        Case({}, (Real((), spread=UNIT), Uniform((), differentiable=True))),
        Case(
            {"W1": -0.5, "w2": 2.0},
            (Real((), spread=UNIT), Uniform((), differentiable=True)),
        ),
    ],
    "models.Neuron": [
        Case({"in_features": 3}, (Real((N, 3), spread=UNIT),)),
        Case({"in_features": 5, "activation": "Tanh"}, (Real((N, 5), spread=UNIT),)),
        Case(
            {"in_features": 1, "activation": "Identity"}, (Real((N, 1), spread=UNIT),)
        ),
    ],
    "models.Perceptron": [Case({"in_features": 4}, (Real((N, 4)),))],
    "models.PerceptronLoss": [
        Case({}, (Real((N, 1), kinks=(0.0,)), SIGNS)),
        Case({}, (Exactly((N, 1), (-1.0, 0.0, 1.0)), SIGNS), label="on the line"),
    ],
    "models.LinearRegression": [
        Case({"in_features": n}, (Real((N, n)),)) for n in (1, 10)
    ],
    "models.LeastSquares": [
        # Features that are not independent have no one line.
        Case({}, (Real((64, n), spread=UNIT, flavours=False), Real((64, 1))))
        for n in (1, 4)
    ],
    "models.LogisticRegression": [
        Case({"in_features": n}, (Real((N, n)),)) for n in (2, 30)
    ],
    "models.SoftmaxRegression": [
        Case({"in_features": 4, "classes": C}, (Real((N, 4)),))
    ],
    "models.ErrorSlopeDelta": [
        Case({"sizes": sizes}, (Real((N, sizes[0]), spread=UNIT),))
        for sizes in ((2, 1), (2, 3, 1), (9, 16, 8, 4))
    ],
    "models.Collapsed": [
        Case(
            {"sizes": sizes, **_weights(sizes)},
            (Real((N, sizes[0])),),
            label=f"layers of {sizes}",
            build=_collapsed,
        )
        for sizes in ((5, 3), (6, 9, 8, 4))
    ],
}
