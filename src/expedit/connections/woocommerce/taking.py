"""Taking WooCommerce's objects in, from a webhook or a pull alike: an older state never beats a newer one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from expedit.access import keys
from expedit.connections import store
from expedit.connections.model import Connection
from expedit.connections.reconciliation.figures import ShopOrder
from expedit.connections.reconciliation.store import note_shop_orders
from expedit.connections.telling import tell_products
from expedit.connections.woocommerce import store as own
from expedit.connections.woocommerce.model import (
    Term,
    WooCustomer,
    WooOrder,
    WooProduct,
    WooRefund,
    minor,
    moment,
    read,
    read_value,
)
from expedit.connections.woocommerce.orders import (
    SOLD,
    OrderNote,
    Terms,
    amounts_of,
    calls_of_customer,
    calls_of_order,
    cancel_id,
    currency_of,
    note_of,
    note_text,
    order_id_of,
)
from expedit.connections.woocommerce.products import Shelf, product_of
from expedit.core import Conflict, InvalidInput, Struct, evolve, from_json, to_json
from expedit.storage import Shop, Transaction
from expedit.tracking import Call, ingest

CATEGORIES = "categories"
"""Mark under which the category tree is kept, as JSON."""
_MOST_RETIRED = 0.5
_FEWEST = 20
_TWICE = "+"
"""Ends the version of an order that changed twice within its second."""

Refunds = Callable[[WooOrder], Mapping[int, WooRefund]]
"""Gives the refunds of an order with their lines, as far as the shop can be asked."""


class Refused(Struct, frozen=True):
    """An object that could not be taken in: the rest of its page was."""

    what: str
    field: str
    reason: str


def terms_of(shop: Shop, connection: Connection) -> Terms:
    """Return how the connection wants orders read."""
    sold = [one.strip().removeprefix("wc-") for one in connection.text("statuses").split(",") if one.strip()]
    market = connection.text("market")
    return Terms(
        frozenset(sold or SOLD),
        market,
        shop.settings.markets.get(market, ""),
        connection.text("accounts") != "no",
        connection.text("newsletter"),
    )


def shelf_of(shop: Shop, tx: Transaction, connection: Connection) -> Shelf:
    """Return what products of the connection are read against."""
    market = connection.text("market") or next(iter(shop.settings.markets))
    if market not in shop.settings.markets:
        raise InvalidInput("market", f"the shop has no market called {market!r}")
    tree = from_json(store.read_mark(tx, connection.id, CATEGORIES) or "[]", list[Term])
    return Shelf(market, shop.settings.markets[market], {term.id: term for term in tree}, shop.clock())


def note_categories(shop: Shop, connection: Connection, terms: Sequence[Term]) -> None:
    """Keep the category tree."""
    with shop.database.writing() as tx:
        store.put_mark(tx, connection.id, CATEGORIES, to_json(list(terms)).decode())


def take_products(
    shop: Shop, connection: Connection, products: Iterable[tuple[WooProduct, object]], seen: str = ""
) -> list[Refused]:
    """Take products and variations in, each with the JSON value that it was read from, in one transaction.

    Parameters
    ----------
    seen
        Name of the full pull under way; empty = none.
    """
    refused: list[Refused] = []
    with shop.database.writing() as tx:
        touched: set[int] = set()
        for one, value in products:
            news = own.put_product(
                tx,
                connection.id,
                (one.id, one.parent_id, one.date_modified_gmt or "", to_json(value)),
                seen,
            )
            if not one.parent_id and one.variations is not None:
                listed = one.variations.values() if isinstance(one.variations, dict) else one.variations
                news = bool(own.drop_variations(tx, connection.id, one.id, list(listed))) or news
            if news:
                touched.add(one.parent_id or one.id)
        _write_families(shop, tx, connection, touched, refused)
    return refused


def _write_families(
    shop: Shop, tx: Transaction, connection: Connection, parents: Iterable[int], refused: list[Refused]
) -> None:
    shelf = shelf_of(shop, tx, connection)
    found = []
    for product_id, (body, variations) in own.read_families(tx, connection.id, parents).items():
        if body == own.GONE:
            continue
        try:
            family = [read(one, WooProduct) for one in variations]
            found.append(product_of(read(body, WooProduct), family, shelf))
        except InvalidInput as error:
            refused.append(Refused(f"product {product_id}", error.field, error.reason))
    if found:
        tell_products(tx, connection.id, found, frozenset({shelf.market}), shop.clock())


def retire_product(shop: Shop, connection: Connection, product_id: int) -> None:
    """Take a product, or one variation, out of the range: the shop deleted it."""
    with shop.database.writing() as tx:
        _retire(shop, tx, connection, [product_id])


def _retire(shop: Shop, tx: Transaction, connection: Connection, product_ids: Sequence[int]) -> None:
    shelf = shelf_of(shop, tx, connection)
    parents: set[int] = set()
    leaving = []
    for product_id in product_ids:
        parent = own.parent_of(tx, connection.id, product_id)
        if parent:
            parents.add(parent)
        elif parent is not None:
            for body, variations in own.read_families(tx, connection.id, [product_id]).values():
                if body == own.GONE:
                    continue
                family = [read(one, WooProduct) for one in variations]
                product = product_of(read(body, WooProduct), family, shelf)
                leaving.append(evolve(product, retired=product.retired or shop.clock()))
        own.forget_product(tx, connection.id, product_id, parent or 0)
    if leaving:
        tell_products(tx, connection.id, leaving, frozenset({shelf.market}), shop.clock())
    _write_families(shop, tx, connection, parents, [])


def retire_unseen(shop: Shop, connection: Connection, seen: str) -> int:
    """Retire what a full pull did not see; return how many products.

    Raises
    ------
    Conflict
        When that would be more than half of a range of twenty or more: then something is wrong with the pull.
    """
    with shop.database.writing() as tx:
        gone, known = own.unseen_products(tx, connection.id, seen)
        if known >= _FEWEST and len(gone) > known * _MOST_RETIRED:
            raise Conflict(
                f"nothing was retired: the full pull did not show {len(gone)} of {known} products,"
                " more than half"
            )
        _retire(shop, tx, connection, gone)
    return len(gone)


def take_order(shop: Shop, connection: Connection, order: WooOrder, refunds: Refunds | None = None) -> bool:
    """Take an order in as it stands; return False when this state of it, or a newer one, was here.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    """
    terms = terms_of(shop, connection)
    version = order.date_modified_gmt or order.date_created_gmt or ""
    with shop.database.writing() as tx:
        known = store.read_version(tx, connection.id, "order", str(order.id))
    before, text = known or ("", "")
    if before.rstrip(_TWICE) > version:
        return False
    note = note_of(text)
    untold = {one.id for one in order.refunds or ()} - set(note.refunds)
    details = refunds(order) if refunds is not None and untold else {}
    calls, after = calls_of_order(order, details, note, terms)
    _ingest(shop, connection, calls)
    with shop.database.writing() as tx:
        note_shop_orders(tx, connection.id, [shop_order_of(order, terms)])
        if before.rstrip(_TWICE) == version:
            if after == note:
                return False
            version = before + _TWICE
        store.put_version(tx, connection.id, "order", str(order.id), version, note_text(after))
    return True


def shop_order_of(order: WooOrder, terms: Terms) -> ShopOrder:
    """Return what the shop itself counts of an order."""
    currency = currency_of(order)
    sums = amounts_of(order)
    status = (order.status or "").removeprefix("wc-")
    back = sum(abs(minor(one.total, currency, "refunds.total")) for one in order.refunds or ())
    placed = moment(order.date_created_gmt, "date_created_gmt")
    if placed is None:
        raise InvalidInput("date_created_gmt", "is missing")
    return ShopOrder(
        order_id=order_id_of(order),
        placed=placed,
        counted=status in terms.sold,
        currency=currency,
        total=sums.total,
        tax=sums.tax,
        shipping=sums.shipping,
        refunded=sums.total if status == "refunded" and not back else back,
        version=order.date_modified_gmt or "",
    )


def undo_order(shop: Shop, connection: Connection, order_id: int, at: int) -> None:
    """Cancel an order that the shop deleted, if it was told of as a purchase."""
    with shop.database.writing() as tx:
        known = store.read_version(tx, connection.id, "order", str(order_id))
    note = note_of(known[1]) if known else OrderNote()
    if known is None or not note.placed or note.undone:
        return
    call = Call(
        type="track",
        event="cancel",
        message_id=cancel_id(order_id, note),
        timestamp=max(at, note.turned + 1),
        properties={"order_id": note.number or str(order_id)},
    )
    _ingest(shop, connection, [call])
    with shop.database.writing() as tx:
        until = known[0].rstrip(_TWICE)
        text = note_text(evolve(note, undone=True, until=until, turned=max(at, note.turned + 1)))
        store.put_version(tx, connection.id, "order", str(order_id), known[0] + _TWICE, text)


def take_customer(shop: Shop, connection: Connection, customer: WooCustomer) -> None:
    """Take a customer in.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    """
    _ingest(shop, connection, calls_of_customer(customer, terms_of(shop, connection)))


def take_customers(shop: Shop, connection: Connection, customers: Iterable[WooCustomer]) -> None:
    """Take many customers in; one that is refused lies with the dead letters."""
    terms = terms_of(shop, connection)
    calls = [call for one in customers for call in calls_of_customer(one, terms)]
    ingest(shop, calls, keys(shop).source(connection.source), shop.clock(), trusted=True)


def _ingest(shop: Shop, connection: Connection, calls: Sequence[Call]) -> None:
    """Bring calls in; one that is refused fails the whole object, with its field.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    """
    if not calls:
        return
    source = keys(shop).source(connection.source)
    for outcome in ingest(shop, calls, source, shop.clock(), trusted=True):
        if outcome.refusal is not None:
            raise InvalidInput(outcome.refusal.field, outcome.refusal.reason)


def product_value(value: object, parent: int = 0) -> tuple[WooProduct, object]:
    """Return a product with the JSON value that it was read from; a variation gets its parent's id.

    Raises
    ------
    InvalidInput
        Naming the field that does not fit.
    """
    if parent and isinstance(value, dict):
        value = {**value, "parent_id": parent}
    one = read_value(value, WooProduct)
    return one, value
