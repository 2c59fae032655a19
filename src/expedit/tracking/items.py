"""Product lines of an event, from Segment's `products` and GA4's `items` alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from expedit.catalog import ItemFacts
from expedit.core import InvalidInput, TooLarge, parse_money, to_minor
from expedit.events import EventItem
from expedit.tracking.limits import MAX_ID, text_of

MAX_ITEMS = 2000
"""Product lines of one event; Segment names no limit, GA4 sends at most 200."""
MAX_QUANTITY = 10_000_000

Describe = Callable[[str], ItemFacts | None]
_minor = lru_cache(maxsize=8192, typed=True)(to_minor)  # a shop has few prices, and many events
_NOTHING = ItemFacts("", "", "", "", "", "")

_VARIANT_NAMES = ("variant_id", "variantId", "item_variant", "variant")
_ID_NAMES = ("product_id", "item_id", "productId", "itemId", "id")
_CATEGORY_NAMES = ("item_category", "item_category2", "item_category3", "item_category4", "item_category5")
_OWN_NAMES = {
    *_ID_NAMES,
    *_CATEGORY_NAMES,
    *("sku", "variant", "item_variant", "variant_id", "variantId", "quantity", "price", "position", "index"),
    *("category", "brand", "item_brand", "color", "size", "name", "item_name", "image_url", "imageUrl"),
}
"""What a product that stands directly in the properties takes of them."""


def items_of(value: object, currency: str | None, describe: Describe, field: str) -> tuple[EventItem, ...]:
    """Read a list of products.

    Parameters
    ----------
    value
        The list as it was sent.
    currency
        Currency of the prices; without one they are left out.
    describe
        What the catalog says of a product or variant id.
    field
        Where the list stood, for complaints.

    Raises
    ------
    InvalidInput
        Naming the field at fault, as in ``properties.products[2].price``.
    """
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise InvalidInput(field, "must be a list of products")
    if len(value) > MAX_ITEMS:
        raise TooLarge(field, f"lists {len(value)} products; {MAX_ITEMS} are allowed")
    found = []
    for place, line in enumerate(value):
        where = f"{field}[{place}]"
        if isinstance(line, str | int):
            line = {"product_id": line}  # noqa: PLW2901  (a bare id is a product)
        if not isinstance(line, dict):
            raise InvalidInput(where, "must be a product")
        item = item_of(line, currency, describe, where)
        if item is None:
            raise InvalidInput(f"{where}.product_id", "is missing")
        found.append(item)
    return tuple(found)


def item_of(line: dict[str, Any], currency: str | None, describe: Describe, field: str) -> EventItem | None:
    """Read one product; None when it has no id."""
    item_id = text_in(line, _ID_NAMES, field)
    sku = text_in(line, ("sku",), field)
    if item_id is None:
        item_id = sku
    if item_id is None:
        return None
    variant = sku if sku is not None and sku != item_id else text_in(line, _VARIANT_NAMES, field)
    # The narrower id first: it knows color and size.
    facts = (describe(variant) if variant is not None else None) or describe(item_id)
    quantity, price = line.get("quantity"), line.get("price")
    known = facts or _NOTHING
    return EventItem(
        id=item_id,
        variant=variant,
        quantity=1 if quantity is None else whole(quantity, f"{field}.quantity"),
        price=None if price is None or currency is None else amount(price, currency, f"{field}.price"),
        position=_position(line),
        product=known.product_id or None,
        category=known.category or _category(line, field),
        brand=known.brand or text_in(line, ("brand", "item_brand"), field),
        color=known.color or text_in(line, ("color",), field),
        size=known.size or text_in(line, ("size",), field),
        price_band=known.price_band or None,
    )


def text_in(line: dict[str, Any], names: tuple[str, ...], field: str) -> str | None:
    """Return the text of the first of `names` that `line` has, at most `MAX_ID` characters."""
    for name in names:
        value = line.get(name)
        if value is not None:
            text = text_of(value, f"{field}.{name}", MAX_ID)
            if text is not None:
                return text
    return None


def take_item(rest: dict[str, Any], currency: str | None, describe: Describe, field: str) -> EventItem | None:
    """Read the product that stands directly in the properties `rest`, and take it out of them."""
    if "product_id" not in rest and "sku" not in rest and "item_id" not in rest and "productId" not in rest:
        return None
    own = {name: rest.pop(name) for name in _OWN_NAMES & rest.keys()}
    return item_of(own, currency, describe, field)


def whole(value: object, field: str) -> int:
    """Return a quantity, 1 or more, from a whole number or its digits.

    Raises
    ------
    InvalidInput
        Naming `field`.
    """
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, float) and value.is_integer():
        number = int(value)
    elif isinstance(value, str) and len(value) <= 12:
        digits = value.strip().removesuffix(".0")
        number = int(digits) if digits.isdecimal() else None
    if number is None:
        raise InvalidInput(field, "must be a whole number")
    if not 1 <= number <= MAX_QUANTITY:
        raise InvalidInput(field, f"must be 1 to {MAX_QUANTITY}")
    return number


def amount(value: object, currency: str, field: str) -> int:
    """Return an amount that is not negative, in minor units of `currency`.

    Raises
    ------
    MoneyError
        When it is no amount.
    InvalidInput
        When it is negative.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InvalidInput(field, "must be an amount")
    if isinstance(value, str):
        money = parse_money(value, currency, field)
        if money.currency != currency:
            raise InvalidInput(field, f"is in {money.currency}, the event in {currency}")
        minor = money.minor
    else:
        minor = _minor(value, currency, field)
    if minor < 0:
        raise InvalidInput(field, "must not be negative")
    return minor


def _position(line: dict[str, Any]) -> int | None:
    value = line.get("position")
    if value is None and "index" in line:  # GA4 counts from 0
        value = line["index"] + 1 if isinstance(line["index"], int) else None
    # Promotions write a name here ("home_banner_top"): a position that is no number says nothing.
    if isinstance(value, str) and value.isdecimal() and len(value) < 9:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _category(line: dict[str, Any], field: str) -> str | None:
    if "item_category" not in line:
        return text_in(line, ("category",), field)
    parts = (text_in(line, (name,), field) for name in _CATEGORY_NAMES)
    return " > ".join(part for part in parts if part) or None
