"""One audience in the panel: edited with its size in view, published, put away, taken back."""

from __future__ import annotations

from collections.abc import Callable

from expedit.access import Kept, by_button, clash_with, late_with, restored_by_button
from expedit.audiences.audience_page import page_of, sized
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
from expedit.audiences.model import Audience, Edition
from expedit.audiences.reading import MOST_AUDIENCES, check_audience, id_of
from expedit.audiences.starting import starting_audience
from expedit.audiences.store import read_history, read_one
from expedit.audiences.telling import AudienceTeller
from expedit.audiences.vocabulary import PERSON
from expedit.core import Conflict, InvalidInput, NotFound, evolve, write_condition
from expedit.features import Page, uses_of
from expedit.storage import Shop
from expedit.web import Html, Redirect, Reply, Visit, condition_from, text

_AUDIENCES = "/panel/audiences"


def show_new(shop: Shop, visit: Visit) -> Reply:
    """Show the form of a new audience, perhaps begun by one of the starts."""
    return page_of(shop, visit, starting_audience(visit.query.get("from", ""), visit.language), None)


def add(shop: Shop, visit: Visit) -> Reply:
    """Keep a new audience, and publish it if that was asked."""
    audience = _typed(visit, visit.form.get("id", "").strip())
    publishing = visit.form.get("act") == "publish"
    try:
        made = create_audience(shop, audience, visit.viewer.user_id, publish=publishing)
    except Conflict:
        raise InvalidInput("id", text(visit.language, "audiences.wrong.taken")) from None
    except InvalidInput as error:
        raise InvalidInput(error.field, _full(visit)) from error
    return _back(visit, made.audience.id, "published" if publishing else "created")


def show_audience(shop: Shop, visit: Visit) -> Reply:
    """Show one audience: its form for those who may change it, its size, its history."""
    kept = _kept(shop, visit)
    return page_of(shop, visit, kept.newest.audience, kept)


def show_size(shop: Shop, visit: Visit) -> Reply:
    """Show how large an audience is, again and again until it has been counted."""
    kept = _kept(shop, visit)
    return Html("audiences/_size.html", {"audience": kept.newest.audience} | sized(shop, visit, kept))


def change(shop: Shop, visit: Visit) -> Reply:
    """Do what one of the buttons of an audience's page asks for."""
    deed, kept = visit.form.get("act", ""), _kept(shop, visit)
    if deed in {"save", "publish"}:
        return _save(shop, visit, kept, publishing=deed == "publish")
    if deed not in _DEEDS:
        raise InvalidInput("", text(visit.language, "audiences.wrong.act"))
    try:
        _DEEDS[deed](shop, visit)
    except Conflict:
        return _refused(shop, visit, _kept(shop, visit))
    except InvalidInput as error:
        raise Conflict(_full(visit)) from error
    return _back(visit, kept.newest.audience.id, deed)


def _refused(shop: Shop, visit: Visit, kept: Kept[Edition]) -> Reply:
    """Tell why a button did nothing: somebody else was first, the audience is in use, or there is nothing to
    take back."""
    audience, seen = kept.newest.audience, visit.number("version")
    with shop.database.reading() as tx:
        uses = uses_of(shop, tx, "audience", audience.id)
        history = read_history(tx, audience.id)
    if seen != kept.newest.version:
        teller = AudienceTeller(shop, visit.language)
        clash = late_with(shop, visit.language, history, seen, teller.changes)
        return page_of(shop, visit, audience, kept, clash=clash)
    if not uses:
        raise Conflict(text(visit.language, "audiences.wrong.nothing_earlier"))
    names = ", ".join(f"“{one.title}”" for one in uses)
    raise Conflict(text(visit.language, "audiences.wrong.used", names=names))


def _save(shop: Shop, visit: Visit, kept: Kept[Edition], *, publishing: bool) -> Reply:
    """Keep what the form says, as a draft or in force."""
    newest, author = kept.newest, visit.viewer.user_id
    audience = _typed(visit, newest.audience.id)
    if visit.number("version") != newest.version:
        return _clashing(shop, visit, audience, kept)
    try:
        if audience != newest.audience:
            change_audience(shop, audience, newest.version, author, publish=publishing)
        elif publishing and newest.state != "published":
            publish_audience(shop, audience.id, newest.version, author)
    except Conflict:  # somebody saved between looking and writing
        return _clashing(shop, visit, audience, _kept(shop, visit))
    said = "published" if publishing else "saved_beside" if kept.live else "saved"
    return _back(visit, audience.id, said)


def _clashing(shop: Shop, visit: Visit, audience: Audience, kept: Kept[Edition]) -> Reply:
    teller = AudienceTeller(shop, visit.language)
    differences = teller.differences(audience, kept.newest.audience)
    clash = clash_with(shop, visit.language, kept.newest, differences)
    return page_of(shop, visit, audience, kept, clash=clash)


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


def _full(visit: Visit) -> str:
    return text(visit.language, "audiences.wrong.full", n=MOST_AUDIENCES)


def _kept(shop: Shop, visit: Visit) -> Kept[Edition]:
    try:
        with shop.database.reading() as tx:
            return read_one(tx, visit.path["audience_id"])
    except NotFound:
        raise NotFound(text(visit.language, "audiences.audience.unknown")) from None


def _back(visit: Visit, audience_id: str, said: str) -> Redirect:
    return Redirect(f"{_AUDIENCES}/{audience_id}", text(visit.language, f"audiences.said.{said}"))


_DEEDS: dict[str, Callable[[Shop, Visit], Edition]] = {
    "archive": by_button(archive_audience, "audience_id"),
    "draft": by_button(draft_audience, "audience_id"),
    "discard": by_button(discard_audience, "audience_id"),
    "undo": by_button(undo_audience, "audience_id"),
    "restore": restored_by_button(restore_audience, "audience_id"),
}


AUDIENCE_PAGES = (
    Page(f"{_AUDIENCES}/new", show=show_new, act=add, role="merchandiser"),
    Page(f"{_AUDIENCES}/{{audience_id:str}}", show=show_audience, act=change),
    Page(f"{_AUDIENCES}/{{audience_id:str}}/size", show=show_size),
)
