"""Landing pages that expedit serves itself, under ``/l/<slug>``: plain HTML that needs no script.

Who comes is whoever the first-party cookie says, and nothing is told of anybody who did not consent. The link
of a product leads over an address of expedit, which counts the click and goes on to the shop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import structlog
from litestar import Request, Response, get
from litestar.datastructures import State

from expedit.access import Caller, keys
from expedit.catalog import Card, live_catalog
from expedit.core import ExpeditError, NotFound, Struct
from expedit.decisions.askers import find_asker
from expedit.decisions.desk import desk
from expedit.decisions.landing_answers import HOSTED
from expedit.decisions.landing_wire import LandingBody
from expedit.decisions.landings import PREFIX, Landed, landing_desk
from expedit.decisions.lists import list_desk
from expedit.decisions.reasons import reason_text
from expedit.decisions.wire import AskContext
from expedit.merchandising import LandingPage
from expedit.storage import Shop
from expedit.tracking import call_of, ingest
from expedit.web import LANGUAGES, Frame, Html, Route, Visit, render

_Asked = Request[Any, Any, State]
_log = structlog.get_logger("expedit.landing")
_STYLE = files("expedit.decisions").joinpath("templates", "landing.css").read_bytes()
_STYLE_DIGEST = hashlib.sha256(_STYLE).hexdigest()[:12]
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_HEX = frozenset("0123456789abcdef")
_LONGEST_ID = 100
_EAGER = 4
"""Pictures that a phone shows first are not put off."""


class Tile(Struct, frozen=True):
    """A product as the page shows it: its card, where its link leads, and why it is there."""

    card: Card
    href: str
    why: str
    eager: bool


class Other(Struct, frozen=True):
    """The same page in another language."""

    locale: str
    href: str


def hosted_routes(shop: Shop) -> Sequence[Route]:
    """Return the addresses of hosted pages."""

    @get("/l/landing.css", include_in_schema=False, sync_to_thread=False)
    def style() -> Response[bytes]:
        """Give the style of every page."""
        headers = _ALWAYS | {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(_STYLE, media_type="text/css", headers=headers)

    @get("/l/{slug:str}", include_in_schema=False, sync_to_thread=True)
    def page(request: _Asked, slug: str) -> Response[bytes]:
        """Give a page, or lead those whom it is measured against to the ordinary one."""
        if request.scope["raw_path"].endswith(b"/"):  # its links begin at the address without
            asked = f"?{request.url.query}" if request.url.query else ""
            return Response(b"", status_code=301, headers={"Location": f"../{quote(slug)}{asked}"})
        return show_hosted(shop, request, slug)

    @get("/l/{slug:str}/to", include_in_schema=False, sync_to_thread=True)
    def go(request: _Asked, slug: str, p: str = "", d: str = "") -> Response[bytes]:
        """Count a click and go on to the product."""
        return follow(shop, request, slug, p[:200], d[:64])

    return [style, page, go]


def show_hosted(shop: Shop, request: _Asked, slug: str) -> Response[bytes]:
    """Answer the address of a page."""
    lists = list_desk(shop, desk(shop))
    landings = landing_desk(shop, lists)
    found = landings.pages.current().by_slug.get(slug)
    context = _context(shop, request, None if found is None else found.page)
    language = context.locale if context.locale in LANGUAGES else "en"
    if found is None:
        return _html(shop, "decisions/landing_missing.html", {}, language, (), 404)
    body = LandingBody(slug=slug, context=context)
    cookie = request.cookies.get(shop.settings.cookie_name, "")
    asker = find_asker(shop, Caller(None), body, cookie)
    # Whoever would have to be shown the ordinary page is compared only where that is known.
    landed = landings.land(asker, body, compare=bool(found.page.generic_url))
    if landed.generic and found.page.generic_url:
        return _led_to(found.page.generic_url)
    values = _values(shop, landed, found.slug, found.page, context, str(request.base_url))
    sources = _origins([values["picture"], *(tile.card.image_url for tile in values["tiles"])])
    return _html(shop, "decisions/landing.html", values, language, sources, 200)


def follow(shop: Shop, request: _Asked, slug: str, product: str, decision: str) -> Response[bytes]:
    """Count a click on a product of a page, if its visitor may be counted, and lead to the product.

    Where it leads is the catalog's word alone: the address says only which product.
    """
    snapshot = live_catalog(shop).current()
    item = snapshot.find(product)
    if item is None:
        raise NotFound("there is no such product")
    market = request.query_params.get("market", "")
    market = market if market in snapshot.markets else next(iter(snapshot.markets))
    card = snapshot.card(item, market, shop.settings.locale, shop.clock())
    if urlsplit(card.url).scheme not in {"http", "https", ""} or not card.url:
        raise NotFound("this product has no page")
    visitor = request.cookies.get(shop.settings.cookie_name, "")
    fetched_ahead = "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", ""))
    if visitor and len(decision) == 32 and set(decision) <= _HEX and not fetched_ahead:
        _count(shop, slug, product, decision, visitor)
    return _led_to(card.url)


def _count(shop: Shop, slug: str, product: str, decision: str, visitor: str) -> None:
    """Write a click as the snippet would; consent is looked at on its way in."""
    source = next((one for one in keys(shop).sources() if one.kind == "browser"), None)
    if source is None:
        return
    told = {
        "type": "track", "event": "click", "messageId": _message_id(decision, product),
        "anonymousId": visitor,
        "properties": {
            "decisionId": decision, "placement": PREFIX + slug, "products": [{"product_id": product}],
        },
    }  # fmt: skip
    try:
        ingest(shop, [call_of(told)], source, shop.clock())
    except ExpeditError as error:  # whoever follows a link must get there
        _log.warning("a click was not counted", reason=str(error))


def _message_id(decision: str, product: str) -> str:
    """Return the id that the snippet gives a click; of a product whose own is too long for it, by a hash."""
    whole = f"{decision}-{product}-click"
    return (
        whole if len(whole) <= _LONGEST_ID else f"{decision}-{hashlib.sha256(product.encode()).hexdigest()}"
    )


def _context(shop: Shop, request: _Asked, page: LandingPage | None) -> AskContext:
    """Return what the address and the browser tell: market, language, how the visit began."""
    asked, own = request.query_params, request.url
    market = asked.get("market", "")
    known = live_catalog(shop).current().markets
    return AskContext(
        market=market if market in known else None,
        locale=_language(asked.get("locale", ""), request.headers.get("accept-language", ""), page, shop),
        arrived_at=str(own)[:4_000],
        arrived_from=request.headers.get("referer", "")[:4_000] or None,
    )


def _language(asked: str, accepted: str, page: LandingPage | None, shop: Shop) -> str:
    """Return the language asked for, else the first one accepted that the page speaks, else the shop's."""
    spoken = set(page.words) if page is not None else set(LANGUAGES)
    wanted = [asked, *(part.partition(";")[0].strip() for part in accepted[:200].split(","))]
    codes = ({"no": "nb", "nn": "nb"}.get(one[:2].lower(), one[:2].lower()) for one in wanted)
    return next((code for code in codes if code in spoken), shop.settings.locale)


def _values(
    shop: Shop, landed: Landed, slug: str, page: LandingPage, context: AskContext, base: str
) -> dict[str, Any]:
    locale, words = page.said(landed.locale, shop.settings.locale)
    root = (shop.settings.public_url or base).rstrip("/") + HOSTED
    tiles = [] if landed.generic or landed.shown is None else _tiles(landed, slug, context)
    return {
        "words": words,
        "paragraphs": [part.strip() for part in words.intro.split("\n\n") if part.strip()],
        "picture": _absolute(words.picture, shop.settings.shop_url),
        "locale": locale,
        "slug": slug,
        "canonical": f"{root}{slug}?locale={locale}",
        "others": [Other(one, f"{root}{slug}?locale={one}") for one in page.words],
        "promise": landed.promise,
        "tiles": tiles,
    }


def _tiles(landed: Landed, slug: str, context: AskContext) -> list[Tile]:
    shown = landed.shown
    assert shown is not None
    snapshot, inputs = shown.snapshot, shown.inputs
    found = []
    for place, (item, code) in enumerate(zip(shown.items, shown.codes, strict=True)):
        card = snapshot.card(item, inputs.market, inputs.locale, shown.at)
        told = {"p": card.id, "d": shown.id} | ({"market": context.market} if context.market else {})
        why = reason_text(code, inputs.locale, category=card.category, brand=card.brand)
        found.append(Tile(card, f"{quote(slug)}/to?{urlencode(told)}", why, place < _EAGER))
    return found


def _html(
    shop: Shop,
    template: str,
    values: Mapping[str, Any],
    language: str,
    pictures: Sequence[str],
    status: int,
) -> Response[bytes]:
    settings = shop.settings
    always = {"style": f"landing.css?v={_STYLE_DIGEST}", "home": settings.shop_url}
    written = render(
        Html(template, {**always, "shop_name": settings.shop_name, **values}),
        Visit(language=language),
        Frame(),
    )
    policy = (
        "default-src 'none'", "style-src 'self'", " ".join(("img-src 'self'", *pictures)), "base-uri 'none'",
        "form-action 'none'", "frame-ancestors 'none'",
    )  # fmt: skip
    headers = _ALWAYS | {
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "private, no-store",
        "Vary": "Accept-Language, Cookie",
        "Content-Language": language,
    }
    return Response(written.encode(), status_code=status, media_type="text/html", headers=headers)


def _led_to(address: str) -> Response[bytes]:
    headers = _ALWAYS | {
        "Location": quote(address, safe="/:?&=#%+,;@~!$*()[]'"),
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return Response(b"", status_code=302, headers=headers)


def _origins(addresses: Sequence[str]) -> list[str]:
    """Return the origins that pictures come from."""
    parts = (urlsplit(one) for one in addresses)
    found = {
        f"{one.scheme}://{one.netloc}" for one in parts if one.scheme in {"http", "https"} and one.netloc
    }
    return sorted(one for one in found if not set(one) & set("\"'; ,\\"))


def _absolute(address: str, root: str) -> str:
    return root.rstrip("/") + address if address.startswith("/") else address
