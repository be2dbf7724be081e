"""Pictures of trainings: layers' activations, the path over a landscape."""

from collections.abc import Iterator

import numpy as np

from ...training.outcome import Outcome
from . import SCRATCH, TORCH, subplots

BINS = 40


def hidden_activations(o: Outcome, side: str = "scratch") -> list[np.ndarray]:
    """What an MLP's activation functions put out for the test samples, layer by layer.

    By hand: with the layers' own weights, from either side.
    """
    model = o.sides["scratch"].model
    found, x = [], np.asarray(o.sides["scratch"].x_test)
    model.eval()
    for layer in model.layers:
        x, _ = layer(x)
        if type(layer).__name__ not in ("Linear", "Dropout"):
            found.append(np.asarray(x))
    model.train()
    return found


def activation_histograms(o: Outcome) -> Iterator[tuple[str, object]]:
    """How the activations of each layer are spread: all alike, gone, or alive."""
    layers = hidden_activations(o)
    figure, axes = subplots(1, len(layers), (2.4 * len(layers), 2.6))
    for number, (axis, x) in enumerate(zip(axes, layers, strict=True), 1):
        axis.hist(x.reshape(-1), BINS, color=SCRATCH)
        axis.set(title=f"layer {number}\nstd {x.std():.1e}", yticks=[])
        axis.locator_params(axis="x", nbins=3)
    yield "activations", figure


def gradient_histograms(o: Outcome) -> Iterator[tuple[str, object]]:
    """How large the weights' gradients are, layer by layer, on both sides."""
    names = [n for n in o.weights["scratch"] if n.endswith("weight")]
    figure, (axis,) = subplots(1, 1, (5, 3))
    for side, style in (
        ("torch_ref", {"linewidth": 6, "alpha": 0.35, "color": TORCH}),
        ("scratch", {"linewidth": 1.5, "color": SCRATCH}),
    ):
        gradients = (o.sides[side].parameters[name].grad for name in names)
        sizes = [
            0.0 if g is None else float((g.reshape(-1) ** 2).mean()) ** 0.5
            for g in gradients
        ]
        axis.plot(range(1, len(names) + 1), sizes, label=side, **style)
    axis.set(
        xlabel="layer", ylabel="RMS of the gradient", xticks=range(1, 1 + len(names))
    )
    if any(sizes):
        axis.set_yscale("log")
    axis.legend(frameon=False)
    yield "gradients by layer", figure


def dead_units(o: Outcome) -> list[int]:
    """Of each hidden layer, the units that no test sample makes fire.

    A unit counts as dead if its output has no slope anywhere: a leaky unit never does.
    """
    return [
        int(((x <= 0).all(axis=0) & (x == x[:1]).all(axis=0)).sum())
        for x in hidden_activations(o)
    ]


def dead_unit_curves(o: Outcome) -> Iterator[tuple[str, float]]:
    for number, dead in enumerate(dead_units(o), 1):
        yield f"dead units, layer {number}", float(dead)


def path_on_surface(o: Outcome) -> Iterator[tuple[str, object]]:
    """The landscape from above, and the way both sides took over it."""
    model = o.sides["scratch"].model
    if not hasattr(model, "point") or not o.paths["scratch"]:
        return
    figure, (axis,) = subplots(1, 1, (5.2, 4.6))
    ticks = np.linspace(-2.6, 2.6, 161)
    u, v = np.meshgrid(ticks, ticks)
    points = np.stack([u.reshape(-1), v.reshape(-1)], 1)
    heights = sum(
        points[:, i] ** 2 / 2
        + model.height * (1 - np.cos(model.frequency * points[:, i]))
        for i in range(2)
    ).reshape(u.shape)
    axis.contourf(u, v, heights, 24, cmap="Greys")
    for side, style in (
        ("torch_ref", {"linewidth": 6, "alpha": 0.35, "color": TORCH}),
        (
            "scratch",
            {"linewidth": 1.2, "color": SCRATCH, "marker": ".", "markersize": 3},
        ),
    ):
        path = np.array(o.paths[side])
        axis.plot(path[:, 0], path[:, 1], label=side, **style)
    axis.plot(0, 0, "*", color="gold", markersize=14, markeredgecolor="0.3")
    axis.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), aspect="equal", title=f"step {o.step}")
    axis.legend(frameon=True, loc="lower left")
    yield "path", figure
