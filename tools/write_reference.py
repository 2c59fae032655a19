"""Write the reference pages that follow from code: settings and commands. `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from typer.main import get_command

from expedit.cli.main import application
from expedit.core import SETTINGS

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"

KINDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    list: "list",
    dict: "table",
}


def _shown(default: object) -> str:
    """Return a default as it would be written in the environment."""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, dict):
        return "`" + ",".join(f"{key}:{value}" for key, value in default.items()) + "`"
    return "empty" if default in ("", []) else f"`{default}`"


def settings_page() -> str:
    """Return the page of all settings."""
    lines = [
        "# Settings",
        "",
        "A setting is looked for in the environment (`EXPEDIT_` and its name in capitals), then in",
        "`expedit.toml` in the home folder under its section, and else has the default below. A list is",
        "written in the environment as `a,b`, a table as `SE:SEK,NO:NOK`. A name in the file that does",
        "not exist is refused at start, and so is a value of another kind.",
    ]
    section = ""
    for row in SETTINGS:
        if row.section != section:
            section = row.section
            lines += [
                "",
                f"## [{section}]",
                "",
                "| name | kind | default | what it does |",
                "|---|---|---|---|",
            ]
        help_text = row.help.replace("|", "\\|")
        lines.append(f"| `{row.name}` | {KINDS[row.kind]} | {_shown(row.default)} | {help_text} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Return the page of all commands."""
    lines = [
        "# Commands",
        "",
        "Every command explains itself with `--help`. Commands that work on an installation take",
        "`--home DIR` or the environment's `EXPEDIT_HOME`. While a server runs on SQLite, commands that",
        "write hand their work to it and show its progress.",
    ]

    def walk(command: Any, name: str) -> None:
        children = getattr(command, "commands", None)
        if children:
            for child, sub in children.items():
                walk(sub, f"{name} {child}")
            return
        lines.extend(["", f"## `{name}`", "", (command.help or "").strip()])
        rows = []
        for parameter in command.params:
            if parameter.name == "help":
                continue
            shown = ", ".join(f"`{option}`" for option in parameter.opts)
            is_argument = parameter.param_type_name == "argument"
            label = f"`{parameter.name.upper()}`" if is_argument else shown
            default = parameter.default
            plain = (
                default is None
                or callable(default)
                or isinstance(default, (bool, list, tuple))
                or default == ""
            )
            meaning = (parameter.help or "").replace("|", "\\|").replace("<", "&lt;")
            rows.append(f"| {label} | {meaning} | {'' if plain or is_argument else f'`{default}`'} |")
        if rows:
            lines.extend(["", "| argument or option | meaning | default |", "|---|---|---|", *rows])

    walk(get_command(application), "expedit")
    return "\n".join(lines) + "\n"


PAGES = {"settings.md": settings_page, "commands.md": commands_page}


def main() -> int:
    """Write the pages, or tell which are out of date."""
    stale = []
    for name, page in PAGES.items():
        path, text = REFERENCE / name, page()
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text)
    if stale and "--check" in sys.argv:
        print(f"out of date: {', '.join(stale)}; run: python tools/write_reference.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
