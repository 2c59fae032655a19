"""The page of reference tells of every field that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from expedit.audiences import PERSON
from expedit.core import Vocabulary
from expedit.web import text

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "audiences.md").read_text()
TOLD = {
    (name, kind)
    for names, kind in re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \| (\w+) \|", PAGE, re.MULTILINE)
    for name in re.findall(r"`([^`]+)`", names)
}


def test_every_field_is_in_the_tables_with_its_kind() -> None:
    asked = {(name, field.kind) for name, field in PERSON.fields.items()}
    assert asked - TOLD == set()


@pytest.mark.parametrize("name", [name for name, field in PERSON.fields.items() if field.items is not None])
def test_every_field_of_an_item_is_told(name: str) -> None:
    items = PERSON.fields[name].items
    assert items is not None
    for inner, field in items.fields.items():
        assert (inner, field.kind) in TOLD or f"`{inner}`" in PAGE, inner


@pytest.mark.parametrize("language", ["en", "sv", "nb"])
def test_every_field_has_a_name_in_every_language(language: str) -> None:
    def walk(vocabulary: Vocabulary) -> None:
        for field in vocabulary.fields.values():
            assert text(language, field.label)
            if field.items is not None:
                walk(field.items)

    walk(PERSON)
