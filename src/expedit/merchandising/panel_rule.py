"""One rule in the panel: edited, looked through before it goes live, published, put away, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from expedit.access import by_button, clash_with, late_with, restored_by_button
from expedit.audiences import UnusableAudience
from expedit.core import Conflict, InvalidInput, NotFound, evolve
from expedit.features import Page
from expedit.merchandising.editing import (
    archive_rule,
    change_rule,
    create_rule,
    discard_rule,
    draft_rule,
    publish_rule,
    restore_rule,
    undo_rule,
)
from expedit.merchandising.forms import SCOPES, rule_of_form
from expedit.merchandising.lint import Finding
from expedit.merchandising.looking import look_ahead
from expedit.merchandising.model import Edition, Rule
from expedit.merchandising.reading import MOST_RULES
from expedit.merchandising.rule_page import ANYWAY, RULES, page_of, plain
from expedit.merchandising.standing import Kept, brought_by_undo, read_one
from expedit.merchandising.starting import starting_rule
from expedit.merchandising.store import read_history
from expedit.merchandising.telling import RuleTeller
from expedit.storage import Shop
from expedit.web import Redirect, Reply, Visit, text

_LAST = 1_000_000
"""Priority of a rule that is not among the others yet."""


def show_new(shop: Shop, visit: Visit) -> Reply:
    """Show the form of a new rule, perhaps begun by one of the starts."""
    rule = starting_rule(visit.query.get("from", ""), visit.language)
    return page_of(shop, visit, rule, None)


def add(shop: Shop, visit: Visit) -> Reply:
    """Keep a new rule, and publish it if that was asked."""
    rule = rule_of_form(shop, visit, priority=_LAST)
    publishing = plain(visit.form.get("act", "")) == "publish"
    if publishing and (ahead := _ahead(shop, visit, rule)):
        return page_of(shop, visit, rule, None, ahead=ahead)
    with _said(visit):
        made = create_rule(shop, rule, visit.viewer.user_id, publish=publishing)
    return _back(visit, made.rule.id, "published" if publishing else "created")


def show_rule(shop: Shop, visit: Visit) -> Reply:
    """Show one rule: its form for those who may change it, its history."""
    kept = _kept(shop, visit)
    return page_of(shop, visit, kept.newest.rule, kept)


def change(shop: Shop, visit: Visit) -> Reply:
    """Do what one of the buttons of a rule's page asks for."""
    deed, kept = visit.form.get("act", ""), _kept(shop, visit)
    if plain(deed) in {"save", "publish"}:
        return _save(shop, visit, kept, publishing=plain(deed) == "publish")
    if plain(deed) not in _DEEDS:
        raise InvalidInput("", text(visit.language, "merchandising.wrong.act"))
    newest = kept.newest
    if visit.number("version") != newest.version:
        return _refused(shop, visit, kept)
    if plain(deed) == "undo" and (ahead := _ahead_of_undo(shop, visit, newest)):
        return page_of(shop, visit, newest.rule, kept, ahead=ahead)
    try:
        _DEEDS[plain(deed)](shop, visit)
    except Conflict:  # somebody changed it between looking and writing, or there is nothing to take back
        return _refused(shop, visit, _kept(shop, visit))
    except InvalidInput as error:
        return evolve(page_of(shop, visit, newest.rule, kept, refused=_why_not(visit, error)), status=409)
    return _back(visit, newest.rule.id, plain(deed))


def _save(shop: Shop, visit: Visit, kept: Kept, *, publishing: bool) -> Reply:
    """Keep what the form says, as a draft or in force; what would be in force is looked through first."""
    newest, author = kept.newest, visit.viewer.user_id
    rule = rule_of_form(shop, visit, newest.rule.id, newest.rule.priority)
    if visit.number("version") != newest.version:
        return _clashing(shop, visit, rule, kept)
    changed = rule != _in_order(newest.rule)
    going_live = publishing and (changed or newest.state != "published")
    if going_live and (ahead := _ahead(shop, visit, rule)):
        return page_of(shop, visit, rule, kept, ahead=ahead)
    try:
        with _said(visit):
            if changed:
                change_rule(shop, rule, newest.version, author, publish=publishing)
            elif going_live:
                publish_rule(shop, rule.id, newest.version, author)
    except Conflict:  # somebody saved between looking and writing
        return _clashing(shop, visit, rule, _kept(shop, visit))
    return _back(visit, rule.id, "published" if publishing else "saved_beside" if kept.live else "saved")


def _in_order(rule: Rule) -> Rule:
    """Return a rule with its scopes in the order in which a form gives them."""
    return evolve(rule, **{name: tuple(sorted(getattr(rule, name))) for name in SCOPES})


@contextmanager
def _said(visit: Visit) -> Iterator[None]:
    """Say in the viewer's language what only the writing of a rule finds wrong with it."""
    try:
        yield
    except UnusableAudience as error:
        said = text(visit.language, "merchandising.wrong.audience", name=error.name)
        raise InvalidInput("when", said) from error
    except InvalidInput as error:
        raise InvalidInput(error.field, _full(visit)) from error


def _why_not(visit: Visit, error: InvalidInput) -> str:
    if isinstance(error, UnusableAudience):
        return text(visit.language, "merchandising.wrong.audience_then", name=error.name)
    return _full(visit)


def _full(visit: Visit) -> str:
    return text(visit.language, "merchandising.wrong.full", n=MOST_RULES)


def _clashing(shop: Shop, visit: Visit, rule: Rule, kept: Kept) -> Reply:
    differences = RuleTeller(shop, visit.language).differences(rule, kept.newest.rule)
    clash = clash_with(shop, visit.language, kept.newest, differences)
    return page_of(shop, visit, rule, kept, clash=clash)


def _refused(shop: Shop, visit: Visit, kept: Kept) -> Reply:
    """Tell why a button did nothing: somebody else was first, or there is nothing to take back."""
    newest, seen = kept.newest, visit.number("version")
    if seen == newest.version:
        raise Conflict(text(visit.language, "merchandising.wrong.nothing_earlier"))
    with shop.database.reading() as tx:
        history = read_history(tx, newest.rule.id)
    clash = late_with(shop, visit.language, history, seen, RuleTeller(shop, visit.language).changes)
    return page_of(shop, visit, newest.rule, kept, clash=clash)


def _ahead(shop: Shop, visit: Visit, rule: Rule) -> list[Finding]:
    """Return what has to be confirmed before `rule` goes live: nothing when it has been."""
    return [] if visit.form.get("act", "").endswith(ANYWAY) else look_ahead(shop, rule)


def _ahead_of_undo(shop: Shop, visit: Visit, newest: Edition) -> list[Finding]:
    with shop.database.reading() as tx:
        rule = brought_by_undo(tx, newest.rule.id)
    return [] if rule is None else _ahead(shop, visit, rule)


def _kept(shop: Shop, visit: Visit) -> Kept:
    try:
        with shop.database.reading() as tx:
            return read_one(tx, visit.path["rule_id"])
    except NotFound:
        raise NotFound(text(visit.language, "merchandising.rule.unknown")) from None


def _back(visit: Visit, rule_id: str, said: str) -> Redirect:
    return Redirect(f"{RULES}/{rule_id}", text(visit.language, f"merchandising.said.{said}"))


_DEEDS: dict[str, Callable[[Shop, Visit], Edition]] = {
    "archive": by_button(archive_rule, "rule_id"),
    "draft": by_button(draft_rule, "rule_id"),
    "discard": by_button(discard_rule, "rule_id"),
    "undo": by_button(undo_rule, "rule_id"),
    "restore": restored_by_button(restore_rule, "rule_id"),
}


RULE_PAGES = (
    Page(f"{RULES}/new", show=show_new, act=add, role="merchandiser"),
    Page(f"{RULES}/{{rule_id:str}}", show=show_rule, act=change),
)
