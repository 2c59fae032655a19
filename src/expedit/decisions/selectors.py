"""What can be told of a CSS selector without a browser: faults that keep it from ever finding an element.

Nothing that a browser takes is refused but what never finds anything (a pseudo-element, junk that ``:is()``
forgives) and what it mends at the end of the text (a bracket, quotation mark or backslash left open).

After Selectors Level 4 (https://www.w3.org/TR/selectors-4/), in the signs of CSS Syntax Level 3.
"""

from __future__ import annotations

import re

from expedit.core import InvalidInput

FAULTS: dict[str, str] = {
    "quote": "leaves a quotation mark open, or has one outside brackets",
    "bracket": "leaves a bracket open, or closes one that is not",
    "sign": "holds a sign that stands in no selector",
    "name": "lacks a name after . # or :, or has one that begins with a digit",
    "joint": "begins or ends with > + ~ or a comma, or has two of them in a row",
    "part": "names a part of an element (::), not an element",
}
"""What may be wrong, and the words for it."""

_OPAQUE = re.compile(
    r"""\\(?:[0-9a-fA-F]{1,6}(?:\r\n|[ \t\n\r\f])?|[^\n\r\f0-9a-fA-F])
    | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<comment>/\*.*?(?:\*/|$))""",
    re.DOTALL | re.VERBOSE,
)
"""Escaped signs, texts and comments: what stands in them means nothing outside."""
_TEXT = "\x01"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_CLOSERS = {"(": ")", "[": "]"}

_NAME = r"A-Za-z_\-\u0080-\U0010ffff"
_NOWHERE = re.compile(r"[<{}]")
_NOT_OUTSIDE = re.compile(rf"[;!@$%^=?/`\\{_TEXT}]|\[\]|(?<![{_NAME}0-9])\(")
_NAMELESS = re.compile(rf":(?![:{_NAME}])|:::|[.#](?![{_NAME}])|(?:^|[\s>+~,])[0-9]")
_JOINTS = re.compile(r"^\s*[>+~]|[>+~]\s*$|[>+~]\s*[>+~]")


def fault_of(selector: str) -> str:
    """Return the key of `FAULTS` that a selector has, or nothing."""
    plain = _OPAQUE.sub(_stand_in, selector)
    outside = _outside(plain)
    if '"' in plain or "'" in plain:
        return "quote"
    if outside is None:
        return "bracket"
    found = {
        "sign": _CONTROLS.search(selector) or _NOWHERE.search(plain) or _NOT_OUTSIDE.search(outside),
        "name": _NAMELESS.search(outside),
        "joint": any(not part.strip() or _JOINTS.search(part) for part in outside.split(",")),
        "part": "::" in outside,
    }
    return next((fault for fault, is_there in found.items() if is_there), "")


def check_selector(selector: str) -> str:
    """Return a selector, or complain about it; an empty one is none.

    Raises
    ------
    InvalidInput
        Naming the key ``selector``.
    """
    if selector and (fault := fault_of(selector)):
        raise InvalidInput("selector", f"is no CSS selector: it {FAULTS[fault]}")
    return selector


def _stand_in(found: re.Match[str]) -> str:
    if found["text"]:
        return _TEXT
    return "" if found["comment"] else "x"


def _outside(plain: str) -> str | None:
    """Return what stands outside brackets, with them but not what is in them; None when they do not match."""
    said: list[str] = []
    open_: list[str] = []
    begun = 0
    for at, sign in enumerate(plain):
        if sign in _CLOSERS:
            if not open_:
                said.append(sign)
                begun = at
            open_.append(_CLOSERS[sign])
        elif sign in ")]":
            if not open_ or open_.pop() != sign:
                return None
            if not open_:
                said.append(sign if sign == ")" or not plain[begun + 1 : at].strip() else f"x{sign}")
        elif not open_:
            said.append(sign)
    return None if open_ else "".join(said)
