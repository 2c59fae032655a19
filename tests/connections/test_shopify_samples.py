"""Shopify's own sample bodies go through: the public fixtures of its Python client, read where they lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from expedit.connections import process, receive
from expedit.connections.store import list_messages
from expedit.core import Settings
from expedit.events import read_events
from expedit.orders import find_order, keep_orders
from expedit.storage import Shop
from tests.conftest import ShopMaker, StandingClock
from tests.connections.shopify_catalog import catalog
from tests.connections.shopify_messages import connect, hook


@pytest.fixture
def samples(data_folder: Path) -> Path:
    folder = data_folder / "payloads" / "shopify_rest_fixtures"
    if not folder.is_dir():
        pytest.skip(f"no samples of Shopify at {folder}")
    return folder


def bodies(samples: Path, name: str) -> list[dict[str, Any]]:
    """Return the objects of a sample file; webhooks carry them without the wrapping."""
    value = json.loads((samples / f"{name}.json").read_text())
    if isinstance(value, dict):
        (value,) = value.values()
    return value if isinstance(value, list) else [value]


@pytest.fixture(params=["sqlite", "postgresql"])
def american(request: pytest.FixtureRequest, make_shop: ShopMaker) -> Shop:
    return make_shop(request.param, Settings(markets={"US": "USD"}))


SENT = (
    ("products/update", "product"),
    ("products/update", "products"),
    ("inventory_levels/update", "inventory_level"),
    ("inventory_levels/update", "inventory_levels"),
    ("inventory_items/update", "inventory_items"),
    ("customers/update", "customer"),
    ("customers/update", "customers_search"),
    ("orders/create", "order"),
    ("orders/updated", "orders"),
    ("refunds/create", "refund"),
    ("carts/update", "carts"),
    ("checkouts/create", "checkouts"),
)


def test_every_sample_is_understood(american: Shop, samples: Path, shop_clock: StandingClock) -> None:
    one = connect(american, currency="USD")
    count = 0
    for topic, name in SENT:
        for body in bodies(samples, name):
            count += receive(american, one, hook(topic, body, event=f"{name}-{count}"))
    process(american)
    shop_clock.advance(10 * 60 * 1_000_000)
    process(american)
    with american.database.reading() as tx:
        failed = [(m.topic, m.at_fault, m.reason) for m in list_messages(tx, one.id, "failed", None, 50)]
        waiting = list_messages(tx, one.id, "pending", None, 50)
    assert failed == []
    assert waiting == []
    found = {product.id: product for product in catalog(american)}
    ipod = found["632910392"]
    assert (ipod.title, ipod.brand, ipod.category) == ("IPod Nano - 8GB", "Apple", ("Cult Products",))
    assert {variant.sku for variant in ipod.variants} >= {"IPOD2008RED", "IPOD2008BLACK"}
    assert {offer.price for variant in ipod.variants for offer in variant.offers} == {19900}
    keep_orders(american)
    order = find_order(american, "450789469")
    assert order is not None
    # Of two states of one second the later topic holds, and the sample of orders says 597.00.
    assert (order.value, order.tax, order.currency) == (59700, 1194, "USD")
    assert {line.variant: (line.quantity, line.returned) for line in order.lines} == {
        "39072856": (1, 1),
        "49148385": (1, 0),
        "457924702": (1, 1),
    }
    assert (order.refunded, order.status) == (39800, "partly_refunded")
    kinds = {event.kind for event in read_events(american)}
    assert kinds >= {"purchase", "refund", "begin_checkout", "identify"}
