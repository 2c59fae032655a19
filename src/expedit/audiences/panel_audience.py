"""One audience in the panel: edited with its size in view, published, put away, taken back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from expedit.access import actor_name, clash_with, names_of
from expedit.audiences.counting import counter
from expedit.audiences.editing import (
    archive_audience,
    change_audience,
    create_audience,
    draft_audience,
    publish_audience,
    restore_audience,
    undo_audience,
)
from expedit.audiences.estimating import EXAMPLES, estimate
from expedit.audiences.model import Audience, Edition, Size
from expedit.audiences.reading import check_audience, id_of
from expedit.audiences.starting import STARTS, starting_audience
from expedit.audiences.store import newest_sizes, read_history, read_members, read_newest, read_sizes
from expedit.audiences.telling import AudienceTeller, Shown
from expedit.audiences.trends import chart_of, trend_of
from expedit.audiences.vocabulary import PERSON
from expedit.core import DAY, Conflict, InvalidInput, NotFound, Struct, evolve, write_condition
from expedit.features import Page, Use, uses_of
from expedit.profiles import may_see
from expedit.storage import Shop
from expedit.web import Clash, Difference, Html, Redirect, Reply, Visit, condition_from, text

_AUDIENCES = "/panel/audiences"
_TREND_DAYS = 90


class Told(Struct, frozen=True):
    """An edition in the history: who made it, and what it changed."""

    edition: Edition
    author: str
    differences: tuple[Difference, ...]


def show_new(shop: Shop, visit: Visit) -> Reply:
    """Show the form of a new audience, perhaps begun by one of the starts."""
    return _form(shop, visit, starting_audience(visit.query.get("from", ""), visit.language), None)


def add(shop: Shop, visit: Visit) -> Reply:
    """Keep a new audience, and publish it if that was asked."""
    author, audience = visit.viewer.user_id, _typed(visit, visit.form.get("id", "").strip())
    try:
        made = create_audience(shop, audience, author)
    except Conflict:
        raise InvalidInput("id", text(visit.language, "audiences.wrong.taken")) from None
    publishing = visit.form.get("act") == "publish"
    if publishing:
        publish_audience(shop, made.audience.id, made.version, author)
    return _back(visit, made.audience.id, "published" if publishing else "created")


def show_audience(shop: Shop, visit: Visit) -> Reply:
    """Show one audience: its form for those who may change it, its size, its history."""
    newest = _newest(shop, visit)
    return _form(shop, visit, newest.audience, newest)


def change(shop: Shop, visit: Visit) -> Reply:
    """Do what one of the buttons of an audience's page asks for."""
    deed, newest = visit.form.get("act", ""), _newest(shop, visit)
    if deed in {"save", "publish"}:
        return _save(shop, visit, newest, publishing=deed == "publish")
    if deed not in _DEEDS:
        raise InvalidInput("", text(visit.language, "audiences.wrong.act"))
    try:
        _DEEDS[deed](shop, visit, _seen(visit))
    except Conflict:
        return _refused(shop, visit)
    return _back(visit, newest.audience.id, deed)


def _refused(shop: Shop, visit: Visit) -> Reply:
    """Tell why a button did nothing: somebody else was first, the audience is in use, or there is nothing to
    take back."""
    newest, seen = _newest(shop, visit), _seen(visit)
    with shop.database.reading() as tx:
        uses = uses_of(shop, tx, "audience", newest.audience.id)
        known = next((one for one in read_history(tx, newest.audience.id) if one.version == seen), newest)
    if seen != newest.version:
        differences = AudienceTeller(shop, visit.language).differences(known.audience, newest.audience)
        clash = clash_with(shop, visit.language, newest, differences, pressed=True)
        return evolve(_form(shop, visit, newest.audience, newest, clash=clash), status=409)
    if not uses:
        raise Conflict(text(visit.language, "audiences.wrong.nothing_earlier"))
    names = ", ".join(f"“{one.title}”" for one in uses)
    raise Conflict(text(visit.language, "audiences.wrong.used", names=names))


def _save(shop: Shop, visit: Visit, newest: Edition, *, publishing: bool) -> Reply:
    audience, author = _typed(visit, newest.audience.id), visit.viewer.user_id
    if _seen(visit) != newest.version:
        return _clashing(shop, visit, audience, newest)
    try:
        edition = newest
        if audience != newest.audience:
            edition = change_audience(shop, audience, newest.version, author)
        if publishing and newest.state != "published":
            edition = publish_audience(shop, audience.id, edition.version, author)
    except Conflict:  # somebody saved between looking and writing
        return _clashing(shop, visit, audience, _newest(shop, visit))
    live = edition.state == "published"
    return _back(visit, audience.id, "published" if publishing else "saved_live" if live else "saved")


def _clashing(shop: Shop, visit: Visit, audience: Audience, newest: Edition) -> Reply:
    teller = AudienceTeller(shop, visit.language)
    clash = clash_with(shop, visit.language, newest, teller.differences(audience, newest.audience))
    return evolve(_form(shop, visit, audience, newest, clash=clash), status=409)


def _typed(visit: Visit, audience_id: str) -> Audience:
    """Return the audience that the form says; complaints are in the viewer's language."""
    name = visit.form.get("name", "").strip()
    if not name:
        raise InvalidInput("name", text(visit.language, "audiences.wrong.name"))
    condition = condition_from(visit.form.get("when", ""), PERSON, "when", visit.language)
    note = visit.form.get("note", "").strip()
    audience = Audience(audience_id, name, write_condition(condition), note)
    try:
        check_audience(audience if audience_id else evolve(audience, id=id_of(name)))
    except InvalidInput as error:
        key = "audiences.wrong.id" if error.field == "id" else "audiences.wrong.long"
        raise InvalidInput(error.field, text(visit.language, key)) from None
    return audience


def _seen(visit: Visit) -> int:
    typed = visit.form.get("version", "")
    return int(typed) if typed.isdecimal() else 0


def _newest(shop: Shop, visit: Visit) -> Edition:
    try:
        with shop.database.reading() as tx:
            return read_newest(tx, visit.path["audience_id"])
    except NotFound:
        raise NotFound(text(visit.language, "audiences.audience.unknown")) from None


def _back(visit: Visit, audience_id: str, said: str) -> Redirect:
    return Redirect(f"{_AUDIENCES}/{audience_id}", text(visit.language, f"audiences.said.{said}"))


def _archive(shop: Shop, visit: Visit, seen: int) -> Edition:
    return archive_audience(shop, visit.path["audience_id"], seen, visit.viewer.user_id)


def _draft(shop: Shop, visit: Visit, seen: int) -> Edition:
    return draft_audience(shop, visit.path["audience_id"], seen, visit.viewer.user_id)


def _undo(shop: Shop, visit: Visit, seen: int) -> Edition:
    return undo_audience(shop, visit.path["audience_id"], seen, visit.viewer.user_id)


def _restore(shop: Shop, visit: Visit, seen: int) -> Edition:
    wanted = visit.form.get("restored", "")
    version = int(wanted) if wanted.isdecimal() else 0
    return restore_audience(shop, visit.path["audience_id"], version, seen, visit.viewer.user_id)


_DEEDS: dict[str, Callable[[Shop, Visit, int], Edition]] = {
    "archive": _archive, "draft": _draft, "undo": _undo, "restore": _restore,
}  # fmt: skip


def _form(
    shop: Shop, visit: Visit, audience: Audience, newest: Edition | None, *, clash: Clash | None = None
) -> Html:
    """Return the page of an audience, with how large it is and what it was before."""
    teller = AudienceTeller(shop, visit.language)
    history: list[Edition] = []
    uses: tuple[Use, ...] = ()
    if newest is not None:
        with shop.database.reading() as tx:
            history = read_history(tx, audience.id)
            uses = uses_of(shop, tx, "audience", audience.id)
    values: dict[str, Any] = {
        "audience": audience,
        "edition": newest,
        "version": newest.version if newest else 0,
        "state": newest.state if newest else "draft",
        "kit": teller.kit(audience.when),
        "teller": teller,
        "clash": clash,
        "uses": uses,
        "history": _history(shop, teller, history),
        "starts": tuple(STARTS),
    }
    if newest is not None:
        values |= _sized(shop, visit, newest) | {"members": _examples(shop, visit, teller, newest)}
    return Html("audiences/audience.html", values, status=409 if clash else 200)


def show_size(shop: Shop, visit: Visit) -> Reply:
    """Show how large an audience is, again and again until it has been counted."""
    newest = _newest(shop, visit)
    return Html("audiences/_size.html", {"audience": newest.audience} | _sized(shop, visit, newest))


def _sized(shop: Shop, visit: Visit, newest: Edition) -> dict[str, Any]:
    with shop.database.reading() as tx:
        sizes = read_sizes(tx, newest.audience.id, visit.at - _TREND_DAYS * DAY)
        size: Size | None = newest_sizes(tx).get(newest.audience.id)
    trend = trend_of(sizes, visit.at, _TREND_DAYS)
    live = newest.state == "published"
    return {
        "size": size if live else None,
        "trend": trend,
        "chart": chart_of(trend) if trend.points else None,
        "counting": live and (size is None or size.version != newest.version),
        "progress": counter(shop).progress,
    }


def _examples(shop: Shop, visit: Visit, teller: AudienceTeller, newest: Edition) -> list[Shown]:
    """Return some members: of an audience in force those noted, else those of the sample."""
    if newest.state == "archived":
        return []
    with shop.database.reading() as tx:
        found = [one.person_id for one in read_members(tx, newest.audience.id, "", EXAMPLES)]
    if not found:
        found = list(estimate(shop, newest.audience.when).examples)
    return teller.people(found, clear=may_see(visit.viewer))


def _history(shop: Shop, teller: AudienceTeller, history: list[Edition]) -> list[Told]:
    people = names_of(shop)
    told = []
    for edition, before in zip_longest(history, history[1:]):
        changed = teller.differences(before.audience, edition.audience) if before else []
        told.append(Told(edition, actor_name(teller.language, edition.author, people), tuple(changed)))
    return told


AUDIENCE_PAGES = (
    Page(f"{_AUDIENCES}/new", show=show_new, act=add, role="merchandiser"),
    Page(f"{_AUDIENCES}/{{audience_id:str}}", show=show_audience, act=change),
    Page(f"{_AUDIENCES}/{{audience_id:str}}/size", show=show_size),
)
