"""Reads pages of the documentation: their shell commands, what they show, the files they give."""

from __future__ import annotations

import re
import shlex
import subprocess
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

SHELLS = {"sh", "bash", "console"}
_FENCE = re.compile(r"^( *)```(\w*)(?: file=(\S+))?[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_MARKS = frozenset("();<>|&")
_ARROWS = frozenset({"<", ">", ">>", "<<", "<<<"})
_WILD = re.compile(r"…|\d[\d.,:]*|\s+")


@dataclass(frozen=True)
class Command:
    """What somebody types, on which line of the page it begins, and what the page shows as its output."""

    line: int
    text: str
    shown: tuple[str, ...] = ()

    @property
    def programs(self) -> list[str]:
        """The programs that it starts itself, by the names it gives them."""
        found, begins = [], True
        lexer = shlex.shlex(self.text.replace("\\\n", " "), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        for token in lexer:
            if set(token) <= _MARKS:
                begins = token not in _ARROWS
            elif begins and not re.match(r"\w+=", token):
                found.append(token)
                begins = False
        return found

    def not_shown_by(self, said: str) -> list[str]:
        """Return the shown lines that are not in `said`, in their order.

        A number stands for any number, `…` for anything within a line, and white space for any white space.
        """
        missing, place = [], 0
        for line in self.shown:
            pattern, end = "", 0
            for wild in _WILD.finditer(line):
                pattern += re.escape(line[end : wild.start()])
                end = wild.end()
                pattern += ".*?" if wild[0] == "…" else r"\s+" if wild[0].isspace() else r"\d[\d.,:]*"
            found = re.compile(pattern + re.escape(line[end:])).search(said, place)
            if found is None:
                missing.append(line)
            else:
                place = found.end()
        return missing


@dataclass(frozen=True)
class File:
    """A file that the page gives: a block whose first line says `file=NAME` after the language."""

    name: str
    text: str


def parses(text: str) -> bool:
    """Tell whether bash finds the text complete and well formed."""
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stderr


def _commands(text: str, first: int) -> Iterator[Command]:
    """Split a script into commands: each ends with the first line that completes it."""
    held: list[str] = []
    for number, line in enumerate(text.splitlines(), start=first):
        if not held and (not line.strip() or line.startswith("#")):
            continue
        held.append(line)
        if not line.endswith("\\") and parses("\n".join(held)):
            yield Command(number - len(held) + 1, "\n".join(held))
            held = []
    if held:
        raise ValueError(f"line {first + len(text.splitlines()) - len(held)} begins what bash cannot read")


def _typed(text: str, first: int) -> Iterator[Command]:
    """Split a terminal's record: `$ ` begins a command, what follows its last line was printed."""
    starts = [match.start() for match in re.finditer(r"^\$ ", text, re.MULTILINE)]
    if not starts or starts[0] != 0:
        raise ValueError(f"line {first}: a console block begins with '$ '")
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        lines = text[start + 2 : end].splitlines()
        for count in range(1, len(lines) + 1):
            if not lines[count - 1].endswith("\\") and parses("\n".join(lines[:count])):
                break
        else:
            raise ValueError(f"line {first + text[:start].count(chr(10))}: bash cannot read {lines}")
        shown = tuple(line.strip() for line in lines[count:] if line.strip())
        yield Command(first + text[:start].count("\n"), "\n".join(lines[:count]), shown)


def read_page(text: str) -> list[Command | File]:
    """Return the commands and files of a page in their order."""
    found: list[Command | File] = []
    for block in _FENCE.finditer(text):
        _, language, name, body = block.groups()
        body, first = textwrap.dedent(body), text[: block.start(4)].count("\n") + 1
        if name:
            found.append(File(name, body))
        elif language in SHELLS:
            found += (_typed if language == "console" else _commands)(body, first)
    return found
