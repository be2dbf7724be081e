"""Cases for distances, and for the loss that takes any of them."""

from dataclasses import replace

from .losses import REDUCTIONS
from .spec import Case, D, Exactly, K, N, Real, Size

ROWS = Real((N, K), spread=1.0)
ANY = Real((N, D))
TIES = Exactly((N, K), (-1.0, 0.0, 1.0))
# In one dimension the cosine is 1 or -1, and PyTorch's slope of it is mere rounding.
L = Size("L", minimum=2)
M = Size("M", minimum=2, large=False)
DIRECTIONS = Real((N, M), spread=1.0)
INFINITY = float("inf")


def _distances() -> list[Case]:
    powers = 1.0, 3.0, 1.5, 0.5, INFINITY, -INFINITY, -1.0
    ties = 2.0, 1.0, 3.0, 1.5, 0.5, INFINITY, -INFINITY
    counted = replace(TIES, differentiable=False)  # PyTorch has no gradient for p = 0
    return [
        Case({}, (ANY, ANY)),
        Case({"p": 0.0, "eps": 0.0}, (counted, counted)),
        Case({"eps": 0.1, "keepdim": True}, (ROWS, ROWS)),
        *(Case({"p": p}, (ROWS, ROWS)) for p in powers),
        Case({}, (Real((D,)), Real((D,))), label="one pair"),
        Case({}, (Real((N, 3, K)), Real((3, 1))), label="broadcast"),
        *(
            Case({"p": p, "eps": 0.0}, (TIES, TIES), label=f"p={p}, eps=0, ties")
            for p in ties
        ),
    ]


def _triplets() -> list[Case]:
    def of(label, distance, rows=ROWS, **options):
        def build(tree):
            return tree.nn.TripletMarginWithDistanceLoss(
                distance_function=distance(tree.nn), **options
            )

        return Case({}, (rows, rows, rows), label=label, build=build)

    return [
        *(Case({"reduction": r}, (ROWS, ROWS, ROWS)) for r in REDUCTIONS),
        *(
            Case({"reduction": r, "swap": True, "margin": 0.3}, (ROWS, ROWS, ROWS))
            for r in REDUCTIONS
        ),
        Case({"swap": True}, (TIES, TIES, TIES), label="ties"),
        of("sum of differences", lambda nn: nn.PairwiseDistance(1), swap=True),
        of("cosine", lambda nn: nn.CosineSimilarity(), DIRECTIONS, margin=0.5),
        of("kept dimension", lambda nn: nn.PairwiseDistance(keepdim=True)),
    ]


CASES = {
    "nn.PairwiseDistance": _distances(),
    "nn.CosineSimilarity": [
        Case({}, (Real((N, L)), Real((N, L)))),
        Case({"dim": -2}, (Real((N, M, 3)), Real((N, M, 3)))),
        Case({"dim": 0}, (Real((L,)), Real((L,)))),
        Case({"dim": 2}, (Real((N, 1, M)), Real((3, M))), label="dim=2, broadcast"),
        Case({"eps": 1.0}, (Real((N, M), spread=0.5), DIRECTIONS)),
        Case({}, (TIES, TIES), label="zeros"),
    ],
    "nn.TripletMarginWithDistanceLoss": _triplets(),
}
