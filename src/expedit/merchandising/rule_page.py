"""The page of one rule: its form, what is in force beside it, what is wrong with it, what it was before."""

from __future__ import annotations

from typing import Any

from expedit.access import told_history
from expedit.catalog import named_products
from expedit.features import Use, uses_of
from expedit.merchandising.forms import FIELDS, KINDS, form_of
from expedit.merchandising.lint import Finding
from expedit.merchandising.looking import look_through
from expedit.merchandising.model import Rule
from expedit.merchandising.standing import Kept, read_kept
from expedit.merchandising.starting import STARTS
from expedit.merchandising.store import read_history
from expedit.merchandising.telling import RuleTeller, catalog_is_empty
from expedit.storage import Shop
from expedit.web import Clash, Difference, Html, Suggestion, Visit

RULES = "/panel/rules"
ANYWAY = "_anyway"
"""Ends the name of a button that goes on although something was found."""


def plain(deed: str) -> str:
    """Return what a button asks for, whether or not it goes on although something was found."""
    return deed.removesuffix(ANYWAY)


def page_of(
    shop: Shop,
    visit: Visit,
    rule: Rule,
    kept: Kept | None,
    *,
    ahead: list[Finding] | None = None,
    clash: Clash | None = None,
    refused: str = "",
) -> Html:
    """Return the page of a rule.

    Parameters
    ----------
    rule
        What stands in the form.
    kept
        The rule as it is kept; None for a new one.
    ahead
        What has to be confirmed before it goes live.
    clash
        Who was faster.
    refused
        Why a button did nothing.
    """
    teller = RuleTeller(shop, visit.language)
    with shop.database.reading() as tx:
        rules = read_kept(tx)
        history = read_history(tx, kept.newest.rule.id) if kept else []
        uses: tuple[Use, ...] = uses_of(shop, tx, "rule", kept.newest.rule.id) if kept else ()
    names = {one.newest.rule.id: one.shown.rule.name for one in rules} | {rule.id: rule.name}
    looked = look_through(shop, rules).of(rule.id) if kept and ahead is None else []
    held = form_of(rule, teller.zone)
    return Html(
        "merchandising/rule.html",
        {
            "rule": rule,
            "held": held,
            "kept": kept,
            "version": kept.newest.version if kept else 0,
            "standing": kept.standing(visit.at) if kept else "draft",
            "beside": _beside(teller, kept) if kept else [],
            "kinds": KINDS,
            "used_by": _used_by(),
            "kit_which": teller.kit(held["which"], "product"),
            "kit_beside": teller.kit(held["beside"], "product"),
            "kit_when": teller.kit(rule.when, "situation"),
            "teller": teller,
            "picked": _picked(shop, visit, held),
            "findings": [(teller.finding(one, names), one.serious) for one in looked],
            "ahead": None if ahead is None else [(teller.finding(one, names), one.serious) for one in ahead],
            "asked": plain(visit.form.get("act", "publish")) + ANYWAY,
            "clash": clash,
            "refused": refused,
            "uses": uses,
            "history": told_history(shop, visit.language, history, teller.changes),
            "starts": [(name, icon) for name, (icon, _) in STARTS.items()],
            "no_goods": catalog_is_empty(shop),
        },
        status=409 if clash else 200,
    )


def _beside(teller: RuleTeller, kept: Kept) -> list[Difference]:
    """Return what the draft would change of what is in force."""
    return teller.changes(kept.live, kept.newest) if kept.beside and kept.live else []


def _used_by() -> dict[str, str]:
    """Return for each field of an action the kinds that have it, as the page's script reads it."""
    fields = {name for names in FIELDS.values() for name in names}
    return {name: " ".join(kind for kind in KINDS if name in FIELDS[kind]) for name in fields}


def _picked(shop: Shop, visit: Visit, held: dict[str, Any]) -> list[Suggestion]:
    """Return the products that stand in the form."""
    written = visit.form.get("products", held["products"]) if visit.errors else held["products"]
    return named_products(shop, written.split(), visit.language)
