"""The rule invoice in the panel: what each rule costs or earns a week."""

from __future__ import annotations

from typing import Any

from expedit.core import Struct
from expedit.features import Page
from expedit.insights.answers import invoices
from expedit.insights.choosing import amount_of, chosen, range_of
from expedit.insights.model import Invoice, RuleWorth, Side
from expedit.merchandising import Kept, RuleTeller, find_kept, live_rules
from expedit.storage import Shop
from expedit.web import Html, Reply, Visit

INVOICE = "/panel/rules/invoice"
_PER = 1000
"""Decisions of which revenue and clicks are told."""


class Line(Struct, frozen=True):
    """One edition of a rule, in words.

    Parameters
    ----------
    verdict
        As `verdict_of` gives it.
    does
        What it does, as a sentence.
    on, off
        Revenue of a thousand decisions with the rule and without; empty where it was not measured.
    """

    worth: RuleWorth
    verdict: str
    does: str
    weekly: str
    between: str
    on: str
    off: str

    @property
    def tone(self) -> str:
        """Return how the verdict is colored."""
        return {"earns": "green", "costs": "red"}.get(self.verdict, "secondary")


class RuleLines(Struct, frozen=True):
    """One rule of the invoice: as it stands, and what it was before, the latest first."""

    kept: Kept
    current: Line
    earlier: tuple[Line, ...]


def show_invoice(shop: Shop, visit: Visit) -> Reply:
    """Show the frame of the page with what is known; the rest comes by itself."""
    return Html("insights/invoice.html", _told(shop, visit))


def show_invoice_lines(shop: Shop, visit: Visit) -> Reply:
    """Show the lines, or that they are being worked out."""
    return Html("insights/_invoice.html", _told(shop, visit))


def _told(shop: Shop, visit: Visit) -> dict[str, Any]:
    told = chosen(shop, visit)
    answer = invoices(shop).look(told["scope"], told["days"])
    lines = [] if answer.found is None else _lines(shop, visit.language, answer.found)
    measured = {one.kept.newest.rule.id for one in lines}
    return told | {
        "answer": answer,
        "it": answer.found,
        "lines": lines,
        "share": shop.settings.rule_off_share,
        "unmeasured": [
            rule for rule in live_rules(shop).current().rules if not rule.has_coin and rule.id not in measured
        ],
    }


def _lines(shop: Shop, language: str, invoice: Invoice) -> list[RuleLines]:
    teller, code = RuleTeller(shop, language), invoice.scope.currency
    return [
        RuleLines(
            find_kept(shop, one.rule.id),
            _line(teller, one, code),
            tuple(_line(teller, before, code) for before in one.earlier),
        )
        for one in invoice.rules
    ]


def _line(teller: RuleTeller, one: RuleWorth, code: str) -> Line:
    def per_thousand(side: Side) -> str:
        return amount_of(teller.language, side.revenue * _PER, code) if side.decisions else ""

    return Line(
        one,
        verdict_of(one),
        teller.sentence(one.rule),
        amount_of(teller.language, one.revenue.value, code),
        range_of(teller.language, one.revenue, code),
        per_thousand(one.on),
        per_thousand(one.off),
    )


def verdict_of(worth: RuleWorth) -> str:
    """Return what can be said of a rule: ``earns``, ``costs``, ``open`` when the interval holds zero,
    ``early`` when there is none yet, ``unmeasured`` when there will be none."""
    if not worth.measured:
        return "unmeasured"
    if not worth.revenue.known:
        return "early"
    if not worth.revenue.clear:
        return "open"
    return "earns" if (worth.revenue.value or 0) > 0 else "costs"


INVOICE_PAGES = (Page(INVOICE, show=show_invoice), Page(f"{INVOICE}/lines", show=show_invoice_lines))
