"""The demo's history: weeks of people with tastes who look, compare, buy, return and come back.

Each visit has a mission, one sort of thing out of the person's taste. Products of that sort are drawn by how
well they fit the person (color, brand, price, reduction) and how popular they are; what is bought takes along
what goes with it (`tastes.GOES_WITH`). So what a good recommender should find is known beforehand.
"""

from __future__ import annotations

import gzip
import math
import random
from bisect import bisect
from itertools import accumulate
from pathlib import Path

from expedit.core import DAY, HOUR, SECOND, Progress, no_progress, to_json
from expedit.demo.pictures import COLORS
from expedit.demo.world.assortment import CATEGORIES, SORTS
from expedit.demo.world.catalog import SIZES, DemoCatalog
from expedit.demo.world.envelopes import Envelope, Line, Writer
from expedit.demo.world.model import MARKET_LOCALES, STORES, DemoProduct, DemoVariant
from expedit.demo.world.people import Person, known_people, populate
from expedit.demo.world.tastes import CARE_FOR, GOES_WITH, MAILINGS, TRENDS, Taste

DAYS = 75
PEOPLE = 3_300
SEED = 1147
_WEEKDAY = (1.0, 0.9, 0.9, 1.0, 0.85, 1.05, 1.45)  # Monday … Sunday
_BEST = 7.0  # a fit of this much is taken at once


class Shelf:
    """The products of one sort that a person may want, drawn by popularity."""

    def __init__(self, products: list[DemoProduct], popularity: dict[str, float]) -> None:
        self.products = products
        self._sums = list(accumulate(popularity[product.id] for product in products))
        prices = [math.log(product.style.price) for product in products]
        middle = sum(prices) / len(prices) if prices else 0.0
        spread = math.sqrt(sum((price - middle) ** 2 for price in prices) / len(prices)) if prices else 0.0
        self.dearness = {
            product.id: (price - middle) / spread if spread else 0.0
            for product, price in zip(products, prices, strict=True)
        }

    def draw(self, chance: random.Random) -> DemoProduct:
        """One product, the popular ones more often."""
        return self.products[bisect(self._sums, chance.random() * self._sums[-1])]


class Simulation:
    """One seeded run of the make-believe shop.

    Parameters
    ----------
    catalog
        What is sold.
    now_us
        The end of history; nothing happens later.
    seed, people, days
        Which history, how many people, how far back.
    """

    def __init__(self, catalog: DemoCatalog, now_us: int, seed: int, people: int, days: int) -> None:
        self.catalog, self.now, self.days = catalog, now_us, days
        self.chance = random.Random(seed)
        self.people = populate(people, self.chance)
        self.writer = Writer(seed)
        self._orders = 0
        gauss = self.chance.gauss
        popularity = {
            product.id: math.exp(gauss(0, 0.7)) for product in catalog.products if not product.sold_out
        }
        styles = {product.style_id: math.exp(gauss(0, 0.5)) for product in catalog.products}
        for product in catalog.products:
            if product.id in popularity:
                fresh = now_us - product.created < 14 * DAY
                popularity[product.id] *= styles[product.style_id] * (3.0 if fresh else 1.0)
        self._shelves: dict[tuple[str, str], Shelf] = {}
        for sort in SORTS:
            for gender in ("female", "male"):
                fitting = [
                    product
                    for product in catalog.products
                    if product.id in popularity
                    and product.style.sort == sort
                    and product.style.gender in {gender, "unisex"}
                ]
                if fitting:
                    self._shelves[sort, gender] = Shelf(fitting, popularity)

    def run(self, progress: Progress = no_progress) -> list[Envelope]:
        """Live through the days; return every envelope in the order of time."""
        visits: list[tuple[int, int, str]] = []
        for index, person in enumerate(self.people):
            visits += [(at, index, _errand(person, k)) for k, at in enumerate(sorted(self._visits(person)))]
            visits += [(at, index, f"mail:{k}") for k, at in self._mails(person)]
        visits.sort()
        for done, (at, index, why) in enumerate(visits):
            person = self.people[index]
            if why.startswith("mail:"):
                self._read_mail(person, at, int(why[5:]))
            else:
                self._visit(person, at, None, None, why)
            if done % 1000 == 0:
                progress("simulating shoppers", done, len(visits))
        progress("simulating shoppers", len(visits), len(visits))
        past = [(at, k, one) for k, (at, one) in enumerate(self.writer.envelopes) if at <= self.now]
        past.sort(key=lambda entry: entry[:2])
        return [one for _, _, one in past]

    # ---- when

    def _visits(self, person: Person) -> list[int]:
        chance, found = self.chance, []
        today = self.now - self.now % DAY
        for _ in range(max(1, round(chance.gauss(person.pace, 0.8)))):
            # A growing shop: later days are likelier; weekends and evenings too.
            while True:
                back = int(self.days * chance.random() ** 1.12)
                day = today - back * DAY
                if chance.random() * 1.45 < _WEEKDAY[(day // DAY + 3) % 7]:
                    break
            hour = chance.choice(person.taste.hours) - 1  # local time is an hour ahead of UTC
            at = day + hour * HOUR + chance.randrange(HOUR)
            if self.now - self.days * DAY < at < self.now - HOUR:
                found.append(at)
        return found

    def _mails(self, person: Person) -> list[tuple[int, int]]:
        if not person.consent["email"] or person.email is None:
            return []
        return [
            (k, int(self.now - mailing.days_ago * DAY + self.chance.random() * 5 * HOUR))
            for k, mailing in enumerate(MAILINGS)
            if mailing.days_ago < self.days
        ]

    # ---- what for

    def _mission(self, person: Person, taste: Taste, at: int) -> str:
        if person.after and self.chance.random() < 0.55:
            return person.after
        back = (self.now - at) / DAY
        weights = dict(taste.sorts)
        for trend in TRENDS:
            if trend.until <= back <= trend.since and trend.market in {None, person.market}:
                for sort, factor in trend.sorts.items():
                    weights[sort] = weights.get(sort, 0.25) * factor
        if self.chance.random() < 0.07:
            return self.chance.choice(list(SORTS))
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def _fit(self, person: Person, taste: Taste, shelf: Shelf, product: DemoProduct, at: int) -> float:
        fit = taste.colors.get(COLORS[product.color].family, 1.0) * person.colors.get(product.color, 1.0)
        fit *= taste.brands.get(product.style.brand, 1.0)
        fit *= math.exp(0.5 * taste.spend * shelf.dearness[product.id])
        offer = product.offers[person.market]
        return fit * taste.bargain if offer.selling(at) < offer.price else fit

    def _pick(self, person: Person, taste: Taste, sort: str, at: int) -> DemoProduct | None:
        shelf = self._shelves.get((sort, person.gender)) or self._shelves.get((sort, "female"))
        if shelf is None:
            return None
        best, best_fit = None, 0.0
        for _ in range(6):
            product = shelf.draw(self.chance)
            if product.created > at or (product.id in person.owns and self.chance.random() < 0.8):
                continue
            fit = self._fit(person, taste, shelf, product, at)
            if self.chance.random() < fit / _BEST:
                return product
            if fit > best_fit:
                best, best_fit = product, fit
        return best

    def _variant(self, person: Person, product: DemoProduct) -> DemoVariant:
        system = SORTS[product.style.sort].sizes
        sizes = [variant.size for variant in product.variants]
        if system == "shoe":
            wanted = min(range(len(sizes)), key=lambda k: abs(int(sizes[k]) - person.foot))
        elif system == "sock":
            wanted = 0 if person.foot < 39.5 else 1 if person.foot < 42.5 else 2
        else:
            wanted = round(person.build * (len(SIZES[system]) - 1))
        return product.variants[max(0, min(len(sizes) - 1, wanted))]

    # ---- a visit

    def _visit(
        self, person: Person, at: int, campaign: str | None, mission: str | None, errand: str = "visit"
    ) -> None:
        chance = self.chance
        taste = person.taste if chance.random() < 0.75 else person.second_taste
        sort = mission or self._mission(person, taste, at)
        strolls = chance.random() < taste.store * 0.3
        if (errand == "store" or (strolls and mission is None and errand != "buy")) and STORES[person.market]:
            self._in_store(person, taste, sort, at)
            return
        device = person.devices[(at // DAY + person.number) % len(person.devices)]
        channel = "app" if device.endswith("b") and chance.random() < taste.app * 2 else "web"
        at = self._arrive(person, taste, sort, at, device, channel, campaign)
        seen: list[DemoProduct] = []
        for _ in range(chance.choice((1, 2, 2, 3, 4, 5, 6, 9))):
            again = (
                self.catalog.by_id[chance.choice(person.wants)]
                if person.wants and chance.random() < 0.25
                else None
            )
            product = again or self._pick(person, taste, sort, at)
            if product is None or product in seen:
                continue
            seen.append(product)
            self.writer.product(
                person, at, device, channel, "Product Viewed", (product, self._variant(person, product), 1)
            )
            at += self._pause(20, 95)
            if chance.random() < 0.035:
                self.writer.product(
                    person,
                    at,
                    device,
                    channel,
                    "Product Added to Wishlist",
                    (product, self._variant(person, product), 1),
                )
                at += self._pause(3, 9)
        if not seen:
            return
        person.wants = [product.id for product in seen[-3:]]
        # A whim is not come back to.
        person.after = sort if sort in taste.sorts else None
        draw = 0.0 if errand == "buy" else chance.random()
        if draw < taste.buys * (1.5 if campaign else 1.0):
            self._buy(person, taste, seen, at, device, channel)
        elif draw < taste.buys + 0.14:
            self._abandon(person, seen, at, device, channel)

    def _arrive(
        self,
        person: Person,
        taste: Taste,
        sort: str,
        at: int,
        device: str,
        channel: str,
        campaign: str | None,
    ) -> int:
        chance, writer = self.chance, self.writer
        path = f"/?utm_source=mail&utm_medium=email&utm_campaign={campaign}" if campaign else "/"
        writer.call(
            person, at, device, channel, None, kind="screen" if channel == "app" else "page", page=path
        )
        at += self._pause(4, 30)
        if (
            person.user_id
            and device not in person.logged_in
            and chance.random() < (1.0 if person.number < 7 else 0.4)
        ):
            person.logged_in.add(device)
            writer.call(person, at, device, channel, None, kind="identify", traits=_traits(person))
            writer.call(person, at + SECOND, device, channel, "Signed In", {"method": "email"})
            at += self._pause(4, 20)
        if chance.random() < taste.search:
            locale = MARKET_LOCALES[person.market]
            words = SORTS[sort].name.in_locale(locale)
            if chance.random() < 0.3:
                favorite = COLORS[chance.choice(sorted(person.colors))]
                words = f"{words} {getattr(favorite, locale).lower()}"
            writer.call(
                person,
                at,
                device,
                channel,
                "Products Searched",
                {"query": words},
                page=f"/search?q={words.replace(' ', '+')}",
            )
        else:
            shown = [self._pick(person, taste, sort, at) for _ in range(6)]
            products = list({product.id: product for product in shown if product}.values())
            writer.listing(person, at, device, channel, CATEGORIES[SORTS[sort].category][1].sv, products)
        return at + self._pause(8, 50)

    def _basket(self, person: Person, taste: Taste, product: DemoProduct, at: int) -> list[Line]:
        chance = self.chance
        lines: list[Line] = [(product, self._variant(person, product), 1)]
        for sort, share in GOES_WITH.get(product.style.sort, ()):
            if chance.random() >= share:
                continue
            care = CARE_FOR.get(product.style.sort) if sort == "tvatt" else None
            extra = self.catalog.by_id[care] if care else self._pick(person, taste, sort, at)
            if extra is not None and extra.created <= at and all(extra is not line[0] for line in lines):
                many = 2 if sort in {"strumpa", "mugg"} and chance.random() < 0.4 else 1
                lines.append((extra, self._variant(person, extra), many))
        return lines

    def _fill(self, person: Person, lines: list[Line], at: int, device: str, channel: str) -> int:
        for line in lines:
            self.writer.product(person, at, device, channel, "Product Added", line)
            at += self._pause(5, 60)
        self.writer.call(person, at, device, channel, "Cart Viewed", _cart(lines, channel), page="/cart")
        return at + self._pause(10, 60)

    def _abandon(self, person: Person, seen: list[DemoProduct], at: int, device: str, channel: str) -> None:
        product = seen[-1]
        at = self._fill(person, [(product, self._variant(person, product), 1)], at, device, channel)
        if self.chance.random() < 0.3:
            self.writer.call(person, at, device, channel, "Checkout Started", {}, page="/checkout")
        elif self.chance.random() < 0.25:
            self.writer.product(
                person, at, device, channel, "Product Removed", (product, self._variant(person, product), 1)
            )

    def _buy(
        self, person: Person, taste: Taste, seen: list[DemoProduct], at: int, device: str, channel: str
    ) -> None:
        lines = self._basket(person, taste, self.chance.choice(seen), at)
        for extra, _, _ in lines[1:]:
            if self.chance.random() < 0.6:
                self.writer.product(
                    person, at, device, channel, "Product Viewed", (extra, extra.variants[0], 1)
                )
                at += self._pause(10, 40)
        at = self._fill(person, lines, at, device, channel)
        self.writer.call(
            person, at, device, channel, "Checkout Started", _cart(lines, channel), page="/checkout"
        )
        at += self._pause(40, 200)
        self._complete(person, lines, at, device, channel, None)

    def _in_store(self, person: Person, taste: Taste, sort: str, at: int) -> None:
        product = self._pick(person, taste, sort, at)
        if product is None:
            return
        opened = at - at % DAY + self.chance.randint(9, 16) * HOUR + self.chance.randrange(HOUR)
        lines = self._basket(person, taste, product, min(opened, at))
        if opened < self.now:
            self._complete(person, lines, opened, None, "store", self.chance.choice(STORES[person.market]))

    def _complete(
        self, person: Person, lines: list[Line], at: int, device: str | None, channel: str, store: str | None
    ) -> None:
        chance = self.chance
        self._orders += 1
        order_id = f"{'K' if store else 'W'}{100000 + self._orders}"
        self.writer.order(person, at, device, channel, order_id, lines, store)
        person.owns.update(product.id for product, _, _ in lines)
        person.after, person.wants = None, []
        worn = [line for line in lines if SORTS[line[0].style.sort].sizes in {"alpha", "shoe", "waist"}]
        if worn and chance.random() < (0.05 if store else 0.12):
            product, variant, quantity = chance.choice(worn)
            offer = product.offers[person.market]
            value = offer.selling(at) * quantity / 100
            line = {
                "product_id": product.id,
                "sku": variant.sku,
                "price": value / quantity,
                "quantity": quantity,
            }
            back = at + chance.randint(4, 16) * DAY
            properties: Envelope = {
                "order_id": order_id,
                "currency": offer.currency,
                "total": value,
                "products": [line],
            }
            if person.loyalty_id and store:
                properties["loyalty_id"] = person.loyalty_id
            self.writer.call(person, back, device, channel, "Order Refunded", properties)

    def _read_mail(self, person: Person, at: int, number: int) -> None:
        mailing, chance = MAILINGS[number], self.chance
        properties: Envelope = {"campaign_name": mailing.campaign}
        self.writer.call(person, at, None, "mail", "Email Delivered", properties)
        if chance.random() > 0.25 + person.taste.mail:
            return
        at += self._pause(300, 30_000)
        self.writer.call(person, at, None, "mail", "Email Opened", properties)
        liked = [sort for sort in mailing.sorts if sort in person.taste.sorts]
        if chance.random() < person.taste.mail * (1.3 if liked else 0.35):
            at += self._pause(5, 40)
            self.writer.call(person, at, None, "mail", "Email Link Clicked", properties)
            if at < self.now - HOUR:
                self._visit(
                    person, at + 3 * SECOND, mailing.campaign, chance.choice(liked or list(mailing.sorts))
                )

    def _pause(self, least: int, most: int) -> int:
        return int(self.chance.uniform(least, most) * SECOND)


def _errand(person: Person, visit: int) -> str:
    """What a visit is for: whom the login page offers has bought in the shop and in a store on any day."""
    if person.number >= len(known_people()):
        return "visit"
    return {1: "buy", 3: "store"}.get(visit % 5, "visit")


def _traits(person: Person) -> Envelope:
    traits: Envelope = {"email": person.email, "name": person.name}
    if person.loyalty_id:
        traits["loyalty_id"] = person.loyalty_id
    return traits


def _cart(lines: list[Line], channel: str) -> Envelope:
    if channel == "app":
        return {"items": [{"item_id": p.id, "item_variant": v.id, "quantity": n} for p, v, n in lines]}
    return {"products": [{"product_id": p.id, "sku": v.sku, "quantity": n} for p, v, n in lines]}


def simulate(
    catalog: DemoCatalog,
    now_us: int,
    *,
    seed: int = SEED,
    people: int = PEOPLE,
    days: int = DAYS,
    progress: Progress = no_progress,
) -> list[Envelope]:
    """Simulate shoppers until a moment.

    Returns
    -------
    list of dict
        Segment envelopes in the order of time, none after ``now_us``.
    """
    return Simulation(catalog, now_us, seed, people, days).run(progress)


def write_shoppers(
    catalog: DemoCatalog, path: Path, now_us: int, progress: Progress = no_progress, *, seed: int = SEED
) -> int:
    """Write `simulate` as JSON lines (compressed when ``path`` ends in ``.gz``); return how many."""
    envelopes = simulate(catalog, now_us, seed=seed, progress=progress)
    body = b"\n".join(map(to_json, envelopes)) + b"\n"
    path.write_bytes(gzip.compress(body, 1, mtime=0) if path.suffix == ".gz" else body)
    return len(envelopes)
