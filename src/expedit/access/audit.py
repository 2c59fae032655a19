"""Who did what, when: a log that is only ever added to.

There is no statement in this package that changes an entry, and one that deletes: of all entries of more than
a stated age, where the shop has set one (`audit_days`). What is said of a customer is their
person id and nothing else: once they are erased, the id leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from expedit.core import Struct, from_json, to_json
from expedit.storage import Shop, Transaction
from expedit.web import Viewer

COMMAND_LINE = "command line"
"""The actor when somebody on the server's own machine works with `expedit`."""
SYSTEM = "expedit"
"""The actor when the engine itself does something, as it was told to earlier."""

Detail = str | int | float | bool | None | list[str]

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_LONGEST = 500
_PAGE = 50


class Entry(Struct, frozen=True):
    """One line of the log.

    Parameters
    ----------
    seq
        Its place.
    at
        When, in microseconds.
    actor
        Id of a user, or `COMMAND_LINE`, `SYSTEM`, or ``key:`` and the id of an API key.
    action
        What was done, as ``room.verb``.
    subject
        To what: an id, never a name.
    details
        What else is needed to understand it later.
    """

    seq: int
    at: int
    actor: str
    action: str
    subject: str
    details: dict[str, Detail]


class Wanted(Struct, frozen=True):
    """Which entries are looked for; what is left empty does not matter."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: int = 0
    until: int = 2**62


def audit(
    shop: Shop,
    viewer: Viewer | str | None,
    action: str,
    subject: str,
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Write down that something was done.

    Parameters
    ----------
    viewer
        Who did it: a viewer of the panel, another actor by name, or None for the command line.
    action
        ``room.verb``, as ``users.add``.
    subject
        Id of what it was done to.
    details
        A few plain values. No personal data: e-mail addresses are struck out.
    """
    with shop.database.writing() as tx:
        audit_in(tx, shop, viewer, action, subject, details)


def audit_in(
    tx: Transaction,
    shop: Shop,
    viewer: Viewer | str | None,
    action: str,
    subject: str,
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Write down that something was done, in the transaction that does it."""
    actor = viewer.user_id if isinstance(viewer, Viewer) else viewer or COMMAND_LINE
    said = {name: _without_addresses(value) for name, value in (details or {}).items()}
    tx.run(
        "INSERT INTO audit_log (at, actor, action, subject, details) VALUES (?, ?, ?, ?, ?)",
        (shop.clock(), actor, action, subject, to_json(said)),
    )


def forget_audit(tx: Transaction, before: int) -> int:
    """Drop every entry from before a moment, as the shop's own retention says; return how many."""
    return tx.run("DELETE FROM audit_log WHERE at < ?", (before,))


def read_audit(
    shop: Shop, wanted: Wanted | None = None, before: int | None = None, limit: int = _PAGE
) -> tuple[Entry, ...]:
    """Return the entries that are `wanted`, the newest first, from the one before the place `before` on."""
    asked = wanted or Wanted()
    rows = shop.database.read_rows(
        "SELECT seq, at, actor, action, subject, details FROM audit_log WHERE seq < ? AND at >= ? AND at < ? "
        "AND (? = '' OR actor = ?) AND (? = '' OR action = ?) AND (? = '' OR subject = ?) "
        "ORDER BY seq DESC LIMIT ?",
        (
            2**62 if before is None else before,
            asked.since,
            asked.until,
            asked.actor,
            asked.actor,
            asked.action,
            asked.action,
            asked.subject,
            asked.subject,
            limit,
        ),
    )
    return tuple(_entry(row) for row in rows)


def all_audit(shop: Shop, wanted: Wanted) -> Iterator[Entry]:
    """Give every entry that is `wanted`, the newest first, a thousand at a time."""
    before: int | None = None
    while part := read_audit(shop, wanted, before, 1000):
        yield from part
        before = part[-1].seq


def actions_of(shop: Shop) -> tuple[str, ...]:
    """Return every kind of action that was ever logged."""
    return tuple(
        name for (name,) in shop.database.read_rows("SELECT DISTINCT action FROM audit_log ORDER BY action")
    )


def _entry(row: tuple[object, ...]) -> Entry:
    seq, at, actor, action, subject, details = row
    assert isinstance(details, (bytes, memoryview))
    return Entry(
        int(str(seq)), int(str(at)), str(actor), str(action), str(subject),
        from_json(bytes(details), dict[str, Detail]),
    )  # fmt: skip


def _without_addresses(value: Detail) -> Detail:
    if isinstance(value, str):
        return _ADDRESS.sub("…", value)[:_LONGEST]
    if isinstance(value, list):
        return [_ADDRESS.sub("…", part)[:_LONGEST] for part in value]
    return value
