"""No value of a request can become SQL or markup: every statement is put together from constants alone, and
every template escapes what it shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from expedit.web import rendering

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "expedit"

SINKS = {
    "run", "run_many", "insert", "rows", "row", "rows_for", "read_row", "read_rows", "exec_driver_sql",
    "execute", "executemany", "executescript", "copy", "sql", "text",
}  # fmt: skip
"""Methods whose first argument is SQL; others of the same name are told apart by what the argument says."""

SQL_WORDS = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|DROP|TRUNCATE|COPY|SET|PRAGMA|ALTER|FROM|WHERE)\b"
)

SIZED = """database.read_rows("SELECT name FROM sqlite_master WHERE type = 'table'")"""
SEQUENCE = "tx.row('SELECT pg_get_serial_sequence(?, ?)', (table, column))"
LOCKED = "sa.text(f'SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})')"
SHOWN = "question('expedit.insights', 'shown_to')"
# What the proof below cannot follow: file, expression, and why no value from outside can be in it.
TRUSTED = {
    ("catalog/store.py", "self.table"): "a field of the module's own constants (_Bulk)",
    ("catalog/store.py", "self.columns"): "a field of the module's own constants (_Bulk)",
    ("catalog/store.py", "self.conflict"): "a field of the module's own constants (_Bulk)",
    ("connections/store.py", "table.name"): "the name of a declared table",
    ("events/store.py", "lock"): "UPDATE or SHARE, as its two callers write",
    ("operations/sizes.py", "str(table.name)"): "the name of a declared table",
    ("operations/sizes.py", SIZED): "names of tables, read from the database itself",
    ("operations/tables.py", "column.name"): "the name of a declared column",
    ("operations/tables.py", "table.name"): "the name of a declared table",
    ("operations/tables.py", SEQUENCE): "the name that PostgreSQL gives its own sequence",
    ("storage/database.py", "synchronous.upper()"): "full or normal, checked before",
    ("storage/database.py", "sql"): "the writer itself: what its callers give is proven at their place",
    ("storage/held.py", "sql"): "the reader itself: what its callers give is proven at their place",
    ("storage/migrating.py", LOCKED): "a number that is a constant of the module",
    ("warehouse/duck.py", "tables"): "names of tables that the room which asks has written",
    ("warehouse/duck.py", "source.sql"): "a view that the room which asks has written",
    ("warehouse/duck.py", "str(path)"): "paths of the home's own files, quoted",
    ("insights/asking.py", SHOWN): "the text of a question file of the room",
}


Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module


@cache
def tree_of(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    return tree


def scopes_of(node: ast.AST) -> Iterator[Scope]:
    """Give the functions around a node, the innermost first, then its module."""
    while not isinstance(node, ast.Module):
        node = node.parent  # type: ignore[attr-defined]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
            yield node


def own_nodes(scope: Scope) -> Iterator[ast.AST]:
    """Give the nodes of a scope without those of functions inside it."""
    todo: list[ast.AST] = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)


def givers_of(name: str, scope: Scope) -> list[ast.expr | None]:
    """Return every expression that gives `name` its value in a scope; None where it cannot be followed."""
    found: list[ast.expr | None] = []
    for node in own_nodes(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found += _given(name, target, node.value)
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign)) and node.value is not None:
            found += _given(name, node.target, node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            found += _given(name, node.target, ast.Starred(node.iter))
        elif isinstance(node, ast.NamedExpr):
            found += _given(name, node.target, node.value)
    if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
        found += _handed_in(name, scope)
    return found


def _handed_in(name: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr | None]:
    """Return what a parameter is given by the calls of a module's private function; None for any other."""
    arguments = function.args
    placed = [*arguments.posonlyargs, *arguments.args]
    one = next((one for one in [*placed, *arguments.kwonlyargs] if one.arg == name), None)
    if one is None:
        return []
    if one.annotation is not None and ast.unparse(one.annotation).startswith("Literal["):
        return []  # mypy holds every caller to the constants that it names
    module = list(scopes_of(function))[-1]
    calls = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function.name
    ]
    if not function.name.startswith("_") or not calls:
        return [None]
    given: list[ast.expr | None] = []
    for call in calls:
        named = next((word.value for word in call.keywords if word.arg == name), None)
        place = placed.index(one) if one in placed else len(call.args)
        given.append(named or (call.args[place] if place < len(call.args) else None))
    return given


def _given(name: str, target: ast.expr, value: ast.expr) -> list[ast.expr | None]:
    if isinstance(target, ast.Name):
        return [value] if target.id == name else []
    if isinstance(target, (ast.Tuple, ast.List)):
        if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
            return [
                got
                for one, each in zip(target.elts, value.elts, strict=True)
                for got in _given(name, one, each)
            ]
        if isinstance(value, ast.IfExp):
            return _given(name, target, value.body) + _given(name, target, value.orelse)
        if any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(target)):
            return [value if isinstance(value, ast.Starred) else None]
    return []


class Proof:
    """Follows an expression back to constants; what is left over is collected."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.open: list[str] = []
        self._under_way: set[tuple[str, int]] = set()

    def holds(self, node: ast.expr) -> None:  # noqa: C901  (one line for each way to write an expression)
        """Follow `node`; see `open` for what could not be."""
        if isinstance(node, ast.Constant):
            return
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                self.holds(part.value if isinstance(part, ast.FormattedValue) else part)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            self.holds(node.left)
            self.holds(node.right)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            self.holds(node.left)  # how often does not matter
        elif isinstance(node, ast.IfExp):
            self.holds(node.body)
            self.holds(node.orelse)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                self.holds(value)
        elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            for value in node.elts:
                self.holds(value)
        elif isinstance(node, ast.Dict):
            for value in [*filter(None, node.keys), *node.values]:
                self.holds(value)
        elif isinstance(node, (ast.GeneratorExp, ast.ListComp)):
            self.holds(node.elt)
        elif isinstance(node, (ast.Starred, ast.Subscript)):
            self.holds(node.value)
        elif isinstance(node, ast.Attribute) and node.attr == "for_update":
            return
        elif isinstance(node, ast.Name):
            self._name(node)
        elif isinstance(node, ast.Call):
            self._call(node)
        else:
            self.open.append(ast.unparse(node))

    def _name(self, node: ast.Name) -> None:
        for scope in scopes_of(node):
            key = (node.id, id(scope))
            if key in self._under_way:
                return
            givers = givers_of(node.id, scope)
            if givers:
                self._under_way.add(key)
                for giver in givers:
                    if giver is None:
                        self.open.append(node.id)
                    else:
                        self.holds(giver)
                return
        elsewhere = imported(self.path, node.id)
        if elsewhere is None:
            self.open.append(node.id)
        else:
            other = Proof(elsewhere[0])
            for giver in givers_of(elsewhere[1], tree_of(elsewhere[0])) or [None]:
                if giver is None:
                    self.open.append(node.id)
                else:
                    other.holds(giver)
            self.open += other.open

    def _call(self, node: ast.Call) -> None:
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in {
            "join",
            "replace",
            "strip",
            "rstrip",
            "removesuffix",
        }:
            self.holds(called.value)
            for argument in node.args:
                self.holds(argument)
            return
        if isinstance(called, ast.Attribute) and called.attr in {"items", "values", "keys"} and not node.args:
            self.holds(called.value)
            return
        if isinstance(called, ast.Name) and called.id in {
            "enumerate",
            "sorted",
            "list",
            "tuple",
            "reversed",
            "zip",
        }:
            for argument in node.args:
                self.holds(argument)
            return
        if isinstance(called, ast.Name) and called.id in {"int", "len"}:
            return
        if isinstance(called, ast.Name):
            module = tree_of(self.path)
            for node_of in module.body:
                if isinstance(node_of, ast.FunctionDef) and node_of.name == called.id:
                    for inner in own_nodes(node_of):
                        if isinstance(inner, ast.Return) and inner.value is not None:
                            self.holds(inner.value)
                    return
        self.open.append(ast.unparse(node))


def imported(path: Path, name: str) -> tuple[Path, str] | None:
    """Return the file of this package in which `name` was made that `path` imports, and its name there."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("expedit."):
            for one in node.names:
                if (one.asname or one.name) == name:
                    file = ROOT / "src" / Path(*node.module.split("."))
                    there = file.with_suffix(".py")
                    return (there, one.name) if there.is_file() else None
    return None


def statements(path: Path) -> Iterator[tuple[int, ast.expr]]:
    """Give every expression that a module hands to a database."""
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        if node.func.attr in SINKS and is_sql(node.args[0]):
            yield node.lineno, node.args[0]


def is_sql(node: ast.expr) -> bool:
    """Tell whether an expression may be SQL: it says so, or it cannot be told."""
    if isinstance(node, ast.Name):
        return node.id in {"sql", "asked", "text", "query", "statement", "one", "wanted"} or node.id.isupper()
    said = " ".join(
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    return bool(SQL_WORDS.search(said))


def made_of_more_than_constants() -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(SOURCE))
        if "migrations/" in name:
            continue
        for line, expression in statements(path):
            proof = Proof(path)
            proof.holds(expression)
            for left in proof.open:
                found[name, left] = line
    return found


def test_statements_are_made_of_constants() -> None:
    found = made_of_more_than_constants()
    assert {at: line for at, line in found.items() if at not in TRUSTED} == {}
    assert set(TRUSTED) <= set(found), "no longer needed: take it off the list"


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("def f(tx, name): tx.run(f'DELETE FROM {name}')", ["name"]),
        ("def f(tx, name): tx.run('SELECT * FROM x WHERE a = ' + name)", ["name"]),
        ("def f(tx, visit): tx.rows('SELECT {}'.format(visit.query['q']))", None),
        ("def f(tx, v):\n  sql = 'SELECT 1'\n  sql += v\n  tx.run(sql)", ["v"]),
        ("def f(tx, v):\n  for name in v: tx.run(f'DELETE FROM {name}')", ["v"]),
        ("def f(tx, v): tx.run('SELECT %s' % v)", None),
        ("def f(tx): tx.run(f'DELETE FROM {g()}')\ndef g(): return h.read()", ["h.read()"]),
        ("T = ('a', 'b')\ndef f(tx):\n  for name in T: tx.run(f'DELETE FROM {name}')", []),
        (
            "def f(tx, n):\n  marks = ', '.join('?' * len(n))\n  tx.run(f'SELECT 1 WHERE 1 IN ({marks})', n)",
            [],
        ),
        ("def f(tx, v): _g(tx, v)\ndef _g(tx, w): tx.run(f'DELETE FROM {w}')", ["v"]),
        ("def f(tx): _g(tx, 'x')\ndef _g(tx, w): tx.run(f'DELETE FROM {w}')", []),
        ("C = 'a, b'\ndef f(tx): tx.run('SELECT ' + C + ' FROM x' + tx.for_update)", []),
    ],
)
def test_the_proof_itself_finds_what_it_should(tmp_path: Path, code: str, left: list[str] | None) -> None:
    path = tmp_path / "room.py"
    path.write_text(code)
    ((_, expression),) = statements(path)
    proof = Proof(path)
    proof.holds(expression)
    assert proof.open if left is None else proof.open == left


# -- Markup ------------------------------------------------------------------------------------------------

TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))
SAFE = re.compile(r"\|\s*safe\b|autoescape\s+false|\bMarkup\(")
MARKUP_MADE_IN = {"web/rendering.py"}
"""Where text is declared to be markup: a token in a hidden field, JSON without ``<``, a written template."""


def test_the_panel_escapes_what_it_shows() -> None:
    environment = rendering._environment
    hostile = """<script>alert(1)</script>" onload='x'"""
    shown = environment.from_string('<p title="{{ it }}">{{ it }}</p>').render(it=hostile)
    assert "<script" not in shown and '" onload' not in shown and "' onload" not in shown
    assert environment.autoescape is True


def test_no_template_takes_the_escaping_off() -> None:
    assert [
        f"{path.relative_to(SOURCE)}: {found[0]}"
        for path in TEMPLATES
        for found in [SAFE.search(path.read_text())]
        if found and "demo/storefront" not in str(path)
    ] == []


def test_every_template_environment_escapes() -> None:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Environment"):
                given = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert given.get("autoescape") == "True", path
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Template", "jinja2.Template"}:
                pytest.fail(f"{path}: a template without an environment escapes nothing")


def test_markup_is_declared_in_few_places() -> None:
    made = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(r"\bMarkup\(", path.read_text()) and "demo/" not in str(path)
    }
    assert made == MARKUP_MADE_IN


def test_no_page_holds_script_or_style_of_its_own() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\son[a-z]+=|\sstyle=|javascript:",
        re.IGNORECASE,
    )
    assert [
        f"{path.relative_to(SOURCE)}: {found[0]}"
        for path in TEMPLATES
        for found in [inline.search(path.read_text())]
        if found and "demo/" not in str(path)
    ] == []
