"""A page of a listing written as JSON, with what made its order for those who ask."""

from __future__ import annotations

from typing import Any

from expedit.core import to_json
from expedit.decisions.answers import experiment_json, named_part
from expedit.decisions.desk import Desk
from expedit.decisions.lists import LISTING, Made, Page
from expedit.decisions.model import Part
from expedit.merchandising import RuleBook

_MOST_REMOVED = 200


def write_page(desk: Desk, page: Page, explain: bool = False) -> bytes:
    """Return a page as JSON."""
    snapshot, inputs = page.snapshot, page.inputs
    category = snapshot.category_code(inputs.category) or 0 if inputs.category else 0
    title = snapshot.category_label(category, inputs.locale) if category else ""
    parts = [
        f'{{"decisionId":"{page.id}","model":"{page.model.version}","total":{page.total},"title":'.encode(),
        to_json(title), b',"experiment":', experiment_json(page.asker), b',"items":[',
        b",".join(written_items(desk, page, explain)),
        b'],"facets":', to_json(page.facets), b',"nextCursor":', to_json(page.next_cursor),
    ]  # fmt: skip
    if explain and page.made is not None:
        parts += [b',"explain":', to_json(explanation(page, page.made, desk.rules.current()))]
    return b"".join([*parts, b"}"])


def written_items(desk: Desk, page: Page, explain: bool) -> list[bytes]:
    """Return the items of a page as JSON, each with its reason."""
    snapshot, inputs, items = page.snapshot, page.inputs, page.items
    pieces = desk.shelf.of(snapshot, inputs.market, inputs.locale)
    category = snapshot.category_code(inputs.category) or 0 if inputs.category else 0
    closed = desk.proving(LISTING, snapshot, inputs.market, inputs.locale, page.at).closed
    cards = pieces.cards(items, page.at)
    written = []
    for place, (card, item, code) in enumerate(zip(cards, items, page.codes, strict=True)):
        reason = pieces.reason(code, -1, item, category or int(snapshot.category[item]))
        if explain:
            told = trace(page, place, desk.rules.current())
            reason = reason[:-1] + b',"trace":' + to_json(told) + b"}"
        written.append(closed(card + reason, item))
    return written


def trace(page: Page, place: int, book: RuleBook) -> dict[str, Any]:
    """Return why an item of the page stands where it stands."""
    row, ordered = page.rows[place], page.frozen.ordered
    item = int(ordered.items[row])
    told = {
        "rank": row + 1,
        "score": round(float(ordered.scores[row]), 4),
        "parts": [
            {"code": one.code, "text": named_part(one, page.snapshot, item, page.inputs.locale, book),
             "value": round(one.value, 4)}
            for one in parts_of(page, row)
        ],
    }  # fmt: skip
    pin = next((pin for pin in ordered.pins if pin.item == item), None)
    if pin is not None:
        told["pinned"] = {"rule": pin.rule, "name": book.name_of(pin.rule)}
    return told


def parts_of(page: Page, row: int) -> list[Part]:
    """Return what makes the score at a row, as far as the order keeps it."""
    parts = page.frozen.ordered.parts
    return [Part(code, float(values[row])) for code, values in parts.items() if values[row]]


def explanation(page: Page, made: Made, book: RuleBook) -> dict[str, Any]:
    """Return what the items alone do not tell: the balance, the rules that held, what they took away."""
    ids = page.snapshot.ids
    return {
        "personal": page.asker.personal,
        "balance": {"of": made.balance_of, "weights": made.balance},
        "rules": [{"id": rule, "name": book.name_of(rule)} for rule in made.holding],
        "measured": {"rule": page.frozen.measured.rule, "off": page.frozen.measured.off}
        if page.frozen.measured.rule else None,
        "removed": [
            {"id": ids[item], "rule": {"id": rule, "name": book.name_of(rule)}}
            for item, rule in list(made.joined.removed.items())[:_MOST_REMOVED]
        ],
    }  # fmt: skip
