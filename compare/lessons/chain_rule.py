"""The chain rule: functions in functions, partial derivatives, and a small graph."""

import numpy as np
import torch

from twofold import scratch, torch_ref

from ..sides.arrays import to_numpy, to_torch
from ..training.lesson import Demonstration
from .figures.basics import graph_picture

X, TARGET = 0.5, 1.0
Z = 2.0


def composed(x):
    """A(B(C(x))) with A = exp, B = sin, C the square."""
    c = x * x
    b = np.sin(c)
    a = np.exp(b)

    def back(da):
        db = da * a  # A' = exp
        dc = db * np.cos(c)  # B' = cos
        return dc * 2 * x  # C' = 2x

    return a, back


def composed_torch(x):
    return torch.exp(torch.sin(x * x))


def of_two(x, z):
    """f(x, z) = x^2 z + sin z: two partial derivatives, one vector."""
    f = x * x * z + np.sin(z)

    def back(df):
        return df * 2 * x * z, df * (x * x + np.cos(z))

    return f, back


def of_two_torch(x, z):
    return x * x * z + torch.sin(z)


def both_gradients(stage, mine, reference, *numbers) -> tuple[list, list]:
    """The derivatives at these numbers, by hand and by autograd."""
    arrays = [np.array(n, stage.dtype) for n in numbers]
    _, back = mine(*arrays)
    by_hand = back(np.ones((), stage.dtype))
    by_hand = by_hand if isinstance(by_hand, tuple) else (by_hand,)
    tensors = [to_torch(a).requires_grad_() for a in arrays]
    reference(*tensors).backward()
    return [float(d) for d in by_hand], [t.grad.item() for t in tensors]


def show(stage) -> None:
    # A chain of functions.
    stage.check("A(B(C(x)))", composed, composed_torch, np.array(X))
    (mine,), (theirs,) = both_gradients(stage, composed, composed_torch, X)
    c = X * X
    slopes = np.exp(np.sin(c)), np.cos(c), 2 * X
    stage.say(
        f"exp(sin(x^2)) at x = {X}: A' B' C' = "
        + " * ".join(f"{s:.6f}" for s in slopes)
        + f" = {mine:.6f} by hand, {theirs:.6f} by autograd"
    )

    # Two inputs: the gradient is a vector.
    stage.check("f(x, z)", of_two, of_two_torch, np.array(X), np.array(Z))
    mine, theirs = both_gradients(stage, of_two, of_two_torch, X, Z)
    stage.say(
        f"f(x, z) = x^2 z + sin z at ({X}, {Z}): gradient (2xz, x^2 + cos z) = "
        f"{_vector(mine)} by hand, {_vector(theirs)} by autograd"
    )

    # The graph, node by node.
    graphs = scratch.models.SmallGraph(), torch_ref.models.SmallGraph()
    stage.check("small graph", *graphs, np.array(X), np.array(TARGET))
    stage.check("its derivatives", *map(all_derivatives, graphs), np.array(X))
    found = [node_table(stage, graph) for graph in graphs]
    stage.say(
        f"The graph z1 = W1 x, a1 = s(z1), z2 = w2 a1, y = s(z2), L = (y - t)^2 / 2 "
        f"with W1 = 3, w2 = 1, x = {X}, t = {TARGET}:"
    )
    lines = ["node      value   dL/dnode by hand   by autograd"]
    rows = ["| node | value | dL/dnode by hand | by autograd |", "|---|---|---|---|"]
    for name, (value, mine) in found[0].items():
        theirs = found[1][name][1]
        lines.append(f"{name:4} {value:10.6f} {mine:18.10f} {theirs:13.10f}")
        rows.append(f"| {name} | {value:.6f} | {mine:.10f} | {theirs:.10f} |")
    for line in lines:
        stage.say(line)
    stage.show("every_derivative", "\n".join(rows))
    stage.show("graph", graph_picture(*found))


def all_derivatives(graph):
    """What the graph says of all nodes, as a function of x for the harness."""

    def of(x):
        graph.to(x.dtype)
        found = graph.derivatives(x, x * 0 + TARGET)
        slopes = tuple(slope for _, slope in found.values())
        return slopes if isinstance(x, torch.Tensor) else (slopes, lambda *_: None)

    return of


def node_table(stage, graph) -> dict[str, tuple[float, float]]:
    x, t = np.array(X, stage.dtype), np.array(TARGET, stage.dtype)
    if isinstance(graph, torch.nn.Module):
        graph = graph.to(to_torch(x).dtype)
        x, t = to_torch(x), to_torch(t)
    else:
        graph = graph.to(stage.dtype)
    return {
        name: tuple(float(to_numpy(number)) for number in pair)
        for name, pair in graph.derivatives(x, t).items()
    }


def _vector(numbers) -> str:
    return "(" + ", ".join(f"{n:.6f}" for n in numbers) + ")"


LESSON = Demonstration(
    name="chain-rule",
    title="The chain rule: how a derivative travels through a graph",
    shows=(
        "The slope of a chain of functions is the product of their slopes, each taken "
        "where its own input is. "
        "With several inputs there is one partial derivative for each, and together "
        "they are the gradient, a vector. "
        "Backpropagation is that product taken from the loss backwards, node after "
        "node; autograd finds the same number at every node."
    ),
    show=show,
)
