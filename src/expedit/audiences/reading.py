"""From what was sent to an audience, or to a complaint that names the field."""

from __future__ import annotations

import re
from unicodedata import normalize

from expedit.audiences.model import Audience
from expedit.audiences.vocabulary import PERSON
from expedit.core import Condition, InvalidInput, read_condition

MOST_AUDIENCES = 300
LONGEST_NAME = 120
LONGEST_NOTE = 2_000
LONGEST_ID = 60

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "ß": "ss", "đ": "d", "þ": "th", "ð": "d"})


def check_audience(audience: Audience) -> Audience:
    """Return `audience`, or complain about the first field that does not fit.

    Raises
    ------
    InvalidInput
        Naming the field, as ``when.bought.$count``.
    """
    if not audience.name.strip():
        raise InvalidInput("name", "an audience needs a name")
    for field, most in (("name", LONGEST_NAME), ("note", LONGEST_NOTE), ("id", LONGEST_ID)):
        if len(getattr(audience, field)) > most:
            raise InvalidInput(field, f"is longer than {most}")
    if not _ID.fullmatch(audience.id):
        raise InvalidInput("id", "may hold lower-case letters a … z, digits and single hyphens between them")
    when_of(audience)
    return audience


def when_of(audience: Audience) -> Condition:
    """Return the condition that its members fulfill."""
    return read_condition(audience.when, PERSON, "when")


def id_of(name: str) -> str:
    """Return an id made from a name: ``Återkommande ull`` becomes ``aterkommande-ull``."""
    plain = normalize("NFKD", name.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:LONGEST_ID].strip("-") or "audience"
