"""What the event log offers to the house."""

from __future__ import annotations

from expedit.core import DAY, PersonRef, Progress, Settings, to_builtins
from expedit.events.damage import damaged_files
from expedit.events.erasure import erase_subjects
from expedit.events.letters import prune_dead_letters
from expedit.events.panel import MENU, PAGES
from expedit.events.reading import read_events
from expedit.events.rewriting import rewrite_erased
from expedit.events.sealing import compact, seal
from expedit.events.store import forget_keys
from expedit.features import Feature, Health, Job
from expedit.storage import Shop, Transaction
from expedit.web import in_every_language


def _seal(shop: Shop, progress: Progress) -> None:
    seal(shop, progress)


def _tidy(shop: Shop, progress: Progress) -> None:
    """Do what a night is for: take the erased out of the files, merge small files, forget what is old."""
    rewrite_erased(shop, progress)
    compact(shop, progress)
    now = shop.clock()
    with shop.database.writing() as tx:
        forget_keys(tx, now - shop.settings.dedupe_days * DAY)
        prune_dead_letters(tx, now)


def _sealing_seconds(settings: Settings) -> float:
    return settings.seal_minutes * 60.0


def _a_day(_: Settings) -> float:
    return 86_400.0


def _export_person(shop: Shop, person: PersonRef) -> dict[str, object]:
    return {"events": [to_builtins(event) for event in read_events(shop, subjects=person.subject_ids)]}


def _erase_person(shop: Shop, tx: Transaction, person: PersonRef) -> None:
    erase_subjects(tx, person.subject_ids, shop.clock())


def _examine(shop: Shop) -> list[Health]:
    """Name the sealed files that could no longer be read and were put aside."""
    aside = damaged_files(shop.home)
    says = f"damaged and put aside: {', '.join(aside)}; restore from a backup" if aside else "whole"
    spoken = in_every_language("events.health.damaged", files=", ".join(aside)) if aside else {}
    return [Health("sealed log", "failing" if aside else "ok", says, spoken=spoken)]


FEATURE = Feature(
    name="events",
    tables=(
        "events",
        "event_keys",
        "sealed_files",
        "seal_mark",
        "subject_days",
        "erased_subjects",
        "cursors",
        "dead_letters",
    ),
    # What stays of an erased person is the keyed hash of their identifiers, so that a re-import is refused.
    person_tables=("events", "subject_days", "erased_subjects", "dead_letters"),
    jobs=(Job("seal", _sealing_seconds, _seal), Job("tidy-log", _a_day, _tidy)),
    export_person=_export_person,
    erase_person=_erase_person,
    pages=PAGES,
    menu=MENU,
    health=_examine,
)
