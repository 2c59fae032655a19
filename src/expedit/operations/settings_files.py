"""Changing one line of a settings file, leaving everything else of it as somebody wrote it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from expedit.core import SettingsError, load_settings

_LINE = re.compile(r"(?m)^[ \t]*#?[ \t]*database_url[ \t]*=.*$")
_SECTION = re.compile(r"(?m)^\[storage\][ \t]*(#.*)?$")


def with_database_url(toml: str, url: str) -> str:
    """Return the text of a settings file with ``database_url`` set to `url`; empty for SQLite.

    Raises
    ------
    SettingsError
        When the result would not be read as it was meant.
    """
    line = 'database_url = "' + url.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if _LINE.search(toml):
        changed = _LINE.sub(lambda _: line, toml, count=1)
    elif section := _SECTION.search(toml):
        changed = f"{toml[: section.end()]}\n{line}{toml[section.end() :]}"
    else:
        changed = f"{toml.rstrip()}\n\n[storage]\n{line}\n".lstrip()
    if load_settings(changed, {}).database_url != url:
        raise SettingsError("database_url could not be written into expedit.toml; set it by hand")
    return changed


def write_database_url(path: Path, url: str) -> None:
    """Set ``database_url`` in the settings file `path`, whole or not at all, readable by its owner only."""
    draft = path.with_name(f".{path.name}.tmp")
    text = with_database_url(path.read_text(), url)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
