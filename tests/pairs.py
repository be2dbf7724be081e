"""False alarms among correct pairs in every form, dtype and order in memory.

    python tests/pairs.py --draws 10000 --seed 0 --jobs 2

Every pair of forms in turn, each with another formula, dtype, order in memory and
library of the inputs. Whatever is no match is printed; so is what was covered.
"""

import logging
import sys
import warnings
from collections import Counter
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import click
import numpy as np
import torch
import torch._logging

import twofold
from twofold.compare.concepts.sweep import sweep

sys.path.insert(0, str(Path(__file__).parent / "shared"))
CHUNK = 50
DRAWS = 4
DTYPES = ("float32", "float64", "float16", "bfloat16")  # scratch.nn has no bfloat16


def strided(x):
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    return wide[..., ::2]


ORDERS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "strided": strided,
    "reversed": lambda x: x[::-1].copy()[::-1],
}


def by_torch(x):
    return torch.from_numpy(x.copy() if any(s < 0 for s in x.strides) else x)


def by_jax(x):
    import jax.numpy as jnp

    return jnp.asarray(x)


LIBRARIES = {"NumPy": lambda x: x, "PyTorch": by_torch, "JAX": by_jax}


@dataclass(frozen=True)
class Pair:
    """One call of `check`, drawn from its seed; `function` is a formula's name, or
    "network" for the forms that have parameters."""

    mine: str
    reference: str
    function: str
    dtype: str
    order: str
    library: str
    seed: int
    float64: bool
    gradients: bool

    def check(self):
        x, mine, reference, mapping = self._network() if self.is_network else self._f()
        given = [LIBRARIES[self.library](ORDERS[self.order](a)) for a in x]
        return twofold.check(
            mine,
            reference,
            *given,
            parameters=mapping,
            dtype=self.dtype,
            gradients=self.gradients,
            float64=self.float64,
            draws=DRAWS,
            seed=self.seed,
        )

    @property
    def is_network(self) -> bool:
        return self.function == "network"

    def _f(self):
        from forms import FORMS, FORMULAS, compiled

        formula = FORMULAS[self.function]
        forms = FORMS | {"compiled": compiled}
        x = formula.inputs(np.random.default_rng(self.seed))
        return x, forms[self.mine](formula), forms[self.reference](formula), {}

    def _network(self):
        from forms import NETWORKS

        mine, mapping = NETWORKS[self.mine]
        reference, _ = NETWORKS[self.reference]
        x = np.random.default_rng(self.seed).standard_normal((5, 3))
        return (x,), mine(), reference(), mapping


def pairs(count: int, seed: int) -> list[Pair]:
    """Each pair of forms in turn; what else there is to choose is drawn."""
    from forms import FORMS, FORMULAS, NETWORKS, REFERENCES

    forms = [*FORMS, "compiled"]
    places = [(m, r, None) for m, r in product(forms, forms)]
    places += [(m, r, "network") for m, r in product(NETWORKS, REFERENCES)]
    rng = np.random.default_rng(seed)

    def one(mine, reference, function):
        narrow = function == "network" and "scratch.nn" in (mine, reference)
        dtype = str(rng.choice(DTYPES[:3] if narrow else DTYPES))
        return Pair(
            mine,
            reference,
            function or str(rng.choice(list(FORMULAS))),
            dtype,
            str(rng.choice(list(ORDERS))),
            str(rng.choice(list(LIBRARIES))),
            int(rng.integers(2**31)),
            float64=bool(rng.random() < 0.7) or dtype == "float64",
            gradients=bool(rng.random() < 0.9),
        )

    found: list[Pair] = []
    while len(found) < count:
        found += [one(*place) for place in places]
    return found[:count]


def alarms(chunk: list[Pair]) -> tuple[int, list[tuple[Pair, str]]]:
    """How many draws were made, and whatever is no match."""
    drawn, found = 0, []
    for pair in chunk:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.compiler.reset()
            torch._logging.set_logs(dynamo=logging.ERROR)
            try:
                report = pair.check()
            except Exception as error:
                found.append((pair, f"{type(error).__name__}: {error}"))
                continue
        drawn += report.draws
        if not report.ok:
            found.append((pair, str(report)))
    return drawn, found


@click.command()
@click.option("--draws", default=10000, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--jobs", default=2, show_default=True)
def main(draws: int, seed: int, jobs: int):
    every = pairs(-(-draws // DRAWS), seed)
    chunks = [(every[i : i + CHUNK],) for i in range(0, len(every), CHUNK)]
    total, found = 0, []
    for _, (drawn, some) in sweep(alarms, chunks, jobs=jobs):
        total += drawn
        found += some
    for pair, about in sorted(found, key=str):
        print(f"{pair}\n{about}\n")
    for what in ("function", "dtype", "order", "library"):
        tally = Counter(getattr(pair, what) for pair in every)
        print(f"{what}: " + ", ".join(f"{k} {n}" for k, n in sorted(tally.items())))
    print(f"{len(found)} alarms in {total:,} draws of {len(every):,} pairs", flush=True)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
