"""What is undocumented is unfinished, and what is documented exists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from expedit.cli.main import application
from expedit.core import SETTINGS
from expedit.decisions import default_placements_file
from expedit.recommendation import STRATEGIES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


def text_of(folder: str) -> str:
    return "\n".join(path.read_text() for path in sorted((DOCS / folder).glob("*.md")))


def test_every_setting_is_documented() -> None:
    reference = (DOCS / "reference" / "settings.md").read_text()
    for row in SETTINGS:
        assert f"`{row.name}`" in reference, row.name
        assert row.help.replace("|", "\\|") in reference, row.name


def test_every_command_is_documented() -> None:
    reference = (DOCS / "reference" / "commands.md").read_text()

    def walk(command: object, name: str) -> None:
        for child, sub in getattr(command, "commands", {}).items():
            walk(sub, f"{name} {child}")
        if not hasattr(command, "commands"):
            assert f"`{name}`" in reference, name

    walk(get_command(application), "expedit")


def test_every_strategy_and_placement_is_documented() -> None:
    placements = (DOCS / "reference" / "placements.md").read_text()
    for name in STRATEGIES:
        assert f"`{name}`" in placements, name
    for name in re.findall(r"^\[(?:placements\.)?([a-z-]+)\]", default_placements_file(), re.MULTILINE):
        assert name in placements, name


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_nothing_is_committed_that_must_not_be() -> None:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = [ROOT / name for name in files.stdout.split("\0") if name]
    assert [str(path) for path in listed if path.is_file() and path.stat().st_size > 1_000_000] == []
    resolved = re.compile(r'"resolved":\s*"http|--(extra-)?index-url|https?://[^ "\']+\.(whl|tgz)\b')
    for path in listed:
        if path.suffix in {".json", ".txt", ".toml", ".cfg", ".py", ".md", ".yml", ".sh"} and path.is_file():
            assert path.name == Path(__file__).name or not resolved.search(path.read_text()), path
