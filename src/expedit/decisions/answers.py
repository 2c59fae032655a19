"""Decisions written as JSON: joined from ready-made pieces, or spelled out when an explanation is asked
for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from expedit.catalog import CatalogSnapshot
from expedit.core import Raw, to_json
from expedit.decisions.askers import Asker
from expedit.decisions.desk import Decision
from expedit.decisions.model import Part, Shown
from expedit.decisions.reasons import reason_code
from expedit.merchandising import RuleBook

PART_TEXTS: dict[str, dict[str, str]] = {
    "category": {"en": "Likes {value}", "sv": "Gillar {value}", "nb": "Liker {value}"},
    "brand": {"en": "Likes {value}", "sv": "Gillar {value}", "nb": "Liker {value}"},
    "color": {"en": "Likes the color {value}", "sv": "Gillar färgen {value}", "nb": "Liker fargen {value}"},
    "price_band": {
        "en": "Usual price: {value}",
        "sv": "Vanligt prisläge: {value}",
        "nb": "Vanlig prisklasse: {value}",
    },
    "size": {"en": "Own size in stock", "sv": "Egen storlek i lager", "nb": "Egen størrelse på lager"},
    "rule": {"en": "Rule: {value}", "sv": "Regel: {value}", "nb": "Regel: {value}"},
    "balance:popularity": {"en": "Popularity", "sv": "Popularitet", "nb": "Popularitet"},
    "balance:margin": {"en": "Margin", "sv": "Marginal", "nb": "Margin"},
    "balance:newness": {"en": "Newness", "sv": "Nyhet", "nb": "Nyhet"},
    "balance:stock": {"en": "Stock", "sv": "Lager", "nb": "Lager"},
    "promise": {"en": "What was looked for", "sv": "Det som söktes", "nb": "Det som ble søkt"},
}
"""What a bar of the waterfall is called, by its code."""

REMOVED_TEXTS: dict[str, dict[str, str]] = {
    "retired": {"en": "left the range", "sv": "utgått", "nb": "utgått"},
    "not_sold_here": {"en": "not sold here", "sv": "säljs inte här", "nb": "selges ikke her"},
    "out_of_stock": {"en": "sold out", "sv": "slut i lager", "nb": "utsolgt"},
    "in_cart": {"en": "in the cart", "sv": "i varukorgen", "nb": "i handlekurven"},
    "just_bought": {"en": "already bought", "sv": "redan köpt", "nb": "allerede kjøpt"},
    "is_subject": {"en": "on this page", "sv": "på den här sidan", "nb": "på denne siden"},
    "other_category": {"en": "of another category", "sv": "i annan kategori", "nb": "i en annen kategori"},
    "same_category": {"en": "of the same category", "sv": "i samma kategori", "nb": "i samme kategori"},
    "same_group": {
        "en": "another color of one shown",
        "sv": "annan färg av en som visas",
        "nb": "en annen farge av en som vises",
    },
    "shown_above": {"en": "shown further up", "sv": "visas längre upp", "nb": "vises lenger oppe"},
    "rule": {"en": "by a rule", "sv": "av en regel", "nb": "av en regel"},
}
"""Why a candidate was left out, by code."""


def spoken(texts: dict[str, dict[str, str]], code: str, locale: str) -> str:
    """Return the words for `code` in the language of `locale`, the code itself when there are none."""
    found = texts.get(code, {})
    return found.get(locale) or found.get("en") or code


def write_decision(decision: Decision, explain: bool = False) -> bytes:
    """Return a decision as JSON."""
    head = (
        f'{{"decisionId":"{decision.id}","placement":"{decision.placement.name}",'
        f'"model":"{decision.model}","experiment":'
    ).encode()
    body = items_json(decision, decision.outcome.shown, decision.codes, explain)
    parts = [
        head,
        experiment_json(decision.asker),
        b',"title":',
        to_json(decision.title),
        b',"items":[',
        body,
        b"]",
    ]
    if decision.placement.template:
        parts.append(f',"template":"{decision.placement.template}"'.encode())
    if explain:
        parts += [b',"explain":', to_json(explanation(decision))]
    parts.append(b"}")
    return b"".join(parts)


def experiment_json(asker: Asker) -> bytes:
    """Return the asker's experiment and arm, null for those who take no part."""
    if not asker.arm:
        return b"null"
    return f'{{"name":"{asker.experiment}","arm":"{asker.arm}"}}'.encode()


def items_json(decision: Decision, shown: Sequence[Shown], codes: Sequence[str], explain: bool) -> bytes:
    """Return the items of an answer, with commas between them."""
    if not shown:
        return b""
    pieces, page, closed = decision.pieces, decision.situation.category, decision.proving.closed
    cards = pieces.cards([one.item for one in shown], decision.situation.at)
    if not explain:
        return b",".join(
            [
                closed(card + pieces.reason(code, one.because, one.item, page), one.item)
                for card, one, code in zip(cards, shown, codes, strict=True)
            ]
        )
    written = []
    for rank, (card, one, code) in enumerate(zip(cards, shown, codes, strict=True), start=1):
        reason = pieces.reason(code, one.because, one.item, page)[:-1]
        told = b',"trace":' + to_json(trace(decision, one, code, rank)) + b"}"
        written.append(closed(card + reason + told, one.item))
    return b",".join(written)


def trace(decision: Decision, one: Shown, code: str, rank: int) -> dict[str, Any]:
    """Return why an item stands where it stands: rank, score and the parts that add up to it."""
    page = decision.situation.category
    return {
        "rank": rank,
        "score": one.score,
        "strategy": one.strategy,
        "step": one.step,
        "fallback": one.fallback,
        "propensity": one.propensity,
        "parts": [
            {
                "code": part.code,
                "text": decision.pieces.text(plain_code(code), one.because, one.item, page)
                if part.code == "strategy"
                else part_text(decision, part, one.item),
                "value": part.value,
            }
            for part in one.parts
        ],
    }


def plain_code(code: str) -> str:
    """Return the reason code of the strategy alone, without the taste that the sentence shown may name."""
    return code.partition("_taste_")[0]


def part_text(decision: Decision, part: Part, item: int) -> str:
    """Return what a bar of the waterfall is called."""
    return named_part(part, decision.snapshot, item, decision.situation.locale, decision.rules)


def named_part(part: Part, snapshot: CatalogSnapshot, item: int, locale: str, rules: RuleBook) -> str:
    """Return what a part of an item's score is called: a taste, a rule, a side of a listing's balance."""
    value = ""
    if part.code.startswith("rule:"):
        value = rules.name_of(part.code.removeprefix("rule:"))
        return spoken(PART_TEXTS, "rule", locale).replace("{value}", value)
    if part.code == "category":
        value = snapshot.category_label(int(snapshot.category[item]), locale)
    elif part.code == "brand":
        value = snapshot.brands[snapshot.brand[item]]
    elif part.code == "color":
        value = snapshot.colors[snapshot.color[item]]
    elif part.code == "price_band":
        value = snapshot.price_bands[snapshot.price_band[item]]
    return spoken(PART_TEXTS, part.code, locale).replace("{value}", value)


def explanation(decision: Decision) -> dict[str, Any]:
    """Return what the items alone do not tell: what was left out and why, and what would have come next."""
    outcome, asker, situation = decision.outcome, decision.asker, decision.situation
    ids, pieces, locale = decision.snapshot.ids, decision.pieces, decision.situation.locale
    return {
        "personal": asker.personal,
        "consented": asker.consented,
        "arm": asker.arm,
        "explored": outcome.explored,
        "considered": outcome.considered,
        "model": decision.model,
        "catalog": decision.snapshot.version,
        "market": situation.market,
        "channel": situation.channel,
        "counts": [
            {"reason": reason, "text": spoken(REMOVED_TEXTS, reason, locale), "count": count}
            for reason, count in outcome.counts.items()
        ],
        "removed": [
            {
                "id": ids[one.item],
                "title": pieces.title(one.item),
                "reason": one.reason,
                "text": spoken(REMOVED_TEXTS, one.reason, locale),
                "strategy": one.strategy,
                **({"rule": {"id": one.rule, "name": decision.rules.name_of(one.rule)}} if one.rule else {}),
            }
            for one in outcome.removed
        ],
        "candidates": [
            {
                "id": ids[one.item],
                "title": pieces.title(one.item),
                "score": one.score,
                "strategy": one.strategy,
                "reason": Raw(
                    to_json(pieces.told(reason_code(one), one.because, one.item, situation.category))
                ),
            }
            for one in outcome.candidates
        ],
    }
