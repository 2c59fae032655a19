"""Changing landing pages: every draft and what comes into force is looked through first."""

from __future__ import annotations

from collections.abc import Sequence

from expedit.access import Arranged, audit_in
from expedit.audiences import need_audiences
from expedit.features import Use
from expedit.merchandising.landing import LANDINGS, LandingPage, check_landing, check_slug, when_lands
from expedit.merchandising.reading import audiences_named
from expedit.storage import Shop, Transaction
from expedit.web import Viewer


def save_landing(
    tx: Transaction, slug: str, page: LandingPage, seen: int, author: str, at: int
) -> Arranged[LandingPage]:
    """Keep a page as the next draft; what is in force stays.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    Conflict
        When somebody else has changed the page since version `seen`, or a new page's slug is taken.
    """
    checked = check_landing(page)
    need_audiences(tx, audiences_named(when_lands(checked)), in_force=False)
    return LANDINGS.save_in(tx, check_slug(slug), checked, seen, author, at)


def publish_landing(tx: Transaction, slug: str, seen: int, author: str, at: int) -> Arranged[LandingPage]:
    """Put the newest edition in force."""
    newest = LANDINGS.newest(tx, slug)
    if newest is not None:
        need_audiences(tx, audiences_named(when_lands(newest.body)), in_force=True)
    return LANDINGS.publish_in(tx, slug, seen, author, at)


def undo_landing(tx: Transaction, slug: str, seen: int, author: str, at: int) -> Arranged[LandingPage]:
    """Put all back to how it stood before the last change; what comes into force again still has to fit."""
    edition = LANDINGS.undo_in(tx, slug, seen, author, at)
    if edition.live:
        live = next(one for one in LANDINGS.history(tx, slug) if one.version == edition.live)
        need_audiences(tx, audiences_named(when_lands(live.body)), in_force=True)
    return edition


def note_landing(tx: Transaction, shop: Shop, actor: Viewer | str, edition: Arranged[LandingPage]) -> None:
    """Write into the audit log what was done with a page, in the transaction that does it."""
    audit_in(
        tx, shop, actor, f"landings.{edition.change}", edition.id,
        {"name": edition.body.name, "version": edition.version},
    )  # fmt: skip


def landings_naming(tx: Transaction, audience: str) -> Sequence[Use]:
    """Return the landing pages in force that ask whether somebody is in an audience."""
    return [
        Use(one.body.name, "merchandising.used.landing", f"/panel/landing-pages/{one.id}")
        for one in LANDINGS.in_force(tx)
        if any(audience == named for _, named in audiences_named(when_lands(one.body)))
    ]
