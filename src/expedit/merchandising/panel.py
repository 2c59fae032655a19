"""Rules in the panel: the list by priority, and what its fields and buttons ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from expedit.access import actor_name, names_of
from expedit.catalog import WEB, live_catalog, product_address, suggest_values
from expedit.core import Conflict, InvalidInput, Struct, compile_mask
from expedit.features import Found, MenuItem, Page
from expedit.merchandising.columns import CatalogNames, ProductColumns
from expedit.merchandising.editing import reorder_rules
from expedit.merchandising.forms import KINDS
from expedit.merchandising.lint import Finding
from expedit.merchandising.looking import Looked, look_through
from expedit.merchandising.panel_rule import RULE_PAGES
from expedit.merchandising.standing import Kept, Standing, read_kept
from expedit.merchandising.starting import STARTS
from expedit.merchandising.store import read_order, read_rules
from expedit.merchandising.telling import COUNT, SUGGEST, RuleTeller
from expedit.merchandising.vocabulary import PRODUCT
from expedit.storage import Shop
from expedit.web import Counted, Html, Json, Redirect, Reply, Sample, Viewer, Visit, condition_from, text

RULES = "/panel/rules"
STANDINGS: tuple[Standing, ...] = ("live", "scheduled", "draft", "ended", "archived")
_SHOWN = 5
_MOST_FOUND = 6


class RuleRow(Struct, frozen=True):
    """A rule in the list, told in words.

    Parameters
    ----------
    kept
        The rule; told is what is in force, or the draft while nothing is.
    findings
        Sentences of lint, and whether each is serious.
    """

    kept: Kept
    standing: Standing
    sentence: str
    where: str
    when: str
    schedule: str
    author: str
    findings: tuple[tuple[str, bool], ...] = ()


def show_rules(shop: Shop, visit: Visit) -> Reply:
    """List the rules that fit what is typed and chosen."""
    archived = visit.query.get("state") == "archived"
    with shop.database.reading() as tx:
        rules = read_kept(tx, archived=archived)
        empty = not rules and not archived and not read_rules(tx, ("archived",))
        order = read_order(tx)
    looked = Looked() if archived else look_through(shop, rules)
    teller = RuleTeller(shop, visit.language)
    rows = _rows(shop, visit, teller, rules, looked)
    shown = [row for row in rows if _fits(row, visit.query)]
    values: dict[str, Any] = {
        "rows": shown,
        "total": len(rows),
        "order": order.version if order else 0,
        "narrowed": any(visit.query.get(name) for name in ("q", "state", "placement", "do")),
    }
    if visit.partial:
        return Html("merchandising/_rules.html", values)
    names = _names(rules)
    return Html(
        "merchandising/rules.html",
        values
        | {
            "empty": empty,
            "starts": [(name, icon) for name, (icon, _) in STARTS.items()],
            "standings": STANDINGS,
            "kinds": KINDS,
            "placements": teller.placements,
            "alerts": [(one, names.get(one.rule, ""), teller.finding(one, names)) for one in looked.live],
        },
    )


def _names(rules: Sequence[Kept]) -> dict[str, str]:
    return {one.newest.rule.id: one.shown.rule.name for one in rules}


def _rows(
    shop: Shop, visit: Visit, teller: RuleTeller, rules: Sequence[Kept], looked: Looked
) -> list[RuleRow]:
    people = names_of(shop)
    names = _names(rules)

    def told(found: Finding) -> tuple[str, bool]:
        return teller.finding(found, names), found.serious

    return [
        RuleRow(
            one, one.standing(visit.at), teller.sentence(rule), teller.where(rule), teller.when(rule),
            teller.schedule(rule), actor_name(visit.language, one.newest.author, people),
            tuple(map(told, looked.of(rule.id))),
        )
        for one in rules
        for rule in (one.shown.rule,)
    ]  # fmt: skip


def _fits(row: RuleRow, asked: Mapping[str, str]) -> bool:
    rule = row.kept.shown.rule
    wanted = asked.get("state", "")
    words = asked.get("q", "").casefold().split()
    said = " ".join((rule.name, row.sentence, row.when, row.where, rule.note)).casefold()
    return (
        all(word in said for word in words)
        and (wanted in {"", row.standing} or (wanted == "draft" and row.kept.beside))
        and (not asked.get("placement") or asked["placement"] in (rule.placements or (asked["placement"],)))
        and asked.get("do", "") in {"", str(rule.action.__struct_config__.tag)}
    )


def order_rules(shop: Shop, visit: Visit) -> Reply:
    """Put the rules in another order: as a script sends all ids, or one step up or down."""
    moved, step = next(
        ((visit.form[name], step) for name, step in (("up", -1), ("down", 1)) if name in visit.form), ("", 0)
    )
    wanted = list(visit.chosen("ids"))
    if moved:
        with shop.database.reading() as tx:
            ids = [one.rule.id for one in read_rules(tx)]
        place = ids.index(moved) if moved in ids else len(ids)
        wanted = [one for one in ids if one != moved]
        wanted.insert(min(max(place + step, 0), len(wanted)), moved)
    try:
        version = reorder_rules(shop, wanted, visit.number("version"), visit.viewer.user_id)
    except Conflict:
        raise Conflict(_slower(shop, visit)) from None
    if visit.form.get("by") == "script":
        return Json({"version": version})
    return Redirect(RULES, text(visit.language, "merchandising.order.done"))


def _slower(shop: Shop, visit: Visit) -> str:
    """Return what is told to somebody whose list was no longer as the rules are."""
    with shop.database.reading() as tx:
        order = read_order(tx)
    who = actor_name(visit.language, order.author if order else "", names_of(shop))
    return text(visit.language, "merchandising.order.clash", who=who)


def suggest(shop: Shop, visit: Visit) -> Reply:
    """Complete a value as it is typed."""
    asked = visit.query
    found = suggest_values(
        shop, asked.get("source", ""), asked.get("q", "")[:200], visit.language, asked.get("field", "")
    )
    return Json(list(found))


def count_products(shop: Shop, visit: Visit) -> Reply:
    """Count the products that fit a condition, and show some of them."""
    try:
        condition = condition_from(visit.form.get("condition", ""), PRODUCT, "condition", visit.language)
    except InvalidInput as error:
        return Json(Counted(wrong=error.reason))
    snapshot, now = live_catalog(shop).current(), shop.clock()
    market = next(iter(snapshot.markets))
    items = np.flatnonzero(snapshot.active & (snapshot.price_minor(market) >= 0)).astype(np.int32)
    columns = ProductColumns(snapshot, CatalogNames(snapshot), items, market, now)
    found = items[compile_mask(condition)(columns, now)]
    newest = found[np.argsort(-snapshot.created[found], kind="stable")]
    sold = newest[snapshot.sellable(newest, market, WEB, now)] if newest.size else newest
    best = [*sold[:_SHOWN].tolist(), *(one for one in newest[:_SHOWN].tolist() if one not in sold)][:_SHOWN]
    cards = [snapshot.card(one, market, visit.language, now) for one in best]
    says = text(visit.language, "merchandising.count.fit", n=int(found.size), all=int(items.size))
    samples = tuple(Sample(card.title, product_address(card.id), card.image_url, card.id) for card in cards)
    return Json(Counted(says, not found.size, samples))


def find_rules(shop: Shop, viewer: Viewer, words: str) -> list[Found]:  # noqa: ARG001
    """Find rules by their names and notes for the panel's search."""
    wanted = words.casefold().split()
    with shop.database.reading() as tx:
        editions = read_rules(tx, ("published", "draft", "archived"))
    return [
        Found(one.rule.name, one.rule.note[:120], f"{RULES}/{one.rule.id}", "merchandising.found.rule")
        for one in editions
        if all(word in f"{one.rule.name} {one.rule.note}".casefold() for word in wanted)
    ][:_MOST_FOUND]


PAGES = (
    Page(RULES, show=show_rules),
    Page(f"{RULES}/order", act=order_rules),
    Page(SUGGEST, show=suggest),
    Page(COUNT, act=count_products, act_role="viewer"),
    *RULE_PAGES,
)
MENU = (
    MenuItem(
        RULES, "merchandising.menu.rules", icon="adjustments", order=310, group="web.group.personalization"
    ),
)
