"""Plain text from descriptions that shops write in HTML. Pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LONGEST_TEXT = 50_000
LONGEST_LINE = 500

_BREAKS = frozenset("address blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split())
_SILENT = frozenset({"script", "style", "template"})
_SPACES = re.compile(r"[^\S\n]+")


class _Reader(HTMLParser):
    """Collects text, with a line break around blocks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.silent += tag in _SILENT
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in _SILENT))
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def plain_text(markup: str) -> str:
    """Return the text of `markup`, a line for each block, at most `LONGEST_TEXT` characters."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)[:LONGEST_TEXT]


def plain_line(markup: str) -> str:
    """Return the text of `markup` on one line, at most `LONGEST_LINE` characters."""
    return " ".join(plain_text(markup).split())[:LONGEST_LINE]
