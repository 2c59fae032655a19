"""Routes of the catalog: rows, stock and prices in, a product with its ledger out; for secret keys."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, get
from litestar.datastructures import State

from expedit.access import keys
from expedit.catalog.changes import set_prices, set_stock
from expedit.catalog.exporting import catalog_rows
from expedit.catalog.feeds import feed_rows
from expedit.catalog.importing import import_rows
from expedit.catalog.ledger import FOREVER, Interval, prior_price
from expedit.catalog.mapping import Columns
from expedit.catalog.model import ImportReport
from expedit.catalog.sheet import read_whole
from expedit.core import Struct, field, format_minor, format_time, from_json, to_json
from expedit.storage import Shop
from expedit.web import Answer, RawRequest, RawRoute, Route

_BODY_LIMIT = 16 * 1024 * 1024
_CHANGES_LIMIT = 1024 * 1024

Row = dict[str, Any]


class PriceStep(Struct, frozen=True, omit_defaults=False):
    """One interval of the ledger in major units; `price` null = not sold, `until` null = for ever."""

    valid_from: str = field(name="from")
    until: str | None
    price: str | None
    sale_price: str | None
    currency: str
    imported: bool


class VariantPrices(Struct, frozen=True, omit_defaults=False):
    """What a variant cost in a market, ever, and the prior price of the reduction that holds now."""

    id: str
    market: str
    prior_price: str | None
    history: tuple[PriceStep, ...]


class ProductView(Struct, frozen=True, omit_defaults=False):
    """A product: its rows as an import takes them, and its prices."""

    id: str
    created: str
    retired: str | None
    rows: tuple[Row, ...]
    prices: tuple[VariantPrices, ...]


def routes(shop: Shop) -> Sequence[Route]:
    """Return the routes of the catalog; all need a secret key with the scope ``catalog:write``."""

    def need(authorization: str) -> None:
        keys(shop).caller(authorization).need("catalog:write")

    async def answer(request: RawRequest, work: Callable[[bytes], ImportReport]) -> Answer:
        need(request.header(b"authorization"))
        report = await asyncio.get_running_loop().run_in_executor(None, work, request.body)
        return Answer(to_json(report))

    async def put_products(request: RawRequest) -> Answer:
        return await answer(request, lambda body: _import(shop, body))

    async def patch_stock(request: RawRequest) -> Answer:
        return await answer(request, lambda body: set_stock(shop, from_json(body, list[Row]), source="api"))

    async def patch_prices(request: RawRequest) -> Answer:
        return await answer(request, lambda body: set_prices(shop, from_json(body, list[Row]), source="api"))

    @get("/v1/catalog/products/{product_id:path}", sync_to_thread=True)
    def show_product(request: Request[object, object, State], product_id: str) -> ProductView:
        """Give a product, by its id or that of a variant, with stock and every price it ever had."""
        need(request.headers.get("authorization", ""))
        return view_product(shop, product_id.removeprefix("/"))

    return [
        RawRoute(
            "/v1/catalog/products",
            put_products,
            body_limit=_BODY_LIMIT,
            accepts=list[Row],
            answers=ImportReport,
            summary="Take in products: a JSON list or JSON lines of rows, as in a catalog file.",
            cors=False,
        ),
        RawRoute(
            "/v1/catalog/stock",
            patch_stock,
            methods=("PATCH",),
            body_limit=_CHANGES_LIMIT,
            accepts=list[Row],
            answers=ImportReport,
            summary="Set pieces in stock: a list of {id, location, quantity}.",
            cors=False,
        ),
        RawRoute(
            "/v1/catalog/prices",
            patch_prices,
            methods=("PATCH",),
            body_limit=_CHANGES_LIMIT,
            accepts=list[Row],
            answers=ImportReport,
            summary="Set offers: a list of {id, market, price, sale_price, sale_price_effective_date, cost}.",
            cors=False,
        ),
        show_product,
    ]


def view_product(shop: Shop, name: str) -> ProductView:
    """Return the product that `name`, its id or a variant's id or SKU, leads to.

    Raises
    ------
    NotFound
        When there is none.
    """
    with shop.database.reading() as tx:
        product, stock, ledger = read_whole(tx, name)
    now = shop.clock()
    return ProductView(
        id=product.id,
        created=format_time(product.created),
        retired=None if product.retired is None else format_time(product.retired),
        rows=tuple(catalog_rows(product, stock)),
        prices=tuple(
            VariantPrices(variant_id, market, _prior(steps, now), tuple(_step(step) for step in steps))
            for (variant_id, market), steps in sorted(ledger.items())
        ),
    )


def _import(shop: Shop, body: bytes) -> ImportReport:
    # Rows are read one by one, so that a bad one is refused alone.
    rows = feed_rows(io.BufferedReader(io.BytesIO(body)), Columns(), "jsonl")
    return import_rows(shop, rows, source="api")


def _prior(steps: Sequence[Interval], now: int) -> str | None:
    minor = prior_price(steps, now)
    current = next(step for step in steps if step.valid_from <= now < step.valid_until) if minor else None
    return format_minor(minor, current.currency) if minor is not None and current else None


def _step(step: Interval) -> PriceStep:
    return PriceStep(
        valid_from=format_time(step.valid_from),
        until=None if step.valid_until >= FOREVER else format_time(step.valid_until),
        price=None if step.price is None else format_minor(step.price, step.currency),
        sale_price=None if step.sale_price is None else format_minor(step.sale_price, step.currency),
        currency=step.currency,
        imported=step.imported,
    )
