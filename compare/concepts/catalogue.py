"""Finding the pairs: every public name of scratch that is a concept."""

import difflib
from dataclasses import dataclass
from importlib import import_module

# Where concepts live, and what in there is no concept but what concepts are made of.
FAMILIES = {
    "nn": {"Module", "Parameter", "functional", "init", "utils"},
    "nn.functional": set(),
    "nn.init": set(),
    "nn.utils": {"rnn"},
    "nn.utils.rnn": {"PackedSequence"},
    "optim": {"Optimizer", "lr_scheduler", "swa_utils"},
    "optim.lr_scheduler": {"LRScheduler"},
    "optim.swa_utils": {"update_bn"},
    "models": set(),
    "training": {"Step", "update"},
}


@dataclass(frozen=True)
class Concept:
    """One thing that exists twice under one name."""

    name: str  # "nn.Linear"

    @property
    def family(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def scratch(self):
        return _resolve("scratch", self.name)

    @property
    def torch(self):
        return _resolve("torch_ref", self.name)


def _resolve(side: str, name: str):
    family, _, attribute = name.rpartition(".")
    return getattr(import_module(f"twofold.{side}.{family}"), attribute)


def concepts() -> dict[str, Concept]:
    """All concepts by name, family by family."""
    found = {}
    for family, others in FAMILIES.items():
        module = import_module(f"twofold.scratch.{family}")
        for attribute in sorted(module.__all__):
            if attribute not in others:
                name = f"{family}.{attribute}"
                found[name] = Concept(name)
    return found


def select(wanted: tuple[str, ...], known: list[str]) -> list[str]:
    """The names that `wanted` means: full, in part, or a family.

    "optim.lr_scheduler.StepLR", "lr_scheduler.StepLR" and "StepLR" mean one concept,
    "optim.lr_scheduler" and "lr_scheduler" a family.

    Raises LookupError, with the nearest name, for one that is not known.
    """
    chosen = []
    for word in wanted:
        hits = [name for name in known if f".{word.lower()}." in f".{name.lower()}."]
        if not hits:
            raise LookupError(f"{word!r} is not known.{nearest(word, known)}")
        chosen += [name for name in hits if name not in chosen]
    return chosen or list(known)


def nearest(word: str, known: list[str]) -> str:
    """ " Did you mean ...?" or nothing, for the end of an error message."""
    by_word = {name.lower(): name for name in known}
    by_word |= {name.lower().rpartition(".")[2]: name for name in known}
    close = difflib.get_close_matches(word.lower(), by_word, n=1, cutoff=0.6)
    return f" Did you mean {by_word[close[0]]}?" if close else ""
