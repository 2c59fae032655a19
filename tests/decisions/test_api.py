"""Asking over HTTP: who may, what consent does, what an answer holds, what is logged."""

import pytest

from expedit.access import user_hash
from expedit.core import DAY, MINUTE, SECOND, evolve
from expedit.decisions import decision_log, read_decisions
from expedit.experiments import HELD_OUT, PERSONALIZED, pin
from expedit.identity import identify
from tests.decisions.boots import Client, fill, ids, learn, live, product


def because_of(decision):
    """Return what the items of a decision are there for, each once."""
    found = []
    for item in decision["items"]:
        because = item["reason"].get("because")
        if because is not None and because not in found:
            found.append(because)
    return found


@pytest.fixture
def stocked(shop):
    # No chance in the order, so that answers can be compared.
    shop.settings = evolve(shop.settings, explore_share=0.0)
    fill(shop)
    learn(shop)
    pin(shop, PERSONALIZED)
    return shop


@pytest.fixture
def client(stocked):
    return Client(stocked)


@pytest.fixture
def quick(sqlite_shop):
    """The same shop, on SQLite only, for what touches no table."""
    sqlite_shop.settings = evolve(sqlite_shop.settings, explore_share=0.0)
    fill(sqlite_shop)
    learn(sqlite_shop)
    pin(sqlite_shop, PERSONALIZED)
    return sqlite_shop


def test_a_recommendation_from_end_to_end(client, stocked):
    reply = client.ask(
        "/v1/recommend",
        {
            "writeKey": "wk_test", "placement": "product-bought-together", "anonymousId": "dev-1", "limit": 1,
            "context": {"productIds": ["p4"], "market": "SE", "locale": "sv-SE"},
            "consent": {"personalization": True},
        },
    )  # fmt: skip
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    body = reply.body
    assert (body["placement"], body["title"], body["model"]) == (
        "product-bought-together", "Köps ofta tillsammans", "m1",
    )  # fmt: skip
    assert body["experiment"] == {"name": "holdout", "arm": "personalized"}
    (item,) = body["items"]
    assert item.pop("swatches") == []
    assert item == {
        "id": "p10", "title": "Vara 10", "url": "/p/p10", "imageUrl": "/i/p10.webp", "brand": "Grå",
        "category": "Vård", "color": "Björk", "price": "1100.00", "salePrice": None, "priorPrice": None,
        "currency": "SEK", "badge": None, "sizes": ["41", "42"],
        "reason": {
            "code": "bought_together_because", "text": "Köps ofta tillsammans med Vara 4",
            "because": {"id": "p4", "title": "Vara 4"},
        },
    }  # fmt: skip
    (logged,) = read_decisions(stocked)
    assert (logged.id, logged.placement, logged.model) == (
        body["decisionId"],
        "product-bought-together",
        "m1",
    )
    assert (logged.experiment, logged.arm, logged.personal) == ("holdout", "personalized", True)
    assert logged.subject == identify(stocked.secret, "anonymous_id", "dev-1").subject_id
    assert (logged.market, logged.locale, logged.source, logged.channel) == ("SE", "sv", "browser", "web")
    assert logged.inputs.products == ("p4",)
    assert [(one.product, one.strategy, one.reason, one.because) for one in logged.items] == [
        ("p10", "bought_together", "bought_together_because", "p4")
    ]


def test_several_placements_come_back_in_order_with_their_own_context(client):
    decisions = client.decide(
        {"placement": "product-similar", "context": {"productIds": ["p0"]}, "limit": 2},
        {"placement": "home-new", "limit": 3},
        {"placement": "product-similar", "context": {"productIds": ["p1"], "locale": "en"}, "limit": 3},
    )
    assert [one["placement"] for one in decisions] == ["product-similar", "home-new", "product-similar"]
    assert len({one["decisionId"] for one in decisions}) == 3
    boots, new, jackets = decisions
    assert all(int(one[1:]) % 2 == 0 for one in ids(boots))
    assert all(int(one[1:]) % 2 == 1 for one in ids(jackets))
    assert jackets["items"][0]["title"].startswith("Thing")
    assert jackets["items"][0]["reason"]["text"] == "Similar to Thing 1"
    assert ids(new) == ["p11", "p10", "p9"]


def test_the_very_next_decision_sees_a_click(client, stocked):
    (before,) = client.decide("home-for-you")
    assert {item["reason"]["code"] for item in before["items"]}.isdisjoint({"personal", "personal_because"})
    live(stocked, "view_item", "p3")
    (after,) = client.decide("home-for-you")
    assert because_of(after) == [{"id": "p3", "title": "Vara 3"}]
    assert int(ids(after)[0][1:]) % 2 == 1
    (recent,) = client.decide("cart-recently-viewed")
    assert ids(recent)[0] == "p3"


def test_tastes_rerank_what_knows_nobody_and_say_so(client, stocked):
    before = ids(client.decide("home-bestsellers")[0])
    for _ in range(5):
        stocked.clock.advance(SECOND)
        live(stocked, "view_item", "p11")
    (after,) = client.decide("home-bestsellers")
    place = next(at for at, item in enumerate(after["items"]) if item["id"] == "p11")
    assert place < before.index("p11")
    assert after["items"][place]["reason"]["code"] == "popular_taste_category"
    assert after["items"][place]["reason"]["text"] == "Populärt i Vård, som du tittat på"


def test_withdrawn_consent_makes_the_next_answer_contextual(client, stocked):
    for viewed in ("p1", "p3"):
        live(stocked, "view_item", viewed)
        stocked.clock.advance(SECOND)
    live(stocked, "consent", None, consent={"personalization": True})
    (personal,) = client.decide("home-for-you", consent=None)
    assert personal["experiment"] is not None
    assert any(item["reason"]["code"].startswith("personal") for item in personal["items"])
    (denied,) = client.decide("home-for-you", consent=False)
    assert denied["experiment"] is None
    assert not any(
        "personal" in item["reason"]["code"] or "taste" in item["reason"]["code"] for item in denied["items"]
    )
    (anew,) = client.decide("home-for-you", consent=None)
    assert ids(anew) == ids(personal)
    live(stocked, "consent", None, consent={"personalization": False})
    (stored,) = client.decide("home-for-you", consent=None)
    assert stored["experiment"] is None
    assert ids(stored) == ids(denied)
    by_id = {logged.id: logged for logged in read_decisions(stocked)}
    for decision in (denied, stored):
        logged = by_id[decision["decisionId"]]
        assert (logged.subject, logged.experiment, logged.arm, logged.personal) == ("", "", "", False)
        assert logged.inputs.session == ()


def test_without_consent_the_pages_own_memory_may_be_used(client):
    (decision,) = client.decide("home-for-you", consent=False, who={}, sessionProducts=["p1", "p3"])
    assert "personal_because" in {item["reason"]["code"] for item in decision["items"]}
    assert int(ids(decision)[0][1:]) % 2 == 1
    (similar,) = client.decide("product-similar", consent=False, who={}, productIds=["p0"])
    assert similar["items"][0]["reason"]["text"] == "Liknar Vara 0"


def test_a_browser_that_said_nothing_is_not_followed(client, stocked):
    live(stocked, "view_item", "p3")
    (decision,) = client.decide("home-for-you", consent=None)
    assert decision["experiment"] is None
    assert {item["reason"]["code"] for item in decision["items"]}.isdisjoint({"personal", "personal_because"})


def test_the_holdout_gets_the_same_placement_without_the_person(client, stocked):
    live(stocked, "view_item", "p3")
    live(stocked, "add_to_cart", "p4")
    pin(stocked, HELD_OUT)
    (held,) = client.decide("home-for-you", limit=3)
    assert held["experiment"] == {"name": "holdout", "arm": "holdout"}
    assert not any(
        "personal" in item["reason"]["code"] or "taste" in item["reason"]["code"] for item in held["items"]
    )
    assert "p4" not in ids(held)  # eligibility is no personalization: nobody is shown what lies in the cart
    (addons,) = client.decide("cart-addons")
    assert not any(item["reason"]["code"].endswith("_because") for item in addons["items"])
    (own,) = client.decide("cart-addons", cart=["p4"])
    assert own["items"][0]["reason"]["text"] == "Köps ofta tillsammans med Vara 4"
    logged = next(iter(read_decisions(stocked)))
    assert (logged.arm, logged.personal) == ("holdout", False)
    assert logged.inputs.session == ()


def test_cart_and_fresh_purchases_are_left_out_until_time_or_attribute_says_otherwise(client, stocked):
    fill(stocked, product(6, stocked.clock(), attributes={"replenishable": "yes"}))
    live(stocked, "add_to_cart", "p2")
    live(stocked, "purchase", "p4", order_id="o1", value=10_000, currency="SEK")
    live(stocked, "purchase", "p6", order_id="o2", value=10_000, currency="SEK")
    shown = ids(client.decide({"placement": "home-bestsellers", "limit": 12}, cart=["p8"])[0])
    assert {"p2", "p4", "p8"}.isdisjoint(shown)
    assert "p6" in shown
    stocked.clock.advance(181 * DAY)
    assert "p4" in ids(client.decide({"placement": "home-bestsellers", "limit": 12})[0])


def test_products_are_found_by_variant_and_gtin(client):
    for name in ("p4-42", "7300000000041", "07300000000041"):
        (decision,) = client.decide("product-bought-together", productIds=[name])
        assert decision["items"][0]["reason"]["because"]["id"] == "p4", name
    (unknown,) = client.decide("product-bought-together", productIds=["no such thing"])
    assert unknown["items"]


# ---- who may ask -------------------------------------------------------------------------------------------


def body(**changes):
    return {
        "writeKey": "wk_test",
        "placement": "home-for-you",
        "consent": {"personalization": True},
        **changes,
    }


def test_a_user_id_needs_the_shops_signature_or_a_secret_key(client, stocked):
    live(stocked, "view_item", "p3", anonymous="phone-7", user="u1")
    for told in ({}, {"userHash": ""}, {"userHash": "0" * 64}):
        refused = client.ask("/v1/recommend", body(userId="u1", **told))
        assert refused.status == 403
        assert "userHash" in refused.body["detail"]
    for reply in (
        client.ask("/v1/recommend", body(userId="u1", userHash=user_hash(stocked, "u1"))),
        client.ask("/v1/recommend", body(userId="u1", writeKey=None), key=client.secret),
        client.ask("/v1/recommend", body(userId="u1", writeKey="wk_server")),
    ):
        assert reply.status == 200
        assert because_of(reply.body) == [{"id": "p3", "title": "Vara 3"}]


def test_keys(client):
    assert client.ask("/v1/recommend", body(writeKey=None)).status == 401
    assert client.ask("/v1/recommend", body(writeKey="wk_wrong")).status == 401
    assert client.ask("/v1/recommend", body(writeKey=None), key=client.other).status == 403
    assert client.ask("/v1/recommend", body(writeKey=None), key=client.secret).status == 200
    assert client.ask("/v1/recommend?explain=1", body()).status == 403
    assert client.ask("/v1/recommend", method="GET").status == 405


def test_the_cookie_stands_in_for_the_anonymous_id(client, stocked):
    live(stocked, "view_item", "p3", anonymous="cookie-device")
    reply = client.ask("/v1/recommend", body(), cookie="other=1; expedit_id=cookie-device")
    assert because_of(reply.body) == [{"id": "p3", "title": "Vara 3"}]
    other = client.ask("/v1/recommend", body(anonymousId="dev-2"), cookie="expedit_id=cookie-device")
    assert "because" not in other.body["items"][0]["reason"]
    junk = client.ask("/v1/recommend", body(), cookie="expedit_id=undefined")
    assert (junk.status, junk.body["experiment"]) == (200, None)


@pytest.mark.parametrize(
    ("path", "sent", "status", "field"),
    [
        ("/v1/recommend", {"placement": "nowhere"}, 404, None),
        ("/v1/recommend", {"placement": 3}, 400, "placement"),
        ("/v1/recommend", {"placement": "home-new", "limit": 0}, 400, "limit"),
        ("/v1/recommend", {"placement": "home-new", "limit": "4"}, 400, "limit"),
        ("/v1/recommend", {"placement": "home-new", "context": {"market": "XX"}}, 400, "context.market"),
        ("/v1/recommend", {"placement": "home-new", "context": {"cart": ["x"] * 201}}, 400, "context.cart"),
        ("/v1/recommend", {"placement": "home-new", "anonymousId": "undefined"}, 400, "anonymousId"),
        ("/v1/recommend", {"placement": "home-new", "consent": {"personalization": "yes"}}, 400, "consent"),
        ("/v1/decide", {"placements": [{"placement": "home-new"}, {"placement": "nowhere"}]}, 404, None),
        ("/v1/decide", {"placements": [{"placement": "home-new", "limit": 101}]}, 400, "placements[0].limit"),
        ("/v1/decide", {"placements": [{"placement": "home-new"}] * 21}, 400, "placements"),
        ("/v1/decide", {}, 400, ""),
        ("/v1/decide", b"{", 400, ""),
    ],
)
def test_a_bad_request_is_told_its_field(quick, path, sent, status, field):
    client = Client(quick)
    reply = client.ask(path, sent if isinstance(sent, bytes) else {"writeKey": "wk_test", **sent})
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    if field is None:
        name = "placement" if path == "/v1/recommend" else "placements[1].placement"
        assert reply.body["detail"].startswith(f"{name}: no placement is called 'nowhere'")
    else:
        assert [error["field"].split("[...]")[0] for error in reply.body["errors"]] == [field]
    assert list(read_decisions(quick)) == []


# ---- explanations ------------------------------------------------------------------------------------------


def test_explain_adds_up_and_tells_what_was_left_out(quick):
    gone = product(6, quick.clock())
    fill(quick, evolve(gone, variants=tuple(evolve(one, stock={"web": 0}) for one in gone.variants)))
    client = Client(quick)
    live(quick, "view_item", "p4")
    (decision,) = client.decide("home-bestsellers", explain=True, cart=["p2"])
    for rank, item in enumerate(decision["items"], start=1):
        trace = item["trace"]
        assert trace["rank"] == rank
        assert sum(part["value"] for part in trace["parts"]) == pytest.approx(trace["score"])
        assert trace["parts"][0]["code"] == "strategy"
    boot = next(item for item in decision["items"] if item["id"] == "p4")
    assert {"code": "category", "text": "Gillar Kängor"}.items() <= boot["trace"]["parts"][1].items()
    explain = decision["explain"]
    assert {one["reason"]: (one["text"], one["count"]) for one in explain["counts"]} == {
        "out_of_stock": ("slut i lager", 1), "in_cart": ("i varukorgen", 1),
    }  # fmt: skip
    assert {(one["id"], one["reason"]) for one in explain["removed"]} == {
        ("p6", "out_of_stock"),
        ("p2", "in_cart"),
    }
    assert (explain["personal"], explain["arm"], explain["model"]) == (True, "personalized", "m1")
    logged = client.ask(f"/v1/decisions/{decision['decisionId']}", method="GET", key=client.secret)
    assert logged.status == 200
    assert [item["product"] for item in logged.body["items"]] == ids(decision)
    assert {(one["product"], one["reason"]) for one in logged.body["removed"]} == {
        ("p6", "out_of_stock"),
        ("p2", "in_cart"),
    }


def test_a_logged_decision_is_for_secret_keys(client):
    (decision,) = client.decide("home-new")
    path = f"/v1/decisions/{decision['decisionId']}"
    assert client.ask(path, method="GET").status == 401
    assert client.ask(path, method="GET", key="wk_test").status == 403
    assert client.ask(path, method="GET", key=client.secret).status == 200
    assert client.ask("/v1/decisions/" + "0" * 32, method="GET", key=client.secret).status == 404


def test_snippet_config_gives_placements_with_a_selector(quick):
    quick.home.placements_path.write_text(
        '[home-new]\nselector = "#news"\nposition = "after"\npages = ["home"]\n'
    )
    client = Client(quick)
    reply = client.ask("/v1/snippet-config?writeKey=wk_test", method="GET")
    assert reply.body == {
        "placements": [{"name": "home-new", "selector": "#news", "position": "after", "pageTypes": ["home"]}]
    }
    assert client.ask("/v1/snippet-config", method="GET").status == 401


# ---- sales, cold start, model swaps -----------------------------------------------------------------------


def test_a_sale_begins_and_ends_to_the_second(quick):
    now = quick.clock()
    plain = product(11, now)
    sale = tuple(
        evolve(one, sale_price=9_900, sale_from=now + MINUTE, sale_until=now + 2 * MINUTE)
        for one in plain.variants[0].offers
    )
    fill(quick, evolve(plain, variants=tuple(evolve(one, offers=sale) for one in plain.variants)))
    client = Client(quick)

    def seen():
        item = client.decide("home-new")[0]["items"][0]
        assert item["id"] == "p11"
        return item["price"], item["salePrice"], item["badge"]

    assert seen() == ("1200.00", None, None)
    quick.clock.advance(MINUTE - 1)
    assert seen() == ("1200.00", None, None)
    quick.clock.advance(1)
    assert seen() == ("1200.00", "99.00", "sale")
    quick.clock.advance(MINUTE)
    assert seen() == ("1200.00", None, None)


def test_cold_start_answers_every_placement_from_the_catalog_alone(sqlite_shop):
    fill(sqlite_shop)
    client = Client(sqlite_shop)
    for placement in (
        "home-bestsellers",
        "home-for-you",
        "home-new",
        "home-trending",
        "category-top",
        "search-empty",
    ):
        (decision,) = client.decide(placement, category="Skor")
        assert decision["items"], placement
        assert decision["model"] == ""
        for item in decision["items"]:
            assert item["reason"]["code"].startswith("new"), (
                placement
            )  # nothing is called popular that nobody bought
    (similar,) = client.decide("product-similar", productIds=["p0"])
    assert similar["items"][0]["reason"]["code"] == "similar_because"
    assert all(int(one[1:]) % 2 == 0 for one in ids(similar)[:3])


def test_a_category_placement_keeps_to_the_category_and_names_it(quick):
    client = Client(quick)
    (decision,) = client.decide("category-top", category="Jackor")
    first = decision["items"][0]
    assert first["reason"] == {"code": "popular_in_category", "text": "Populärt i Jackor"}
    assert all(int(one[1:]) % 2 == 1 for one in ids(decision)[:4])
    (anywhere,) = client.decide("category-top")
    assert anywhere["items"][0]["reason"]["code"] == "popular"


def test_each_answer_names_the_one_model_that_gave_it(quick):
    client = Client(quick)
    assert client.decide("home-new")[0]["model"] == "m1"
    learn(quick, "m2", favorite=3)
    assert client.decide("home-new")[0]["model"] == "m2"
    decision_log(quick).flush()
    assert [logged.model for logged in read_decisions(quick)] == ["m1", "m2"]
