"""Forgetting, every night: facts older than profiles remember, and what a withdrawn consent had wiped.

A profile remembers `profile_days` before its newest event; here also before now, so that nobody who stays
away is kept for ever. Consents and traits stay until the person is erased.
"""

from __future__ import annotations

from collections.abc import Iterator

from expedit.core import DAY, Progress, no_progress
from expedit.identity import holdings_of, lock_identity, persons_of
from expedit.profiles import store
from expedit.profiles.recording import denial_of, refold
from expedit.storage import Shop, Transaction

CHUNK = 500
"""Subjects a transaction."""


def forget_old(shop: Shop, progress: Progress = no_progress) -> int:
    """Delete facts that no profile may hold any more; return how many.

    Profiles that lose something are computed anew, so state and facts stay equal.
    """
    horizon = shop.clock()
    horizon -= horizon % DAY + shop.settings.profile_days * DAY
    gone = 0
    for part in _portions(
        shop, "SELECT DISTINCT subject_id FROM facts WHERE subject_id > ? AND at < ?", horizon
    ):
        with shop.database.writing() as tx:
            lock_identity(tx, exclusive=True)
            gone += store.delete_older(tx, part, horizon)
            refold(tx, shop.settings, persons_of(tx, part))
        progress("forget", gone, None)
    for part in _portions(
        shop, "SELECT DISTINCT subject_id FROM lasting_facts WHERE subject_id > ? AND at < ?"
    ):
        with shop.database.writing() as tx:
            lock_identity(tx, exclusive=True)
            gone += _wipe(tx, part)
        progress("forget", gone, None)
    return gone


def _portions(shop: Shop, sql: str, before: int = 1 << 62) -> Iterator[list[str]]:
    """Give the subjects that a query finds, in order, a portion at a time."""
    last = ""
    while found := shop.database.read_rows(f"{sql} ORDER BY subject_id LIMIT {CHUNK}", (last, before)):
        yield [row[0] for row in found]
        last = found[-1][0]


def _wipe(tx: Transaction, subjects: list[str]) -> int:
    """Delete the acts of shopping that lie before their person's denial of personalization."""
    gone = 0
    holdings = holdings_of(tx, persons_of(tx, subjects))
    lasting = store.all_lasting(tx, {one.subject_id for held in holdings.values() for one in held})
    for held in holdings.values():
        denied = denial_of(held, lasting)
        if denied is not None:
            gone += sum(store.delete_facts(tx, one.subject_id, one.spans, denied) for one in held)
    return gone
