"""The demo's catalog: every style in every color, with sizes, prices in three markets, stock and pictures."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from expedit.core import DAY, format_time, to_json
from expedit.demo.pictures import COLORS, Picture
from expedit.demo.world.assortment import CATEGORIES, MAIN_CATEGORIES, MATERIALS, SORTS, Sort, Style, Words
from expedit.demo.world.model import LOCATIONS, MARKETS, DemoOffer, DemoProduct, DemoVariant
from expedit.demo.world.styles import STYLES

SEED = 1147
SIZES: dict[str, tuple[str, ...]] = {
    "alpha": ("XS", "S", "M", "L", "XL", "XXL"),
    "waist": ("28", "30", "31", "32", "33", "34", "36", "38"),
    "shoe": ("36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46"),
    "sock": ("36–39", "40–42", "43–46"),
    "hand": ("S", "M", "L", "XL"),
    "head": ("S/M", "L/XL"),
    "belt": ("85", "95", "105"),
    "bag": ("Regular", "Long"),
    "one": ("One size",),
}
_SHOES_OF = {"female": SIZES["shoe"][:7], "male": SIZES["shoe"][4:], "unisex": SIZES["shoe"]}
_KRONA_NO, _EURO = 1.04, 0.0905  # how many of the market's units a Swedish krona is priced at
_KINDS = sorted({sort.kind for sort in SORTS.values()})
_CARE = {
    "Ull": Words(sv="Ulltvätt", nb="Ullvask", en="Wool wash"),
    "Skal": Words(sv="Skalvård", nb="Skallvask", en="Shell wash"),
    "Dun": Words(sv="Duntvätt", nb="Dunvask", en="Down wash"),
}


class DemoCatalog:
    """All products of the demo shop.

    Parameters
    ----------
    products
        In a fixed order: by style, then color.
    """

    def __init__(self, products: tuple[DemoProduct, ...]) -> None:
        self.products = products

    @cached_property
    def by_id(self) -> dict[str, DemoProduct]:
        """Products by id."""
        return {product.id: product for product in self.products}

    @cached_property
    def pictures(self) -> dict[str, Picture]:
        """What to draw for each product, for a `Gallery`."""
        return {product.id: product.picture for product in self.products}

    def rows(
        self, link: str = "/p/{id}", picture: str = "/pictures/{id}-640.webp"
    ) -> Iterator[dict[str, object]]:
        """Yield one row per variant in Google Merchant Center's attribute names, with ours beside them.

        Parameters
        ----------
        link, picture
            Paths or addresses of the product page and picture; ``{id}`` stands for the product's id.
        """
        for product in self.products:
            shared = _shared(product, link, picture)
            for place, variant in enumerate(product.variants):
                yield {
                    "id": variant.id,
                    "sku": variant.sku,
                    "gtin": variant.gtin,
                    "size": variant.size,
                    "availability": "in_stock" if any(variant.stock.values()) else "out_of_stock",
                    "stock": variant.stock,
                    **shared,
                    **({} if place else {"embedding": _look(product.picture)}),
                }

    def to_jsonl(self, path: Path, link: str = "/p/{id}", picture: str = "/pictures/{id}-640.webp") -> int:
        """Write `rows` as JSON lines, ready for ``expedit import catalog``; return how many."""
        lines = [to_json(row) for row in self.rows(link, picture)]
        path.write_bytes(b"\n".join(lines) + b"\n")
        return len(lines)


def _shared(product: DemoProduct, link: str, picture: str) -> dict[str, object]:
    home = product.offers["SE"]
    color = COLORS[product.color]
    terms = {market: _terms(offer) for market, offer in product.offers.items()}
    return {
        "item_group_id": product.id,
        "style_id": product.style_id,
        "title": product.titles.sv,
        "titles": _spoken(product.titles),
        "description": product.descriptions.sv,
        "descriptions": _spoken(product.descriptions),
        "link": link.replace("{id}", product.id),
        "image_link": picture.replace("{id}", product.id),
        **{name: text for name, text in terms["SE"].items() if name != "cost"},
        "cost_of_goods_sold": home.amount(home.cost),
        "prices": terms,
        "brand": product.style.brand,
        "product_type": product.categories.sv,
        "categories": _spoken(product.categories),
        "condition": "new",
        "color": color.sv,
        "color_nb": color.nb,
        "color_en": color.en,
        "color_hex": color.hex,
        "color_family": color.family,
        "gender": product.style.gender,
        "age_group": "adult",
        "material": product.material.sv,
        "material_nb": product.material.nb,
        "material_en": product.material.en,
        "season": product.season,
        "created": format_time(product.created),
        **_rated(product),
    }


def _rated(product: DemoProduct) -> dict[str, str]:
    """Return what buyers said of a style; of every ninth nobody has said anything."""
    chance = random.Random(product.style_id)
    value, count = 3.7 + 1.2 * chance.random() ** 0.6, int(chance.lognormvariate(3.6, 1.0)) + 2
    if chance.random() < 1 / 9:
        return {}
    return {"rating": f"{value:.1f}", "rating_count": str(count)}


def _look(picture: Picture) -> list[float]:
    """Return what a picture shows as a shop's own model would put it: the kind of thing and its colors."""
    colors = [
        share * (int(COLORS[name].hex[at : at + 2], 16) / 128 - 1)
        for name, share in ((picture.color, 1.0), (picture.second, 0.4))
        for at in (1, 3, 5)
    ]
    return [float(kind == picture.kind) for kind in _KINDS] + [round(value, 3) for value in colors]


def _terms(offer: DemoOffer) -> dict[str, str]:
    terms = {"price": offer.amount(offer.price), "cost": offer.amount(offer.cost)}
    if offer.sale_price is not None and offer.sale_from is not None and offer.sale_until is not None:
        terms["sale_price"] = offer.amount(offer.sale_price)
        terms["sale_price_effective_date"] = f"{format_time(offer.sale_from)}/{format_time(offer.sale_until)}"
    return terms


def _spoken(words: Words) -> dict[str, str]:
    return {"sv": words.sv, "nb": words.nb, "en": words.en}


def slug(text: str) -> str:
    """A name as it stands in ids and addresses: ``Blåhammaren känga`` → ``blahammaren-kanga``."""
    plain = text.lower().replace("ø", "o").replace("æ", "ae")
    letters = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return "-".join("".join(c if c.isalnum() else " " for c in letters).split())


def gtin13(number: int) -> str:
    """An EAN-13 in the range 200–299 that GS1 leaves to stores, with its check digit.

    Parameters
    ----------
    number
        Running number of 0–99,999,999,999.
    """
    digits = f"2{number:011d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def market_price(sek: float, market: str) -> int:
    """A Swedish price as a market's own price point, in minor units.

    Kronor end in 9 (19, 149, 1,299), euros in .95 below 100 and in whole 9 above.
    """
    if market == "EU":
        euro = sek * _EURO
        return max(round(euro / 5) * 500, 500) - 5 if euro < 100 else round(euro / 10) * 1000 - 100
    kronor = sek * (_KRONA_NO if market == "NO" else 1.0)
    step = 10 if kronor < 300 else 50 if kronor < 1500 else 100
    return max(round((kronor + 1) / step) * step, 20) * 100 - 100


def build_catalog(now_us: int, seed: int = SEED) -> DemoCatalog:
    """Make the catalog as it stands at a moment.

    The same seed gives the same products; only dates (created, sales) follow the day of ``now_us``.

    Parameters
    ----------
    now_us
        Microseconds since the epoch, UTC.
    seed
        Which prices are reduced and what is in stock.
    """
    today = now_us - now_us % DAY
    chance = random.Random(seed)
    products: list[DemoProduct] = []
    number = 0
    for index, style in enumerate(STYLES):
        sort = SORTS[style.sort]
        fresh = chance.random() < 0.08
        launched = today - chance.randint(1, 12) * DAY if fresh else today - chance.randint(90, 1100) * DAY
        for place, color in enumerate(style.colors):
            created = launched
            if not fresh and place == len(style.colors) - 1 and chance.random() < 0.12:
                created = today - chance.randint(1, 13) * DAY
            sizes = _SHOES_OF[style.gender] if sort.sizes == "shoe" else SIZES[sort.sizes]
            products.append(
                _product(style, sort, color, sizes, created, today, (number, index, place), chance)
            )
            number += len(sizes)
    return DemoCatalog(tuple(products))


def _product(
    style: Style,
    sort: Sort,
    color: str,
    sizes: tuple[str, ...],
    created: int,
    today: int,
    numbers: tuple[int, int, int],
    chance: random.Random,
) -> DemoProduct:
    number, index, place = numbers
    main, sub = CATEGORIES[sort.category]
    head = MAIN_CATEGORIES[main]
    titles = _CARE.get(style.name) if sort.key == "tvatt" else None
    if titles is None:
        titles = _each(lambda locale: f"{style.name} {sort.name.in_locale(locale)}")
    material = MATERIALS[style.material]
    style_id = slug(titles.sv)
    product_id = style_id if len(style.colors) == 1 else f"{style_id}-{color}"
    stocks = _stock(len(sizes), style.price, chance)
    variants = tuple(
        DemoVariant(
            id=f"{product_id}-{slug(size)}",
            sku=f"FF{index + 101}-{place + 1:02d}-{slug(size).upper()}",
            gtin=gtin13(number + k),
            size=size,
            stock=stocks[k],
        )
        for k, size in enumerate(sizes)
    )
    second = (
        style.second if style.second != color else ("sno" if color in {"kol", "marin", "kakao"} else "kol")
    )
    return DemoProduct(
        id=product_id,
        style_id=style_id,
        style=style,
        color=color,
        main_category=main,
        category=sort.category,
        season=sort.season,
        titles=titles,
        descriptions=_each(
            lambda locale: (
                f"{sort.about.in_locale(locale)} "
                f"{_MADE_OF[locale]} {material.in_locale(locale)}. {_REPAIRED[locale]}"
            )
        ),
        categories=_each(lambda locale: f"{head.in_locale(locale)} > {sub.in_locale(locale)}"),
        material=material,
        picture=Picture(kind=sort.kind, color=color, second=second, options=style.options, seed=3),
        offers=_offers(style.price, created, today, chance),
        variants=variants,
        created=created,
    )


_MADE_OF = {"sv": "Gjord av", "nb": "Laget av", "en": "Made of"}
_REPAIRED = {
    "sv": "Lagas gratis i fem år.",
    "nb": "Repareres gratis i fem år.",
    "en": "Repaired free for five years.",
}


def _each(text: Callable[[str], str]) -> Words:
    return Words(sv=text("sv"), nb=text("nb"), en=text("en"))


def _stock(count: int, price: int, chance: random.Random) -> list[dict[str, int]]:
    """Stock by location for each size: a bell over the sizes; one product in 25 is sold out."""
    gone = chance.random() < 0.04
    depth = 26 if price < 500 else 14 if price < 2000 else 7
    stocks: list[dict[str, int]] = []
    for k in range(count):
        middle = 1 - abs((k + 0.5) / count - 0.5) * 1.3
        stock: dict[str, int] = {}
        for location in LOCATIONS:
            share = 1.0 if location == "web" else 0.3
            level = int(depth * middle * share * chance.uniform(0.0, 1.7))
            stock[location] = 0 if gone or chance.random() < 0.06 else level
        stocks.append(stock)
    return stocks


def _reduced(sek: int, reduction: float, market: str) -> int:
    """A reduced price point, at least one step below the full one."""
    step = 500 if market == "EU" else 1000
    return min(market_price(sek * (1 - reduction), market), market_price(sek, market) - step)


def _offers(sek: int, created: int, today: int, chance: random.Random) -> dict[str, DemoOffer]:
    """Prices per market; one product in seven is reduced: now, until lately, or from next week on."""
    cost_share = chance.uniform(0.32, 0.46)
    reduction, begins, ends = 0.0, 0, 0
    draw, share = chance.random(), chance.choice((0.15, 0.2, 0.2, 0.25, 0.3, 0.4))
    since, lasts = chance.randint(2, 18), chance.randint(6, 21)
    if draw < 0.17 and sek >= 200 and today - created > 60 * DAY:
        reduction = share
        begins = today - since * DAY if draw < 0.13 else today - 50 * DAY if draw < 0.15 else today + 7 * DAY
        ends = begins + 25 * DAY if begins < today - 40 * DAY else max(begins, today) + lasts * DAY
    offers: dict[str, DemoOffer] = {}
    for market, currency in MARKETS.items():
        price = market_price(sek, market)
        offers[market] = DemoOffer(
            currency=currency,
            price=price,
            cost=round(price * cost_share),
            sale_price=_reduced(sek, reduction, market) if reduction else None,
            sale_from=begins if reduction else None,
            sale_until=ends if reduction else None,
        )
    return offers
