"""Landing pages in the shop's own clothes: what expedit says fits this arrival."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from expedit.demo.storefront.rendering import Pages, Place
from expedit.demo.storefront.views import Views


def landing(pages: Pages, views: Views, place: Place, slug: str = "") -> str | None:
    """Return the page that fits how the visit began, or the one called `slug`; None for the ordinary page."""
    personal = bool(views.visit.consent and views.visit.consent.personalization and place.visitor)
    arrived_at, arrived_from = views.visit.arrived
    request: dict[str, Any] = {
        "context": {
            "market": views.market.code, "locale": views.locale,
            "arrivedAt": arrived_at, "arrivedFrom": arrived_from,
        },
        "consent": {"personalization": personal, "analytics": personal},
    }  # fmt: skip
    if slug:
        request["slug"] = slug
    if personal:
        request["anonymousId"] = place.visitor
    told = pages.engine.landing(request)
    if told is None or told["generic"]:
        return None
    products = []
    for item in told["items"]:
        if item["id"] in pages.goods.by_id:
            link = {"p": item["id"], "d": told["decisionId"], "market": views.market.code}
            # The click is counted on its way to the product.
            url = f"/l/{quote(told['page'])}/to?{urlencode(link)}"
            products.append(views.card(pages.goods.by_id[item["id"]], item) | {"url": url})
    return pages.page(
        "landing.html",
        views,
        place,
        told["title"],
        paragraphs=[part for part in told["intro"].split("\n\n") if part],
        picture=told["picture"],
        promise=told["promise"],
        products=products,
    )
