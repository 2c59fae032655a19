"""One row of a feed, with Google Merchant Center's attribute names, read as a product of one variant.

Beside Merchant's names a row may hold ours: ``sku``, ``cost`` (= ``cost_of_goods_sold``), ``style_id``,
``created``, ``item_group_title``, ``item_group_link``, ``item_group_image_link``, and either nested
(``prices``, ``stock``, ``titles``, ``descriptions``, ``categories``, ``attributes``, from JSON) or flat
(``price[NO]``, ``stock[are]``, ``title[nb]``, …). Every other name is a free attribute.

References
----------
Google Merchant Center, product data specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from expedit.catalog.looks import Vector, read_embedding
from expedit.catalog.model import WEB, Offer, Product, Variant
from expedit.catalog.values import (
    LONG_TEXT_LENGTH,
    TEXT_LENGTH,
    read_amount,
    read_availability,
    read_gtin,
    read_id,
    read_number_amount,
    read_path,
    read_period,
    read_quantity,
    read_text,
    read_url,
)
from expedit.core import InvalidInput, Struct, parse_time

Values = dict[str, Any]
"""A row: attribute name → text, or what JSON has (numbers, lists, objects)."""

_KNOWN = frozenset(
    "id item_group_id sku gtin title description link image_link additional_image_link availability price"
    " sale_price sale_price_effective_date cost cost_of_goods_sold brand product_type google_product_category"
    " color size style_id created prices stock quantity titles descriptions categories"
    " attributes item_group_title item_group_link item_group_image_link embedding".split()
)
_COLUMNS = "\0columns"
"""Marks, inside `parse_row`, that prices came from flat columns."""
_OFFER_FIELDS = {"price", "sale_price", "sale_price_effective_date", "cost", "cost_of_goods_sold"}
_NESTED = {
    **dict.fromkeys(_OFFER_FIELDS, "prices"),
    "stock": "stock",
    "title": "titles",
    "description": "descriptions",
    "product_type": "categories",
}
_MOST_ATTRIBUTES = 200
_MOST_IMAGES = 50


class ParsedRow(Struct, frozen=True, gc=False):
    """A row that was understood.

    Parameters
    ----------
    product
        A product of exactly one variant; `created` is 0 when the row states none.
    all_offers
        Whether the row states every market of the variant (``prices``), so that others are withdrawn.
    group_title, group_url, group_image_url
        What the row says of its whole group; empty = the group is like its first row.
    look
        What the product looks like, as the shop's own model says; None = untold.
    """

    product: Product
    all_offers: bool
    group_title: str = ""
    group_url: str = ""
    group_image_url: str = ""
    look: Vector | None = None


def row_ids(values: Values) -> tuple[str, str]:
    """Return the (product id, variant id) that a row claims, unchecked, as far as it has them."""
    variant = str(values.get("id") or "").strip()
    return str(values.get("item_group_id") or "").strip() or variant, variant


def parse_row(values: Values, markets: Mapping[str, str], market: str | None = None) -> ParsedRow:
    """Read one row.

    Parameters
    ----------
    values
        The row; names as `expedit.catalog.mapping` normalizes them.
    markets
        The shop's markets and the currency of each.
    market
        Market that bare prices belong to; None = the first one of the price's currency.

    Raises
    ------
    InvalidInput
        Naming the attribute at fault.
    """
    shape = _shape(tuple(values))
    values = _nested(values, shape)
    variant_id = read_id(_text(values, "id"), "id")
    group = _text(values, "item_group_id")
    product_id = read_id(group, "item_group_id") if group else variant_id
    titles = _by_locale(values, "titles", "title", TEXT_LENGTH)
    title = read_text(_text(values, "title"), "title") or next(iter(titles.values()), "")
    if not title:
        raise InvalidInput("title", "missing")
    categories = {
        locale: read_path(text)
        for locale, text in _by_locale(values, "categories", "product_type", TEXT_LENGTH).items()
    }
    category = read_path(_first(values, "product_type")) or next(iter(categories.values()), ())
    url = _address(values, "link")
    images = _addresses(values, "additional_image_link")
    image_url = _address(values, "image_link") or (images[0] if images else "")
    offers, all_offers = _offers(values, markets, market)
    gtin = _text(values, "gtin")
    created = _text(values, "created")
    availability = _text(values, "availability")
    variant = Variant(
        id=variant_id,
        sku=read_id(sku, "sku") if (sku := _text(values, "sku")) else "",
        gtin=read_gtin(gtin) if gtin else "",
        color=read_text(_text(values, "color"), "color"),
        size=read_text(_text(values, "size"), "size"),
        offers=offers,
        stock=_stock(values),
        availability=read_availability(availability) if availability else "in_stock",
    )
    product = Product(
        id=product_id,
        title=title,
        titles=titles,
        description=read_text(_text(values, "description"), "description", LONG_TEXT_LENGTH),
        descriptions=_by_locale(values, "descriptions", "description", LONG_TEXT_LENGTH),
        url=url,
        image_url=image_url,
        images=images,
        brand=read_text(_text(values, "brand"), "brand"),
        category=category or read_path(_first(values, "google_product_category")),
        categories=categories,
        attributes=_attributes(values, shape.free),
        variants=(variant,),
        style=read_id(style, "style_id") if (style := _text(values, "style_id")) else "",
        created=parse_time(created, "created") if created else 0,
    )
    look = read_embedding(values.get("embedding"))
    if not group:
        return ParsedRow(product, all_offers, look=look)
    return ParsedRow(
        product,
        all_offers,
        read_text(_text(values, "item_group_title"), "item_group_title"),
        _address(values, "item_group_link"),
        _address(values, "item_group_image_link"),
        look,
    )


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    if type(value) is str:
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, list | dict | bool):
        raise InvalidInput(name, "must be text")
    return str(value)


def _first(values: Values, name: str) -> str:
    """Return the first of an attribute that may be given several times."""
    value = values.get(name)
    if isinstance(value, list):
        return str(value[0]) if value else ""
    return _text(values, name)


def _address(values: Values, name: str) -> str:
    text = _text(values, name)
    return read_url(text, name) if text else ""


def _addresses(values: Values, name: str) -> tuple[str, ...]:
    given = values.get(name)
    if not given:
        return ()
    parts = given if isinstance(given, list) else str(given).replace(",http", "\nhttp").split("\n")
    if len(parts) > _MOST_IMAGES:
        raise InvalidInput(name, f"more than {_MOST_IMAGES} addresses")
    return tuple(read_url(str(part), name) for part in parts if str(part).strip())


class _Shape(Struct, frozen=True):
    """What the names of a row mean, worked out once for all rows that have the same."""

    flat: tuple[tuple[str, str, str], ...]
    free: tuple[str, ...]


@lru_cache(maxsize=1_024)
def _shape(names: tuple[str, ...]) -> _Shape:
    flat = []
    for name in names:
        stem, _, key = name[:-1].partition("[")
        if name.endswith("]") and stem in _NESTED and key:
            flat.append((name, stem, key))
    nested = {name for name, _, _ in flat}
    return _Shape(tuple(flat), tuple(sorted(name for name in names if name not in _KNOWN | nested)))


def _nested(values: Values, shape: _Shape) -> Values:
    """Fold flat names such as ``price[NO]`` into the nested form."""
    if not shape.flat:
        return values
    folded = dict(values)
    fresh: dict[str, dict[str, Any]] = {}
    for name, stem, key in shape.flat:
        value = folded.pop(name)
        if value is None or value == "":
            continue
        target = fresh.setdefault(_NESTED[stem], {})
        if stem in _OFFER_FIELDS:
            target.setdefault(key, {})[stem] = value
            folded[_COLUMNS] = True  # a column names one market; others may come from another feed
        else:
            target[key] = value
    for name, target in fresh.items():
        folded[name] = {**_mapping(values, name), **target}
    return folded


def _mapping(values: Values, name: str) -> dict[str, Any]:
    value = values.get(name)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise InvalidInput(name, "must be an object")
    return value


def _by_locale(values: Values, name: str, field: str, limit: int) -> dict[str, str]:
    if name not in values:
        return {}
    given = _mapping(values, name)
    texts = {}
    for locale in sorted(given):
        if not isinstance(given[locale], str):
            raise InvalidInput(f"{name}.{locale}", "must be text")
        text = read_text(given[locale], f"{field}[{locale}]", limit)
        if text:
            texts[locale] = text
    return texts


def _stock(values: Values) -> dict[str, int] | None:
    given = _mapping(values, "stock") if not isinstance(values.get("stock"), str | int | float) else {}
    bare = values.get("quantity", values.get("stock") if not given else None)
    stock = {}
    for location in sorted(given):
        if given[location] is not None:
            stock[read_id(location, "stock")] = read_quantity(given[location], f"stock.{location}")
    if not isinstance(bare, dict) and bare not in (None, ""):
        stock.setdefault(WEB, read_quantity(bare, "quantity"))
    return stock or None


def _offers(values: Values, markets: Mapping[str, str], market: str | None) -> tuple[tuple[Offer, ...], bool]:
    prices = _mapping(values, "prices")
    stated = "prices" in values and _COLUMNS not in values
    offers = {}
    for code in sorted(prices):
        if code not in markets:
            raise InvalidInput(f"prices.{code}", "the shop has no such market")
        terms = prices[code]
        if terms is None:
            continue
        if not isinstance(terms, dict):
            terms = {"price": terms}
        try:
            offers[code] = parse_offer(terms, code, markets[code])
        except InvalidInput as error:
            raise error.under(f"prices.{code}") from None
    if values.get("price") not in (None, ""):
        code = market or _market_of(values["price"], markets)
        offers.setdefault(code, parse_offer(values, code, markets[code]))
    if not offers and not stated:
        raise InvalidInput("price", "missing")
    return tuple(offers[code] for code in sorted(offers)), stated


def _market_of(price: object, markets: Mapping[str, str]) -> str:
    if isinstance(price, str):
        currency = read_amount(price.strip(), next(iter(markets.values())), "price")[1]
        for code, its_currency in markets.items():
            if its_currency == currency:
                return code
        raise InvalidInput("price", f"no market of the shop has the currency {currency}")
    return next(iter(markets))


def parse_offer(terms: Values, market: str, currency: str) -> Offer:
    """Read ``price``, ``sale_price``, ``sale_price_effective_date`` and ``cost`` as an offer in `market`.

    Raises
    ------
    InvalidInput
        Naming the attribute at fault.
    """
    price = _amount(terms, "price", market, currency)
    if price is None:
        raise InvalidInput("price", "missing")
    sale_price = _amount(terms, "sale_price", market, currency)
    if sale_price is not None and sale_price > price:
        raise InvalidInput("sale_price", "is higher than the price")
    period = _text(terms, "sale_price_effective_date")
    sale_from, sale_until = read_period(period, "sale_price_effective_date") if period else (None, None)
    if sale_price is None or sale_price == price:
        sale_price = sale_from = sale_until = None
    cost_field = "cost" if terms.get("cost") not in (None, "") else "cost_of_goods_sold"
    cost = _amount(terms, cost_field, market, currency)
    return Offer(market, price, currency, sale_price, sale_from, sale_until, cost)


def _amount(terms: Values, name: str, market: str, currency: str) -> int | None:
    value = terms.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        minor, its_currency = read_amount(value.strip(), currency, name)
        if its_currency != currency:
            raise InvalidInput(name, f"{its_currency} is not the currency of market {market} ({currency})")
        return minor
    if isinstance(value, bool | list | dict):
        raise InvalidInput(name, "must be an amount")
    return read_number_amount(value, currency, name)


def _attributes(values: Values, free: tuple[str, ...]) -> dict[str, str]:
    if len(free) > _MOST_ATTRIBUTES:
        raise InvalidInput("", f"more than {_MOST_ATTRIBUTES} attributes")
    nested = _mapping(values, "attributes") if "attributes" in values else {}
    attributes = {}
    for name in sorted({*nested, *free}) if nested else free:
        value = nested[name] if name in nested else values[name]
        if value is None or value == "":
            continue
        if isinstance(value, list):
            value = ", ".join(str(part) for part in value)
        elif isinstance(value, dict):
            raise InvalidInput(name, "must be text")
        elif isinstance(value, bool):
            value = "yes" if value else "no"
        text = read_text(str(value), name)
        if text:
            attributes[name] = text
    return attributes
