"""What templates are given: the shop's goods as text, in the visitor's language and currency."""

from __future__ import annotations

from typing import Any

from babel.numbers import format_decimal

from expedit.core import DAY, Struct
from expedit.demo.storefront.goods import FORMATS, LOCALES, STORES, Category, Good, Goods, show_money
from expedit.demo.storefront.texts import Words
from expedit.demo.storefront.visits import Visit

FREE_FREIGHT = {"SE": 89900, "NO": 89900, "EU": 8900}
FREIGHT = {"SE": 4900, "NO": 4900, "EU": 590}
VAT_PERCENT = {"SE": 25, "NO": 25, "EU": 20}
_NEW = 21 * DAY


class Market(Struct, frozen=True):
    """The market of a language."""

    code: str
    currency: str


MARKETS = {"sv": Market("SE", "SEK"), "nb": Market("NO", "NOK"), "en": Market("EU", "EUR")}


class Views:
    """Turns goods into what one page of one visitor shows.

    Parameters
    ----------
    goods, words
        What the shop sells, and its sentences in `locale`.
    visit
        Whose page it is.
    now
        The moment, which decides which sales run.
    """

    def __init__(self, goods: Goods, words: Words, locale: str, visit: Visit, now: int) -> None:
        self.goods = goods
        self.words = words
        self.locale = locale
        self.market = MARKETS[locale]
        self.visit = visit
        self.now = now

    def money(self, minor: int) -> str:
        """Return an amount of this market as text."""
        return show_money(minor, self.market.currency, self.locale)

    def card(self, good: Good, answered: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what a product card shows; `answered` is expedit's item, with its reason and prior price."""
        price = good.price(self.market.code)
        amount, reduced = price.now(self.now) if price else (0, False)
        prior = (answered or {}).get("priorPrice") if reduced else None
        return {
            "id": good.id,
            "title": good.titles[self.locale],
            "sub": self.sub(good),
            "url": f"/{self.locale}/p/{good.id}",
            "image": f"/pictures/{good.id}.webp",
            "price": self.money(price.amount) if price else "",
            "sale": self.money(amount) if reduced else "",
            "prior": self.money(_minor(prior)) if prior else "",
            "badge": self._badge(good, price.amount if price else 0, amount),
            "dots": [sibling.hex for sibling in self.goods.styles[good.style]][:6],
            "liked": good.id in self.visit.likes,
            "reason": ((answered or {}).get("reason") or {}).get("text"),
            "rating": self._rating((answered or {}).get("rating")),
        }

    def _rating(self, answered: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return a rating in this language: the number, of how many, and the sentence that is read out."""
        if answered is None:
            return None
        value = format_decimal(answered["value"], "0.0", FORMATS[self.locale])
        return {"value": value, "count": answered["count"], "text": answered["text"]}

    def sub(self, good: Good) -> str:
        """Return the line under a product's name."""
        return " · ".join(part for part in (good.colors[self.locale], good.materials[self.locale]) if part)

    def product(self, good: Good, size: str, answered: dict[str, Any] | None) -> dict[str, Any]:
        """Return what a product page shows; `size` is chosen ahead when it is there."""
        return self.card(good, answered) | {
            "large": f"/pictures/{good.id}-640.webp",
            "brand": good.brand,
            "color": good.colors[self.locale],
            "material": good.materials[self.locale].capitalize(),
            "description": good.descriptions[self.locale],
            "in_stock": good.stock() > 0,
            "siblings": [
                {
                    "id": other.id,
                    "url": f"/{self.locale}/p/{other.id}",
                    "color": other.colors[self.locale],
                    "hex": other.hex,
                }
                for other in self.goods.styles[good.style]
            ],
            "sizes": [
                {
                    "variant": one.variant,
                    "name": one.name,
                    "stock": one.stock.get("web", 0),
                    "chosen": one.stock.get("web", 0) > 0 and (one.name == size or len(good.sizes) == 1),
                }
                for one in good.sizes
            ],
            "stores": [
                {"name": name, "stock": good.stock(location)}
                for location, name in STORES[self.market.code].items()
                if any(location in one.stock for one in good.sizes)
            ],
        }

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines of the cart."""
        lines = []
        for variant, quantity in self.visit.cart.items():
            good, size = self.goods.variants[variant]
            amount, _ = size.prices[self.market.code].now(self.now)
            lines.append(
                {
                    "variant": variant,
                    "title": good.titles[self.locale],
                    "sub": ", ".join(part for part in (good.colors[self.locale], size.name) if part),
                    "url": f"/{self.locale}/p/{good.id}",
                    "image": f"/pictures/{good.id}.webp",
                    "quantity": quantity,
                    "minor": amount * quantity,
                    "sum": self.money(amount * quantity),
                }
            )
        return lines

    def totals(self) -> dict[str, Any]:
        """Return the sums of the cart, as text and in minor units."""
        goods = sum(line["minor"] for line in self.lines())
        free = FREE_FREIGHT[self.market.code]
        freight = 0 if goods >= free or not goods else FREIGHT[self.market.code]
        percent = VAT_PERCENT[self.market.code]
        due = goods + freight
        return {
            "left": self.money(free - goods) if goods < free else "",
            "share": min(100, goods * 100 // free),
            "goods": self.money(goods),
            "freight": self.money(freight),
            "due": self.money(due),
            "vat": self.money(due * percent // (100 + percent)),
            "due_minor": due,
            "freight_minor": freight,
        }

    def layer_item(self, good: Good, variant: str = "", quantity: int = 1) -> dict[str, Any]:
        """Return a product as GA4's data layer has it."""
        price = good.price(self.market.code)
        amount = price.now(self.now)[0] if price else 0
        item: dict[str, Any] = {
            "item_id": good.id,
            "item_name": good.titles[self.locale],
            "item_brand": good.brand,
            "price": amount / 100,  # GA4 wants a JSON number
            "quantity": quantity,
        }
        for place, part in enumerate(good.categories[self.locale][:5]):
            item["item_category" + (str(place + 1) if place else "")] = part
        if variant:
            item["item_variant"] = variant
        return item

    def ecommerce(self, items: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        """Return GA4's ecommerce object for some items."""
        value = sum(round(item["price"] * 100) * item["quantity"] for item in items)
        return {"currency": self.market.currency, "value": value / 100, "items": items, **more}

    def crumbs(self, path: tuple[str, ...], slugs: tuple[str, ...]) -> list[dict[str, str]]:
        """Return the way down to a category."""
        return [
            {"title": path[depth], "url": self.category_url(slugs[: depth + 1])} for depth in range(len(path))
        ]

    def category_url(self, slugs: tuple[str, ...]) -> str:
        """Return the address of a category."""
        return "/".join(["", self.locale, "c", *slugs])

    def children(self, slugs: tuple[str, ...], current: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Return the categories below one, as links."""
        found: list[Category] = self.goods.children(self.locale, slugs)
        return [
            {
                "title": one.path[-1],
                "url": self.category_url(one.slugs),
                "current": current[: len(one.slugs)] == one.slugs,
            }
            for one in found
        ]

    def _badge(self, good: Good, listed: int, amount: int) -> str:
        if amount < listed:
            return f"−{(listed - amount) * 100 // listed} %"
        return self.words["new_badge"] if 0 < self.now - good.created < _NEW else ""


def _minor(text: str) -> int:
    whole, _, decimals = text.partition(".")
    return int(whole) * 100 + int(decimals.ljust(2, "0")[:2] or 0)


def languages(path: str) -> list[tuple[str, tuple[str, str]]]:
    """Return the languages to choose from, with this page's address in each."""
    names = {"sv": "SV", "nb": "NO", "en": "EN"}
    rest = path.split("/", 2)[2] if path.count("/") > 1 else ""
    keep = (
        rest if rest.split("/")[0] in {"p", "cart", "checkout", "account", "login", "likes", "search"} else ""
    )
    return [(code, (names[code], f"/{code}/{keep}")) for code in LOCALES]
