"""A user's own CSV file as a data set, with an account of all that was done to it."""

import csv
import difflib
import io
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...training.dataset import SPLIT_SEED, DataError, Dataset, split

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-", "."}
MOST_ROWS = 50_000  # of which a random sample is learned from
FEWEST_ROWS = 10
MOST_CATEGORIES = 20  # the rarest beyond are taken together
MOST_CLASSES = 50
FEW_VALUES = 20  # a target of so many different whole numbers is a class
ODD_SHARE = 0.05  # of a column's values that may be text among numbers
TEXT_SHARE = 0.5  # of different values among all: beyond it a column is free text
REST = "(rest)"
THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?")
DECIMALS = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")


class BadTable(DataError):
    """A file that cannot be learned from; the message says why."""


@dataclass
class Account:
    """What was done to a table, in words."""

    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)


def table(csv: str = "", target: str = "", task: str = "") -> Dataset:
    """The columns of a CSV file, encoded as numbers; `target` is what to predict.

    Raises BadTable, with one line that says what is wrong and what would be right.
    """
    account = Account()
    if not csv or not target:
        raise BadTable("the lesson needs --csv FILE and --target COLUMN")
    header, rows = _read(Path(csv), account)
    if target not in header:
        close = difflib.get_close_matches(target, header, n=1)
        there = f" Did you mean {close[0]!r}?" if close else ""
        raise BadTable(
            f"{csv}: no column {target!r}; there are {_list(header)}.{there}"
        )
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    known = [not _missing(value) for value in columns[target]]
    if not all(known):
        account.say(f"dropped {known.count(False)} rows without a {target}")
        columns = {
            name: [v for v, k in zip(values, known, strict=True) if k]
            for name, values in columns.items()
        }
    count = len(columns[target])
    if count < FEWEST_ROWS:
        raise BadTable(
            f"{csv}: {count} row(s) with a {target}; at least {FEWEST_ROWS} are needed"
        )
    y, classes = _target(target, columns.pop(target), task, account, csv)
    names, x = _inputs(columns, account, csv)
    account.say(
        f"{count:,} rows, a fifth held out; inputs brought to mean 0 and standard "
        "deviation 1 of the training rows" + ("" if classes else ", so is the target")
    )
    return split(
        x,
        y,
        name=Path(csv).name,
        source=str(csv),
        features=tuple(names),
        target=target,
        classes=tuple(classes),
        account=tuple(account.lines),
    )


def _read(path: Path, account: Account) -> tuple[list[str], list[list[str]]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadTable(f"{path}: {error.strerror or error}") from None
    text = _decoded(raw, path, account)
    if not text.strip():
        raise BadTable(f"{path}: the file is empty")
    lines = io.StringIO(text, newline="")
    try:
        dialect = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = [row for row in csv.reader(lines, dialect) if any(map(str.strip, row))]
    except csv.Error as error:
        raise BadTable(f"{path}: not a table of columns: {error}") from None
    header = _header(rows[0], account)
    rows = _plain_numbers(rows, dialect.delimiter, account)
    body = [row for row in rows[1:] if len(row) == len(header)]
    odd = len(rows) - 1 - len(body)
    if odd:
        account.say(f"dropped {odd} rows that have not {len(header)} columns")
    if len(header) < 2:
        raise BadTable(f"{path}: one column only ({header[0]}); nothing to learn from")
    if not body:
        raise BadTable(f"{path}: a header and no rows")
    if len(body) > MOST_ROWS:
        account.say(f"took {MOST_ROWS:,} of {len(body):,} rows at random")
        body = random.Random(SPLIT_SEED).sample(body, MOST_ROWS)
    return header, body


def _plain_numbers(rows, delimiter: str, account: Account) -> list[list[str]]:
    """Commas in numbers: between thousands where columns end with a comma, before the
    decimals where they do not.
    """
    pattern = THOUSANDS if delimiter == "," else DECIMALS
    new = "" if delimiter == "," else "."
    changed = 0

    def plain(cell: str) -> str:
        nonlocal changed
        if "," not in cell or not pattern.fullmatch(cell.strip()):
            return cell
        changed += 1
        return cell.replace(",", new)

    rows = [[plain(cell) for cell in row] for row in rows]
    if changed:
        what = "between thousands" if delimiter == "," else "before decimals"
        account.say(f"commas in {changed:,} numbers read as those {what}")
    return rows


def _decoded(raw: bytes, path: Path, account: Account) -> str:
    if b"\0" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadTable(f"{path}: not a text file")
    for encoding in ("utf-8-sig", "utf-16"):
        if encoding == "utf-16" and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    account.say("not UTF-8: read as Windows-1252, so check letters with accents")
    return raw.decode("cp1252", errors="replace")


def _header(row: list[str], account: Account) -> list[str]:
    names, seen = [], Counter()
    for number, cell in enumerate(row, 1):
        name = cell.strip() or f"column {number}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    twice = [name for name, times in seen.items() if times > 1]
    if twice:
        account.say(f"columns of the same name were numbered: {_list(twice)}")
    if all(_number(cell) is not None for cell in row):
        account.say("the first row, taken as names, is all numbers: a header missing?")
    return names


def _target(name, values, task: str, account: Account, path):
    """The target as numbers, and the names of its classes, if it has any."""
    numbers, odd = _numbers(values)
    numeric = odd <= ODD_SHARE * len(values)
    whole = numeric and all(n is None or float(n).is_integer() for n in numbers)
    different = len(set(values))
    if different == 1:
        raise BadTable(f"{path}: every {name} is {values[0]!r}; nothing to predict")
    if not task:
        often = different <= TEXT_SHARE * len(values)  # classes come again
        few = different <= FEW_VALUES and ((whole and often) or not numeric)
        task = "classification" if few or not numeric else "regression"
        account.say(f"{task}, by the target's {different} different values")
    if task == "regression":
        if not numeric or odd:
            example = next(v for v, n in zip(values, numbers, strict=True) if n is None)
            raise BadTable(f"{path}: {name} holds {example!r}, which is no number")
        return np.array(numbers, np.float64)[:, None], ()
    if different > MOST_CLASSES:
        raise BadTable(
            f"{path}: {name} has {different} different values, more than "
            f"{MOST_CLASSES} classes; try --task regression, if they are numbers"
        )
    classes = sorted({v.strip() for v in values}, key=lambda v: (_number(v) or 0, v))
    index = {value: i for i, value in enumerate(classes)}
    account.say(f"classes: {_list(classes)}")
    return np.array([index[v.strip()] for v in values]), classes


def _inputs(columns: dict, account: Account, path) -> tuple[list[str], np.ndarray]:
    names, arrays = [], []
    for name, values in columns.items():
        gone = sum(map(_missing, values))
        present = [v.strip() for v in values if not _missing(v)]
        different = set(present)
        numbers, odd = _numbers(values)
        if not present:
            account.say(f"dropped {name}: empty")
        elif len(different) == 1 and not gone:
            account.say(f"dropped {name}: always {present[0]!r}")
        elif odd <= ODD_SHARE * len(present):
            new = _numeric(name, numbers, gone, odd, account)
            names += [label for label, _ in new]
            arrays += [array for _, array in new]
        elif len(different) > TEXT_SHARE * len(present) and len(different) > 20:
            account.say(f"dropped {name}: {len(different)} different texts")
        else:
            new = _categories(name, values, account)
            names += [label for label, _ in new]
            arrays += [array for _, array in new]
    if not arrays:
        raise BadTable(f"{path}: no column is left to learn from ({account.lines[-1]})")
    return names, np.stack(arrays, axis=1)


def _numeric(name, numbers, gone: int, odd: int, account: Account):
    known = [n for n in numbers if n is not None]
    middle = float(np.median(known))
    column = np.array([middle if n is None else n for n in numbers], np.float64)
    new = [(name, column)]
    if gone + odd:
        what = [f"{gone} missing"] if gone else []
        what += [f"{odd} no number"] if odd else []
        account.say(
            f"{name}: {' and '.join(what)}, replaced by the median {middle:g}; whether "
            "it was missing is an input too"
        )
        flags = np.array([n is None for n in numbers], np.float64)
        new.append((f"{name} missing", flags))
    return new


def _categories(name, values, account: Account):
    shown = ["(missing)" if _missing(v) else v.strip() for v in values]
    counts = Counter(shown)
    kept = [v for v, _ in counts.most_common(MOST_CATEGORIES)]
    if len(counts) > len(kept):
        shown = [v if v in kept else REST for v in shown]
        kept.append(REST)
    account.say(f"{name}: one input for each of {len(kept)} values ({_list(kept)})")
    cells = np.array(shown, dtype=object)
    return [(f"{name} = {v}", (cells == v).astype(np.float64)) for v in sorted(kept)]


def _missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _numbers(values) -> tuple[list[float | None], int]:
    """Each value as a number or None, and how many are there but are no number."""
    numbers = [None if _missing(v) else _number(v) for v in values]
    present = sum(not _missing(v) for v in values)
    return numbers, present - sum(n is not None for n in numbers)


def _list(names) -> str:
    names = [str(name) for name in names]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more
