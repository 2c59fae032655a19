"""Computing everything personal anew: from the log, from the facts, or after a merge was undone."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from expedit.core import Progress, no_progress
from expedit.events import Event, read_events
from expedit.identity import (
    Separation,
    clear_derived,
    lock_identity,
    people,
    read_merge,
    separate,
    undo_separation,
)
from expedit.profiles import store
from expedit.profiles.recording import record, refold
from expedit.storage import Shop

CHUNK = 5000
"""Events or persons a transaction."""


def replay(shop: Shop, events: Iterable[Event], progress: Progress = no_progress, chunk: int = CHUNK) -> int:
    """Forget who is who and every profile, and compute them from `events`; return how many were read.

    Raw identifiers and separations are no part of the log and stay. Events that come in meanwhile are taken
    in too: recording one twice changes nothing.
    """
    with shop.database.writing() as tx:
        lock_identity(tx, exclusive=True)
        clear_derived(tx)
        store.clear(tx)
    rest, done = iter(events), 0
    while part := list(islice(rest, chunk)):
        with shop.database.writing() as tx:
            record(tx, shop, part)
        done += len(part)
        progress("profiles", done, None)
    return done


def rebuild_profiles(shop: Shop, progress: Progress = no_progress) -> int:
    """Forget who is who and every profile, and compute them from the whole log; return how many events."""
    return replay(shop, read_events(shop), progress)


def recompute(shop: Shop, progress: Progress = no_progress) -> int:
    """Compute every profile anew from its facts, as after a changed setting; return how many."""
    done = 0
    for part in people(shop.database):
        with shop.database.writing() as tx:
            lock_identity(tx, exclusive=True)
            refold(tx, shop.settings, part)
        done += len(part)
        progress("profiles", done, None)
    return done


def separate_people(shop: Shop, a: str, b: str, by: str) -> Separation:
    """Keep two subjects apart for ever (until taken back), and compute the persons concerned anew.

    Raises
    ------
    NotFound, Conflict
        As `expedit.identity.separate` does.
    """
    with shop.database.writing() as tx:
        one, changed = separate(shop, tx, a, b, by)
        refold(tx, shop.settings, changed)
    return one


def undo_merge(shop: Shop, merge_id: str, by: str = "shop") -> Separation:
    """Undo a merge or an attachment: keep its two subjects apart.

    Raises
    ------
    NotFound
        When there is no such merge.
    Conflict
        When its subjects are kept apart already.
    """
    with shop.database.writing() as tx:
        lock_identity(tx, exclusive=True)
        merge = read_merge(tx, merge_id)
        one, changed = separate(shop, tx, merge.a, merge.b, by)
        refold(tx, shop.settings, changed)
    return one


def rejoin(shop: Shop, separation_id: str) -> Separation:
    """Take a separation back, and compute the persons concerned anew.

    Raises
    ------
    NotFound, Conflict
        As `expedit.identity.undo_separation` does.
    """
    with shop.database.writing() as tx:
        one, changed = undo_separation(shop, tx, separation_id)
        refold(tx, shop.settings, changed)
    return one
