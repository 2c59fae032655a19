"""What people do with audiences; each step is an edition with its author and stands in the audit log."""

from __future__ import annotations

from expedit.access import audit_in
from expedit.audiences.model import Audience, Edition, State
from expedit.audiences.reading import MOST_AUDIENCES, check_audience, id_of
from expedit.audiences.store import (
    empty_audience,
    ids_taken,
    read_audiences,
    read_edition,
    read_history,
    read_newest,
    write_edition,
)
from expedit.core import Conflict, InvalidInput, evolve
from expedit.features import uses_of
from expedit.storage import Shop, Transaction


def create_audience(shop: Shop, audience: Audience, author: str) -> Edition:
    """Keep a new audience as a draft, and return it with its id.

    Parameters
    ----------
    audience
        With an empty id, it is given one made from its name.

    Raises
    ------
    InvalidInput
        Naming the field at fault, or when there are too many audiences.
    Conflict
        When its id is taken.
    """
    at = shop.clock()
    with shop.database.writing() as tx:
        if len(read_audiences(tx)) >= MOST_AUDIENCES:
            raise InvalidInput("name", f"there are {MOST_AUDIENCES} audiences already; archive some")
        chosen = audience.id or _free(id_of(audience.name), ids_taken(tx))
        edition = Edition(check_audience(evolve(audience, id=chosen)), "draft", 1, at, author, "created")
        write_edition(tx, edition, 0)
        _note(tx, shop, "create", edition)
    return edition


def change_audience(shop: Shop, audience: Audience, seen: int, author: str) -> Edition:
    """Keep the changed audience; one that is in force stays in force, as changed.

    Parameters
    ----------
    seen
        The version that the author saw.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    Conflict
        When somebody else has changed it since.
    """
    return _next(shop, audience.id, seen, author, "change", audience=check_audience(audience))


def publish_audience(shop: Shop, audience_id: str, seen: int, author: str) -> Edition:
    """Put an audience in force: it is counted, and rules may ask for it."""
    return _next(shop, audience_id, seen, author, "publish", state="published")


def draft_audience(shop: Shop, audience_id: str, seen: int, author: str) -> Edition:
    """Take an audience out of force and keep it as a draft.

    Raises
    ------
    Conflict
        When something in use names it.
    """
    return _next(shop, audience_id, seen, author, "draft", state="draft")


def archive_audience(shop: Shop, audience_id: str, seen: int, author: str) -> Edition:
    """Take an audience out of force, and out of the list; its history stays.

    Raises
    ------
    Conflict
        When something in use names it.
    """
    return _next(shop, audience_id, seen, author, "archive", state="archived")


def restore_audience(shop: Shop, audience_id: str, version: int, seen: int, author: str) -> Edition:
    """Put an audience back to how it stood in `version`, as its next edition: nothing is ever lost."""
    return _restore(shop, audience_id, version, seen, author, "restore")


def undo_audience(shop: Shop, audience_id: str, seen: int, author: str) -> Edition:
    """Take back the last change of an audience.

    Raises
    ------
    Conflict
        When it has only been created: then there is nothing to go back to.
    """
    with shop.database.reading() as tx:
        history = read_history(tx, audience_id)
    if len(history) < 2:
        raise Conflict("there is no earlier version to go back to")
    return _restore(shop, audience_id, history[1].version, seen, author, "undo")


def _restore(shop: Shop, audience_id: str, version: int, seen: int, author: str, deed: str) -> Edition:
    with shop.database.reading() as tx:
        old = read_edition(tx, audience_id, version)
    return _next(shop, audience_id, seen, author, deed, audience=old.audience, state=old.state)


_CHANGES = {
    "change": "changed", "publish": "published", "archive": "archived", "draft": "withdrawn",
    "restore": "restored", "undo": "restored",
}  # fmt: skip
"""What the history calls each deed."""


def _next(
    shop: Shop,
    audience_id: str,
    seen: int,
    author: str,
    deed: str,
    *,
    audience: Audience | None = None,
    state: State | None = None,
) -> Edition:
    with shop.database.writing() as tx:
        newest = read_newest(tx, audience_id)
        edition = Edition(
            audience or newest.audience, state or newest.state, seen + 1, shop.clock(), author, _CHANGES[deed]
        )
        write_edition(tx, edition, seen)
        if edition.state != "published":
            # Asked behind the write, which keeps rules from naming the audience meanwhile.
            uses = uses_of(shop, tx, "audience", audience_id) if newest.state == "published" else ()
            if uses:
                names = ", ".join(f"“{one.title}”" for one in uses)
                raise Conflict(f"it is in use and must stay in force: {names} asks for this audience")
            empty_audience(tx, audience_id)
        _note(tx, shop, deed, edition)
    return edition


def _note(tx: Transaction, shop: Shop, deed: str, edition: Edition) -> None:
    said = edition.audience.name
    audit_in(
        tx,
        shop,
        edition.author,
        f"audiences.{deed}",
        edition.audience.id,
        {"name": said, "version": edition.version},
    )


def _free(wanted: str, taken: set[str]) -> str:
    """Return `wanted`, with a number behind it when it is taken."""
    number, found = 2, wanted
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    return found
