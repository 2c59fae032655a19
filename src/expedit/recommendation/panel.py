"""Models in the panel: versions, building, comparing, going back; and the neighbors of a product."""

from __future__ import annotations

from typing import Any

from expedit.access import audit, audit_in
from expedit.catalog import live_catalog, product_address, product_at
from expedit.core import Conflict, ExpeditError, NotFound
from expedit.events import count_events
from expedit.features import Health, MenuItem, Page
from expedit.recommendation.build import FEWEST_TO_TUNE
from expedit.recommendation.live import live_model
from expedit.recommendation.model_folder import current_version, list_versions, publish
from expedit.recommendation.neighbors import Neighbor, neighborhoods
from expedit.recommendation.versions import ask_build, compare_versions, versions_of, watch_build
from expedit.storage import Shop
from expedit.web import Html, Redirect, Reply, Visit, in_every_language, number, percent, text

ROOT = "/panel/models"
_STEPS = (
    "read sessions", "read baskets", "read catalog", "tune", "index sessions", "viewed together",
    "bought together", "complementary", "similar", "look alikes", "write",
)  # fmt: skip
_NEIGHBORS = 5
_RATES = ("validation_hit_rate", "validation_reciprocal_rank", "coverage")


def show_models(shop: Shop, visit: Visit) -> Reply:
    """List the versions, and what is needed where there is none."""
    if visit.partial:
        return Html("recommendation/_build.html", _building(shop))
    versions = versions_of(shop)
    values = _building(shop) | {"versions": versions, "serving": live_model(shop).current().version}
    if not versions:
        snapshot = live_catalog(shop).current()
        values |= {
            "products": int(snapshot.active.sum()),
            "events": count_events(shop),
            "fewest": FEWEST_TO_TUNE,
        }
    return Html("recommendation/models.html", values)


def _building(shop: Shop) -> dict[str, Any]:
    watch = watch_build(shop)
    state = watch.state
    at = next((n for n, step in enumerate(_STEPS) if state and state.label.startswith(step)), None)
    return {
        "watch": watch,
        "steps": _STEPS,
        "at": at,
        "share": 100.0 * min(state.done / state.total, 1.0) if state and state.total else None,
        "waited": (shop.clock() - watch.asked) // 1_000_000 if watch.phase == "waiting" else 0,
        "newest": next(reversed(list_versions(shop.home.models)), ""),
    }


def build_now(shop: Shop, visit: Visit) -> Reply:
    """Have a version built, unless one is under way."""
    if watch_build(shop).phase != "idle":
        raise Conflict(text(visit.language, "recommendation.build.already"))
    with shop.database.writing() as tx:
        ask_build(tx, shop.clock())
        audit_in(tx, shop, visit.viewer, "models.build", "")
    return Redirect(ROOT, said=text(visit.language, "recommendation.build.asked"))


def show_version(shop: Shop, visit: Visit) -> Reply:
    """Show what is known of one version, beside another one where it is to be compared."""
    versions = {one.name: one for one in versions_of(shop)}
    name = visit.path["version"]
    if name not in versions:
        raise NotFound(text(visit.language, "recommendation.version.unknown"))
    other = visit.query.get("with", "")
    other = other if other in versions and other != name else ""
    values: dict[str, Any] = {
        "version": versions[name],
        "other": versions[other] if other else None,
        "others": [one for one in versions if one != name],
        "rates": _RATES,
        "overlaps": [],
        "trouble": "",
    }
    if other:
        try:
            values["overlaps"] = compare_versions(shop.home.models, name, other)
        except ExpeditError as error:
            values["trouble"] = str(error)
    return Html("recommendation/version.html", values)


def publish_version(shop: Shop, visit: Visit) -> Reply:
    """Have a version serve."""
    models, name = shop.home.models, visit.path["version"]
    if name not in list_versions(models):
        raise NotFound(text(visit.language, "recommendation.version.unknown"))
    before = current_version(models) or ""
    publish(models, name)
    live_model(shop).poll()
    audit(shop, visit.viewer, "models.publish", name, {"before": before})
    return Redirect(ROOT, said=text(visit.language, "recommendation.version.published", version=name))


def show_neighbors(shop: Shop, visit: Visit) -> Reply:
    """Show a product's neighbors and why they are; a part of the product's page."""
    snapshot, model = live_catalog(shop).current(), live_model(shop).current()
    product = snapshot.index.get(product_at(visit.path["product"]))
    market = visit.query.get("market", "")
    market = market if market in snapshot.markets else next(iter(snapshot.markets))
    groups: list[tuple[str, list[dict[str, Any]]]] = []
    known = False
    if product is not None:
        known = snapshot.ids[product] in model.index
        for found in neighborhoods(model, snapshot, product, market, _NEIGHBORS):
            rows = [
                {
                    "card": snapshot.card(one.item, market, visit.language, shop.clock()),
                    "href": product_address(snapshot.ids[one.item]),
                    "score": one.score,
                    "why": why(visit.language, one),
                    "lift": _lift(visit.language, one),
                    "shared": [text(visit.language, f"recommendation.shared.{name}") for name in one.shared],
                }
                for one in found.neighbors
            ]
            groups.append((found.kind, rows))
    return Html("recommendation/_neighbors.html", {"groups": groups, "known": known, "model": model.version})


def why(language: str, one: Neighbor) -> str:
    """Return on how many visits or orders a neighbor rests, in words."""
    met = one.meetings
    if met is None or not met.both:
        return ""
    return text(
        language,
        f"recommendation.met.{met.of}",
        n=met.both,
        own=number(language, met.own),
        share=percent(language, met.both / met.own),
    )


def _lift(language: str, one: Neighbor) -> str:
    lift = one.meetings.lift if one.meetings else None
    if lift is None:
        return ""
    times = number(language, lift, 1 if lift < 100 else 0)
    return text(language, "recommendation.met.lift", times=times)


def model_health(shop: Shop) -> list[Health]:
    """Tell whether the published version serves, and whether the last build worked."""
    handle, said = live_model(shop), []
    if handle.error is not None:
        spoken = in_every_language("recommendation.health.refused", error=handle.error)
        said.append(Health("model", "warning", spoken["en"], ROOT, spoken=spoken))
    state = watch_build(shop).state
    if state is not None and state.state in {"failed", "interrupted"}:
        spoken = in_every_language(f"recommendation.health.{state.state}", error=state.error)
        said.append(Health("model build", "warning", spoken["en"], ROOT, spoken=spoken))
    return said or [Health("model", "ok", handle.current().version or "none built yet", ROOT)]


PAGES = (
    Page(ROOT, show=show_models, act=build_now),
    Page(f"{ROOT}/{{version:str}}", show=show_version, act=publish_version, act_role="admin"),
    Page("/panel/catalog/{product:str}/neighbors", show=show_neighbors),
)
MENU = (
    MenuItem(ROOT, "recommendation.menu.models", icon="brain", order=330, group="web.group.personalization"),
)
