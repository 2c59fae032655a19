"""The panel speaks three languages, says nothing that has no text, and runs no script of a page's own."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes

from expedit.app import FEATURES
from expedit.web import LANGUAGES, ROLES, statics

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "expedit"
ROOMS = sorted(path.parent for path in SOURCE.glob("*/texts.toml"))
TEMPLATES = sorted(path for path in SOURCE.glob("*/templates/**/*.html"))
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")


def leaves(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every text of a room by its key without the room's name."""
    if "en" in table:
        yield prefix, {name: inner for name, inner in table.items() if name in LANGUAGES}
    for name, inner in table.items():
        if "en" not in table or name not in LANGUAGES:
            yield from leaves(inner, f"{prefix}.{name}" if prefix else name)


def texts() -> dict[str, dict[str, Any]]:
    """Return every text by its whole key."""
    return {
        f"{room.name}.{key}": versions
        for room in ROOMS
        for key, versions in leaves(tomllib.loads((room / "texts.toml").read_text()))
    }


TEXTS = texts()
PREFIXES = {room.name for room in ROOMS}


def forms(version: Any) -> dict[str, str]:
    return version if isinstance(version, dict) else {"other": version}


def places(pattern: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}


def spoken(source: ast.AST | nodes.Node) -> Iterator[str]:
    """Give every constant text in a Python module or a template."""
    if isinstance(source, ast.AST):
        for node in ast.walk(source):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values
                )
    else:
        for const in source.find_all(nodes.Const):
            if isinstance(const.value, str):
                yield const.value
        for joined in source.find_all(nodes.Concat):
            yield "".join(str(part.value) if isinstance(part, nodes.Const) else "*" for part in joined.nodes)
        for added in source.find_all(nodes.Add):
            if isinstance(added.left, nodes.Const) and isinstance(added.left.value, str):
                yield added.left.value + "*"


@cache
def sources() -> tuple[tuple[Path, ast.AST | nodes.Node], ...]:
    """Return every module and template, parsed."""
    return tuple(_parsed())


def _parsed() -> Iterator[tuple[Path, ast.AST | nodes.Node]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, ast.parse(path.read_text())
    environment = Environment(autoescape=True)
    for path in TEMPLATES:
        yield path, environment.parse(path.read_text())


@pytest.fixture(scope="module")
def used() -> dict[str, set[str]]:
    """Give by file the constant texts that look like keys; `*` stands for what is put in at run time."""
    found: dict[str, set[str]] = {}
    for path, tree in sources():
        said = {one for one in spoken(tree) if one.partition(".")[0] in PREFIXES}
        found[str(path.relative_to(SOURCE))] = said
    return found


def faults(versions: dict[str, Any]) -> Iterator[str]:
    """Give what is wrong with one text."""
    if set(versions) != set(LANGUAGES):
        yield f"has {', '.join(sorted(versions))}"
        return
    wanted = set().union(*(places(form) for form in forms(versions["en"]).values()))
    for language, version in versions.items():
        named = set().union(*(places(form) for form in forms(version).values()))
        if named != wanted:
            yield f"{language} has the places {sorted(named)}, not {sorted(wanted)}"
        if any(form != form.strip() or not form for form in forms(version).values()):
            yield f"{language} is empty or has space around it"
        if isinstance(version, dict) and (set(version) != {"one", "other"} or "n" not in wanted):
            yield f"{language}: forms are one and other, chosen by n"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_text_is_there_in_every_language_with_the_same_places(room: Path) -> None:
    mine = {key: versions for key, versions in TEXTS.items() if key.startswith(f"{room.name}.")}
    assert mine
    assert [f"{key}: {fault}" for key, versions in mine.items() for fault in faults(versions)] == []


def test_what_is_said_has_a_text() -> None:
    """A constant first argument of `text(…)`'s key and of `t(…)` is a key that exists."""
    missing = []
    for path, tree in sources():
        if isinstance(tree, ast.AST):
            calls = [
                (node.args[1], "text")
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "text"
                and len(node.args) > 1
            ]
            keys = [arg.value for arg, _ in calls if isinstance(arg, ast.Constant)]
        else:
            keys = [
                call.args[0].value
                for call in tree.find_all(nodes.Call)
                if isinstance(call.node, nodes.Name)
                and call.node.name == "t"
                and call.args
                and isinstance(call.args[0], nodes.Const)
            ]
        missing += [f"{path.relative_to(SOURCE)}: {key}" for key in keys if key not in TEXTS]
    assert missing == []


def test_what_a_feature_shows_has_a_text() -> None:
    for feature in FEATURES:
        for item in feature.menu:
            assert item.text in TEXTS, item
            assert not item.group or item.group in TEXTS, item
        for panel in feature.person_panel:
            assert panel.text in TEXTS, panel


def test_every_text_is_said_somewhere(used: dict[str, set[str]]) -> None:
    whole = set().union(*used.values())
    patterns = [
        re.compile(re.escape(one).replace(re.escape("*"), r"[a-z0-9_.:-]+")) for one in whole if "*" in one
    ]
    # A key that ends with a dot is the first half of one that code puts together.
    halves = tuple(one for one in whole if one.endswith((".", "_")) and one.count(".") >= 1)
    silent = [
        key
        for key in TEXTS
        if key not in whole
        and not key.startswith(halves)
        and not any(pattern.fullmatch(key) for pattern in patterns)
    ]
    assert silent == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_a_template_has_no_script_or_style_of_its_own(path: Path) -> None:
    written = path.read_text()
    markup = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", written, flags=re.DOTALL)
    tags = re.findall(r"<[a-zA-Z!/][^>]*>", markup)
    for tag in tags:
        assert not re.search(r"\sstyle\s*=", tag), tag
        assert not re.search(r"\son[a-z]+\s*=", tag), tag
        assert not re.search(r"\shx-on|\bjs:|javascript:", tag), tag
        if tag.startswith("<script"):
            assert 'type="application/json"' in tag or " src=" in tag, tag
        assert not tag.startswith("<style"), tag
        assert not re.search(r"(src|href)\s*=\s*[\"']https?:", tag) or tag.startswith("<a "), tag
    assert not re.search(r"\|\s*safe\b", written), "what a template shows is escaped"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_a_form_that_posts_carries_its_token(path: Path) -> None:
    written = path.read_text()
    for form in re.findall(
        r"<form\b[^>]*method=[\"']post[\"'].*?</form>", written, re.DOTALL | re.IGNORECASE
    ):
        assert "csrf()" in form, form[:200]


def test_rooms_never_mark_a_text_as_safe_html() -> None:
    """Markup is made in one place, so that nothing of a visitor's can become a tag."""
    users = {
        str(path.relative_to(SOURCE))
        for path, tree in sources()
        if isinstance(tree, ast.AST)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Markup"
        if not str(path.relative_to(SOURCE)).startswith("demo/")
    }
    assert users <= {"web/rendering.py"}


def test_pages_have_addresses_and_roles_of_their_own() -> None:
    pages = [(feature.name, page) for feature in FEATURES for page in feature.pages]
    paths = [page.path for _, page in pages]
    assert sorted(set(paths)) == sorted(paths)
    for room, page in pages:
        assert page.path == "/panel" or page.path.startswith("/panel/"), (room, page.path)
        assert page.show is not None or page.act is not None, page.path
        assert ROLES.index(page.act_role) >= ROLES.index(page.role) or page.act is None, page.path
    items = [item for feature in FEATURES for item in feature.menu]
    assert {item.path for item in items} <= set(paths)
    assert len({item.order for item in items}) == len(items), "two lines of the menu want the same place"


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    if not statics().packed("icons.svg"):
        pytest.skip("the panel's files are not built: make frontend")
    sprite = statics().read("icons.svg")[0].decode()
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    named = {item.icon for feature in FEATURES for item in feature.menu}
    for path in TEMPLATES:
        named |= set(re.findall(r"\b(?:icon|empty|happening)\(\s*[\"']([a-z0-9-]+)[\"']", path.read_text()))
    assert named <= drawn, "run: python tools/build_frontend.py"
