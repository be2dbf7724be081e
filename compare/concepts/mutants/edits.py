"""What can be edited in a file: one operator, one number, one comparison at a time.

Messages, refusals and what is printed are left alone: they change no number.
"""

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
NAMES = {"max": "min", "maximum": "minimum", "argmax": "argmin", "fmax": "fmin"}
NAMES |= {second: first for first, second in NAMES.items()}
LEFT_ALONE = re.compile(r"__repr__|__str__|extra_repr|_?(require|check|refuse|warn)\w*")
NOT_SWAPPED = {"isinstance", "getattr", "hasattr", "setattr", "issubclass", "zip"}
NOT_SWAPPED |= {"swapaxes", "maximum", "minimum", "max", "min"}  # the same either way


@dataclass(frozen=True)
class Edit:
    """One edit of a file; `function` is the line on which its function begins."""

    path: str
    number: int
    line: int
    function: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before} -> {self.after}"


def edits_of(path: str, source: str) -> list[Edit]:
    """All edits of a file's functions, in the order of the lines."""
    editor = _Editor(path)
    editor.visit(ast.parse(source))
    return editor.found


def edited(source: str, number: int) -> str:
    """The file with the edit of this number made."""
    editor = _Editor("", number)
    tree = editor.visit(ast.parse(source))
    return ast.unparse(ast.fix_missing_locations(tree))


class _Editor(ast.NodeTransformer):
    def __init__(self, path: str, wanted: int | None = None):
        self.path, self.wanted = path, wanted
        self.found: list[Edit] = []
        self.functions: list[int] = []

    def visit(self, node):
        if isinstance(node, ast.Raise | ast.Assert | ast.JoinedStr | ast.AnnAssign):
            return node
        if isinstance(node, ast.FunctionDef):
            return self._function(node)
        if isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise):
            node.orelse = [self.visit(child) for child in node.orelse]
            return node
        if isinstance(node, ast.Call) and LEFT_ALONE.fullmatch(_name(node.func)):
            return node
        variants = list(_variants(node)) if self.functions else []
        before = ast.unparse(node) if variants else ""
        chosen = None
        for variant in variants:
            number = len(self.found)
            self.found.append(
                Edit(
                    self.path,
                    number,
                    node.lineno,
                    self.functions[-1],
                    before,
                    ast.unparse(ast.fix_missing_locations(variant)),
                )
            )
            if number == self.wanted:
                chosen = variant
        if chosen is not None:
            return chosen
        return self.generic_visit(node)

    def _function(self, node: ast.FunctionDef):
        """Its body, without the docstring; options' defaults are no formula."""
        if LEFT_ALONE.fullmatch(node.name):
            return node
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        self.functions.append(first)
        node.body = [
            child if _is_docstring(child) else self.visit(child) for child in node.body
        ]
        self.functions.pop()
        return node


def _is_docstring(node) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _name(node) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def _variants(node) -> Iterator[ast.AST]:
    """Copies of a node, each with one edit."""

    def changed(**fields):
        other = copy.deepcopy(node)
        for name, value in fields.items():
            setattr(other, name, value)
        return other

    match node:
        case ast.BinOp(left=left, op=op):
            if type(op) in OPERATORS:
                yield changed(op=OPERATORS[type(op)]())
            if isinstance(op, ast.Add | ast.Sub):
                yield copy.deepcopy(left)
        case ast.AugAssign(op=op) if type(op) in OPERATORS:
            yield changed(op=OPERATORS[type(op)]())
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            yield changed(ops=[COMPARISONS[type(op)]()])
        case ast.BoolOp(op=op):
            yield changed(op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield copy.deepcopy(operand)
        case ast.Constant(value=value) if type(value) in (int, float):
            yield changed(value=value + 1)
            yield changed(value=value - 1)
            if value:
                yield changed(value=2 * value)
        case ast.Call(func=func, args=[first, second, *rest]) if (
            _name(func) not in NOT_SWAPPED
            and not isinstance(first, ast.Starred)
            and not isinstance(second, ast.Starred)
        ):
            swapped = [copy.deepcopy(x) for x in (second, first, *rest)]
            if ast.unparse(first) != ast.unparse(second):
                yield changed(args=swapped)
        case ast.Attribute(attr=name) if name in NAMES:
            yield changed(attr=NAMES[name])
        case ast.Name(id=name) if name in NAMES:
            yield changed(id=NAMES[name])
