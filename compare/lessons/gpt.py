"""A small transformer reads names and writes its own."""

from ..training.lesson import Lesson, Settings
from ..training.measures import surprise
from .data.networks import LETTERS, first_names
from .figures import text as figures


def build(side, width, heads, depth):
    tree, window = side.tree, side.arrays["x_train"].shape[1]
    gpt = tree.models.GPT(len(LETTERS), window, width, heads, depth)
    gpt = side.ready(gpt)
    optimizer = tree.optim.AdamW(gpt.parameters(), lr=side.settings.lr)
    return side.train(gpt, tree.nn.CrossEntropyLoss(), optimizer, max_norm=1.0)


def findings(o) -> list[str]:
    written, invented = figures.written(o, "scratch"), figures.invented(o)
    return [
        f"{len(invented)} of {len(written)} names that it writes are in no list: "
        f"{', '.join(invented[:15])}."
    ]


LESSON = Lesson(
    name="gpt",
    title="A small transformer writes names",
    shows=(
        "Every letter looks back at those before it, and nothing else tells the "
        "network what a name is. "
        "Attention, causal mask, layer normalisation and the sums around them, gone "
        "back through by hand, take the same steps as PyTorch's. "
        "During training noise becomes names: see writes in the Text tab."
    ),
    data=first_names,
    defaults=Settings(epochs=6, batch_size=96, lr=4e-3),
    build=build,
    measures={"surprise": surprise},
    watch=(figures.samples,),
    findings=findings,
    options={"width": 32, "heads": 4, "depth": 2},
)
