"""Articles that the catalog learns of after they were sold: their receipts are told anew."""

from __future__ import annotations

from expedit.access import keys
from expedit.catalog import live_catalog
from expedit.connections.tills import store
from expedit.core import Progress, format_minor, no_progress
from expedit.orders import Order, find_order
from expedit.storage import Shop
from expedit.tracking import Call, ingest

_MOST_CODES = 5_000


def join_lines(shop: Shop, progress: Progress = no_progress) -> int:
    """Tell receipts anew whose unknown articles are known by now; return how many.

    The order book gets an update with the same lines, amounts and codes: what changes is that the catalog
    now knows them. Model builds look the codes up by themselves.
    """
    describe = live_catalog(shop).current().describe
    with shop.database.reading() as tx:
        found = [code for code in store.waiting_codes(tx, _MOST_CODES) if describe(code) is not None]
        orders = store.waiting_orders(tx, found)
    told = 0
    for order_id, source in orders:
        order = find_order(shop, order_id)
        if order is None:
            continue  # the order book has not come to it yet; the next run will find it
        if any(line.product is None and line.item in found for line in order.lines):
            ingest(
                shop, [_update(order, shop.clock())], keys(shop).source(source), shop.clock(), trusted=True
            )
            told += 1
            progress("join till lines", told, len(orders))
        with shop.database.writing() as tx:
            store.settle_waiting(tx, found, order_id)
    return told


def _update(order: Order, now: int) -> Call:
    currency = order.currency or ""
    return Call(
        type="track",
        event="Order Updated",
        message_id=f"joined:{order.id}:{now}",
        timestamp=now,
        channel=order.channel,
        properties={
            "order_id": order.id,
            "currency": currency,
            "market": order.market,
            "store": order.store,
            "register": order.register,
            "value": format_minor(order.value, currency),
            "tax": format_minor(order.tax, currency),
            "shipping": format_minor(order.shipping, currency),
            "products": [
                {
                    "product_id": line.item,
                    "variant_id": line.variant,
                    "quantity": line.quantity,
                    "price": None if line.price is None else format_minor(line.price, currency),
                }
                for line in order.lines
                if line.quantity
            ],
        },
    )
