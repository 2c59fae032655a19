"""Looking a person up, and undoing a merge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, get, post
from litestar.datastructures import State

from expedit.access import keys
from expedit.core import InvalidInput, Struct, format_time
from expedit.events import IDENTIFIER_KINDS
from expedit.identity import Merge, Separation, find_person, identifiers_of, merges_of, separations_of
from expedit.profiles.read import read_profile
from expedit.profiles.rebuild import rejoin, separate_people, undo_merge
from expedit.profiles.telling import tell_profile
from expedit.storage import Shop
from expedit.web import Route

AnyRequest = Request[object, object, State]


class KnownAs(Struct, frozen=True, rename="camel", omit_defaults=False):
    """One identifier of a person."""

    subject_id: str
    kind: str
    value: str


class MergeView(Struct, frozen=True, rename="camel", omit_defaults=False):
    """What came of two identifiers that stood together in one event."""

    id: str
    a: str
    b: str
    outcome: str
    at: str
    message_id: str


class SeparationView(Struct, frozen=True, rename="camel", omit_defaults=False):
    """Two subjects that are kept apart, or were until it was taken back."""

    id: str
    a: str
    b: str
    at: str
    by: str
    undone: str | None


class PersonView(Struct, frozen=True, rename="camel", omit_defaults=False):
    """A person: who they are known as, what is known of them, and how that came together."""

    person_id: str
    subject_ids: tuple[str, ...]
    identifiers: tuple[KnownAs, ...]
    consents: dict[str, bool]
    profile: dict[str, Any] | None
    merges: tuple[MergeView, ...]
    separations: tuple[SeparationView, ...]


class Pair(Struct, frozen=True, rename="camel"):
    """Two subjects."""

    a: str
    b: str


def routes(shop: Shop) -> Sequence[Route]:
    """Return the routes of this room."""

    def need(request: AnyRequest, scope: str) -> str:
        caller = keys(shop).caller(request.headers.get("authorization", ""))
        caller.need(scope)  # type: ignore[arg-type]
        return "api"

    @get("/v1/people/{kind:str}/{value:str}", sync_to_thread=True)
    def person(request: AnyRequest, kind: str, value: str) -> PersonView:
        """Give the person known by an identifier now."""
        need(request, "people:read")
        return view_person(shop, kind, value)

    @post("/v1/people/merges/{merge:str}/undo", status_code=200, sync_to_thread=True)
    def undo(request: AnyRequest, merge: str) -> SeparationView:
        """Undo a merge: keep its two subjects apart from now on."""
        return _separation(undo_merge(shop, merge, need(request, "people:write")))

    @post("/v1/people/separations", status_code=201, sync_to_thread=True)
    def separate(request: AnyRequest, data: Pair) -> SeparationView:
        """Keep two subjects apart."""
        return _separation(separate_people(shop, data.a, data.b, need(request, "people:write")))

    @post("/v1/people/separations/{separation:str}/undo", status_code=200, sync_to_thread=True)
    def take_back(request: AnyRequest, separation: str) -> SeparationView:
        """Take a separation back."""
        need(request, "people:write")
        return _separation(rejoin(shop, separation))

    return [person, undo, separate, take_back]


def view_person(shop: Shop, kind: str, value: str) -> PersonView:
    """Return what the shop may see of the person known by an identifier.

    Raises
    ------
    InvalidInput
        When there is no such kind of identifier, or the value is none.
    NotFound
        When nobody is known by it.
    """
    if kind not in IDENTIFIER_KINDS:
        raise InvalidInput("kind", f"must be one of {', '.join(IDENTIFIER_KINDS)}")
    found = find_person(shop, kind, value)
    profile = read_profile(shop.database, found.person_id)
    told: dict[str, Any] | None = None if profile is None else tell_profile(profile)
    return PersonView(
        found.person_id,
        found.subject_ids,
        tuple(
            KnownAs(one.subject_id, one.kind, one.value)
            for one in identifiers_of(shop.database, found.subject_ids)
        ),
        {} if profile is None else profile.consents,
        told,
        tuple(map(_merge, merges_of(shop.database, found.subject_ids))),
        tuple(map(_separation, separations_of(shop.database, found.subject_ids))),
    )


def _merge(one: Merge) -> MergeView:
    return MergeView(one.id, one.a, one.b, one.outcome, format_time(one.at), one.message_id)


def _separation(one: Separation) -> SeparationView:
    undone = None if one.undone is None else format_time(one.undone)
    return SeparationView(one.id, one.a, one.b, format_time(one.at), one.by, undone)
