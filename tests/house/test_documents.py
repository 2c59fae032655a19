"""What is undocumented is unfinished, and what is documented exists."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from typer.main import get_command

from expedit.access import PURPOSES, SCOPES
from expedit.cli.main import application
from expedit.core import SETTINGS
from expedit.decisions import BUILT_IN
from expedit.decisions.placements import FILTERS
from expedit.decisions.placements_reading import read_placements
from expedit.decisions.reasons import TEXTS
from expedit.events import EVENT_KINDS
from expedit.recommendation import OPTIONS, SCOPE, STRATEGIES
from expedit.web.problems import _STATUS, problem_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#:]*)(?:#([^)]*))?\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\bexpedit ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def reference(name: str) -> str:
    return (DOCS / "reference" / name).read_text()


def blocks(*languages: str) -> Iterator[tuple[str, str]]:
    """Give the page and the text of every fenced block in one of `languages`."""
    for page in PAGES:
        for language, text in FENCE.findall(page.read_text()):
            if language in languages:
                yield name_of(page), text


def commands() -> dict[str, tuple[str, ...]]:
    """Return the options of every command by its full name."""
    found: dict[str, tuple[str, ...]] = {}

    def walk(command: object, name: str) -> None:
        for child, sub in getattr(command, "commands", {}).items():
            walk(sub, f"{name} {child}".strip())
        if not hasattr(command, "commands"):
            found[name] = tuple(option for one in command.params for option in one.opts)  # type: ignore[attr-defined]

    walk(get_command(application), "")
    return found


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    """Give the script that writes reference pages."""
    spec = importlib.util.spec_from_file_location("write_reference", ROOT / "tools" / "write_reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["settings.md", "commands.md"])
def test_pages_from_code_are_up_to_date(writer: ModuleType, name: str) -> None:
    assert reference(name) == writer.PAGES[name](), "run: python tools/write_reference.py"


def test_every_setting_and_command_is_documented() -> None:
    for row in SETTINGS:
        assert f"| `{row.name}` |" in reference("settings.md"), row.name
    for name in commands():
        assert f"## `expedit {name}`" in reference("commands.md"), name


def test_every_strategy_placement_and_filter_is_documented() -> None:
    page = reference("placements.md")
    for name in (*STRATEGIES, *FILTERS):
        assert f"`{name}`" in page, name
    for placement in BUILT_IN:
        ladder = f"| `{placement.name}` | "
        row = next((line for line in page.splitlines() if line.startswith(ladder)), "")
        assert row.endswith(f" | {placement.size} |"), placement.name
        for step in placement.ladder:
            assert step.strategy in row, (placement.name, step.strategy)
        arrow, fallback = row.rpartition(" → ")[1:]
        assert not arrow or fallback.startswith(f"{placement.fallback} |"), placement.name
        assert arrow or placement.fallback in {"", *(step.strategy for step in placement.ladder)}, (
            placement.name
        )


def test_every_strategy_has_a_page_that_knows_its_options() -> None:
    pages = {path.stem: path.read_text() for path in (DOCS / "reference" / "strategies").glob("*.md")}
    assert set(pages) == set(STRATEGIES)
    for name, page in pages.items():
        assert page.startswith(f"# {name}\n")
        for option, row in {"scope": SCOPE, **OPTIONS.get(name, {})}.items():
            default = "empty" if row.default == "" else f"`{str(row.default).lower()}`"
            assert f"| `{option}` | {default} | " in page, (name, option)
        for text in (text for language, text in FENCE.findall(page) if language == "toml"):
            (placement,) = tomllib.loads(text)
            ladder = read_placements(text)[placement].ladder
            assert name in {step.strategy for step in ladder}, name


def test_every_reason_is_documented_word_for_word() -> None:
    page = reference("recommend-api.md")
    for code, texts in TEXTS.items():
        assert f"| `{code}` | {texts['en']} |" in page, code


def test_every_kind_of_event_is_documented() -> None:
    for page in (reference("events.md"), reference("event-log.md")):
        for kind in EVENT_KINDS:
            assert f"`{kind}`" in page, kind


def test_every_status_is_documented() -> None:
    page = reference("errors.md")
    for _, status, title in _STATUS:
        assert f"| {status} | {title} |" in page, title
    unforeseen = problem_of(RuntimeError())
    assert f"| {unforeseen.status} | {unforeseen.title} |" in page


def test_every_scope_and_purpose_is_documented() -> None:
    for scope in SCOPES:
        assert scope in reference("commands.md"), scope
    for purpose in PURPOSES:
        assert f"`{purpose}`" in (DOCS / "explanation" / "consent.md").read_text(), purpose


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(FENCE.sub("", page.read_text())):
        there = page.parent / target if target else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), f"{target}#{anchor}"


def test_the_index_names_every_page() -> None:
    named = {(DOCS / target).resolve() for target, _ in LINK.findall((DOCS / "README.md").read_text())}
    assert {page for page in DOCS.rglob("*.md") if page.name != "README.md"} <= named


def test_commands_in_pages_exist() -> None:
    known = commands()
    for page, text in blocks("sh", "console"):
        for line in re.sub(r"\\\n", " ", text).splitlines():
            for words in COMMAND.findall(line.partition("#")[0]):
                name = words if words in known else words.partition(" ")[0]
                assert name in known, f"{page}: {line}"
                said = line.partition(f"expedit {name}")[2].partition("&&")[0].partition(")")[0]
                for option in re.findall(r"(?<=\s)--[a-z-]+", said):
                    assert option in (*known[name], "--help"), f"{page}: {line}"


def parses(text: str) -> bool:
    return (
        subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False).returncode
        == 0
    )


def test_shell_blocks_parse() -> None:
    for page, text in blocks("sh"):
        assert parses(text), f"{page}\n{text}"
    for page, text in blocks("console"):
        assert text.startswith("$ "), f"{page}\n{text}"
        for typed in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            lines = typed.splitlines()  # the command, some lines long, then what it printed
            assert any(parses("\n".join(lines[: n + 1])) for n in range(len(lines))), f"{page}\n{typed}"


def test_blocks_of_data_and_code_parse() -> None:
    for page, text in blocks("json"):
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            pytest.fail(f"{page}: {error}\n{text}")
    for page, text in blocks("toml"):
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            pytest.fail(f"{page}: {error}\n{text}")
    for page, text in blocks("python"):
        compile(text, page, "exec")


def test_nothing_is_committed_that_must_not_be() -> None:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = [ROOT / name for name in files.stdout.split("\0") if name]
    assert [str(path) for path in listed if path.is_file() and path.stat().st_size > 1_000_000] == []
    resolved = re.compile(r'"resolved":\s*"http|--(extra-)?index-url|https?://[^ "\']+\.(whl|tgz)\b')
    for path in listed:
        if path.suffix in {".json", ".txt", ".toml", ".cfg", ".py", ".md", ".yml", ".sh"} and path.is_file():
            assert path.name == Path(__file__).name or not resolved.search(path.read_text()), path
