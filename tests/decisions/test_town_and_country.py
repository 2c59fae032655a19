"""Bestsellers of town and country, from orders to the answer: nothing between is made up."""

import pytest

from expedit.core import DAY, HOUR, Settings
from expedit.events import Event, EventItem, Whereabouts, append, seal
from expedit.recommendation import build, live_model
from tests.decisions.boots import Client, fill, ids

SE = "SE"


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request, make_shop, tmp_path):
    """Twenty-four customers each of towns, of the countryside, and of where nobody knows the class.

    In town they buy two of p1 each, in the country of p3, elsewhere of p7, and everybody one of p5, which so
    is the bestseller of all.
    """
    classes = tmp_path / "classes.csv"
    classes.write_text("country,postal,class\nSE,11,town\nSE,90,town\nSE,905,country\nSE,91,country\n")
    settings = Settings(
        markets={SE: "SEK"}, place_classes=str(classes), postal_characters=3, explore_share=0.0
    )
    made = make_shop(request.param, settings)
    fill(made)
    events = []
    for place, (postals, favorite) in enumerate(
        ((("111", "113", "117", "902"), "p1"), (("905", "911", "912", "918"), "p3"), (("411", "416"), "p7"))
    ):
        for number in range(24):
            at = made.clock() - 2 * DAY + number * HOUR
            customer = f"{place:02d}{number:022d}"
            items = (
                EventItem(favorite, product=favorite, quantity=2, price=100),
                EventItem("p5", product="p5", price=100),
            )
            events.append(
                Event(
                    f"m{customer}", "server", "purchase", at, at, customer, order_id=f"o{customer}",
                    market=SE, currency="SEK", items=items,
                    whereabouts=Whereabouts(SE, "", postals[number % len(postals)]),
                )
            )  # fmt: skip
    with made.database.writing() as tx:
        append(tx, events)
    seal(made)
    build(made, tune_seconds=0)
    live_model(made).poll()
    return made


def told(client, **context):
    """Return the two first items and why they are there; without consent, since a place is no person."""
    (decision,) = client.decide({"placement": "home-bestsellers", "limit": 2}, consent=False, **context)
    return ids(decision), decision["items"][0]["reason"]["text"]


def test_town_and_country_have_bestsellers_of_their_own(shop):
    client = Client(shop)
    town = (["p1", "p5"], "Populärt på orter som din")
    country = (["p3", "p5"], "Populärt på orter som din")
    assert told(client, country=SE, postalCode="114 55") == town  # where nobody has bought yet
    assert told(client, country=SE, postalCode="902 10") == town
    assert told(client, country=SE, postalCode="905 82") == country  # by the longest beginning
    assert told(client, country=SE, postalCode="91200") == country
    assert told(client, country=SE, postalCode="411 06")[1] == "Populärt i ditt land"  # of no class
    assert told(client)[0][0] == "p5"  # of whom nothing is known
