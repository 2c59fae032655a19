"""Landing pages over the shop of `boots`, set up and asked for as a shop would."""

from expedit.core import SECOND, evolve
from expedit.merchandising import LandingPage, LandingWords, publish_landing, save_landing

PAGE = LandingPage(
    "Autumn boots",
    {
        "sv": LandingWords(
            "Höstens kängor", "Torra fötter.\n\nHela hösten.", "/i/boots.webp", "Kängor i lera"
        ),
        "en": LandingWords("Boots for autumn"),
    },
    when={"arrival.campaign": "boots"},
    which={"category": "Skor > Kängor"},
)


def put_up(shop, slug="autumn-boots", page=PAGE, seen=0, **changes):
    """Publish a page, and let a second pass so that it is in force."""
    with shop.database.writing() as tx:
        made = save_landing(tx, slug, evolve(page, **changes), seen, "Eva", shop.clock())
        made = publish_landing(tx, slug, made.version, "Eva", shop.clock())
    shop.clock.advance(SECOND)
    return made


def measure_nothing(shop):
    shop.settings = evolve(shop.settings, rule_off_share=0.0, landing_generic_share=0.0)


def land(client, status=200, arrived="https://shop.example/sv/?utm_campaign=boots", **body):
    context = {"market": "SE", "locale": "sv", **({"arrivedAt": arrived} if arrived else {})}
    sent = {
        "writeKey": "wk_test", "anonymousId": "dev-1", "consent": {"personalization": True},
        **body, "context": {**context, **body.get("context", {})},
    }  # fmt: skip
    reply = client.ask("/v1/landing", sent)
    assert reply.status == status, reply.body
    return reply.body
