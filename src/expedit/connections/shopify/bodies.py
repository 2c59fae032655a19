"""Shopify's objects as its webhooks (REST Admin API) write them, read leniently: the rest is passed over.

References
----------
Shopify REST Admin API: Order, Refund, Product, ProductVariant, Customer, Checkout, InventoryLevel.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from expedit.core import (
    InvalidInput,
    Struct,
    from_json,
    parse_time,
    to_minor,
)

T = TypeVar("T")

Amount = str | int | float | None
Id = int | str | None
Which = Literal["shop", "presentment"]
"""Which money counts: the shop's own currency, or the one that the customer saw and paid."""


class Sum(Struct, frozen=True):
    """An amount with its currency."""

    amount: Amount = None
    currency_code: str | None = None


class Sums(Struct, frozen=True):
    """The same amount in both moneys."""

    shop_money: Sum | None = None
    presentment_money: Sum | None = None


class TaxLine(Struct, frozen=True):
    """A tax of a line."""

    price: Amount = None
    price_set: Sums | None = None
    rate: Amount = None


class Allocation(Struct, frozen=True):
    """The part of a discount that falls on a line."""

    amount: Amount = None
    amount_set: Sums | None = None


class LineItem(Struct, frozen=True):
    """A product line."""

    id: Id = None
    product_id: Id = None
    variant_id: Id = None
    sku: str | None = None
    title: str | None = None
    vendor: str | None = None
    quantity: int | None = 1
    price: Amount = None
    price_set: Sums | None = None
    total_discount: Amount = None
    total_discount_set: Sums | None = None
    discount_allocations: list[Allocation] | None = None
    tax_lines: list[TaxLine] | None = None
    tip: Any = None


class ShippingLine(Struct, frozen=True):
    """How an order is sent, and what that costs."""

    price: Amount = None
    price_set: Sums | None = None
    discounted_price: Amount = None
    discounted_price_set: Sums | None = None
    discount_allocations: list[Allocation] | None = None
    tax_lines: list[TaxLine] | None = None
    is_removed: bool | None = None


class Address(Struct, frozen=True):
    """The parts of an address that are read."""

    country_code: str | None = None
    province_code: str | None = None
    zip: str | int | None = None
    phone: str | None = None


class Marketing(Struct, frozen=True):
    """What a customer answered about marketing in one channel."""

    state: str | None = None
    consent_updated_at: str | None = None


class Customer(Struct, frozen=True):
    """A customer."""

    id: Id = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    tags: str | list[str] | None = None
    state: str | None = None
    default_address: Address | None = None
    accepts_marketing: bool | None = None
    accepts_marketing_updated_at: str | None = None
    email_marketing_consent: Marketing | None = None
    sms_marketing_consent: Marketing | None = None


class DiscountCode(Struct, frozen=True):
    """A code that was entered."""

    code: str | None = None


class Adjustment(Struct, frozen=True):
    """Money that a refund moves beside its lines: shipping, or a sum that belongs to no line."""

    amount: Amount = None
    amount_set: Sums | None = None
    tax_amount: Amount = None
    tax_amount_set: Sums | None = None
    kind: str | None = None


class RefundLine(Struct, frozen=True):
    """A line that went back."""

    quantity: int | None = 1
    line_item_id: Id = None
    line_item: LineItem | None = None
    subtotal: Amount = None
    subtotal_set: Sums | None = None
    total_tax: Amount = None
    total_tax_set: Sums | None = None


class Refund(Struct, frozen=True):
    """What went back, and the money for it."""

    id: Id = None
    order_id: Id = None
    created_at: str | None = None
    processed_at: str | None = None
    refund_line_items: list[RefundLine] | None = None
    order_adjustments: list[Adjustment] | None = None


class Order(Struct, frozen=True):
    """An order; a checkout has the same fields as far as they are read."""

    id: Id = None
    name: str | None = None
    token: str | None = None
    created_at: str | None = None
    processed_at: str | None = None
    updated_at: str | None = None
    cancelled_at: str | None = None
    completed_at: str | None = None
    currency: str | None = None
    presentment_currency: str | None = None
    email: str | None = None
    contact_email: str | None = None
    phone: str | None = None
    customer: Customer | None = None
    line_items: list[LineItem] | None = None
    shipping_lines: list[ShippingLine] | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    subtotal_price: Amount = None
    subtotal_price_set: Sums | None = None
    total_tax: Amount = None
    total_tax_set: Sums | None = None
    total_price: Amount = None
    total_price_set: Sums | None = None
    taxes_included: bool | None = None
    current_subtotal_price: Amount = None
    current_subtotal_price_set: Sums | None = None
    current_total_tax: Amount = None
    current_total_tax_set: Sums | None = None
    current_total_duties_set: Sums | None = None
    original_total_duties_set: Sums | None = None
    current_total_additional_fees_set: Sums | None = None
    original_total_additional_fees_set: Sums | None = None
    total_tip_received: Amount = None
    test: bool | None = None
    source_name: str | None = None
    location_id: Id = None
    note_attributes: Any = None
    discount_codes: list[DiscountCode] | None = None
    refunds: list[Refund] | None = None


class Cart(Struct, frozen=True):
    """A cart."""

    token: str | None = None
    id: Id = None
    created_at: str | None = None
    updated_at: str | None = None
    line_items: list[LineItem] | None = None
    note_attributes: Any = None
    attributes: Any = None


class Image(Struct, frozen=True):
    """A picture of a product."""

    id: Id = None
    src: str | None = None
    position: int | None = None
    variant_ids: list[int | str] | None = None


class Option(Struct, frozen=True):
    """What a product's variants differ in."""

    name: str | None = None
    position: int | None = None


class PresentmentPrice(Struct, frozen=True):
    """A variant's price in another currency."""

    price: Sum | None = None
    compare_at_price: Sum | None = None


class Variant(Struct, frozen=True):
    """A variant."""

    id: Id = None
    sku: str | None = None
    barcode: str | None = None
    title: str | None = None
    price: Amount = None
    compare_at_price: Amount = None
    option1: str | None = None
    option2: str | None = None
    option3: str | None = None
    inventory_item_id: Id = None
    inventory_management: str | None = None
    inventory_policy: str | None = None
    inventory_quantity: int | None = None
    image_id: Id = None
    presentment_prices: list[PresentmentPrice] | None = None


class Category(Struct, frozen=True):
    """A place in Shopify's own taxonomy."""

    full_name: str | None = None


class Metafield(Struct, frozen=True):
    """A fact that an app keeps with a product."""

    namespace: str | None = None
    key: str | None = None
    value: Any = None


class Product(Struct, frozen=True):
    """A product."""

    id: Id = None
    title: str | None = None
    body_html: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    handle: str | None = None
    status: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    published_at: str | None = None
    tags: str | list[str] | None = None
    category: Category | str | None = None
    options: list[Option] | None = None
    variants: list[Variant] | None = None
    images: list[Image] | None = None
    image: Image | None = None
    metafields: list[Metafield] | None = None


class Level(Struct, frozen=True):
    """How many pieces of an inventory item there are at a location."""

    inventory_item_id: Id = None
    location_id: Id = None
    available: int | None = None
    updated_at: str | None = None


class Location(Struct, frozen=True):
    """A place where pieces lie."""

    id: Id = None


class Item(Struct, frozen=True):
    """An inventory item: what a variant is in the warehouse, and what it cost."""

    id: Id = None
    cost: Amount = None
    tracked: bool | None = None
    updated_at: str | None = None


class PrivacyCall(Struct, frozen=True):
    """A privacy topic's body."""

    shop_id: Id = None
    shop_domain: str | None = None
    customer: Customer | None = None
    data_request: Customer | None = None


def read(body: bytes, kind: type[T]) -> T:
    """Read a webhook's body as `kind`.

    Raises
    ------
    InvalidInput
        Naming the field that does not fit.
    """
    return from_json(body, kind)


def needed(value: T | None, field: str) -> T:
    """Return `value`, which must be there.

    Raises
    ------
    InvalidInput
        Naming `field`.
    """
    if value is None or value == "":
        raise InvalidInput(field, "is missing")
    return value


def id_of(value: Id, field: str = "id") -> str:
    """Return an id as text.

    Raises
    ------
    InvalidInput
        Naming `field` when it is missing or no id.
    """
    text = str(needed(value, field)).strip()
    if not text or len(text) > 64 or not text.isprintable():
        raise InvalidInput(field, "is no id")
    return text


def moment_of(text: str | None, field: str) -> int:
    """Return the microseconds of a moment, which must be there."""
    return parse_time(needed(text, field), field)


def minor_of(plain: Amount, sums: Sums | None, which: Which, currency: str, field: str) -> int | None:
    """Return an amount in minor units of `currency`, or None when it is not told.

    Parameters
    ----------
    plain
        The amount in the shop's currency, as fields without ``_set`` hold it.
    sums
        The amount in both moneys.
    """
    chosen = None if sums is None else sums.shop_money if which == "shop" else sums.presentment_money
    if chosen is not None and chosen.amount is not None:
        return to_minor(chosen.amount, currency, field)
    if plain is None or plain == "":
        return None
    return to_minor(plain, currency, field)
