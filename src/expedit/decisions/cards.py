"""Ready-made pieces of JSON: a product's card and a reason's sentence are encoded once and then only
joined."""

from __future__ import annotations

from collections.abc import Sequence

from expedit.catalog import WEB, Card, CatalogSnapshot
from expedit.core import DAY, evolve, format_time, to_json
from expedit.decisions.reasons import TEXTS, reason_text

_MOST_CARDS = 100_000
_MOST_REASONS = 50_000


class CardPieces:
    """Cards of one snapshot in one market and language.

    A piece holds from its making to the next start or end of a sale of any variant, so a sale changes it at
    the very moment, though nothing in the catalog changes.

    Parameters
    ----------
    lasting
        Whether they are read later than they are made: then each tells until when its price is known to hold,
        and reasons say nothing that will not be true any more.
    """

    def __init__(self, snapshot: CatalogSnapshot, market: str, locale: str, lasting: bool = False) -> None:
        self._snapshot = snapshot
        self._market = market
        self._locale = locale
        self._lasting = lasting
        self._pieces: dict[int, tuple[int, int, bytes]] = {}
        self._sizes: dict[int, tuple[str, ...]] = {}
        self._reasons: dict[tuple[str, int, int, int], bytes] = {}
        self._titles: dict[int, str] = {}

    def cards(self, items: Sequence[int], now: int) -> list[bytes]:
        """Return for each item the JSON of its card, open at its end for the reason."""
        pieces = self._pieces
        found = []
        for item in items:
            entry = pieces.get(item)
            if entry is None or not entry[0] <= now < entry[1]:
                entry = self._make(item, now)
            found.append(entry[2])
        return found

    def sizes(self, item: int) -> tuple[str, ...]:
        """Return the sizes of a product in stock."""
        found = self._sizes.get(item)
        if found is None:
            found = sizes_in_stock(self._snapshot, item)
            if len(self._sizes) > _MOST_CARDS:
                self._sizes.clear()
            self._sizes[item] = found
        return found

    def title(self, item: int) -> str:
        """Return a product's title."""
        found = self._titles.get(item)
        if found is None:
            if len(self._titles) > _MOST_CARDS:
                self._titles.clear()
            found = self._titles[item] = self._snapshot.title(item, self._locale)
        return found

    def reason(self, code: str, because: int, item: int, page: int = 0) -> bytes:
        """Return the JSON of a reason, with the brace that closes its item.

        Parameters
        ----------
        page
            Code of the category that the answer keeps to; 0 for none.
        """
        texts = TEXTS.get(code, TEXTS["popular"])["en"]
        category = self._category(code, item, page) if "{category}" in texts else 0
        brand = int(self._snapshot.brand[item]) if "{brand}" in texts else 0
        key = (code, because if "{because}" in texts else -1, category, brand)
        found = self._reasons.get(key)
        if found is None:
            if len(self._reasons) > _MOST_REASONS:
                self._reasons.clear()
            found = self._reasons[key] = to_json(self.told(code, because, item, page)) + b"}"
        return found

    def told(self, code: str, because: int, item: int, page: int = 0) -> dict[str, object]:
        """Return a reason as it is answered."""
        reason: dict[str, object] = {"code": code, "text": self.text(code, because, item, page)}
        if because >= 0 and code.endswith("_because"):
            reason["because"] = {"id": self._snapshot.ids[because], "title": self.title(because)}
        return reason

    def text(self, code: str, because: int, item: int, page: int = 0) -> str:
        """Return a reason's sentence."""
        snapshot = self._snapshot
        category = self._category(code, item, page)
        return reason_text(
            code,
            self._locale,
            because=self.title(because) if because >= 0 else "",
            category=snapshot.category_label(category, self._locale) if category > 0 else "",
            brand=snapshot.brands[snapshot.brand[item]],
            lasting=self._lasting,
        )

    def _category(self, code: str, item: int, page: int) -> int:
        """Return the category that a sentence names: the page's where the ranking kept to it, else the
        item's."""
        return page if code == "popular_in_category" else int(self._snapshot.category[item])

    def _make(self, item: int, now: int) -> tuple[int, int, bytes]:
        card = self._snapshot.card(item, self._market, self._locale, now)
        if len(self._pieces) > _MOST_CARDS:
            self._pieces.clear()
        self._sizes[item] = card.sizes
        self._titles[item] = card.title
        answered, turn = answered_card(card), self._next_price(item, now)
        if self._lasting:
            answered["priceUntil"] = None if turn is None else format_time(turn)
        piece = to_json(answered)[:-1] + b',"reason":'
        # After a day "new" may have ended.
        entry = self._pieces[item] = (now, min(turn or now + DAY, now + DAY), piece)
        return entry

    def _next_price(self, item: int, now: int) -> int | None:
        """Return when the next sale of a variant starts or ends, None when none is known to."""
        offers = [variant.offer(self._market) for variant in self._snapshot.product(item).variants]
        moments = [
            moment
            for offer in offers
            if offer is not None and offer.sale_price is not None
            for moment in (offer.sale_from, offer.sale_until)
            if moment is not None and moment > now
        ]
        return min(moments, default=None)


def sizes_in_stock(snapshot: CatalogSnapshot, item: int) -> tuple[str, ...]:
    """Return the sizes of a product that the web shop has, in the shop's order."""
    stock = snapshot.stock(item)
    variants = snapshot.product(item).variants
    return tuple(
        dict.fromkeys(
            variant.size
            for variant in variants
            if variant.size and evolve(variant, stock=stock.get(variant.id)).available(WEB)
        )
    )


def answered_card(card: Card) -> dict[str, object]:
    """Return a card under the names of the API."""
    return {
        "id": card.id,
        "title": card.title,
        "url": card.url,
        "imageUrl": card.image_url,
        "brand": card.brand,
        "category": card.category,
        "color": card.color,
        "price": card.price,
        "salePrice": card.sale_price,
        "priorPrice": card.prior_price,
        "currency": card.currency,
        "badge": card.badge,
        "sizes": card.sizes,
        "swatches": [
            {"id": swatch.id, "color": swatch.color, "imageUrl": swatch.image_url} for swatch in card.swatches
        ],
    }


class CardShelf:
    """The pieces of the newest snapshot, by market and language, and by whether they last."""

    def __init__(self) -> None:
        self._state: tuple[CatalogSnapshot | None, dict[tuple[str, str, bool], CardPieces]] = (None, {})

    def of(self, snapshot: CatalogSnapshot, market: str, locale: str, lasting: bool = False) -> CardPieces:
        """Return the pieces of `snapshot`; those of an older one are dropped."""
        known, pieces = self._state
        if snapshot is not known:
            pieces = {}
            self._state = (snapshot, pieces)
        found = pieces.get((market, locale, lasting))
        if found is None:
            found = pieces[market, locale, lasting] = CardPieces(snapshot, market, locale, lasting)
        return found
