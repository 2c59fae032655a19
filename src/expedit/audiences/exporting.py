"""The members of an audience as a file, with what each may be reached by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from expedit.audiences import store
from expedit.audiences.model import Member
from expedit.core import InvalidInput, Progress, Struct, format_time, no_progress, to_json
from expedit.identity import identifiers_in, subjects_now
from expedit.profiles import crowd_of
from expedit.storage import Shop, Transaction

MOST_A_PAGE = 1_000


class KnownBy(Struct, frozen=True):
    """One identifier of a member."""

    kind: str
    value: str


class MemberView(Struct, frozen=True, omit_defaults=False, rename="camel"):
    """Somebody in an audience, with what they have consented to."""

    person_id: str
    since: str
    consents: dict[str, bool]
    identifiers: tuple[KnownBy, ...]


def members_after(shop: Shop, audience_id: str, after: str, most: int) -> tuple[MemberView, ...]:
    """Return the next members of an audience after a person id, in the order of ids; none out of force.

    Raises
    ------
    NotFound
        When there is no such audience.
    """
    with shop.database.reading() as tx:
        in_force = store.read_newest(tx, audience_id).live
        return _views(tx, store.read_members(tx, audience_id, after, most) if in_force else [])


def export_audience(
    shop: Shop,
    audience_id: str,
    path: Path,
    format: str = "jsonl",  # noqa: A002  (the word that the command line uses)
    progress: Progress = no_progress,
) -> int:
    """Write the members of an audience to a file as JSON lines, whole or not at all; return how many.

    Raises
    ------
    NotFound
        When there is no such audience.
    InvalidInput
        When it is not in force, so that nobody was noted as a member, or the format is another one.
    """
    if format != "jsonl":
        raise InvalidInput("format", f"the members of an audience are written as jsonl, not {format!r}")
    with shop.database.reading() as tx:
        newest = store.read_newest(tx, audience_id)
    if not newest.live:
        raise InvalidInput("audience", f"{audience_id!r} is not in force: publish it first")
    partial = path.with_name(path.name + ".partial")
    done = 0
    try:
        with partial.open("wb") as file:
            for page in _pages(shop, audience_id):
                file.writelines(to_json(one) + b"\n" for one in page)
                done += len(page)
                progress("members", done, None)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return done


def _pages(shop: Shop, audience_id: str) -> Iterator[tuple[MemberView, ...]]:
    last = ""
    while page := members_after(shop, audience_id, last, MOST_A_PAGE):
        yield page
        last = page[-1].person_id


def _views(tx: Transaction, members: list[Member]) -> tuple[MemberView, ...]:
    people = [one.person_id for one in members]
    owners = subjects_now(tx, people)
    known: dict[str, list[KnownBy]] = {}
    for one in identifiers_in(tx, owners):
        known.setdefault(owners[one.subject_id], []).append(KnownBy(one.kind, one.value))
    crowd = crowd_of(tx, people)
    consents = dict(zip(crowd.person_ids, crowd.consents, strict=True))
    return tuple(
        MemberView(
            one.person_id, format_time(one.since), consents.get(one.person_id, {}),
            tuple(known.get(one.person_id, ())),
        )
        for one in members
    )  # fmt: skip
