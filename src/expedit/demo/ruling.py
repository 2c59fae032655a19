"""The rules of the demo's merchandiser: a few that any shop would have, in force from the first visit."""

from __future__ import annotations

from expedit.access import SYSTEM
from expedit.merchandising import Boost, Diversity, Exclude, Rule, create_rule, publish_rule
from expedit.storage import Shop

_FRONT = ("home-for-you", "home-bestsellers")

PUBLISHED = (
    Rule(
        "",
        "Visa aldrig det som nästan är slut",
        Exclude({"stock": {"$lt": 2}}),
        note="Sista exemplaret säljs ändå: den som klickar ska få välja storlek.",
    ),
    Rule(
        "",
        "Lyft nyheter på startsidan",
        Boost({"created": {"$gte": {"$ago": "30d"}}}, 0.25),
        placements=_FRONT,
        note="Nytt ska synas, men bästsäljarna bär hyllan.",
    ),
    Rule(
        "",
        "Högst tre ur samma kategori på startsidan",
        Diversity("category", 3),
        placements=_FRONT,
        note="Startsidan visar bredden.",
    ),
)
DRAFT = Rule(
    "",
    "Lyft det nedsatta på helger",
    Boost({"on_sale": True, "margin": {"$gte": 0.2}}, 0.4),
    when={"time.weekday": {"$in": [6, 7]}},
    note="Prova i förhandsgranskningen före publicering.",
)


def set_rules(shop: Shop) -> None:
    """Keep the demo's rules: three in force, one as a draft to try."""
    for rule in PUBLISHED:
        made = create_rule(shop, rule, SYSTEM)
        publish_rule(shop, made.rule.id, made.version, SYSTEM)
    create_rule(shop, DRAFT, SYSTEM)
