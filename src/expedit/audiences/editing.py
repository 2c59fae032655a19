"""What people do with audiences; each step is an edition with its author and stands in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from expedit.access import Arranged, audit_in
from expedit.audiences.model import Audience, Edition, Size
from expedit.audiences.reading import MOST_AUDIENCES, check_audience, id_of
from expedit.audiences.store import (
    AUDIENCES,
    empty_audience,
    read_audiences,
    read_newest,
    told,
    write_size,
)
from expedit.core import Conflict, InvalidInput, evolve
from expedit.features import uses_of
from expedit.profiles import count_people
from expedit.storage import Shop, Transaction


def create_audience(shop: Shop, audience: Audience, author: str, *, publish: bool = False) -> Edition:
    """Keep a new audience as a draft, and return it with its id.

    Parameters
    ----------
    audience
        With an empty id, it is given one made from its name.
    publish
        Put it in force as well: both, or neither.

    Raises
    ------
    InvalidInput
        Naming the field at fault, or when there are too many audiences.
    Conflict
        When its id is taken.
    """
    with shop.database.writing() as tx:
        chosen = audience.id or _free(id_of(audience.name), set(AUDIENCES.names(tx)))
        checked = check_audience(evolve(audience, id=chosen))
        try:
            made = _save(tx, shop, checked, 0, author, publish=publish)
        except Conflict:
            taken = f"there is an audience {chosen!r} already, or was one: choose another id"
            raise Conflict(taken) from None
        _need_room(tx)
        return made


def change_audience(
    shop: Shop, audience: Audience, seen: int, author: str, *, publish: bool = False
) -> Edition:
    """Keep the changed audience as a draft; what is in force stays.

    Parameters
    ----------
    seen
        The version that the author saw.
    publish
        Put it in force as well: both, or neither.

    Raises
    ------
    InvalidInput
        Naming the field at fault, or when it was archived and there are too many audiences.
    Conflict
        When somebody else has changed it since.
    """
    checked = check_audience(audience)
    with shop.database.writing() as tx, _room_for(tx, audience.id):
        return _save(tx, shop, checked, seen, author, publish=publish)


def publish_audience(shop: Shop, audience_id: str, seen: int, author: str) -> Edition:
    """Put the newest edition of an audience in force: it is counted, and rules may ask for it."""
    with shop.database.writing() as tx, _room_for(tx, audience_id):
        return _publish(tx, shop, audience_id, seen, author)


def draft_audience(shop: Shop, audience_id: str, seen: int, author: str) -> Edition:
    """Take an audience out of force and keep it as a draft, or bring an archived one back as a draft.

    Raises
    ------
    Conflict
        When something in use names it.
    """
    return _step(shop, audience_id, seen, author, "draft", AUDIENCES.withdraw_in)


def discard_audience(shop: Shop, audience_id: str, seen: int, author: str) -> Edition:
    """Throw a draft away that stands beside what is in force."""
    return _step(shop, audience_id, seen, author, "discard", AUDIENCES.discard_in)


def archive_audience(shop: Shop, audience_id: str, seen: int, author: str) -> Edition:
    """Take an audience out of force, and out of the list; its history stays.

    Raises
    ------
    Conflict
        When something in use names it.
    """
    return _step(shop, audience_id, seen, author, "archive", AUDIENCES.archive_in)


def restore_audience(shop: Shop, audience_id: str, version: int, seen: int, author: str) -> Edition:
    """Take what stood in `version` as the next draft; what is in force stays."""
    step = partial(AUDIENCES.restore_in, version=version)
    return _step(shop, audience_id, seen, author, "restore", step)


def undo_audience(shop: Shop, audience_id: str, seen: int, author: str) -> Edition:
    """Put an audience back to how it stood before its last change, what was in force as well.

    Raises
    ------
    Conflict
        When it has only been created: then there is nothing to go back to. When something in use names it,
        and it would be out of force.
    """
    return _step(shop, audience_id, seen, author, "undo", AUDIENCES.undo_in)


def _step(
    shop: Shop,
    audience_id: str,
    seen: int,
    author: str,
    deed: str,
    step: Callable[..., Arranged[Audience]],
) -> Edition:
    with shop.database.writing() as tx, _room_for(tx, audience_id) as before:
        after = step(tx, audience_id, seen=seen, author=author, at=shop.clock())
        if before.live and not after.live:
            _take_out(tx, shop, after)
        return _noted(tx, shop, deed, after)


def _save(
    tx: Transaction, shop: Shop, audience: Audience, seen: int, author: str, *, publish: bool
) -> Edition:
    saved = AUDIENCES.save_in(tx, audience.id, audience, seen, author, shop.clock())
    edition = _noted(tx, shop, "change" if seen else "create", saved)
    return _publish(tx, shop, audience.id, edition.version, author) if publish else edition


def _publish(tx: Transaction, shop: Shop, audience_id: str, seen: int, author: str) -> Edition:
    check_audience(read_newest(tx, audience_id).audience)
    return _noted(tx, shop, "publish", AUDIENCES.publish_in(tx, audience_id, seen, author, shop.clock()))


def _take_out(tx: Transaction, shop: Shop, edition: Arranged[Audience]) -> None:
    """Leave nobody in an audience that is no longer in force, unless something asks for it."""
    # Asked behind the write, which keeps rules from naming the audience meanwhile.
    uses = uses_of(shop, tx, "audience", edition.id)
    if uses:
        names = ", ".join(f"“{one.title}”" for one in uses)
        raise Conflict(f"it is in use and must stay in force: {names} asks for this audience")
    gone = empty_audience(tx, edition.id)
    write_size(tx, edition.id, Size(edition.at, edition.version, 0, 0, gone, count_people(tx)))


@contextmanager
def _room_for(tx: Transaction, audience_id: str) -> Iterator[Edition]:
    """Give an audience as it stands; when it was archived and is not any more, there must be room for it."""
    before = read_newest(tx, audience_id)
    yield before
    if before.state == "archived":
        _need_room(tx)


def _need_room(tx: Transaction) -> None:
    if len(read_audiences(tx)) > MOST_AUDIENCES:
        raise InvalidInput("name", f"there are {MOST_AUDIENCES} audiences already; archive some")


def _noted(tx: Transaction, shop: Shop, deed: str, one: Arranged[Audience]) -> Edition:
    audit_in(
        tx, shop, one.author, f"audiences.{deed}", one.id, {"name": one.body.name, "version": one.version}
    )
    return told(one)


def _free(wanted: str, taken: set[str]) -> str:
    """Return `wanted`, with a number behind it when it is taken."""
    number, found = 2, wanted
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    return found
