"""The walls of the house: who imports whom, the mirror, lengths, steps, tolerances."""

import ast
import re
import subprocess
import sys
import tokenize
import tomllib
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

from each import each
from twofold.compare.concepts.cases import CASES
from twofold.compare.concepts.catalogue import concepts

ROOT = Path(__file__).parents[1]
TREES = ("scratch", "torch_ref", "compare", "twofold")
# From the ground up: each imports only what stands below it.
ROOMS = (
    "numerics",
    "sides",
    "judge",
    "report",
    "files",
    "api",
    "concepts",
    "training",
    "lessons",
    "study",
    "bench",
    "commands",
    "cli",
    "pytest_plugin",
)
UNMIRRORED = {"kernels", "bases"}  # what the hand-written layers are made of
MANY = 15  # files of a folder, beside its __init__
# Folders that list like things.
LISTS = {
    "scratch/nn",
    "scratch/models",
    "scratch/optim",
    "torch_ref/nn",
    "torch_ref/models",
    "torch_ref/optim",
    "compare/lessons",
    "compare/concepts/cases",
}
OUTSIDE = {
    "scratch": {"numpy", "scipy.special"},
    "torch_ref": {"torch"},
}
LONGEST_FILE = 450
WIDEST_LINE, WIDEST_OF_A_PAIR = 88, 72
STEP = re.compile(r"#\s*(\d+)\.\s+(.+)")


def files(*trees: str) -> list[str]:
    """All Python files below these folders, as paths from the root."""
    return sorted(
        str(path.relative_to(ROOT))
        for tree in trees
        for path in ROOT.glob(f"{tree}/**/*.py")
    )


def parsed(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def module_name(path: str) -> str:
    return ".".join(Path(path).with_suffix("").parts).removesuffix(".__init__")


def imported(path: str, nodes) -> list[str]:
    """What these nodes import, as dotted names from the root."""
    package = Path(path).parent.parts
    found = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found += [alias.name.removeprefix("twofold.") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{base}.{alias.name}".lstrip(".") for alias in node.names]
            found += [name.removeprefix("twofold.") for name in names]
    return found


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter holds after the statement: those of others
    by their first name, ours by their second."""
    code = (
        f"import sys; {statement}; names = (m.removeprefix('twofold.') for m in "
        "sys.modules); print(*{name.partition('.')[0] for name in names})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


# Who imports whom.


@each("path", files("scratch", "torch_ref"))
def test_a_side_imports_its_one_library_and_itself(path):
    """Else: what is said to be done by hand, or by PyTorch, is done by another."""
    tree = path.partition("/")[0]
    allowed = {tree} | OUTSIDE[tree]
    for name in imported(path, ast.walk(parsed(path))):
        root = name.partition(".")[0]
        assert root not in {"importlib", "subprocess", "ctypes"}, name
        inside = any(name == a or name.startswith(f"{a}.") for a in allowed)
        assert inside or root in sys.stdlib_module_names, name
    calls = [n.id for n in ast.walk(parsed(path)) if isinstance(n, ast.Name)]
    assert not {"__import__", "exec", "eval"} & set(calls)


def test_importing_scratch_loads_no_torch():
    """Else: the hand-written side needs the library that it is compared with."""
    loaded = loaded_by("import twofold.scratch")
    assert {"scratch", "numpy"} <= loaded
    assert not loaded & {"torch", "torch_ref", "compare", "sklearn", "pandas"}


def test_importing_torch_ref_loads_nothing_of_ours():
    """Else: the reference leans on what it is the reference for."""
    loaded = loaded_by("import twofold.torch_ref")
    assert {"torch", "torch_ref"} <= loaded
    assert not loaded & {"scratch", "compare"}


def test_importing_the_command_line_loads_nothing_heavy():
    """Else: `twofold --help` takes seconds."""
    loaded = loaded_by("import twofold.compare.cli")
    assert {"click", "compare"} <= loaded
    heavy = {"numpy", "torch", "rich", "scipy", "sklearn", "tensorboard", "matplotlib"}
    assert not loaded & {*heavy, "scratch", "torch_ref"}


def test_importing_the_door_loads_nothing_heavy():
    """Else: whoever imports twofold pays for what they do not use."""
    loaded = loaded_by("import twofold; dir(twofold)")
    assert not loaded & {"numpy", "torch", "scratch", "torch_ref", "compare", "rich"}


@each("path", files("scratch", "torch_ref"))
def test_no_side_imports_the_harness(path):
    """Else: a side needs the harness that judges it."""
    names = imported(path, ast.walk(parsed(path)))
    assert not [n for n in names if n.partition(".")[0] == "compare"]


@each("path", files("scratch/kernels"))
def test_kernels_know_no_layers(path):
    """Else: what makes a layer fast cannot be read, or tried, without the layer."""
    names = imported(path, ast.walk(parsed(path)))
    above = ("scratch.nn", "scratch.bases", "scratch.module", "scratch.optim")
    assert not [n for n in names if n.startswith(above)]


def room_of(path: str) -> str:
    """The room, or the door, of the harness that a file belongs to."""
    return Path(path).with_suffix("").parts[1]


@each("path", files("compare"))
def test_a_room_imports_only_what_stands_below_it(path):
    """Else: the harness is one tangle, and no part of it can be read alone.

    What a function imports when it is called counts as well.
    """
    room = room_of(path)
    if room == "__init__":
        return
    allowed = ROOMS[: ROOMS.index(room) + 1]
    for name in imported(path, ast.walk(parsed(path))):
        if name.startswith("compare."):
            assert name.split(".")[1] in allowed, name


def test_every_room_is_named():
    """Else: a room stands somewhere, and nobody knows above what."""
    there = {p.stem for p in (ROOT / "compare").iterdir() if p.name[0] not in "._"}
    assert there == set(ROOMS)


@each("folder", sorted({str(Path(path).parent) for path in files(*TREES)} - LISTS))
def test_no_folder_is_crowded(folder):
    """Else: nothing is found in it without reading all of it."""
    inside = [p.name for p in (ROOT / folder).glob("*.py") if p.stem != "__init__"]
    assert len(inside) <= MANY


def test_every_folder_is_installed():
    """Else: a clone works, and what is installed from a wheel does not."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = settings["tool"]["setuptools"]["packages"]
    folders = {str(Path(path).parent) for path in files(*TREES[:3])}
    wanted = {"twofold", *(f"twofold.{f.replace('/', '.')}" for f in folders)}
    assert (set(named) - wanted, wanted - set(named)) == (set(), set())


def at_import_time(nodes):
    """The statements that run when a module is imported: not those in functions."""
    for node in nodes:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from at_import_time(ast.iter_child_nodes(node))


@each("tree", TREES[:3])
def test_imports_run_one_way(tree):
    """Else: two modules need each other, and neither can be understood alone."""
    modules = {module_name(path): path for path in files(tree)}
    graph = {}
    for module, path in modules.items():
        names = imported(path, at_import_time(parsed(path).body))
        # `from a.b import c` needs the module a.b.c, or else a.b, which holds c.
        needed = {n if n in modules else n.rpartition(".")[0] for n in names}
        graph[module] = {n for n in needed if n in modules}
    TopologicalSorter(graph).prepare()
    assert sum(map(len, graph.values())) > 0


# The mirror.


def public(tree: str) -> list[str]:
    """The files of a tree without its private helpers, as paths from its root."""
    paths = [Path(path).relative_to(tree) for path in files(tree)]
    return [
        str(path)
        for path in paths
        if not any(re.match(r"_[^_]", part) for part in path.parts)
        and path.parts[0] not in UNMIRRORED
    ]


MIRRORED = sorted({*public("scratch")} & {*public("torch_ref")})
STEPPED = [p for p in MIRRORED if p == "training.py" or p.startswith("models/")]


def test_both_trees_have_the_same_files():
    """Else: what is at one place on one side has to be searched on the other."""
    mine, theirs = set(public("scratch")), set(public("torch_ref"))
    assert (mine - theirs, theirs - mine) == (set(), set())


@each("path", MIRRORED)
def test_both_sides_of_a_file_offer_the_same_names(path):
    """Else: a concept exists once, or under two names."""
    name = module_name(path) if path != "__init__.py" else ""
    modules = [
        import_module(f"twofold.{tree}.{name}".rstrip("."))
        for tree in ("scratch", "torch_ref")
    ]
    mine, theirs = (sorted(module.__all__) for module in modules)
    assert mine == theirs
    for module in modules:
        assert [n for n in module.__all__ if not hasattr(module, n)] == []


def test_every_concept_has_a_case_and_every_case_a_concept():
    """Else: something is offered that nobody checks, or checked that is not offered."""
    known = set(concepts())
    assert known - set(CASES) == set()
    assert set(CASES) - known == set()
    assert [name for name, cases in CASES.items() if not cases] == []


# What is read side by side.


def steps(path: str) -> dict[str, list[str]]:
    """The numbered comments of a file by the function or method that they stand in."""
    with tokenize.open(ROOT / path) as source:
        comments = [
            (token.start[0], match.group(1), match.group(2))
            for token in tokenize.generate_tokens(source.readline)
            if token.type == tokenize.COMMENT and (match := STEP.match(token.string))
        ]
    found = {}
    for name, node in functions(parsed(path).body):
        inside = [
            f"{number}. {text}"
            for line, number, text in comments
            if node.lineno <= line <= node.end_lineno
        ]
        if inside:
            found[name] = inside
    assert sum(map(len, found.values())) == len(comments), "a step outside a function"
    return found


def functions(body, owner=""):
    """Functions of a module and methods of its classes; not what is nested in them."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from functions(node.body, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            yield owner + node.name, node


@each("path", STEPPED)
def test_both_sides_take_the_same_numbered_steps(path):
    """Else: the study pages cannot lay both codes side by side."""
    mine, theirs = (steps(f"{tree}/{path}") for tree in ("scratch", "torch_ref"))
    assert mine == theirs
    assert list(mine) == list(theirs)
    if not path.endswith("__init__.py"):
        assert mine, "no numbered steps at all"


@each("path", STEPPED)
def test_the_steps_of_a_class_or_function_are_numbered_from_one(path):
    """Else: a step was taken out or put in, and the others not counted again."""
    counted = {}
    for name, texts in steps(f"scratch/{path}").items():
        owner = name.partition(".")[0]
        counted.setdefault(owner, []).extend(int(t.partition(".")[0]) for t in texts)
    for owner, numbers in counted.items():
        assert numbers == list(range(1, len(numbers) + 1)), owner


# Lengths and words.


@each("path", files(*TREES))
def test_no_file_is_too_long(path):
    """Else: it is asking to be split by family."""
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@each("path", files(*TREES, "tests"))
def test_no_line_is_too_wide(path):
    """Else: it wraps, and beside its pair it is cut."""
    _, _, inside = path.partition("/")
    pair = inside in STEPPED and path.startswith(("scratch", "torch_ref"))
    widest = WIDEST_OF_A_PAIR if pair else WIDEST_LINE
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    assert [n for n, line in enumerate(lines, 1) if len(line) > widest] == []


TOLERANCES = {"atol", "rtol", "allclose", "isclose", "approx", "assert_allclose"}


@each("path", files("scratch", "torch_ref", "tests"))
def test_no_tolerance_is_set_by_hand(path):
    """Else: a mistake that is small enough passes, and a right result may fail."""
    with tokenize.open(ROOT / path) as source:
        names = {
            token.string
            for token in tokenize.generate_tokens(source.readline)
            if token.type == tokenize.NAME
        }
    assert names & TOLERANCES == set()


HOSTS = re.compile(
    r"pypi\.org|pythonhosted|download\.pytorch|anaconda\.(org|com)|index-url|npmjs"
)


def test_no_package_index_is_named():
    """Else: an installation is bound to one host, or asks it for something."""
    skipped = {"__pycache__", "build", ".git", ".venv", "runs"}
    kinds = {".py", ".md", ".toml", ".txt", ".cfg", ".yml", ".sh", ""}
    texts = [
        path
        for path in ROOT.rglob("*")
        if path.suffix in kinds
        and not skipped & set(path.relative_to(ROOT).parts)
        and not any(part.endswith(("_cache", "egg-info")) for part in path.parts)
        and path.is_file()
        and path != Path(__file__)
    ]
    assert ROOT / "pyproject.toml" in texts
    found = [p.name for p in texts if HOSTS.search(p.read_text(errors="replace"))]
    assert found == []
