"""Texts for people in English, Swedish and Norwegian: each room's ``texts.toml``, read at first use.

::

    [person.found]                    # the key is <room>.person.found
    en = { one = "{n} person", other = "{n} people" }
    sv = { one = "{n} person", other = "{n} personer" }
    nb = { one = "{n} person", other = "{n} personer" }

A number among the values is written as the language does; ``n`` chooses between the forms.
"""

from __future__ import annotations

import threading
import tomllib
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from babel import Locale
from babel.numbers import format_decimal

from expedit.core import NotFound
from expedit.web.pages import LANGUAGES

Forms = dict[str, str]
"""A text's plural forms by their CLDR name; one without forms has only ``other``."""

_LOCALES = {language: Locale.parse(language) for language in LANGUAGES}
_packages: dict[str, str] = {}
_read: dict[str, dict[str, dict[str, Forms]]] = {}
_lock = threading.Lock()


def add_room(name: str, package: str) -> None:
    """Tell where the texts and templates of a room lie that is not part of expedit itself."""
    with _lock:
        _packages[name] = package
        _read.pop(name, None)


def folder_of(room: str) -> Traversable:
    """Return the folder of a room.

    Raises
    ------
    NotFound
        When no room has that name.
    """
    package = _packages.get(room)
    found = files(package) if package else files("expedit").joinpath(room)
    if not found.is_dir():
        raise NotFound(f"no room is called {room!r}")
    return found


def locale_of(language: str) -> Locale:
    """Return the rules of a language; English for one that expedit does not speak."""
    return _LOCALES.get(language, _LOCALES["en"])


def texts_of(room: str) -> dict[str, dict[str, Forms]]:
    """Return every text of a room: key without the room's name → language → forms."""
    with _lock:
        known = _read.get(room)
    if known is not None:
        return known
    path = folder_of(room).joinpath("texts.toml")
    found: dict[str, dict[str, Forms]] = {}
    if path.is_file():
        _collect(tomllib.loads(path.read_text(encoding="utf-8")), "", found)
    with _lock:
        return _read.setdefault(room, found)


def text(language: str, key: str, **values: Any) -> str:
    """Return the text `key` (``<room>.<name>``) in a language, with `values` put in their places.

    Raises
    ------
    KeyError
        When there is no such text: a fault of the page, never of the visitor.
    """
    room, _, name = key.partition(".")
    versions = texts_of(room).get(name)
    if versions is None:
        raise KeyError(f"no text is called {key!r}")
    locale = locale_of(language)
    forms = versions.get(language) or versions["en"]
    chosen = forms.get(locale.plural_form(values["n"]), forms["other"]) if "n" in values else forms["other"]
    if not values:
        return chosen
    return chosen.format_map({name: _shown(value, locale) for name, value in values.items()})


def in_every_language(key: str, **values: Any) -> dict[str, str]:
    """Return the text `key` in each language: language → text, for what is read by people not yet known."""
    return {language: text(language, key, **values) for language in LANGUAGES}


def _collect(table: dict[str, Any], prefix: str, into: dict[str, dict[str, Forms]]) -> None:
    """Gather the texts of a table and of the tables in it; one may be a text and hold others."""
    if "en" in table:
        spoken = {language: table[language] for language in LANGUAGES if language in table}
        into[prefix] = {
            language: forms if isinstance(forms, dict) else {"other": forms}
            for language, forms in spoken.items()
        }
    for name, inner in table.items():
        if "en" not in table or name not in LANGUAGES:
            _collect(inner, f"{prefix}.{name}" if prefix else name, into)


def _shown(value: Any, locale: Locale) -> Any:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return format_decimal(value, locale=locale)
    return value
