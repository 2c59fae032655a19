"""One rule in the panel: edited, looked through before it goes live, published, put away, taken back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from expedit.access import actor_name, clash_with, names_of
from expedit.catalog import named_products
from expedit.core import Conflict, InvalidInput, NotFound, Struct, evolve
from expedit.features import Page, Use, uses_of
from expedit.merchandising.editing import (
    archive_rule,
    change_rule,
    create_rule,
    draft_rule,
    publish_rule,
    restore_rule,
    undo_rule,
)
from expedit.merchandising.forms import FIELDS, KINDS, SCOPES, form_of, rule_of_form
from expedit.merchandising.lint import Finding
from expedit.merchandising.looking import look_ahead, look_through
from expedit.merchandising.model import Edition, Rule
from expedit.merchandising.starting import STARTS, starting_rule
from expedit.merchandising.store import read_history, read_newest, read_rules
from expedit.merchandising.telling import RuleTeller, catalog_is_empty, standing_of
from expedit.storage import Shop
from expedit.web import Clash, Difference, Html, Redirect, Reply, Suggestion, Visit, text

_RULES = "/panel/rules"
_ANYWAY = "_anyway"


class Told(Struct, frozen=True):
    """An edition in the history: who made it, and what it changed."""

    edition: Edition
    author: str
    differences: tuple[Difference, ...]


def show_new(shop: Shop, visit: Visit) -> Reply:
    """Show the form of a new rule, perhaps begun by one of the starts."""
    rule = starting_rule(visit.query.get("from", ""), visit.language)
    return _form(shop, visit, rule, None)


def add(shop: Shop, visit: Visit) -> Reply:
    """Keep a new rule, and publish it if that was asked."""
    rule = rule_of_form(shop, visit)
    deed = visit.form.get("act", "")
    publishing = _plain(deed) == "publish"
    if publishing and (ahead := _ahead(shop, visit, rule)):
        return _form(shop, visit, rule, None, ahead=ahead)
    made = create_rule(shop, rule, visit.viewer.user_id)
    if publishing:
        publish_rule(shop, made.rule.id, made.version, visit.viewer.user_id)
    return _back(visit, made.rule.id, "published" if publishing else "created")


def show_rule(shop: Shop, visit: Visit) -> Reply:
    """Show one rule: its form for those who may change it, its history."""
    newest = _newest(shop, visit)
    return _form(shop, visit, newest.rule, newest)


def change(shop: Shop, visit: Visit) -> Reply:
    """Do what one of the buttons of a rule's page asks for."""
    deed = visit.form.get("act", "")
    newest = _newest(shop, visit)
    if _plain(deed) in {"save", "publish"}:
        return _save(shop, visit, newest, publishing=_plain(deed) == "publish")
    if deed not in _DEEDS:
        raise InvalidInput("", text(visit.language, "merchandising.wrong.act"))
    try:
        _DEEDS[deed](shop, visit, _seen(shop, visit, newest))
    except Conflict:
        return _refused(shop, visit)
    return _back(visit, newest.rule.id, deed)


def _save(shop: Shop, visit: Visit, newest: Edition, *, publishing: bool) -> Reply:
    """Keep what the form says; what would be in force is looked through first."""
    rule = rule_of_form(shop, visit, newest.rule.id, newest.rule.priority)
    seen = _seen(shop, visit, newest)
    if seen != newest.version:
        return _clashing(shop, visit, rule, newest)
    live = publishing or newest.state == "published"
    if live and (ahead := _ahead(shop, visit, rule)):
        return _form(shop, visit, rule, newest, ahead=ahead)
    author = visit.viewer.user_id
    try:
        edition = newest
        if rule != _in_order(newest.rule):
            edition = change_rule(shop, rule, seen, author)
        if publishing and newest.state != "published":
            publish_rule(shop, rule.id, edition.version, author)
    except Conflict:  # somebody saved between looking and writing
        return _clashing(shop, visit, rule, _newest(shop, visit))
    return _back(visit, rule.id, "published" if publishing else "saved_live" if live else "saved")


def _in_order(rule: Rule) -> Rule:
    """Return a rule with its scopes in the order in which a form gives them."""
    return evolve(rule, **{name: tuple(sorted(getattr(rule, name))) for name in SCOPES})


def _plain(deed: str) -> str:
    return deed.removesuffix(_ANYWAY)


def _clashing(shop: Shop, visit: Visit, rule: Rule, newest: Edition) -> Reply:
    teller = RuleTeller(shop, visit.language)
    mine = evolve(rule, priority=newest.rule.priority)
    clash = clash_with(shop, visit.language, newest, teller.differences(mine, newest.rule))
    return evolve(_form(shop, visit, rule, newest, clash=clash), status=409)


def _refused(shop: Shop, visit: Visit) -> Reply:
    """Tell why a button did nothing: somebody else was first, or there is nothing to take back."""
    newest = _newest(shop, visit)
    seen = _seen(shop, visit, newest)
    if seen == newest.version:
        raise Conflict(text(visit.language, "merchandising.wrong.nothing_earlier"))
    with shop.database.reading() as tx:
        known = next((one for one in read_history(tx, newest.rule.id) if one.version == seen), newest)
    differences = RuleTeller(shop, visit.language).differences(known.rule, newest.rule)
    clash = clash_with(shop, visit.language, newest, differences, pressed=True)
    return evolve(_form(shop, visit, newest.rule, newest, clash=clash), status=409)


def _ahead(shop: Shop, visit: Visit, rule: Rule) -> list[Finding]:
    """Return what has to be confirmed before `rule` goes live: nothing when it has been."""
    if visit.form.get("act", "").endswith(_ANYWAY):
        return []
    with shop.database.reading() as tx:
        return look_ahead(shop, rule, read_rules(tx))


def _seen(shop: Shop, visit: Visit, newest: Edition) -> int:
    """Return the version that the form is about: the newest one, if rules were only reordered since."""
    typed = visit.form.get("version", "")
    seen = int(typed) if typed.isdigit() else 0
    if not 0 < seen < newest.version:
        return seen
    with shop.database.reading() as tx:
        since = [one for one in read_history(tx, newest.rule.id) if one.version > seen]
    return newest.version if all(one.change == "reordered" for one in since) else seen


def _newest(shop: Shop, visit: Visit) -> Edition:
    try:
        with shop.database.reading() as tx:
            return read_newest(tx, visit.path["rule_id"])
    except NotFound:
        raise NotFound(text(visit.language, "merchandising.rule.unknown")) from None


def _back(visit: Visit, rule_id: str, said: str) -> Redirect:
    return Redirect(f"{_RULES}/{rule_id}", text(visit.language, f"merchandising.said.{said}"))


def _archive(shop: Shop, visit: Visit, seen: int) -> Edition:
    return archive_rule(shop, visit.path["rule_id"], seen, visit.viewer.user_id)


def _draft(shop: Shop, visit: Visit, seen: int) -> Edition:
    return draft_rule(shop, visit.path["rule_id"], seen, visit.viewer.user_id)


def _undo(shop: Shop, visit: Visit, seen: int) -> Edition:
    return undo_rule(shop, visit.path["rule_id"], seen, visit.viewer.user_id)


def _restore(shop: Shop, visit: Visit, seen: int) -> Edition:
    wanted = visit.form.get("restored", "")
    version = int(wanted) if wanted.isdigit() else 0
    return restore_rule(shop, visit.path["rule_id"], version, seen, visit.viewer.user_id)


_DEEDS: dict[str, Callable[[Shop, Visit, int], Edition]] = {
    "archive": _archive, "draft": _draft, "undo": _undo, "restore": _restore,
}  # fmt: skip


def _form(
    shop: Shop,
    visit: Visit,
    rule: Rule,
    newest: Edition | None,
    *,
    ahead: list[Finding] | None = None,
    clash: Clash | None = None,
) -> Html:
    """Return the page of a rule, with what is wrong with it and what it was before."""
    teller = RuleTeller(shop, visit.language)
    with shop.database.reading() as tx:
        editions = read_rules(tx)
        history = read_history(tx, newest.rule.id) if newest else []
        uses: tuple[Use, ...] = uses_of(shop, tx, "rule", newest.rule.id) if newest else ()
    names = {one.rule.id: one.rule.name for one in editions} | {rule.id: rule.name}
    looked = look_through(shop, editions).of(rule.id) if newest and ahead is None else []
    held = form_of(rule, teller.zone)
    return Html(
        "merchandising/rule.html",
        {
            "rule": rule,
            "held": held,
            "edition": newest,
            "version": newest.version if newest else 0,
            "standing": standing_of(newest, visit.at) if newest else "draft",
            "kinds": KINDS,
            "used_by": _used_by(),
            "kit_which": teller.kit(held["which"], "product"),
            "kit_beside": teller.kit(held["beside"], "product"),
            "kit_when": teller.kit(rule.when, "situation"),
            "teller": teller,
            "picked": _picked(shop, visit, held),
            "parts": teller.parts(newest.rule) if newest else {},
            "findings": [(teller.finding(one, names), one.serious) for one in looked],
            "ahead": None if ahead is None else [(teller.finding(one, names), one.serious) for one in ahead],
            "asked": _plain(visit.form.get("act", "save")) + _ANYWAY,
            "clash": clash,
            "uses": uses,
            "history": _history(shop, teller, history),
            "starts": [(name, icon) for name, (icon, _) in STARTS.items()],
            "no_goods": catalog_is_empty(shop),
        },
        status=409 if clash else 200,
    )


def _used_by() -> dict[str, str]:
    """Return for each field of an action the kinds that have it, as the page's script reads it."""
    fields = {name for names in FIELDS.values() for name in names}
    return {name: " ".join(kind for kind in KINDS if name in FIELDS[kind]) for name in fields}


def _picked(shop: Shop, visit: Visit, held: dict[str, Any]) -> list[Suggestion]:
    """Return the products that stand in the form."""
    written = visit.form.get("products", "") if visit.errors else held["products"]
    return named_products(shop, written.split(), visit.language)


def _history(shop: Shop, teller: RuleTeller, history: list[Edition]) -> list[Told]:
    people = names_of(shop)
    told = []
    for edition, before in zip_longest(history, history[1:]):
        changed = teller.differences(before.rule, edition.rule) if before else []
        told.append(Told(edition, actor_name(teller.language, edition.author, people), tuple(changed)))
    return told


RULE_PAGES = (
    Page(f"{_RULES}/new", show=show_new, act=add, role="merchandiser"),
    Page(f"{_RULES}/{{rule_id:str}}", show=show_rule, act=change),
)
