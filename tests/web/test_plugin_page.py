"""The plugin that docs/explanation/panel.md shows works as it is shown."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from expedit.features import Feature
from expedit.storage import Shop
from expedit.web import Frame, Html, Viewer, Visit, add_room, render, text

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "panel.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def loyal(tmp_path: Path) -> Iterator[Feature]:
    """Give the feature of the documented plugin, written to a folder as the page says."""
    blocks = FENCE.findall(PAGE.read_text().partition("## Add a page from a plugin")[2])
    python, html = (next(body for kind, body in blocks if kind == wanted) for wanted in ("python", "html"))
    texts = next(body for kind, body in blocks if kind == "toml" and "[title]" in body)
    package = tmp_path / "loyal"
    (package / "templates").mkdir(parents=True)
    (package / "__init__.py").write_text(python)
    (package / "texts.toml").write_text(texts)
    (package / "templates" / "regulars.html").write_text(html)
    sys.path.insert(0, str(tmp_path))
    try:
        feature = importlib.import_module("loyal").FEATURE
        add_room(feature.name, feature.package)
        yield feature
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("loyal", None)


@pytest.mark.parametrize(
    ("language", "title", "counted"),
    [("en", "Regulars", "0 orders"), ("sv", "Stammisar", "0 ordrar"), ("nb", "Faste kunder", "0 ordrer")],
)
def test_the_documented_plugin_gives_its_page(
    shop: Shop, loyal: Feature, language: str, title: str, counted: str
) -> None:
    assert isinstance(loyal, Feature)
    (page,), (line,) = loyal.pages, loyal.menu
    assert page.show is not None
    visit = Visit(viewer=Viewer("u", "Eva", "eva@example.com", "viewer"), language=language)
    reply = page.show(shop, visit)
    assert isinstance(reply, Html)
    written = render(reply, visit, Frame())
    assert f'<h1 class="page-title">{title}</h1>' in written
    assert f'<div class="card-body">{counted}' in written
    assert text(language, line.text) == title
