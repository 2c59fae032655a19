"""What the pages of this room have in common: complaints in the viewer's language, names of things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from expedit.access.audit import COMMAND_LINE, SYSTEM
from expedit.access.keys import keys
from expedit.access.passwords import SHORTEST
from expedit.access.users import users_of
from expedit.core import InvalidInput, TooManyRequests
from expedit.storage import Shop
from expedit.web import Clash, Difference, Role, Visit, text

VIEWER: Role = "viewer"
ADMIN: Role = "admin"

_PERSON = re.compile(r"[0-9a-f]{24}")

OWN_NAMES = (("en", "English"), ("sv", "Svenska"), ("nb", "Norsk"))
"""The languages, each by the name that its speakers know it by."""

_FIELDS = {"email", "name", "role", "language", "password", "old", "code", "scopes", "id", "legal_basis"}
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class Told(InvalidInput):
    """A complaint that is in the viewer's language already."""


@contextmanager
def told(visit: Visit, **instead: str) -> Iterator[None]:
    """Say what is wrong with a field in the viewer's language.

    Parameters
    ----------
    instead
        Names that the fields have on the page, where they differ.
    """
    try:
        yield
    except Told:
        raise
    except InvalidInput as error:
        field = instead.get(error.field, error.field)
        if error.field not in _FIELDS:
            raise
        raise Told(field, text(visit.language, f"access.wrong.{error.field}", n=SHORTEST)) from error


@contextmanager
def unhurried(visit: Visit, field: str) -> Iterator[None]:
    """Say at a field that there were too many attempts."""
    try:
        yield
    except TooManyRequests as error:
        said = text(visit.language, "access.login.slow", n=error.retry_after)
        raise Told(field, said) from error


def browser_of(agent: str) -> str:
    """Return the browser and system that a User-Agent tells of, as ``Firefox, Windows``."""
    browser = next((name for sign, name in _BROWSERS if f"{sign}/" in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return ", ".join(part for part in (browser, system) if part)


def names_of(shop: Shop) -> dict[str, str]:
    """Return what users and keys are called, by the names that the audit log knows them by."""
    found = {user.id: user.name for user in users_of(shop)}
    for key in keys(shop).api_keys():
        found[key.id] = found[f"key:{key.id}"] = key.name
    return found


def actor_name(language: str, actor: str, names: dict[str, str]) -> str:
    """Return who did something, in words."""
    if actor in {COMMAND_LINE, SYSTEM}:
        return text(language, "access.audit.command_line" if actor == COMMAND_LINE else "access.audit.system")
    return names.get(actor) or text(language, "access.audit.somebody")


class Versioned(Protocol):
    """An edition of something that several people change."""

    @property
    def version(self) -> int:
        """1, 2, 3 …"""

    @property
    def author(self) -> str:
        """Who made it, as the audit log knows them."""


def clash_with(
    shop: Shop, language: str, newest: Versioned, differences: Iterable[Difference], *, pressed: bool = False
) -> Clash:
    """Return what is told to somebody who was slower than the author of `newest`, see `Clash`."""
    author = actor_name(language, newest.author, names_of(shop))
    return Clash(author, newest.version, tuple(differences), pressed)


def action_name(language: str, action: str) -> str:
    """Return what was done, in words; the bare name of what no text tells of, such as an extension's."""
    try:
        return text(language, f"access.did.{action}")
    except KeyError:
        return action


def is_person(subject: str) -> bool:
    """Tell whether what was done was done to a person of the shop's."""
    return bool(_PERSON.fullmatch(subject))


AUDIT_WORDS = {"actor_name": actor_name, "action_name": action_name, "is_person": is_person}
"""What the table of entries needs beside the entries and the `names_of`."""
