"""Pictures of layers for sequences: who hears whom, and what is remembered."""

import numpy as np
import torch

from twofold import scratch, torch_ref

from ...sides.arrays import to_numpy, to_torch
from .drawing import FAINT, INK, SCRATCH, Picture, both, draw, frame, image


def looked_up(thing, name: str) -> Picture:
    layer = thing(8, 12)
    chosen = np.array([2, 5, 2, 7])
    said = "output for 2, 5, 2, 7"
    if name == "EmbeddingBag":
        y, back = layer(chosen, np.array([0, 2]))
        said = "means of bags (2, 5) and (2, 7)"
    else:
        y, back = layer(chosen)
    back(np.ones_like(y))
    gradient = layer.weight.grad
    gradient = gradient.to_dense() if hasattr(gradient, "to_dense") else gradient

    def paint(left, middle, right):
        image(left, layer.weight.data, "the table, 8 rows")
        image(middle, y, said)
        image(right, gradient, "gradient: row 2 twice")
        for row in chosen:
            left.add_patch(frame(0, row, 12))

    return draw(paint, f"{name}: rows looked up, and where their gradient goes", 3)


# Recurrent layers.


def remembered(thing, name: str) -> Picture:
    """How much the last output hears of each input: the vanishing gradient."""
    layer = thing(4, 16)
    steps = 40
    x = np.random.default_rng(0).standard_normal((steps, 4)).astype(np.float32)
    (y, _), back = layer(x)
    dy = np.zeros_like(y)
    dy[-1] = 1
    try:
        dx = back(dy, None)
    except TypeError:
        dx = back(dy, (None, None))
    dx = dx[0] if isinstance(dx, tuple) else dx
    norms = np.linalg.norm(dx.reshape(steps, -1), axis=1)

    def paint(left):
        left.semilogy(np.arange(steps) - steps + 1, norms, color=SCRATCH)
        left.set_xlabel("steps before the last output")
        left.set_title("size of the input's gradient")

    return draw(paint, f"{name}: what the last output hears of earlier inputs")


STEPS, ON = 40, slice(8, 16)  # of a cell's life, and when its input is on
UNITS = 3


def state_of_a_cell(thing, name: str) -> Picture:
    """A state that rises with an input and fades without: memory."""
    x = np.zeros((STEPS, 4), np.float32)
    x[ON] = 2
    cells = thing(4, UNITS), getattr(torch_ref.nn, name)(4, UNITS)
    mine, theirs = [], []
    a = b = None
    for row in x:
        a, _ = cells[0](row, a)
        b = cells[1](to_torch(row), b)
        mine.append(np.stack(a) if isinstance(a, tuple) else a[None])
        with torch.no_grad():
            theirs.append(to_numpy(torch.stack(b) if isinstance(b, tuple) else b[None]))
    mine, theirs = np.array(mine), np.array(theirs)  # (steps, states, units)
    titles = ["hidden state", "cell state"][: mine.shape[1]]

    def paint(*panels):
        for state, axes in enumerate(panels):
            axes.axvspan(ON.start, ON.stop - 1, color=FAINT, alpha=0.2, linewidth=0)
            axes.axhline(0, color=FAINT, linewidth=0.8)
            for unit in range(UNITS):
                at = (slice(None), state, unit)
                both(axes, np.arange(STEPS), mine[at], theirs[at])
            axes.set(title=f"{titles[state]} of {UNITS} units", xlabel="step")
        handles, labels = panels[0].get_legend_handles_labels()
        panels[0].legend(handles[:2], labels[:2])

    caption = f"{name}(4, {UNITS}): its input is on where the ground is shaded, else 0"
    return draw(paint, caption, len(titles))


# Attention.


def attended(thing, name: str) -> Picture:
    """The weights; a function is asked for them by values that are one-hot."""
    x = np.random.default_rng(0).standard_normal((10, 1, 16)).astype(np.float32) * 2
    causal = np.triu(np.ones((10, 10), bool), 1)
    if name == "MultiheadAttention":
        layer = thing(16, 2)
        (_, shares), _ = layer(x, x, x)
        (_, masked), _ = layer(x, x, x, attn_mask=causal)
    else:
        q = x.transpose(1, 0, 2) / 2
        values = np.eye(10, dtype=np.float32)[None]
        shares, _ = thing(q, q, values)
        masked, _ = thing(q, q, values, is_causal=True)

    def paint(left, right):
        for axes, values, title in (
            (left, shares[0], "how much each place looks at each"),
            (right, masked[0], "with a causal mask"),
        ):
            _places(axes, values, title, "looked at", "looks")

    return draw(paint, f"{name}: attention weights of random inputs", 2)


def _places(axes, values, title: str, across: str, down: str) -> None:
    image(axes, values, title, "Blues", signed=False)
    axes.set_xlabel(across)
    axes.set_ylabel(down)
    axes.xaxis.label.set_color(INK)


WIDTH, PLACES, MEMORY = 16, 8, 10


def heard(thing, name: str) -> Picture:
    """What each place of the output hears of each place of each input."""
    later = np.triu(np.ones((PLACES, PLACES), bool), 1)
    nn, sizes = scratch.nn, (WIDTH, 2, 32)
    if name == "Transformer":
        layer = thing(WIDTH, 2, 2, 2, 32)
    elif name.endswith("Layer"):
        layer = thing(*sizes)
    else:
        layer = thing(getattr(nn, f"{name}Layer")(*sizes), 3)
    layer.eval()
    rng = np.random.default_rng(0)
    # One copy of the sequence for each number of the output that is asked.
    own, other = (
        np.repeat(rng.standard_normal((n, 1, WIDTH)), PLACES * WIDTH, axis=1).astype(
            np.float32
        )
        for n in (PLACES, MEMORY)
    )
    if name == "Transformer":
        calls = [((other, own), {"tgt_mask": later})]
        titles = ["the source", "the target, which is masked"]
    elif "Decoder" in name:
        calls = [((own, other), {"tgt_mask": later})]
        titles = ["the target, which is masked", "the memory"]
    else:
        masks = "src_mask" if name.endswith("Layer") else "mask"
        calls = [((own,), {}), ((own,), {masks: later})]
        titles = ["the input", "the input, with a causal mask"]
    found = [size for inputs, masks in calls for size in _heard(layer, inputs, masks)]

    def paint(*panels):
        for axes, values, title in zip(panels, found, titles, strict=True):
            _places(axes, np.sqrt(values), title, "place heard", "place of the output")

    caption = (
        f"{name}: how much each place of the output hears of each place of an "
        "input, as the root of its gradient's size"
    )
    return draw(paint, caption, len(titles))


def _heard(layer, inputs, masks) -> list[np.ndarray]:
    """For each input the size of its gradient, (places of the output, its places)."""
    y, back = layer(*inputs, **masks)
    dy = np.zeros_like(y)
    for i in range(PLACES):
        dy[i, i * WIDTH : (i + 1) * WIDTH] = np.eye(WIDTH)
    gradients = back(dy)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    return [
        np.sqrt((g * g).sum(axis=2).reshape(-1, PLACES, WIDTH).sum(axis=2)).T
        for g in gradients[: len(inputs)]
    ]


# Losses.


def spoken(thing, name: str) -> Picture:
    """Where a target is heard in a sequence: what the gradient asks for."""
    steps, words = 24, ["blank", "a", "b", "c"]
    rng = np.random.default_rng(1)
    z = rng.standard_normal((steps, 1, len(words))) * 1.2
    log_p = (z - np.log(np.exp(z).sum(axis=2, keepdims=True))).astype(np.float32)
    target = np.array([[1, 2, 2, 3]])
    lengths = np.array([steps]), np.array([target.size])
    loss, back = thing(reduction="sum")(log_p, target, *lengths)
    dx = back(np.ones_like(loss))
    p = np.exp(log_p[:, 0]).T
    gamma = p - dx[:, 0].T

    def paint(left, middle, right):
        for axes, values, title, cmap in (
            (left, p, "input: probability of each class", "Blues"),
            (middle, gamma, "given that “abbc” is said", "Blues"),
            (right, dx[:, 0].T, "gradient: first less second", "RdBu_r"),
        ):
            signed = cmap != "Blues"
            image(axes, values, title, cmap, signed=signed, aspect="auto")
            axes.set_yticks(range(len(words)), words)
            axes.set_xlabel("step")

    caption = f"{name}: random probabilities of 24 steps, and the target a, b, b, c"
    return draw(paint, caption, 3)


def clustered(thing, name: str) -> Picture:
    """What rare classes cost, and how likely they are."""
    cutoffs, classes = [8, 24], 60
    mine = thing(32, classes, cutoffs, div_value=2.0)
    theirs = getattr(torch_ref.nn, name)(32, classes, cutoffs, div_value=2.0)
    x = np.random.default_rng(0).standard_normal((1, 32)).astype(np.float32) * 3
    log_p = mine.log_prob(x)[0]
    with torch.no_grad():
        their_log_p = to_numpy(theirs.log_prob(to_torch(x)))[0]
    widths = [mine.in_features, *(layer[0].out_features for layer in mine.tail)]
    edges = [0, *mine.cutoffs]
    names = ["head", *(f"cluster {i}" for i in range(len(mine.tail)))]

    def paint(left, right):
        left.stairs(widths, edges, color=SCRATCH, linewidth=2)
        left.set(title="features behind each class", xlabel="class", ylim=(0, 36))
        for start, width, word in zip(edges, widths, names, strict=False):
            left.text(start + 0.6, width + 0.8, word, color=INK)
        both(right, np.arange(classes), np.exp(log_p), np.exp(their_log_p))
        right.set(title="probability of each class", xlabel="class", yscale="log")
        for axes in (left, right):
            for cutoff in cutoffs:
                axes.axvline(cutoff - 0.5 * (axes is right), color=FAINT, linestyle=":")
        right.legend()

    caption = (
        f"{name}(32, {classes}, {cutoffs}, div_value=2.0): rare classes share "
        "the probability of their cluster"
    )
    return draw(paint, caption, 2)


SEQUENCES = {
    "AdaptiveLogSoftmaxWithLoss": clustered,
    "CTCLoss": spoken,
    "Embedding": looked_up,
    "EmbeddingBag": looked_up,
    "GRU": remembered,
    "GRUCell": state_of_a_cell,
    "LSTM": remembered,
    "LSTMCell": state_of_a_cell,
    "MultiheadAttention": attended,
    "RNN": remembered,
    "RNNCell": state_of_a_cell,
    "Transformer": heard,
    "TransformerDecoder": heard,
    "TransformerDecoderLayer": heard,
    "TransformerEncoder": heard,
    "TransformerEncoderLayer": heard,
    "scaled_dot_product_attention": attended,
}
