"""What the shop showed its simulated visitors: decisions with their impressions and clicks.

The engine did not exist while the season was simulated, so its answers are made up here, for the panel to
have something to tell: the holdout gets best sellers, everybody else more of what they look at. Shoppers
click now and then, more often on something that they were going to buy anyway; nothing that is shown changes
what they buy, so the true lift of this season is zero.
"""

from __future__ import annotations

import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from expedit.core import DAY, MINUTE, SECOND, JsonDecoder, format_time, new_id, parse_time, to_json
from expedit.decisions import LoggedDecision, LoggedItem, decision_log
from expedit.experiments import HOLDOUT, PERSONALIZED, holdout_arm
from expedit.identity import identify
from expedit.profiles import read_profile
from expedit.storage import Shop

_DECODER = JsonDecoder(dict[str, Any])
_DAYS = 60
_ITEMS = 4
_SEEN = 0.8
"""Share of the answers that come into view."""
_IDLE_CLICK = 0.03
_LEAD = {PERSONALIZED: 0.3}
"""Chance that the shopper's next purchase is among what is shown; half of it for the holdout."""
_ASKED = {
    # what the visitor does: (placement, strategy, how often the answer is kept here)
    "page": (("home-for-you", "personal", 0.5), ("home-bestsellers", "popular", 0.35)),
    "Product Viewed": (
        ("product-similar", "similar", 0.3),
        ("product-bought-together", "bought_together", 0.15),
    ),
    "Cart Viewed": (("cart-addons", "complementary", 0.6),),
}
_GA4 = {"view_item": "Product Viewed", "view_cart": "Cart Viewed", "purchase": "Order Completed"}


class _Visitor:
    """What is known of a device while the season goes by."""

    def __init__(self) -> None:
        self.arm = ""
        self.recent: list[str] = []
        self.bought: list[tuple[int, str]] = []


def show_season(shop: Shop, history: Path, answers: Path, now: int, seed: int = 1147) -> int:
    """Log what was shown in the last days of `history`, write impressions and clicks; return how often.

    Parameters
    ----------
    shop
        The demo's shop, its history imported.
    history
        The season's envelopes (gzipped JSON lines).
    answers
        Where impressions and clicks are written, in the same form.
    """
    chance = random.Random(seed)
    calls = [call for call in _calls(history) if call["at"] > now - _DAYS * DAY]
    sold = Counter(
        product for call in calls if call["event"] == "Order Completed" for product in call["products"]
    )
    ranked = [product for product, _ in sold.most_common()]
    neighbors = _neighbors(calls)
    visitors: dict[str, _Visitor] = defaultdict(_Visitor)
    for call in calls:
        if call["event"] == "Order Completed":
            visitors[call["device"]].bought += [(call["at"], product) for product in call["products"]]
    log, shown = decision_log(shop), 0
    with gzip.open(answers, "wb", compresslevel=4) as file:
        for call in calls:
            visitor = visitors[call["device"]]
            for placement, strategy, often in _ASKED.get(call["event"], ()):
                if chance.random() > often or not ranked:
                    continue
                decision = _decided(shop, chance, call, visitor, placement, strategy, ranked, neighbors)
                log.write(decision)
                shown += 1
                for line in _told(chance, call, visitor, decision):
                    file.write(to_json(line) + b"\n")
            if call["event"] == "Product Viewed":
                visitor.recent = [*visitor.recent, *call["products"]][-5:]
    log.flush()
    return shown


def _calls(history: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(history, "rb") as lines:
        for line in lines:
            envelope = _DECODER.decode(line)
            context = envelope["context"]
            device, consent = envelope.get("anonymousId"), context.get("consent") or {}
            if (
                device is None
                or not consent.get("personalization")
                or context["channel"] not in {"web", "app"}
            ):
                continue
            properties = envelope.get("properties") or {}
            rows = properties.get("products") or properties.get("items") or [properties]
            name = envelope.get("event", "page")
            yield {
                "at": parse_time(envelope["timestamp"]),
                "event": _GA4.get(name, name),
                "device": device,
                "context": context,
                "user": envelope.get("userId"),
                "products": [row.get("product_id") or row.get("item_id") for row in rows if row],
            }


def _neighbors(calls: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return what visitors looked at next, the most frequent first."""
    after: dict[str, Counter[str]] = defaultdict(Counter)
    last: dict[str, str] = {}
    for call in calls:
        if call["event"] == "Product Viewed" and call["products"]:
            product = call["products"][0]
            before = last.get(call["device"])
            if before and before != product:
                after[before][product] += 1
            last[call["device"]] = product
    return {product: [other for other, _ in found.most_common(8)] for product, found in after.items()}


def _decided(
    shop: Shop,
    chance: random.Random,
    call: dict[str, Any],
    visitor: _Visitor,
    placement: str,
    strategy: str,
    ranked: list[str],
    neighbors: dict[str, list[str]],
) -> LoggedDecision:
    subject = identify(shop.secret, "anonymous_id", call["device"]).subject_id
    if not visitor.arm:
        profile = read_profile(shop.database, subject)
        visitor.arm = holdout_arm(shop, profile.bucket_key if profile else subject)
    personal = visitor.arm == PERSONALIZED
    near = [
        other
        for product in reversed([*visitor.recent, *call["products"]])
        for other in neighbors.get(product, ())
    ]
    found = near if personal and strategy != "popular" else []
    items = list(dict.fromkeys([*found, *chance.sample(ranked[:60], min(_ITEMS, len(ranked[:60])))]))[:_ITEMS]
    lead = _LEAD.get(visitor.arm, 0.15)
    soon = [product for at, product in visitor.bought if 0 < at - call["at"] < 2 * DAY]
    if soon and chance.random() < lead:
        items = list(dict.fromkeys([soon[0], *items]))[:_ITEMS]
    at = call["at"] + SECOND // 5
    because = visitor.recent[-1] if personal and visitor.recent else ""
    return LoggedDecision(
        new_id(at),
        at,
        placement,
        subject,
        HOLDOUT,
        visitor.arm,
        personal,
        market=call["context"]["market"],
        channel=call["context"]["channel"],
        locale=call["context"]["locale"],
        source="web",
        limit=_ITEMS,
        items=tuple(LoggedItem(product, strategy, strategy, because) for product in items),
    )


def _told(
    chance: random.Random, call: dict[str, Any], visitor: _Visitor, decision: LoggedDecision
) -> Iterator[dict[str, Any]]:
    """Give the impression of a decision, and the clicks on it."""
    if chance.random() > _SEEN:
        return
    products = [item.product for item in decision.items]
    yield _envelope(call, decision, "impression", decision.at + 2 * SECOND, products)
    soon = {product for at, product in visitor.bought if 0 < at - call["at"] < 2 * DAY}
    clicked = [one for one in products if one in soon or chance.random() < _IDLE_CLICK]
    if clicked:
        delay = chance.randint(4 * SECOND, MINUTE)
        yield _envelope(call, decision, "click", decision.at + delay, clicked[:1])


def _envelope(
    call: dict[str, Any], decision: LoggedDecision, event: str, at: int, products: list[str]
) -> dict[str, Any]:
    told = {
        "type": "track",
        "event": event,
        "messageId": f"{decision.id}-{event}",
        "timestamp": format_time(at),
        "anonymousId": call["device"],
        "context": call["context"],
        "properties": {
            "decisionId": decision.id,
            "placement": decision.placement,
            "products": [{"product_id": product, "position": n + 1} for n, product in enumerate(products)],
        },
    }
    return told | ({"userId": call["user"]} if call["user"] else {})
