"""A profile in plain words of JSON, for people, callers and files."""

from __future__ import annotations

from typing import Any

from expedit.core import format_time, to_builtins
from expedit.profiles.facts import Fact
from expedit.profiles.model import Profile


def tell_profile(profile: Profile) -> dict[str, Any]:
    """Return `profile` as a JSON object: times as ISO 8601, prices in minor units, weights rounded."""
    session = profile.session
    return {
        "personId": profile.person_id,
        "bucketKey": profile.bucket_key,
        "firstAt": format_time(profile.first_at),
        "lastAt": format_time(profile.last_at),
        "events": profile.events,
        "market": profile.market,
        "intent": {"step": profile.intent.step, "confidence": profile.intent.confidence},
        "session": None
        if session is None
        else {
            "started": format_time(session.started),
            "last": format_time(session.last),
            "events": session.events,
            "products": list(session.products),
            "query": session.query,
        },
        "recent": [
            {"product": one.product, "kind": one.kind, "at": format_time(one.at)} for one in profile.recent
        ],
        "cart": [
            {
                "product": line.product,
                "variant": line.variant,
                "quantity": line.quantity,
                "priceMinor": line.price,
                "at": format_time(line.at),
            }
            for line in profile.cart
        ],
        "purchased": [
            {
                "product": line.product,
                "variant": line.variant,
                "quantity": line.quantity,
                "orderId": line.order_id,
                "size": line.size,
                "at": format_time(line.at),
            }
            for line in profile.purchased
        ],
        "affinities": {
            dimension: {name: round(weight, 4) for name, weight in sorted(values.items(), key=_strongest)}
            for dimension, values in (
                ("category", profile.affinities.category),
                ("brand", profile.affinities.brand),
                ("priceBand", profile.affinities.price_band),
                ("color", profile.affinities.color),
                ("size", profile.affinities.size),
            )
        },
        "channels": {name: format_time(at) for name, at in profile.channels.items()},
        "places": {name: format_time(at) for name, at in profile.places.items()},
        "consents": profile.consents,
        "traits": to_builtins(profile.traits),
    }


def _strongest(pair: tuple[str, float]) -> tuple[float, str]:
    return -pair[1], pair[0]


def tell_fact(fact: Fact) -> dict[str, Any]:
    """Return a fact as a JSON object."""
    return {
        "kind": fact.kind,
        "channel": fact.channel,
        "market": fact.market,
        "place": fact.place,
        "orderId": fact.order_id,
        "query": fact.query,
        "items": [
            {
                "product": item.product,
                "variant": item.variant,
                "quantity": item.quantity,
                "priceMinor": item.price,
                "category": item.category,
                "brand": item.brand,
                "priceBand": item.price_band,
                "color": item.color,
                "size": item.size,
            }
            for item in fact.items
        ],
    }
