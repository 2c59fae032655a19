"""The types that a room's ``feature.py`` fills in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from expedit.core import PersonRef, Progress, Settings, Struct
from expedit.storage import Shop, Transaction
from expedit.web import Route


class Job(Struct, frozen=True):
    """Periodic work.

    Parameters
    ----------
    name
        Unique over all features.
    every
        Seconds between two runs, from the settings.
    run
        Does the work; may be repeated after a crash, so it must be idempotent.
    """

    name: str
    every: Callable[[Settings], float]
    run: Callable[[Shop, Progress], None]


class Feature(Struct, frozen=True):
    """One room's offer.

    Parameters
    ----------
    name
        The room's name.
    tables
        Every table that the room owns.
    person_tables
        Those of them that hold something of a person; each must be covered by `erase_person`.
    routes
        Gives the room's routes.
    jobs
        Periodic work.
    export_person
        Gives what the room knows of a person, as JSON-able values (GDPR art. 15 and 20).
    erase_person
        Erases the person inside the caller's transaction (GDPR art. 17).
    start
        Opens what the room keeps in memory while serving.
    """

    name: str
    tables: tuple[str, ...] = ()
    person_tables: tuple[str, ...] = ()
    routes: Callable[[Shop], Sequence[Route]] | None = None
    jobs: tuple[Job, ...] = ()
    export_person: Callable[[Shop, PersonRef], dict[str, object]] | None = None
    erase_person: Callable[[Shop, Transaction, PersonRef], None] | None = None
    start: Callable[[Shop], None] | None = None
