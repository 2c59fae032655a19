"""Where visitors roughly are: said by the page, told by headers, looked up in a local file."""

import numpy as np
import pytest

from expedit.core import InvalidInput, Settings, evolve
from expedit.decisions import AskContext, find_decision
from expedit.decisions.again import execute_again
from expedit.decisions.locating import Geography, Locator, read_geography
from expedit.events import Whereabouts
from expedit.experiments import HELD_OUT, PERSONALIZED, pin
from expedit.recommendation import Model, live_model
from expedit.recommendation.scopes import Scoped
from expedit.web import RawRequest
from tests.decisions.boots import Client, fill, ids, learn, live

NOBODY = AskContext()


def asked(client: str = "", **headers: str) -> RawRequest:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "method": "POST", "path": "/v1/decide", "headers": told, "query_string": b"",
        "client": (client, 4711) if client else None,
    }  # fmt: skip
    return RawRequest(scope, b"")


def locator(**settings) -> Locator:
    return Locator(evolve(Settings(), **settings))


def test_the_page_goes_before_headers_and_headers_before_the_address(tmp_path):
    path = tmp_path / "geo.csv"
    path.write_text("network,country,region\n192.0.2.0/24,DK,84\n")
    found = locator(geo_file=str(path))
    request = asked("192.0.2.7", cf_ipcountry="NO", cf_region_code="46")
    context = AskContext(country="se", region="SE-AB", postal_code="114 51", store="Umeå")
    assert found.scopes(context, request) == (
        "store:Umeå", "postal:SE-114", "region:SE-AB", "country:SE",
    )  # fmt: skip
    assert found.scopes(NOBODY, request) == ("region:NO-46", "country:NO")
    assert found.scopes(AskContext(store=" Umeå "), request)[0] == "store:Umeå"
    assert found.scopes(NOBODY, asked("192.0.2.7")) == ("region:DK-84", "country:DK")
    assert found.scopes(NOBODY, asked("192.0.2.7", cf_ipcountry="XX")) == ("region:DK-84", "country:DK")
    assert found.scopes(NOBODY, asked("198.51.100.1")) == ()
    assert found.scopes(NOBODY, asked()) == ()
    assert found.scopes(NOBODY, None) == ()


def test_the_shop_says_which_headers_count_and_in_which_order():
    request = asked(x_country="NO", cf_ipcountry="SE", x_land="DK", cloudfront_viewer_postal_code="0155")
    assert locator().scopes(NOBODY, request) == ("postal:SE-015", "country:SE")
    own = locator(place_headers={"country": "X-Land"}, postal_characters=2)
    assert own.scopes(NOBODY, request) == ("country:DK",)
    assert locator(place_headers={}).scopes(NOBODY, request) == ()
    assert locator(postal_characters=0).scopes(NOBODY, request) == ("country:SE",)
    with pytest.raises(InvalidInput, match=r"place_headers.town: is none of country, region, postal"):
        locator(place_headers={"town": "x-town"})


def test_towns_and_countryside_by_a_file_of_the_shop(tmp_path):
    path = tmp_path / "classes.csv"
    path.write_text("country,postal,class\nSE,1,town\n")
    found = locator(place_classes=str(path))
    assert found.scopes(AskContext(country="SE", postal_code="11451"), None) == (
        "postal:SE-114", "class:town", "country:SE",
    )  # fmt: skip


def test_networks_are_found_by_their_longest_prefix():
    sweden, oslo, norway = Whereabouts("SE"), Whereabouts("NO", "03"), Whereabouts("NO")
    found = Geography(
        [("10.0.0.0/8", norway), ("10.1.0.0/16", oslo), ("10.1.2.3", sweden), ("2001:db8::/32", norway)]
    )
    assert [found.of(address) for address in ("10.9.9.9", "10.1.9.9", "10.1.2.3", "11.0.0.1")] == [
        norway, oslo, sweden, None,
    ]  # fmt: skip
    assert found.of("2001:db8::1") == norway
    assert found.of("2001:db9::1") is None
    assert found.of("::ffff:10.1.9.9") == oslo
    assert found.of("fe80::1%eth0") is None
    assert found.of("testclient") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("network,country\nnowhere,SE\n", "'nowhere' does not appear to be"),
        ("network,country\n192.0.2.0/24,Sweden\n", "no row"),
        ("", "no row"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path, text, reason):
    path = tmp_path / "geo.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=f"geo_file: .*{reason}"):
        read_geography(str(path))
    with pytest.raises(InvalidInput, match="No such file"):
        read_geography(str(tmp_path / "missing.csv"))


# ---- asked over HTTP ---------------------------------------------------------------------------------------


@pytest.fixture
def stocked(sqlite_shop):
    shop = sqlite_shop
    shop.settings = evolve(shop.settings, explore_share=0.0)
    fill(shop)
    learn(shop)
    pin(shop, PERSONALIZED)
    return shop


@pytest.fixture
def client(stocked):
    """People in Norway buy p1 most, women p3, and at this time of the year p5."""
    handle = live_model(stocked)
    rows = {"country:NO": 0, "gender:women": 1, "season": 2}
    places = [handle.current().index[f"p{n}"] for n in (1, 3, 5)]
    scoped = Scoped(np.arange(4, dtype=np.int64), np.array(places, np.int32), np.ones(3, np.float32), rows)
    base: Model = handle._base
    handle._base = handle._model = type(base)(
        **{name: getattr(base, name) for name in base.__slots__ if name != "scoped"}, scoped=scoped
    )
    return Client(stocked)


def ask(client, placement, who=None, limit=2, headers=None, **context):
    body = {
        "writeKey": "wk_test", "anonymousId": who or "dev-1", "consent": {"personalization": True},
        "placement": placement, "limit": limit, "context": {"market": "SE", "locale": "sv", **context},
    }  # fmt: skip
    reply = client.ask("/v1/recommend", body, **(headers or {}))
    assert reply.status == 200, reply.body
    return reply.body


def replayed(shop, decision):
    """Execute a decision again; the model was changed in memory only, so it stays the one that serves."""
    again = execute_again(shop, find_decision(shop, decision["decisionId"]))
    assert (again.same, again.changes) == (True, ())
    return find_decision(shop, decision["decisionId"])


def first(decision):
    item = decision["items"][0]
    return item["id"], item["reason"]["code"], item["reason"]["text"]


def test_bestsellers_of_the_place_where_it_is_known(client, stocked):
    here = ask(client, "home-bestsellers", country="NO")
    assert first(here) == ("p1", "popular_in_country", "Populärt i ditt land")
    assert here["items"][1]["reason"]["code"] == "popular"
    assert replayed(stocked, here).inputs.place == ("country:NO",)
    told = ask(client, "home-bestsellers", headers={"cf-ipcountry": "NO"})
    assert ids(told) == ids(here)
    replayed(stocked, told)
    for elsewhere in (ask(client, "home-bestsellers"), ask(client, "home-bestsellers", country="DK")):
        assert first(elsewhere)[1] == "popular"
        replayed(stocked, elsewhere)
    other = ask(client, "home-new", country="NO")  # which does not ask where, and is not told
    assert find_decision(stocked, other["decisionId"]).inputs.place == ()


def test_the_network_address_is_in_no_log(client, stocked, capsys):
    headers = {"x-forwarded-for": "203.0.113.77", "cf-ipcountry": "NO"}
    here = ask(client, "home-bestsellers", headers=headers)
    logged = find_decision(stocked, here["decisionId"])
    assert logged.inputs.place == ("country:NO",)
    told = str(logged) + capsys.readouterr().out
    assert "203.0.113.77" not in told
    assert "127.0.0.1" not in told


def test_the_season(client, stocked):
    season = ask(client, "home-season")
    assert [first(season), len(season["items"])] == [
        ("p5", "popular_in_season", "Populärt så här års"), 1,
    ]  # fmt: skip
    replayed(stocked, season)


def test_what_people_told_and_looked_at_shapes_their_bestsellers(client, stocked):
    live(stocked, "identify", None, traits={"gender": "kvinna"})
    told = ask(client, "home-your-favorites")
    assert first(told) == ("p3", "popular_in_gender", "Populärt bland många som du")
    replayed(stocked, told)
    live(stocked, "view_item", "p10")
    looked = ask(client, "home-your-favorites")
    assert first(looked) == ("p10", "popular_taste_category", "Populärt i Vård, som du tittat på")
    assert ids(looked) == ["p10", "p11"]
    replayed(stocked, looked)
    stranger = ask(client, "home-your-favorites", "dev-2")
    assert first(stranger)[1] == "popular"
    pin(stocked, HELD_OUT)
    held = ask(client, "home-your-favorites", country="NO")
    assert first(held) == ("p1", "popular_in_country", "Populärt i ditt land")  # a place is no person
    assert {item["reason"]["code"] for item in held["items"]} == {"popular_in_country", "popular"}
