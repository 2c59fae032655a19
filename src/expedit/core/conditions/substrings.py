"""Parts of texts: which texts contain one of some others, or begin with one, whatever the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from unicodedata import normalize

from expedit.core.conditions.model import Operand

SUBSTRINGS = frozenset({"contains", "startsWith"})
"""The operators that look for a part of a text, without their ``$``."""

Finder = Callable[[str], bool]
"""Tells whether a text, which is folded, has what is looked for."""


def folded(text: str) -> str:
    """Return `text` in the form in which parts of it are looked for.

    That is Unicode's simple lower case of each character, ``ς`` taken for ``σ``, in form NFC: it depends on
    no language and no neighbor, so that every evaluator has the same (The Unicode Standard, section 3.13).
    """
    if text.isascii():
        return text.lower()
    # The full lower case of İ is two characters, and that of Σ depends on where it stands in its word.
    simple = normalize("NFC", text).replace("İ", "i").replace("Σ", "σ").replace("ς", "σ")
    return normalize("NFC", simple.lower())


def parts_wanted(operand: Operand) -> tuple[str, ...]:
    """Return the texts that ``$contains`` or ``$startsWith`` looks for; one of them is enough."""
    return cast("tuple[str, ...]", operand if isinstance(operand, tuple) else (operand,))


def finder(operator: str, operand: Operand) -> Finder:
    """Return what tells whether a folded text fulfills `operator`; an empty one never does."""
    wanted = parts_wanted(operand)
    if operator == "startsWith":
        return lambda text: text.startswith(wanted)
    if len(wanted) == 1:
        (only,) = wanted
        return lambda text: only in text
    return lambda text: any(part in text for part in wanted)
