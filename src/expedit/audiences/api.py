"""Routes of audiences: looking with the scope ``audiences:read``, changing with ``audiences:write``; who is
in them with ``people:read``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from litestar import Request, get, post, put
from litestar.datastructures import State as Shared

from expedit.access import Scope, keys
from expedit.audiences.counting import counter
from expedit.audiences.editing import (
    archive_audience,
    change_audience,
    create_audience,
    discard_audience,
    draft_audience,
    publish_audience,
    restore_audience,
    undo_audience,
)
from expedit.audiences.estimating import Estimate, estimate
from expedit.audiences.exporting import MOST_A_PAGE, MemberView, members_after
from expedit.audiences.live import live_audiences
from expedit.audiences.model import Audience, Edition, RawCondition, Size
from expedit.audiences.store import (
    newest_sizes,
    read_audiences,
    read_history,
    read_in_force,
    read_newest,
    read_sizes,
    since_of,
)
from expedit.core import InvalidInput, Struct, field, format_time
from expedit.events import IDENTIFIER_KINDS
from expedit.identity import find_person
from expedit.profiles import read_profile
from expedit.storage import Shop
from expedit.web import Route

_Asked = Request[object, object, Shared]

_STEPS: dict[str, Callable[[Shop, str, int, str], Edition]] = {
    "publish": publish_audience,
    "draft": draft_audience,
    "discard": discard_audience,
    "archive": archive_audience,
    "undo": undo_audience,
}
_RESTORE = "restore"


class AudienceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """An audience as it is sent.

    Parameters
    ----------
    id
        Only for a new audience; made from the name when it is empty.
    version
        The version that the sender saw; only for a change.
    """

    name: str
    when: RawCondition = field(default_factory=dict)
    note: str = ""
    id: str = ""
    version: int = 0


class StepBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The version of an audience that the sender saw.

    Parameters
    ----------
    restore
        The version whose content becomes the next draft; only to restore.
    """

    version: int
    restore: int = 0


class EstimateBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A condition whose members are to be estimated."""

    when: RawCondition


class Listed(Struct, frozen=True, omit_defaults=False):
    """The newest edition of an audience with the newest count of what is in force, if it was counted."""

    edition: Edition
    size: Size | None = None


class AudiencesAnswer(Struct, frozen=True):
    """Audiences by name."""

    audiences: tuple[Listed, ...]


class AudienceAnswer(Struct, frozen=True):
    """Every edition of an audience, the newest first, and its counts, the oldest first."""

    editions: tuple[Edition, ...]
    sizes: tuple[Size, ...]


class MembersAnswer(Struct, frozen=True, omit_defaults=False):
    """Some members.

    Parameters
    ----------
    next
        What to give as ``after`` for the next ones; None at the end.
    """

    members: tuple[MemberView, ...]
    next: str | None


class Membership(Struct, frozen=True, omit_defaults=False):
    """An audience that a person is in now.

    Parameters
    ----------
    since
        When they were first found in it; None when that was not noted yet.
    """

    id: str
    name: str
    since: str | None


class MembershipAnswer(Struct, frozen=True, omit_defaults=False, rename="camel"):
    """The audiences that a person is in now."""

    person_id: str
    audiences: tuple[Membership, ...]


def routes(shop: Shop) -> Sequence[Route]:
    """Return the routes of audiences."""
    return [*_looking(shop), *_members(shop), *_changing(shop)]


def _caller(shop: Shop, request: _Asked, scope: Scope) -> str:
    caller = keys(shop).caller(request.headers.get("authorization", ""))
    caller.need(scope)
    return caller.key


def _looking(shop: Shop) -> Sequence[Route]:
    @get("/v1/audiences", sync_to_thread=True)
    def list_audiences(request: _Asked, archived: bool = False) -> AudiencesAnswer:
        """Give the audiences with their sizes, with `archived` those that were put away."""
        _caller(shop, request, "audiences:read")
        with shop.database.reading() as tx:
            sizes = newest_sizes(tx)
            editions = read_audiences(tx, ("archived",)) if archived else read_audiences(tx)
        return AudiencesAnswer(tuple(Listed(one, sizes.get(one.audience.id)) for one in editions))

    @get("/v1/audiences/{audience_id:str}", sync_to_thread=True)
    def show_audience(request: _Asked, audience_id: str) -> AudienceAnswer:
        """Give every edition of an audience, and how many it held over time."""
        _caller(shop, request, "audiences:read")
        with shop.database.reading() as tx:
            read_newest(tx, audience_id)
            return AudienceAnswer(tuple(read_history(tx, audience_id)), tuple(read_sizes(tx, audience_id)))

    @post("/v1/audiences-estimate", status_code=200, sync_to_thread=True)
    def estimate_size(request: _Asked, data: EstimateBody) -> Estimate:
        """Tell about how many people fulfill a condition, from a sample of everybody; names nobody."""
        _caller(shop, request, "audiences:read")
        found = estimate(shop, data.when)
        return Estimate(found.members, found.low, found.high, found.people, found.looked_at)

    return [list_audiences, show_audience, estimate_size]


def _members(shop: Shop) -> Sequence[Route]:
    @get("/v1/audiences/{audience_id:str}/members", sync_to_thread=True)
    def list_members(request: _Asked, audience_id: str, after: str = "", limit: int = 100) -> MembersAnswer:
        """Give the members that were noted, page by page, with what they may be reached by."""
        _caller(shop, request, "people:read")
        if not 1 <= limit <= MOST_A_PAGE:
            raise InvalidInput("limit", f"must be 1 … {MOST_A_PAGE}")
        found = members_after(shop, audience_id, after, limit)
        return MembersAnswer(found, found[-1].person_id if len(found) == limit else None)

    @get("/v1/people/{kind:str}/{value:str}/audiences", sync_to_thread=True)
    def list_memberships(request: _Asked, kind: str, value: str) -> MembershipAnswer:
        """Give the audiences that the person known by an identifier is in at this moment."""
        _caller(shop, request, "people:read")
        if kind not in IDENTIFIER_KINDS:
            raise InvalidInput("kind", f"must be one of {', '.join(IDENTIFIER_KINDS)}")
        person = find_person(shop, kind, value)
        profile = read_profile(shop.database, person.person_id)
        audiences = live_audiences(shop)
        ids = [] if profile is None else audiences.of(profile, shop.clock())
        book = audiences.current()
        with shop.database.reading() as tx:
            since = since_of(tx, person.person_id)
        return MembershipAnswer(
            person.person_id,
            tuple(
                Membership(one, book[one].audience.name, format_time(since[one]) if one in since else None)
                for one in ids
            ),
        )

    return [list_members, list_memberships]


def _changing(shop: Shop) -> Sequence[Route]:
    @post("/v1/audiences", sync_to_thread=True)
    def add_audience(request: _Asked, data: AudienceBody) -> Edition:
        """Keep a new audience as a draft."""
        author = _caller(shop, request, "audiences:write")
        return create_audience(shop, Audience(data.id, data.name, data.when, data.note), author)

    @put("/v1/audiences/{audience_id:str}", sync_to_thread=True)
    def replace_audience(request: _Asked, audience_id: str, data: AudienceBody) -> Edition:
        """Keep a draft; what is in force stays. ``version`` names the one that the sender saw."""
        author = _caller(shop, request, "audiences:write")
        if data.version < 1:
            raise InvalidInput("version", "name the version that you saw")
        if data.id not in {"", audience_id}:
            raise InvalidInput("id", "never changes")
        audience = Audience(audience_id, data.name, data.when, data.note)
        return change_audience(shop, audience, data.version, author)

    @post("/v1/audiences/{audience_id:str}/{step:str}", status_code=200, sync_to_thread=True)
    def move_audience(request: _Asked, audience_id: str, step: str, data: StepBody) -> Edition:
        """``publish``, ``draft``, ``discard``, ``archive``, ``undo`` or ``restore`` an audience."""
        author = _caller(shop, request, "audiences:write")
        if step not in {*_STEPS, _RESTORE}:
            raise InvalidInput("step", f"{step[:40]!r} is none of {', '.join([*_STEPS, _RESTORE])}")
        if step == _RESTORE:
            return restore_audience(shop, audience_id, data.restore, data.version, author)
        return _STEPS[step](shop, audience_id, data.version, author)

    @post("/v1/audiences-count", status_code=200, sync_to_thread=True)
    def count_audiences(request: _Asked) -> AudiencesAnswer:
        """Count everybody in all audiences in force now; answers when that is done."""
        _caller(shop, request, "audiences:write")
        book = live_audiences(shop).current()
        counter(shop).recount(list(book.values()))
        with shop.database.reading() as tx:
            sizes = newest_sizes(tx)
            editions = read_in_force(tx)
        return AudiencesAnswer(tuple(Listed(one, sizes.get(one.audience.id)) for one in editions))

    return [add_audience, replace_audience, move_audience, count_audiences]
