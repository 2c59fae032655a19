"""WooCommerce's objects as its REST interface (v3) and its webhooks write them, read leniently.

Unknown fields are passed over. PHP writes an empty object as ``[]`` and plugins write numbers where the
documentation has text, so values that matter are read by functions that name the field at fault.

References
----------
WooCommerce REST API documentation, v3: products, product variations, orders, order refunds, customers.
"""

from __future__ import annotations

from typing import Any, TypeVar

from expedit.core import (
    InvalidInput,
    Struct,
    ValidationError,
    convert,
    field,
    from_json,
    invalid_input,
    parse_time,
    to_minor,
)

T = TypeVar("T")

Text = str | int | float | bool | None
Listing = list[Any] | dict[str, Any] | None
"""A list; PHP writes one with gaps as an object."""


class Term(Struct, frozen=True):
    """A category, tag or brand that an object names."""

    id: int = 0
    name: str | None = ""
    slug: str | None = ""
    parent: int = 0


class Image(Struct, frozen=True):
    """A picture."""

    src: str | bool | None = ""


class Attribute(Struct, frozen=True):
    """What a product says of itself: all `options` on a product, the one `option` on a variation."""

    id: int = 0
    name: str | None = ""
    slug: str | None = ""
    variation: bool = False
    options: Listing = None
    option: Text = ""


class Meta(Struct, frozen=True):
    """A free field; what the plugins keep."""

    key: str | None = ""
    value: Any = None


class WooProduct(Struct, frozen=True):
    """A product, or a variation (which has `parent_id` and one `image`)."""

    id: int
    name: str | None = ""
    type: str | None = "simple"
    status: str | bool | None = "publish"
    catalog_visibility: str | None = "visible"
    permalink: str | None = ""
    description: str | None = ""
    short_description: str | None = ""
    sku: Text = ""
    global_unique_id: Text = ""
    price: Text = ""
    regular_price: Text = ""
    sale_price: Text = ""
    date_on_sale_from_gmt: str | None = None
    date_on_sale_to_gmt: str | None = None
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    manage_stock: bool | str | None = False
    stock_quantity: int | float | str | None = None
    stock_status: str | None = "instock"
    backorders_allowed: bool = False
    parent_id: int = 0
    categories: list[Term] | None = None
    brands: list[Term] | None = None
    images: list[Image] | None = None
    image: Image | list[Any] | None = None
    attributes: list[Attribute] | dict[str, Attribute] | None = None
    variations: list[int] | dict[str, int] | None = None
    average_rating: Text = ""
    rating_count: int | float | str | None = 0
    meta_data: list[Meta] | dict[str, Meta] | None = None


class Address(Struct, frozen=True):
    """An address, as far as it is used."""

    first_name: str | None = ""
    last_name: str | None = ""
    company: str | None = ""
    city: str | None = ""
    state: str | None = ""
    postcode: str | None = ""
    country: str | None = ""
    email: str | None = ""
    phone: str | None = ""


class Line(Struct, frozen=True):
    """A line of an order or refund; a refund's quantities and amounts are negative."""

    id: int = 0
    name: str | None = ""
    product_id: int = 0
    variation_id: int = 0
    quantity: int | float | str = 0
    total: Text = "0"
    total_tax: Text = "0"
    sku: Text = ""


class Charge(Struct, frozen=True):
    """A fee or a way of shipping."""

    total: Text = "0"
    total_tax: Text = "0"


class Coupon(Struct, frozen=True):
    """A code that an order used."""

    code: str | None = ""


class RefundSum(Struct, frozen=True):
    """What an order says of a refund: its id and (negative) total."""

    id: int
    total: Text = "0"


class WooOrder(Struct, frozen=True):
    """An order."""

    id: int
    number: Text = ""
    status: str | None = ""
    currency: str | None = ""
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    shipping_total: Text = "0"
    total: Text = "0"
    total_tax: Text = "0"
    prices_include_tax: bool = False
    customer_id: int = 0
    created_via: str | None = ""
    billing: Address | list[Any] | None = None
    shipping: Address | list[Any] | None = None
    line_items: list[Line] | None = None
    fee_lines: list[Charge] | None = None
    coupon_lines: list[Coupon] | None = None
    refunds: list[RefundSum] | None = None
    meta_data: list[Meta] | dict[str, Meta] | None = None


class WooRefund(Struct, frozen=True):
    """A refund of an order."""

    id: int
    date_created_gmt: str | None = None
    amount: Text = "0"
    line_items: list[Line] | None = None
    fee_lines: list[Charge] | None = None
    shipping_lines: list[Charge] | None = None


class WooCustomer(Struct, frozen=True):
    """A customer with an account."""

    id: int
    email: str | None = ""
    first_name: str | None = ""
    last_name: str | None = ""
    role: str | None = "customer"
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    billing: Address | list[Any] | None = None
    meta_data: list[Meta] | dict[str, Meta] | None = None


class Deleted(Struct, frozen=True):
    """The body of a ``….deleted`` webhook."""

    id: int = field(default=0)


def read(body: bytes, kind: type[T]) -> T:
    """Read one object from JSON.

    Raises
    ------
    InvalidInput
        Naming the field that does not fit.
    """
    try:
        return from_json(body, kind)
    except UnicodeDecodeError:
        raise InvalidInput("", "is not UTF-8 text") from None
    except RecursionError:
        raise InvalidInput("", "is nested too deeply") from None


def read_value(value: object, kind: type[T]) -> T:
    """Read one object from decoded JSON, as `read` does."""
    try:
        return convert(value, kind)
    except ValidationError as error:
        raise invalid_input(error) from None


def listed(value: Any) -> list[Any]:
    """Return what PHP meant as a list."""
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if value else []


def text_of(value: object) -> str:
    """Return a field as text, empty when there is none."""
    return "" if value is None or isinstance(value, bool) else str(value).strip()


def moment(text: str | None, field_name: str) -> int | None:
    """Return a ``…_gmt`` field in microseconds, None when it is empty.

    Raises
    ------
    InvalidInput
        When it is no time.
    """
    return parse_time(text, field_name) if text and not text.startswith("0000") else None


def minor(value: object, currency: str, field_name: str) -> int:
    """Return an amount in minor units, exact from its text; nothing stated is 0.

    Raises
    ------
    MoneyError
        When it is no amount.
    """
    text = text_of(value)
    return to_minor(text, currency, field_name) if text else 0


def whole(value: object, field_name: str) -> int:
    """Return a quantity; the shop's own interface writes whole numbers, plugins ``2.0`` and ``"2"``.

    Raises
    ------
    InvalidInput
        When it is no whole number.
    """
    try:
        number = float(str(value))
    except ValueError:
        number = 0.5
    if not number.is_integer():
        raise InvalidInput(field_name, f"{str(value)[:20]!r} is not a whole number")
    return int(number)
