"""A small shop on a real database: twelve products, a built model whose answers are known, and a way to ask
it."""

import asyncio
import json
from dataclasses import dataclass

import httpx
import numpy as np

from expedit.access import Source, keys
from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.core import DAY, HOUR
from expedit.decisions import routes
from expedit.events import Event, EventItem, append
from expedit.identity import identify, remember_identifiers
from expedit.profiles import record
from expedit.recommendation import BuildParams, ProductFacts, TrainingData, build_model, live_model, publish
from expedit.storage import Shop
from expedit.web import build_application

DEPARTMENTS = ((("Skor", "Kängor"), ("Shoes", "Boots")), (("Jackor", "Skaljackor"), ("Jackets", "Shells")))
CARE = (("Skor", "Vård"), ("Shoes", "Care"))


def product(n: int, now: int, **changes) -> Product:
    """Even products are boots, odd ones jackets, p10 and p11 shoe care; every fourth is of brand Blå."""
    path, english = CARE if n >= 10 else DEPARTMENTS[n % 2]
    sizes = ("41", "42") if n % 2 == 0 else ("M", "L")
    offers = (Offer("SE", (n + 1) * 10_000, "SEK"), Offer("NO", (n + 1) * 11_000, "NOK"))
    fields = {
        "titles": {"sv": f"Vara {n}", "en": f"Thing {n}"},
        "url": f"/p/p{n}",
        "image_url": f"/i/p{n}.webp",
        "brand": "Blå" if n % 4 == 0 else "Grå",
        "category": path,
        "categories": {"sv": path, "en": english},
        "attributes": {"color": ("Petrol", "Björk", "Ockra")[n % 3]},
        "variants": tuple(
            Variant(
                f"p{n}-{size}",
                gtin=f"{7300000000000 + n * 10 + at:014d}",
                size=size,
                offers=offers,
                stock={"web": 5},
            )
            for at, size in enumerate(sizes)
        ),
        "created": now - (100 - n) * DAY,
    }
    return Product(f"p{n}", f"Vara {n}", **{**fields, **changes})


def fill(shop: Shop, *changed: Product, count: int = 12) -> None:
    """Put the products in, `changed` ones in place of the plain."""
    now = shop.clock()
    products = {f"p{n}": product(n, now) for n in range(count)} | {one.id: one for one in changed}
    with shop.database.writing() as tx:
        upsert(tx, list(products.values()), now)
    live_catalog(shop).poll()


def learn(shop: Shop, version: str = "m1", favorite: int = 4) -> None:
    """Build and publish a model: people look within a department, buy p10 with boots and p11 with jackets."""
    snapshot, now = live_catalog(shop).current(), shop.clock()
    n = len(snapshot.ids)
    sessions = [[a, b] for _ in range(3) for a in range(10) for b in range(10) if a != b and a % 2 == b % 2]
    sessions += [[favorite, favorite + 2 - 4 * (favorite > 7)] for _ in range(30)]
    baskets = [[boot, 10] for _ in range(3) for boot in range(0, 10, 2)]
    baskets += [[jacket, 11] for _ in range(3) for jacket in range(1, 10, 2)]
    baskets += [[favorite, 10] for _ in range(5)]

    place = [snapshot.index[f"p{n}"] for n in range(n)]

    def flat(rows):
        ptr = np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64)
        return ptr, np.array([place[item] for row in rows for item in row], np.int32)

    def known(codes):
        return np.where(codes > 0, codes, -1).astype(np.int32)

    session_ptr, session_items = flat(sessions)
    basket_ptr, basket_items = flat(baskets)
    facts = ProductFacts(
        titles=snapshot.titles, descriptions=[""] * n, category=known(snapshot.category),
        parent=known(snapshot.category_parent[snapshot.category]), brand=known(snapshot.brand),
        color=known(snapshot.color), group=np.arange(n, dtype=np.int32), price=snapshot.price_minor("SE"),
        created=snapshot.created,
    )  # fmt: skip
    data = TrainingData(
        item_ids=list(snapshot.ids), facts=facts, markets=("SE",),
        session_ptr=session_ptr, session_items=session_items,
        session_end=now - np.arange(len(sessions), dtype=np.int64)[::-1] * HOUR,
        session_market=np.zeros(len(sessions), np.int32),
        basket_ptr=basket_ptr, basket_items=basket_items,
        basket_quantity=np.ones(basket_items.size, np.int32),
        basket_at=np.full(len(baskets), now - DAY, np.int64), basket_market=np.zeros(len(baskets), np.int32),
    )  # fmt: skip
    build_model(data, shop.home.models, BuildParams(tune_seconds=0), now=now, version=version)
    publish(shop.home.models, version)
    live_model(shop).poll()


def live(
    shop: Shop, kind: str, product_id: str | None, anonymous: str = "dev-1", user: str | None = None, **more
) -> Event:
    """Have a person do something, the way ingest writes it."""
    ids = [identify(shop.secret, "anonymous_id", anonymous)] if anonymous else []
    if user:
        ids.append(identify(shop.secret, "user_id", user))
    snapshot = live_catalog(shop).current()
    items = ()
    if product_id:
        facts = snapshot.describe(product_id)
        items = (
            EventItem(
                product_id, product=facts.product_id, category=facts.category, brand=facts.brand,
                color=facts.color, size=facts.size or None, price_band=facts.price_band, price=10_000,
            ),
        )  # fmt: skip
    at = shop.clock()
    event = Event(
        f"m{live.count}", "browser", kind, at, at, ids[0].subject_id,
        ids=tuple((one.kind, one.subject_id) for one in ids), items=items, **more,
    )  # fmt: skip
    live.count += 1
    with shop.database.writing() as tx:
        remember_identifiers(tx, ids)
        append(tx, [event])
        record(tx, shop, [event])
    return event


live.count = 0


@dataclass
class Reply:
    status: int
    body: dict
    headers: dict


class Client:
    """Asks the shop's application, as a browser or a server would."""

    def __init__(self, shop: Shop) -> None:
        keys(shop).add_source(Source("browser", "browser", "wk_test", {}, "consent"))
        keys(shop).add_source(Source("server", "server", "wk_server", {"personalization": True}, "contract"))
        self.secret = keys(shop).add_api_key("test", ("decide",))
        self.other = keys(shop).add_api_key("other", ("track",))
        self.app = build_application(list(routes(shop)), version="test")

    def ask(
        self, path: str, body: object = None, *, key: str | None = None, method: str = "POST", **headers: str
    ) -> Reply:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                told = {**headers, **({"authorization": f"Bearer {key}"} if key else {})}
                content = body if isinstance(body, (bytes, type(None))) else json.dumps(body)
                return await client.request(method, path, content=content, headers=told)

        answer = asyncio.run(send())
        return Reply(answer.status_code, answer.json() if answer.content else {}, dict(answer.headers))

    def decide(
        self,
        *placements,
        consent: bool | None = True,
        who: dict | None = None,
        explain: bool = False,
        **context,
    ):
        """Return the decisions on `placements` for a browser that consents; a status other than 200 is an
        error."""
        body = {
            "writeKey": "wk_test",
            "placements": [one if isinstance(one, dict) else {"placement": one} for one in placements],
            "context": {"market": "SE", "locale": "sv", **context},
            **({"anonymousId": "dev-1"} if who is None else who),
        }
        if consent is not None:
            body["consent"] = {"personalization": consent}
        reply = self.ask(
            "/v1/decide" + ("?explain=1" if explain else ""), body, key=self.secret if explain else None
        )
        assert reply.status == 200, reply.body
        return reply.body["decisions"]


def ids(decision: dict) -> list[str]:
    return [item["id"] for item in decision["items"]]
