"""Cases for holders of modules and parameters, each in a network that uses them."""

from .spec import Case, N, Real

ROWS = Real((N, 4))


def _calling(hold, order):
    """A network that holds `hold(nn)` and calls the layers `order(held, nn)`."""

    def build(tree):
        class Net(tree.nn.Module):
            def __init__(self):
                super().__init__()
                self.held = hold(tree.nn)

            def forward(self, x):
                return tree.nn.Sequential(*order(self.held, tree.nn))(x)

        return Net()

    return build


def _three(nn):
    return [nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 4)]


def _named(nn):
    return dict(zip(("out", "bend", "back"), _three(nn), strict=True))


def _edited(nn):
    layers = nn.ModuleList(_three(nn))
    layers.insert(1, nn.Linear(5, 5))
    layers.append(nn.Linear(4, 2))
    layers[-2] = nn.Linear(5, 4)
    del layers[2]
    layers += [nn.Sigmoid()]
    return layers


def _in_order(held, nn):
    return held


def _weights(nn):
    return [nn.Linear(4, 4).weight for _ in range(3)]


def _with_weights(weights, nn):
    """Linear maps with these weights, and something between them."""
    for weight in weights:
        layer = nn.Linear(4, 4, bias=False)
        layer.weight = weight
        yield from (layer, nn.Tanh())


def _case(label, hold, order):
    return Case({}, (ROWS,), label=label, build=_calling(hold, order))


CASES = {
    "nn.ModuleList": [
        _case("one after the other", lambda nn: nn.ModuleList(_three(nn)), _in_order),
        _case("edited", _edited, _in_order),
        _case(
            "from the last, one twice",
            lambda nn: nn.ModuleList([nn.Linear(4, 4) for _ in range(3)]),
            lambda held, nn: [held[-1], *held[:-1], held[2]],
        ),
    ],
    "nn.ModuleDict": [
        _case(
            "by name",
            lambda nn: nn.ModuleDict(_named(nn)),
            lambda held, nn: [held["out"], held["bend"], held["back"]],
        ),
        _case(
            "some of them",
            lambda nn: nn.ModuleDict({**_named(nn), "more": nn.Linear(4, 4)}),
            lambda held, nn: [held["more"], held["bend"]],
        ),
    ],
    "nn.ParameterList": [
        _case(
            "one after the other",
            lambda nn: nn.ParameterList(_weights(nn)),
            _with_weights,
        ),
        _case(
            "one twice, one not at all",
            lambda nn: nn.ParameterList(_weights(nn)),
            lambda held, nn: _with_weights([held[2], held[0], held[-1]], nn),
        ),
    ],
    "nn.ParameterDict": [
        _case(
            "by name",
            lambda nn: nn.ParameterDict(zip("cab", _weights(nn), strict=True)),
            lambda held, nn: _with_weights(held.values(), nn),
        ),
        _case(
            "a plain dict, sorted",
            lambda nn: nn.ParameterDict(dict(zip("cab", _weights(nn), strict=True))),
            lambda held, nn: _with_weights(held.values(), nn),
        ),
    ],
}
