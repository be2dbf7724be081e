"""The candidate's process as a side: numbers go in, a trace comes out.

Every call is made again, another one between, and what must not happen is written down
in `conduct`: results that change, inputs written to, functions replaced.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from ..trace import Feed, Trace, flatten, is_floating, over, tensor_name
from .process import Apart, Failure
from .wire import Numbers


@dataclass(frozen=True)
class Call:
    """One call of the candidate, and what it gave."""

    feed: Feed
    order: str
    trace: Trace

    def alike(self, other: "Call") -> bool:
        """Whether both go to the same model of the candidate."""
        return self.feed.precision == other.feed.precision


class ApartSide:
    """`run(feed)` asks the candidate.

    `orders` gives an argument's order in memory ("c", "fortran", "strided", "offset"),
    `names` is what inputs are called, `weights` maps the candidate's names of
    parameters to the reference's.
    """

    def __init__(self, apart: Apart, start: dict, arrays: list, names: list[str]):
        self.apart = apart
        self.names = names
        self.gradients = True
        self.order = "c"
        self.again = False  # whether each call is made again, another between
        self.may_write: set[str] = set()  # inputs that the reference writes to as well
        self.conduct: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self.operations = {"forward": Counter(), "backward": Counter()}
        self.known: list[Call] = []
        self.unsteady: list[tuple[Call, Trace, str]] = []
        self.weights: dict[str, str] = {}
        self.leaves: list[str] = []
        reply, _ = apart.ask({"do": "load", **start}, arrays)
        self.places = [
            (str(name), tuple(shape), bool(trained))
            for name, shape, trained in _listed(reply, "places", 3)
        ]
        self._watched(reply)

    def make(self, feed: Feed):
        """There is no module to be taken apart on this side of the wall."""
        return None

    def fit(self, state: dict[str, np.ndarray]) -> list[str]:
        """Which of the candidate's parameters takes which of the reference's: that of
        the same name and shape, else the next of the same shape. What has no place is
        returned.
        """
        free = {name: shape for name, shape, _ in self.places}
        self.weights = {}
        for name, value in state.items():
            if free.get(name) == value.shape:
                self.weights[name] = name
                del free[name]
        without = []
        for name, value in state.items():
            if name in self.weights.values():
                continue
            mine = next((n for n, s in free.items() if s == value.shape), None)
            if mine is None:
                without.append(name)
            else:
                self.weights[mine] = name
                del free[mine]
                self.notes[f"renamed {name}"] = f"{mine} of mine is taken for {name}"
        return without

    def run(self, feed: Feed) -> Trace:
        """A trace as the reference's side makes one.

        With `again` other content has been in the same memory before, the call is made
        twice, and another one between; what then has other bits stands in `unsteady`.
        """
        if not self.again:
            return self.call(feed)
        self.call(replace(feed, inputs=shuffled(feed.inputs)))
        call = Call(feed, self.order, self.call(feed))
        before = [c for c in self.known if c.alike(call) and c.feed is not feed]
        if before:
            self.repeat(before[-1], "when it was called again after other calls")
        self.repeat(call, "when it was called again", observed=True)
        if self.gradients and not any(
            c.alike(call) and c.feed.training == feed.training for c in self.known
        ):
            self.repeat_without_gradients(call)
        self.known.append(call)
        return call.trace

    def repeat_without_gradients(self, call: "Call") -> None:
        """As it is called by those who use it and do not train it."""
        self.gradients = False
        try:
            again = self.call(call.feed)
        finally:
            self.gradients = True
        first = Trace((n, x) for n, x in call.trace.items() if "grad of " not in n)
        if not same_bits(first, again):
            self.unsteady.append(
                (replace(call, trace=first), again, "when it was called under no_grad")
            )

    def repeat_all(self) -> None:
        """Every call once more, the last first: none may have gone stale."""
        for call in reversed(self.known):
            self.repeat(call, "at the end, when it was called again")

    def repeat(self, call: "Call", words: str, observed: bool = False) -> None:
        now, self.order = self.order, call.order
        again = self.call(call.feed, observed)
        self.order = now
        if not same_bits(call.trace, again):
            self.unsteady.append((call, again, words))

    def call(self, feed: Feed, observed: bool = False) -> Trace:
        """One call of the candidate."""
        dtype = feed.precision.name
        arrays, leaves = [], []
        wanted = feed.differentiable or (True,) * len(feed.inputs)
        for x, wants in zip(feed.inputs, wanted, strict=True):
            for _, leaf in flatten(x):
                if isinstance(leaf, np.ndarray):
                    floats = is_floating(leaf)
                    leaves.append(len(arrays) if floats and wants else -1)
                    arrays.append(Numbers.of(leaf, dtype if floats else None))
        count = len(arrays)
        weights = {m: t for m, t in self.weights.items() if t in feed.parameters}
        arrays += [self._numbers(feed.parameters[t], dtype) for t in weights.values()]
        arrays += [self._numbers(np.asarray(dy), dtype) for dy in feed.upstream]
        ask = {
            "do": "call",
            "dtype": dtype,
            "training": feed.training,
            "seed": feed.seed,
            "inputs": count,
            "weights": list(weights),
            "orders": [self.order] * count,
            "leaves": [i for i in leaves if i >= 0],
            "arguments": described(feed.inputs),
            "gradients": self.gradients,
            "observed": observed,
        }
        reply, found = self.apart.ask(ask, arrays)
        self.leaves = [path for path, _ in self._leaves(feed)]
        try:
            self._watched(reply)
            return self._trace(reply, found, feed)
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Failure("protocol", f"its answer was none: {error}") from None

    def _numbers(self, x: np.ndarray, dtype: str) -> Numbers:
        return Numbers.of(x, dtype if is_floating(x) else None)

    def _trace(self, reply: dict, found: list[Numbers], feed: Feed) -> Trace:
        names = reply.get("names")
        if not isinstance(names, list) or len(names) != len(found):
            raise Failure("protocol", "its answer names other arrays than it holds")
        wanted = feed.precision.name
        trace = Trace()
        for name, numbers in zip(map(str, names), found, strict=True):
            what, _, rest = name.partition(" ")
            known = name
            if what == "leaf" and rest.isdigit() and int(rest) < len(self.leaves):
                known = f"grad of {self.leaves[int(rest)]}"
            elif what == "parameter":
                if rest not in self.weights:
                    continue  # one that the reference does not have
                known = tensor_name("grad of", self.weights[rest])
            elif what == "buffer":
                if rest not in self.weights:
                    continue
                known = tensor_name("buffer", self.weights[rest])
            elif what != "output":
                raise Failure("protocol", "its answer holds what was not asked for")
            trace[known] = self._array(known, numbers, wanted, feed.dtype)
            if feed.narrow and is_floating(trace[known]):
                trace.narrowed.add(known)
        return trace

    def _leaves(self, feed: Feed):
        """(name, array) of every array among the inputs, in order."""
        for name, x in zip(self.names, feed.inputs, strict=True):
            for path, leaf in flatten(x, name):
                if isinstance(leaf, np.ndarray):
                    yield path, leaf

    def _array(self, name: str, numbers: Numbers, wanted: str, dtype) -> np.ndarray:
        """Floats of another kind are told, and judged all the same."""
        array = numbers.array()
        if not np.issubdtype(array.dtype, np.floating):
            return array
        if numbers.dtype != wanted:
            self.conduct.setdefault(
                f"type of {name}", f"{numbers.dtype}, expected {wanted}"
            )
        with np.errstate(over="ignore"):
            return array.astype(dtype)

    def _watched(self, reply: dict) -> None:
        """Write down what a reply tells beside numbers."""
        for words in _strings(reply, "kinds"):
            if words:
                self.conduct.setdefault("kind of output", words)
        for name in _strings(reply, "replaced"):
            self.conduct.setdefault(
                "functions", f"it has replaced {name}, which belongs to everybody"
            )
            self.notes.setdefault(f"replaced {name}", f"replaced: {name}")
        for name in _strings(reply, "later"):
            self.conduct.setdefault(
                "later", f"{name} changed after it had been returned"
            )
        for name in _strings(reply, "stale"):
            self.conduct.setdefault(
                "stale", f"{name} of one call was changed by the next call"
            )
        for i in reply.get("written", ()):
            name = self._input_name(i)
            if name.partition(" ")[0] in self.may_write:
                continue
            self.conduct.setdefault("inputs", f"it wrote to {name}")
        for name in _strings(reply, "moved"):
            self.conduct.setdefault("parameters", f"it wrote to parameter {name}")
        for text in _strings(reply, "tried"):
            self._tried(text)
        operations = reply.get("operations")
        if isinstance(operations, dict):
            for way, counter in self.operations.items():
                for name, count in dict(operations.get(way, {})).items():
                    counter[str(name)[:200]] = max(counter[str(name)[:200]], int(count))

    def _input_name(self, i) -> str:
        known = isinstance(i, int) and 0 <= i < len(self.leaves)
        return self.leaves[i] if known else "an input"

    def _tried(self, text: str) -> None:
        """A file outside: another process's, or code, is a way to the reference."""
        if text.startswith("program "):
            self.notes.setdefault(text, f"it started a {text}")
            return
        words = f"it tried to {text if text.startswith('write ') else f'read {text}'}"
        path = text.removeprefix("write ")
        if path.startswith("/proc/") or path.endswith((".py", ".pyc", ".ipynb")):
            self.conduct.setdefault("files", words)
        else:
            self.notes.setdefault(text, f"{words}, and could not")


def described(nested) -> dict | list:
    """The structure of arguments: places of arrays, and plain values."""
    counter = iter(range(1 << 30))

    def describe(x):
        if isinstance(x, np.ndarray):
            return {"tensor": next(counter)}
        if isinstance(x, tuple | list):
            kind = "tuple" if isinstance(x, tuple) else "list"
            return {"items": [describe(item) for item in x], "kind": kind}
        if isinstance(x, dict):
            return {"entries": [[key, describe(item)] for key, item in x.items()]}
        if x is None or isinstance(x, bool | int | float | str):
            return {"value": x}
        raise TypeError(
            f"a {type(x).__name__} cannot be given to a candidate apart: tensors, "
            "numbers, strings, None, and lists, tuples and dicts of them can"
        )

    return describe(tuple(nested))


def shuffled(nested):
    """The same numbers in other places: content that every call takes."""

    def roll(x):
        return np.roll(x, 1) if isinstance(x, np.ndarray) else x

    return tuple(over(roll, x) for x in nested)


def same_bits(mine: Trace, again: Trace) -> bool:
    return mine.keys() == again.keys() and all(
        (x.dtype, x.shape, x.tobytes())
        == (again[n].dtype, again[n].shape, again[n].tobytes())
        for n, x in mine.items()
    )


def _strings(reply: dict, key: str) -> list[str]:
    found = reply.get(key, ())
    return [str(x)[:300] for x in found] if isinstance(found, list) else []


def _listed(reply: dict, key: str, width: int) -> list:
    found = reply.get(key)
    if not isinstance(found, list) or any(
        not isinstance(entry, list) or len(entry) != width for entry in found
    ):
        raise Failure("protocol", f"its answer has no {key}")
    return found
