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
from expedit.merchandising.model import Edition
from expedit.merchandising.panel_rule import RULE_PAGES
from expedit.merchandising.starting import STARTS
from expedit.merchandising.store import read_rules
from expedit.merchandising.telling import COUNT, SUGGEST, RuleTeller, Standing, standing_of
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
    findings
        Sentences of lint, and whether each is serious.
    """

    edition: Edition
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
        editions = read_rules(tx, ("archived",) if archived else ("draft", "published"))
        empty = not editions and not archived and not read_rules(tx, ("archived",))
    looked = Looked() if archived else look_through(shop, editions)
    teller = RuleTeller(shop, visit.language)
    rows = _rows(shop, visit, teller, editions, looked)
    shown = [row for row in rows if _fits(row, visit.query)]
    values: dict[str, Any] = {
        "rows": shown,
        "total": len(rows),
        "narrowed": any(visit.query.get(name) for name in ("q", "state", "placement", "do")),
    }
    if visit.partial:
        return Html("merchandising/_rules.html", values)
    names = {one.rule.id: one.rule.name for one in editions}
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


def _rows(
    shop: Shop, visit: Visit, teller: RuleTeller, editions: Sequence[Edition], looked: Looked
) -> list[RuleRow]:
    people = names_of(shop)
    names = {one.rule.id: one.rule.name for one in editions}

    def told(found: Finding) -> tuple[str, bool]:
        return teller.finding(found, names), found.serious

    return [
        RuleRow(
            one, standing_of(one, visit.at), teller.sentence(one.rule), teller.where(one.rule),
            teller.when(one.rule), teller.schedule(one.rule), actor_name(visit.language, one.author, people),
            tuple(map(told, looked.of(one.rule.id))),
        )
        for one in editions
    ]  # fmt: skip


def _fits(row: RuleRow, asked: Mapping[str, str]) -> bool:
    rule = row.edition.rule
    words = asked.get("q", "").casefold().split()
    said = " ".join((rule.name, row.sentence, row.when, row.where, rule.note)).casefold()
    return (
        all(word in said for word in words)
        and asked.get("state", "") in {"", row.standing}
        and (not asked.get("placement") or asked["placement"] in (rule.placements or (asked["placement"],)))
        and asked.get("do", "") in {"", str(rule.action.__struct_config__.tag)}
    )


def order_rules(shop: Shop, visit: Visit) -> Reply:
    """Put the rules in another order: as a script sends all ids, or one step up or down."""
    with shop.database.reading() as tx:
        kept = read_rules(tx)
    ids = [one.rule.id for one in kept]
    moved, step = next(
        ((visit.form[name], step) for name, step in (("up", -1), ("down", 1)) if name in visit.form), ("", 0)
    )
    wanted = list(visit.chosen("ids"))
    if moved in ids:
        place = ids.index(moved)
        wanted = [one for one in ids if one != moved]
        wanted.insert(min(max(place + step, 0), len(wanted)), moved)
    if sorted(wanted) != sorted(ids):
        raise Conflict(text(visit.language, "merchandising.order.others"))
    reorder_rules(shop, wanted, visit.viewer.user_id)
    if visit.form.get("by") == "script":
        return Json({"ordered": len(wanted)})
    return Redirect(RULES, text(visit.language, "merchandising.order.done"))


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
