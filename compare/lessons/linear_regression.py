"""The regression line, by gradient descent and in closed form."""

import numpy as np

from ..sides.arrays import to_numpy
from ..training.lesson import TREES, Lesson, LessonSide, Settings, Variant
from ..training.measures import r_squared
from .data import basics
from .figures.basics import line_through_points
from .standardised import standardise_inputs


def prepare(tree, arrays: dict) -> dict:
    """The target in hundreds, so that one learning rate suits slope and intercept."""
    arrays = {k: v / 100 if k[0] == "y" else v for k, v in arrays.items()}
    return standardise_inputs(tree, arrays)


def build(side):
    tree = side.tree
    model = side.ready(tree.models.LinearRegression(side.arrays["x_train"].shape[1]))
    criterion = tree.models.HalfSquaredError()
    optimizer = tree.optim.SGD(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion, optimizer, tree.training.full_batch)


def findings(o) -> list[str]:
    """Where the descent has come to, and where it must end."""
    lines, mine = [], o.sides["scratch"]
    for side in o.sides:
        part = LessonSide(TREES[side], {}, o.settings, np.dtype(o.settings.dtype))
        x, y = (part.array(np.asarray(a)) for a in (mine.x, mine.y))
        exact = TREES[side].models.LeastSquares()(x, y)
        weight, bias = exact[0] if side == "scratch" else exact
        slope, intercept = to_numpy(weight)[0], float(bias[0])
        found, start = o.weights[side].values()
        gap = np.abs(np.append(found[0] - slope, start[0] - intercept)).max()
        if len(slope) == 1:
            descent = f"{found[0, 0]:.6f} x + {start[0]:.6f}"
            closed = f"{slope[0]:.6f} x + {intercept:.6f}"
            lines.append(f"{side}: descent y = {descent}, closed form y = {closed}")
        else:
            lines.append(f"{side}: descent still {gap:.2f} from the closed form")
    return lines


LESSON = Lesson(
    name="linear-regression",
    title="Linear regression: y = ax + b, rolled down to and solved",
    shows=(
        "Gradient descent turns and shifts the line until the squared error grows in "
        "every direction. "
        "The closed form says at once where that is, and the descent arrives there. "
        "With ten measurements instead of one the prediction is better, and the way "
        "longer, since measurements that go together make a narrow valley."
    ),
    data=lambda feature: basics.diabetes(feature),
    defaults=Settings(epochs=300, lr=0.2),
    prepare=prepare,
    build=build,
    measures={"R2": r_squared},
    watch=(line_through_points,),
    findings=findings,
    variants=(
        Variant("body mass index", {"feature": "bmi"}),
        Variant("ten measurements", {"feature": ""}),
    ),
    options={"feature": "bmi"},
    data_options=("feature",),
)
