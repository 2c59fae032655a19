"""The reference page says what the log is, and its example runs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from expedit.core import from_json
from expedit.events import EVENT_KINDS, Event, EventItem, append, seal
from expedit.events.columns import EVENTS, ITEMS
from expedit.storage import Shop

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "event-log.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", PAGE, re.MULTILINE))


def names(section: str) -> list[str]:
    return re.findall(r"`([a-z_]+)`", section)


def test_every_kind_is_listed_in_order() -> None:
    assert names(SECTIONS["Kinds"].strip().split("\n\n")[0]) == list(EVENT_KINDS)


def test_every_column_of_events_is_described_in_order() -> None:
    rows = [
        line.split("|")[1] for line in SECTIONS["Columns of `events`"].splitlines() if line.startswith("| `")
    ]
    assert [name for row in rows for name in names(row)] == EVENTS.names


def test_every_column_of_items_is_described() -> None:
    section = SECTIONS["Columns of `items`"]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    above = names(section.split("as above")[0])
    assert sorted(above + [name for row in rows for name in names(row)]) == sorted(ITEMS.names)


def test_the_example_of_an_exported_event_is_one() -> None:
    text = re.search(r"```json\n(.+?)```", PAGE, re.DOTALL)
    assert text is not None
    assert from_json(text[1], Event).items == (EventItem("SKU-1", product="P-1"),)


def test_the_example_answers(
    sqlite_shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    views = [
        Event(f"m{n}", "web", "view_item", n, n, subject="a", items=(EventItem("sku", product="tent"),))
        for n in range(3)
    ]
    with sqlite_shop.database.writing() as tx:
        append(tx, views)
    seal(sqlite_shop)
    root = sqlite_shop.home.root
    monkeypatch.chdir(root.parent)
    for name in [name for name in os.environ if name.startswith("EXPEDIT_")]:
        monkeypatch.delenv(name)
    code = re.search(r"```python\n(.+?)```", PAGE, re.DOTALL)
    assert code is not None
    scope: dict[str, object] = {}
    exec(code[1].replace('"home"', repr(root.name)), scope)
    scope["shop"].close()  # type: ignore[attr-defined]
    printed = capsys.readouterr().out
    assert "tent" in printed
    assert "3" in printed
