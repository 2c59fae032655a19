"""What the demo's shoppers are like: eight latent tastes, what goes together, and what happens in the season.

A recommender never sees these tables. They are here so that a person can tell whether it found them out; see
``docs/explanation/demo-world.md``.
"""

from __future__ import annotations

from expedit.core import Struct
from expedit.demo.world.assortment import Words


class Taste(Struct, frozen=True):
    """A latent taste.

    Parameters
    ----------
    sorts
        How often a visit is about each sort of thing.
    brands, colors
        How much more a brand or color family is liked than others (1 = as others).
    spend
        Leaning to the dear (> 0) or cheap (< 0) end of a sort.
    bargain
        How much more a reduced product is liked.
    buys
        Chance that a visit ends in a purchase.
    store, mail, app, search
        Chances of buying in a store, of clicking a mail, of using the app, of searching instead of browsing.
    hours
        Most likely hours of the day, local time.
    """

    key: str
    name: Words
    share: float
    sorts: dict[str, float]
    brands: dict[str, float]
    colors: dict[str, float]
    spend: float
    bargain: float
    buys: float
    store: float
    mail: float
    app: float
    search: float
    hours: tuple[int, ...]


TASTES: tuple[Taste, ...] = (
    Taste(
        key="summit",
        name=Words(sv="Toppturaren", nb="Toppturgåeren", en="The summiteer"),
        share=0.15,
        sorts={
            "skal": 8,
            "dun": 4,
            "vast": 1,
            "merino": 5,
            "vandring": 5,
            "kanga": 5,
            "trek": 2,
            "handske": 3,
            "buff": 2,
            "anorak": 3,
            "vinterkanga": 1,
        },
        brands={"Kamvind": 5, "Tornedun": 3, "Ripstig": 2},
        colors={"orange": 4, "red": 3, "blue": 2, "green": 1.5},
        spend=1.0,
        bargain=1.0,
        buys=0.2,
        store=0.2,
        mail=0.2,
        app=0.25,
        search=0.4,
        hours=(6, 12, 20, 21, 22),
    ),
    Taste(
        key="knit",
        name=Words(sv="Stickvännen", nb="Strikkevennen", en="The knit lover"),
        share=0.15,
        sorts={
            "stickad": 9,
            "kofta": 6,
            "mossa": 3,
            "halsduk": 3,
            "vante": 3,
            "pannband": 2,
            "filt": 2,
            "kjol": 2,
            "toffel": 1,
            "strumpa": 2,
        },
        brands={"Myrullsverket": 6, "Sälgbark": 3},
        colors={"white": 4, "beige": 3, "red": 2.5, "pink": 2},
        spend=0.5,
        bargain=1.2,
        buys=0.2,
        store=0.25,
        mail=0.4,
        app=0.1,
        search=0.2,
        hours=(10, 14, 19, 20, 21),
    ),
    Taste(
        key="camper",
        name=Words(sv="Familjetältaren", nb="Familiecamperen", en="The family camper"),
        share=0.13,
        sorts={
            "tunnel": 5,
            "kupol": 4,
            "sovsack": 5,
            "underlag": 3,
            "kok": 4,
            "mugg": 3,
            "kittel": 2,
            "termos": 2,
            "pannlampa": 2,
            "stovel": 2,
        },
        brands={"Glödhäll": 5, "Fjäll & Fjord": 2},
        colors={"green": 4, "blue": 2, "orange": 1.5},
        spend=-0.2,
        bargain=1.5,
        buys=0.19,
        store=0.2,
        mail=0.25,
        app=0.15,
        search=0.5,
        hours=(20, 21, 22),
    ),
    Taste(
        key="bargain",
        name=Words(sv="Fyndjägaren", nb="Kuppjegeren", en="The bargain hunter"),
        share=0.14,
        sorts={
            "fleece": 3,
            "tshirt": 3,
            "strumpa": 3,
            "shorts": 2,
            "mjukis": 3,
            "skal": 2,
            "dun": 2,
            "mossa": 2,
            "stickad": 2,
            "dagsack": 2,
            "sko": 2,
            "jeans": 2,
        },
        brands={"Fjäll & Fjord": 2, "Lavskrikan": 2.5},
        colors={},
        spend=-1.2,
        bargain=9.0,
        buys=0.17,
        store=0.1,
        mail=0.5,
        app=0.2,
        search=0.2,
        hours=(8, 12, 16, 21, 23),
    ),
    Taste(
        key="city",
        name=Words(sv="Stadsbon", nb="Byboeren", en="The city dweller"),
        share=0.15,
        sorts={
            "parka": 5,
            "sko": 4,
            "dagsack": 4,
            "jeans": 4,
            "skjorta": 3,
            "rulltopp": 3,
            "vast": 1,
            "tygkasse": 2,
            "mossa": 2,
            "klanning": 2,
            "cord": 2,
        },
        brands={"Norrskuren": 3, "Ytterskär": 3, "Sälgbark": 1.5},
        colors={"black": 5, "gray": 3, "blue": 1.5},
        spend=0.6,
        bargain=1.0,
        buys=0.15,
        store=0.35,
        mail=0.15,
        app=0.3,
        search=0.25,
        hours=(8, 12, 13, 17, 22),
    ),
    Taste(
        key="runner",
        name=Words(sv="Stiglöparen", nb="Stiløperen", en="The trail runner"),
        share=0.11,
        sorts={
            "stiglopare": 8,
            "tshirt": 4,
            "shorts": 4,
            "strumpa": 4,
            "midjevaska": 2,
            "keps": 2,
            "flaska": 3,
            "merino": 2,
            "buff": 2,
            "vandring": 1,
        },
        brands={"Ripstig": 5, "Kamvind": 2},
        colors={"orange": 2.5, "green": 2.5, "yellow": 3, "blue": 1.5},
        spend=0.2,
        bargain=1.2,
        buys=0.19,
        store=0.1,
        mail=0.2,
        app=0.4,
        search=0.35,
        hours=(6, 7, 11, 18, 21),
    ),
    Taste(
        key="cabin",
        name=Words(sv="Stugägaren", nb="Hytteeieren", en="The cabin owner"),
        share=0.1,
        sorts={
            "filt": 4,
            "kittel": 4,
            "panna": 3,
            "lykta": 3,
            "kniv": 3,
            "toffel": 4,
            "mugg": 3,
            "skjorta": 3,
            "cord": 2,
            "termos": 2,
            "vax": 1,
        },
        brands={"Sälgbark": 3, "Glödhäll": 2.5, "Myrullsverket": 1.5},
        colors={"red": 4, "green": 2.5, "brown": 3},
        spend=0.3,
        bargain=1.0,
        buys=0.21,
        store=0.3,
        mail=0.3,
        app=0.05,
        search=0.25,
        hours=(9, 14, 19, 20),
    ),
    Taste(
        key="coast",
        name=Words(sv="Kustbon", nb="Kystboeren", en="The coast dweller"),
        share=0.07,
        sorts={
            "stovel": 6,
            "anorak": 3,
            "stickad": 3,
            "hatt": 3,
            "skal": 2,
            "duffel": 2,
            "klanning": 3,
            "tshirt": 2,
            "fleece": 2,
            "tygkasse": 2,
        },
        brands={"Ytterskär": 6, "Norrskuren": 2},
        colors={"blue": 4, "yellow": 4, "white": 1.5},
        spend=0.1,
        bargain=1.1,
        buys=0.19,
        store=0.3,
        mail=0.25,
        app=0.1,
        search=0.25,
        hours=(9, 12, 18, 20),
    ),
)

GOES_WITH: dict[str, tuple[tuple[str, float], ...]] = {
    "kanga": (("strumpa", 0.5), ("vax", 0.16), ("impregnering", 0.14)),
    "vinterkanga": (("strumpa", 0.45), ("impregnering", 0.18)),
    "stovel": (("strumpa", 0.42),),
    "stiglopare": (("strumpa", 0.42), ("tshirt", 0.16), ("shorts", 0.16), ("flaska", 0.12)),
    "skal": (("merino", 0.38), ("vandring", 0.22), ("tvatt", 0.2), ("impregnering", 0.12)),
    "anorak": (("merino", 0.25), ("buff", 0.2)),
    "dun": (("mossa", 0.26), ("tvatt", 0.18), ("vante", 0.14)),
    "parka": (("vax", 0.3), ("mossa", 0.16)),
    "stickad": (("tvatt", 0.3), ("mossa", 0.18), ("halsduk", 0.12)),
    "kofta": (("tvatt", 0.26), ("vante", 0.15)),
    "merino": (("merino", 0.12), ("strumpa", 0.22)),
    "vandring": (("skarp", 0.2), ("strumpa", 0.18)),
    "jeans": (("skarp", 0.28), ("skjorta", 0.12)),
    "cord": (("skarp", 0.24), ("skjorta", 0.16)),
    "kupol": (("sovsack", 0.5), ("underlag", 0.42), ("kok", 0.34), ("pannlampa", 0.18)),
    "tunnel": (("sovsack", 0.52), ("underlag", 0.45), ("kok", 0.36), ("mugg", 0.22)),
    "sovsack": (("underlag", 0.4), ("kupol", 0.08)),
    "kok": (("mugg", 0.34), ("kittel", 0.2)),
    "kittel": (("mugg", 0.42),),
    "panna": (("kniv", 0.2),),
    "trek": (("flaska", 0.26), ("sovsack", 0.2)),
    "dagsack": (("termos", 0.2),),
    "mossa": (("vante", 0.24), ("halsduk", 0.14)),
    "filt": (("mugg", 0.16),),
    "lykta": (("filt", 0.12),),
}
"""Sort → sorts that leave with it, and how often. Everything else is together by taste or by chance."""

CARE_FOR: dict[str, str] = {"skal": "skalvard", "dun": "duntvatt", "stickad": "ulltvatt", "kofta": "ulltvatt"}
"""Which wash a sort is sold with."""


class Trend(Struct, frozen=True):
    """A time when some sorts draw more people: from and until in days before now."""

    name: str
    since: float
    until: float
    sorts: dict[str, float]
    market: str | None = None


TRENDS: tuple[Trend, ...] = (
    Trend(
        name="first snow",
        since=11,
        until=0,
        sorts={"dun": 2.6, "mossa": 2.4, "vinterkanga": 3, "vante": 2.2, "skal": 1.4},
    ),
    Trend(
        name="mushroom weeks",
        since=64,
        until=42,
        sorts={"stovel": 3, "kniv": 2.2, "termos": 1.6, "anorak": 1.5},
    ),
    Trend(name="knitting week", since=30, until=23, sorts={"stickad": 2.2, "kofta": 2.4, "halsduk": 1.8}),
    Trend(name="Bergen rain", since=20, until=6, sorts={"stovel": 3, "hatt": 3, "anorak": 2}, market="NO"),
    Trend(
        name="late summer",
        since=80,
        until=58,
        sorts={"kupol": 2, "tunnel": 2, "shorts": 2, "stiglopare": 1.6, "sovsack": 1.6},
    ),
)


class Mailing(Struct, frozen=True):
    """A mail to subscribers: days before now, its campaign, and the sorts that it shows."""

    days_ago: float
    campaign: str
    sorts: tuple[str, ...]


MAILINGS: tuple[Mailing, ...] = (
    Mailing(days_ago=58, campaign="autumn-layers", sorts=("skal", "merino", "fleece")),
    Mailing(days_ago=30, campaign="knitting-week", sorts=("stickad", "kofta", "tvatt")),
    Mailing(days_ago=10, campaign="first-snow", sorts=("dun", "mossa", "vinterkanga")),
)
