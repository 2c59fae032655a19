"""The drawer "What expedit knows about me": the live profile, and why a product was shown."""

from __future__ import annotations

from typing import Any

from babel.dates import format_timedelta
from babel.numbers import format_decimal, format_percent

from expedit.core import SECOND, parse_time
from expedit.demo.storefront.goods import FORMATS
from expedit.demo.storefront.rendering import Pages, Place
from expedit.demo.storefront.views import Views

STEPS = ("browsing", "comparing", "deciding", "buying")
_SHOWN_TASTES = (("category", 3), ("color", 3), ("brand", 2), ("price_band", 1), ("size", 1))
_HUES = {"strategy": "#0662bb", "rule": "#2f8f46"}
HALF_LIFE_DAYS = 14
KEPT_DAYS = 180


def contents(pages: Pages, views: Views, place: Place, decision_id: str, item_id: str) -> str:
    """Return the drawer's inside for a visitor, and the reasons of one item of one decision."""
    person = pages.engine.person("anonymous_id", place.visitor) if place.visitor else None
    profile = (person or {}).get("profile")
    consents = (profile or {}).get("consents") or {}
    personal = bool(profile and consents.get("personalization"))
    return pages.fragment(
        "drawer.html",
        views,
        head=_head(views, place, profile if personal else None),
        personal=personal,
        intent=_intent(views, profile) if personal else None,
        steps=STEPS,
        tastes=_tastes(pages, views, profile or {}) if personal else [],
        half_life=HALF_LIFE_DAYS,
        recent=_recent(pages, views, profile or {}) if personal else [],
        why=_why(pages, views, place, decision_id, item_id, personal),
    )


def export(pages: Pages, place: Place) -> dict[str, Any]:
    """Return everything that expedit holds of the visitor."""
    person = pages.engine.person("anonymous_id", place.visitor) if place.visitor else None
    found = pages.engine.export(person["personId"]) if person else None
    return found or {"features": {}}


def forget(pages: Pages, place: Place) -> bool:
    """Erase the visitor everywhere; tell whether there was anything to erase."""
    person = pages.engine.person("anonymous_id", place.visitor) if place.visitor else None
    return bool(person and pages.engine.erase(person["personId"]))


def _head(views: Views, place: Place, profile: dict[str, Any] | None) -> str:
    if profile is None:
        return views.words["drawer_nobody_title"]
    shown = f"{place.visitor[:4]}…{place.visitor[-3:]}"
    return views.words["drawer_head"].format(shown, profile["events"], KEPT_DAYS)


def _intent(views: Views, profile: dict[str, Any] | None) -> dict[str, Any]:
    found = (profile or {}).get("intent") or {"step": "browsing", "confidence": 0.0}
    share = format_percent(found["confidence"], locale=FORMATS[views.locale])
    return {"step": STEPS.index(found["step"]), "sure": views.words["sure"].format(share)}


def _tastes(pages: Pages, views: Views, profile: dict[str, Any]) -> list[dict[str, Any]]:
    affinities: dict[str, dict[str, float]] = profile.get("affinities") or {}
    hexes = {good.color: good.hex for good in pages.goods.by_id.values()}
    names = {good.color: good.colors[views.locale] for good in pages.goods.by_id.values()}
    tastes = []
    for kind, most in _SHOWN_TASTES:
        weights = affinities.get(kind) or {}
        total = max(weights.values(), default=0.0)
        for value, weight in sorted(weights.items(), key=lambda pair: -pair[1])[:most]:
            share = weight / total if total else 0.0
            tastes.append(
                {
                    "label": _label(pages, views, kind, value, names),
                    "hex": hexes.get(value) if kind == "color" else None,
                    "width": round(share * 100),
                    "value": format_decimal(round(weight, 2), "0.00", locale=FORMATS[views.locale]),
                }
            )
    return tastes


def _label(pages: Pages, views: Views, kind: str, value: str, names: dict[str, str]) -> str:
    if kind == "color":
        return names.get(value, value)
    if kind == "size":
        return f"{views.words['size']} {value}"
    if kind == "category":
        path = tuple(part.strip() for part in value.split(">"))
        for good in pages.goods.by_id.values():
            for ours in good.categories.values():
                if ours == path:
                    return good.categories[views.locale][-1]
        return path[-1]
    return value


def _recent(pages: Pages, views: Views, profile: dict[str, Any]) -> list[dict[str, str]]:
    recent: list[dict[str, str]] = []
    for seen in profile.get("recent") or []:
        good = pages.goods.by_id.get(seen["product"])
        if good is None or any(one["url"].endswith(good.id) for one in recent):
            continue
        recent.append(
            {
                "title": good.titles[views.locale],
                "url": f"/{views.locale}/p/{good.id}",
                "image": f"/pictures/{good.id}.webp",
                "ago": _ago(views, parse_time(seen["at"])),
            }
        )
    return recent[:6]


def _ago(views: Views, at: int) -> str:
    seconds = max(0, views.now - at) // SECOND
    if seconds < 45:
        return views.words["now"]
    return format_timedelta(seconds, threshold=1.2, format="short", locale=FORMATS[views.locale])


def _why(
    pages: Pages, views: Views, place: Place, decision_id: str, item_id: str, personal: bool
) -> dict[str, Any] | None:
    logged = pages.engine.decision(decision_id) if decision_id else None
    if logged is None:
        return None
    placement, inputs = logged["placement"], logged.get("inputs") or {}
    answer = pages.engine.explain(
        {
            "placement": placement,
            "limit": max(len(logged.get("items") or []), 1),
            "context": {
                "market": views.market.code,
                "locale": views.locale,
                "productIds": inputs.get("products") or [],
                "cart": inputs.get("cart") or [],
                "sessionProducts": inputs.get("session") or [],
                **({"category": inputs["category"]} if inputs.get("category") else {}),
            },
            "consent": {"personalization": personal, "analytics": personal},
            **({"anonymousId": place.visitor} if personal else {}),
        }
    )
    items = [item for item in (answer or {}).get("items") or [] if item["id"] in pages.goods.by_id]
    if answer is None or not items:
        return None
    item = next((one for one in items if one["id"] == item_id), items[0])
    told = answer.get("explain") or {}
    counts = [one for one in told.get("counts") or [] if one["count"]]
    left = ", ".join(f"{one['count']} {one['text']}" for one in counts)
    arm = (answer.get("experiment") or {}).get("arm")
    return {
        "placement": views.words["placement"].format(placement),
        "item": views.card(pages.goods.by_id[item["id"]], item),
        "rank": views.words["rank"].format(item["trace"]["rank"], told.get("considered", len(items))),
        "score": _number(views, item["trace"]["score"]),
        "parts": _waterfall(views, item["trace"]),
        "others": [
            {
                "id": one["id"],
                "title": one["title"],
                "image": f"/pictures/{one['id']}.webp",
                "on": one is item,
            }
            for one in items
        ],
        "left_out": views.words["left_out"].format(sum(one["count"] for one in counts), left)
        if counts
        else "",
        "arm": views.words["arm"].format(arm) if arm else "",
    }


def _waterfall(views: Views, trace: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the bars that add up to the score, each beginning where the one before ended."""
    reach = max(trace["score"], sum(max(part["value"], 0) for part in trace["parts"])) or 1.0
    bars, end = [], 0.0
    for part in trace["parts"]:
        value = part["value"]
        begin = min(end, end + value)
        bars.append(
            {
                "text": part["text"],
                "value": ("+" if value >= 0 else "−") + _number(views, abs(value)),
                "from": round(begin / reach * 100, 1),
                "width": round(abs(value) / reach * 100, 1),
                "hue": "#c0392b" if value < 0 else _HUES.get(part["code"], "#4c9be8"),
            }
        )
        end += value
    return bars


def _number(views: Views, value: float) -> str:
    return str(format_decimal(round(value, 2), "0.00", locale=FORMATS[views.locale]))
