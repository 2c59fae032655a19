from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from expedit.core import HOUR, SECOND, InvalidInput, TooLarge, parse_time
from expedit.events import EVENT_KINDS, EventItem, Whereabouts
from expedit.tracking.names import KINDS_BY_CALL, KINDS_BY_NAME, kind_of
from tests.tracking.intakes import BROWSER, NOW, SERVER, draft, event_of, jacket_known, track

SPEC = json.loads((Path(__file__).parents[2] / "spec" / "events.json").read_text())


@pytest.mark.parametrize("family", ["ga4", "segment", "expedit"])
def test_every_golden_name_means_its_kind_in_any_case(family: str) -> None:
    for name, kind in SPEC[family].items():
        assert kind_of(name) == kind
        assert kind_of(name.upper()) == kind
        assert kind in EVENT_KINDS


def test_golden_custom_names_are_kept() -> None:
    for name in SPEC["custom"]:
        properties = {"order_id": "1"} if name in {"Order Updated", "Order Resumed"} else {}
        event = event_of(track(name, properties))
        assert (event.kind, event.name) == ("custom", name)


@pytest.mark.parametrize(
    ("name", "properties", "empty"),
    [
        ("Cart Viewed", {"products": []}, True),
        ("view_cart", {"ecommerce": {"currency": "SEK", "value": 0, "items": []}}, True),
        ("view_cart", {}, False),
        ("view_cart", {"items": None}, False),
        ("view_cart", {"items": [], "products": [{"product_id": "J1"}]}, False),
        ("view_item_list", {"items": []}, False),
    ],
)
def test_only_a_list_without_products_says_that_a_cart_is_empty(
    name: str, properties: dict[str, Any], empty: bool
) -> None:
    event = event_of(track(name, properties))
    assert event.empty is empty
    if empty:
        assert (event.items, event.properties) == ((), None)


@pytest.mark.parametrize(
    ("channel", "properties", "store", "register", "rest"),
    [
        ("store", {"store": " Umeå ", "register": 2}, "Umeå", "2", None),
        ("pos", {"store": "Umeå"}, "Umeå", None, None),
        ("web", {"store": "Umeå", "register": "2"}, None, None, {"store": "Umeå", "register": "2"}),
        ("store", {"store": {"id": 7}, "register": ""}, None, None, {"store": {"id": 7}, "register": ""}),
        ("store", {"store": True, "register": None}, None, None, {"store": True}),
    ],
)
def test_what_happened_in_a_store_says_in_which(
    channel: str, properties: dict[str, Any], store: str | None, register: str | None, rest: Any
) -> None:
    event = event_of(track("view_cart", properties, channel=channel))
    assert (event.store, event.register, event.properties) == (store, register, rest)


def test_golden_calls() -> None:
    assert SPEC["calls"] == KINDS_BY_CALL
    assert set(KINDS_BY_NAME.values()) | set(KINDS_BY_CALL.values()) | {"custom"} == set(EVENT_KINDS)


def test_no_track_can_pose_as_another_call() -> None:
    assert [kind_of(name) for name in ("identify", "alias", "group", "custom")] == ["custom"] * 4


def test_segment_order_becomes_a_purchase_in_minor_units() -> None:
    event = event_of(
        track(
            "Order Completed",
            {
                "order_id": "50314b8e",
                "total": 27.5,
                "revenue": 22.5,
                "shipping": 3,
                "tax": "2,00",
                "coupon": "hasbros",
                "currency": "sek",
                "discount": 2.5,
                "products": [
                    {"product_id": "507f", "sku": "45790-32", "price": 19.99, "quantity": 1, "position": 1},
                    {
                        "product_id": "505b",
                        "price": "3",
                        "quantity": "2",
                        "category": "Games",
                        "brand": "Mattel",
                    },
                ],
            },
            userId="u-1774",
        )
    )
    assert (event.kind, event.order_id, event.currency, event.market) == ("purchase", "50314b8e", "SEK", "SE")
    assert (event.value, event.tax, event.shipping, event.coupon) == (2250, 200, 300, "hasbros")
    assert event.items == (
        EventItem("507f", "45790-32", 1, 1999, 1),
        EventItem("505b", None, 2, 300, category="Games", brand="Mattel"),
    )
    assert event.properties == {"total": 27.5, "discount": 2.5}


@pytest.mark.parametrize(
    ("properties", "context", "where"),
    [
        (
            {
                "shipping_address": {
                    "country": "se",
                    "state": "AB",
                    "postal_code": "114 51",
                    "street": "Hemma 1",
                }
            },
            {},
            Whereabouts("SE", "AB", "114"),
        ),
        ({"billing_address": {"country_code": "NO", "zip": 5003}}, {}, Whereabouts("NO", "", "500")),
        ({"country": "GB", "region": "GB-LND", "postcode": "sw1a-1aa"}, {}, Whereabouts("GB", "LND", "SW1")),
        ({}, {"location": {"country": "SE", "region": "Stockholm"}}, Whereabouts("SE")),
        ({"shipping_address": {"city": "Lund"}, "country": "DK"}, {}, Whereabouts("DK")),
        ({"country": "Sweden", "postal_code": "11451"}, {}, None),
        ({"country": "T1"}, {}, None),  # an anonymizing network is nowhere
        ({"address": "Hemma 1", "country": True}, {}, None),
        ({}, {}, None),
    ],
)
def test_an_order_keeps_roughly_where_it_went(
    properties: dict[str, Any], context: dict[str, Any], where: Whereabouts | None
) -> None:
    order = {"order_id": "1", "currency": "SEK", **properties}
    event = event_of({**track("Order Completed", order), "context": context})
    assert event.whereabouts == where
    kept = str(event.properties)
    assert not any(text in kept for text in ("Hemma", "114", "5003", "1aa", "Lund"))


def test_only_orders_are_placed_and_the_shop_says_how_finely() -> None:
    told = {"product_id": "1", "country": "SE", "postal_code": "11451"}
    assert event_of(track("Product Viewed", told)).whereabouts is None
    order = track("Order Completed", {"order_id": "1", "currency": "SEK", **told})
    assert event_of(order, postal_characters=0).whereabouts == Whereabouts("SE")
    assert event_of(order, postal_characters=5).whereabouts == Whereabouts("SE", "", "11451")


def test_ga4_purchase_with_category_levels_and_index() -> None:
    ecommerce = {
        "transaction_id": "T-1",
        "value": 100.5,
        "currency": "JPY",
        "items": [
            {
                "item_id": "A",
                "item_variant": "blue",
                "index": 0,
                "price": 100,
                "item_category": "Jackor",
                "item_category2": "Skal",
                "item_brand": "Fjell",
            }
        ],
    }
    event = event_of(track("purchase", {"ecommerce": ecommerce}))
    assert (event.order_id, event.value, event.currency) == ("T-1", 101, "JPY")
    assert event.items == (EventItem("A", "blue", 1, 100, 1, category="Jackor > Skal", brand="Fjell"),)


def test_product_in_the_properties_is_enriched_by_the_catalog() -> None:
    event = event_of(
        track(
            "Product Viewed",
            {"product_id": "J1", "sku": "J1-M", "price": 1499, "currency": "SEK", "url": "/j"},
        ),
        describe=jacket_known,
    )
    assert event.items == (
        EventItem("J1", "J1-M", 1, 149_900, None, "J1", "Jackor > Skaljackor", "Fjell", "blå", "M", "high"),
    )
    assert event.url == "/j"
    assert event.properties is None


@pytest.mark.parametrize(
    ("properties", "field", "reason"),
    [
        ({}, "properties.product_id", "is missing"),
        ({"product_id": "A", "price": -1, "currency": "SEK"}, "properties.price", "must not be negative"),
        ({"product_id": "A", "price": "--", "currency": "SEK"}, "properties.price", "'--' is not an amount"),
        ({"product_id": "A", "quantity": 0.5}, "properties.quantity", "must be a whole number"),
        ({"product_id": "A", "quantity": 0}, "properties.quantity", "must be 1 to 10000000"),
        ({"product_id": {"a": 1}}, "properties.product_id", "must be text"),
        (
            {"product_id": "A", "currency": "kronor"},
            "properties.currency",
            "'kronor' is not an ISO 4217 currency",
        ),
        (
            {"products": [{"product_id": "A"}, {"name": "B"}]},
            "properties.products[1].product_id",
            "is missing",
        ),
        ({"products": "A"}, "properties.products", "must be a list of products"),
        (
            {"product_id": "A", "price": "9 EUR", "currency": "SEK"},
            "properties.price",
            "is in EUR, the event in SEK",
        ),
        ({"product_id": "A\0"}, "properties.product_id", "contains a NUL character"),
    ],
)
def test_a_bad_product_is_refused_by_field_and_reason(
    properties: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        event_of(track("add_to_cart", properties))
    assert (caught.value.field, caught.value.reason) == (field, reason)


def test_orders_need_an_id_and_a_currency() -> None:
    with pytest.raises(InvalidInput, match=r"^properties\.order_id: is missing$"):
        event_of(track("Order Refunded", {"total": 3, "currency": "SEK"}))
    with pytest.raises(InvalidInput, match=r"^properties\.currency: is missing, and no market tells it$"):
        event_of(track("purchase", {"order_id": "1", "total": 3}))
    with pytest.raises(InvalidInput, match=r"^properties\.order_id: is missing$"):
        event_of(track("Order Updated", {"total": 3}))


def test_refund_written_as_a_negative_amount() -> None:
    event = event_of(track("refund", {"transaction_id": "T", "value": -12.5, "currency": "NOK"}))
    assert (event.kind, event.value, event.market) == ("refund", 1250, "NO")


@pytest.mark.parametrize(
    ("properties", "context", "market"),
    [
        ({"market": "no", "currency": "SEK"}, {"market": "EU"}, "NO"),
        ({"currency": "SEK"}, {"market": "EU"}, "EU"),
        ({"currency": "NOK"}, {"locale": "sv-SE"}, "NO"),
        ({}, {"locale": "sv_SE"}, "SE"),
        ({}, {"locale": "fr-FR"}, None),
        ({"currency": "USD"}, {}, None),
    ],
)
def test_market(properties: dict[str, Any], context: dict[str, Any], market: str | None) -> None:
    assert event_of(track("view_cart", properties, context=context)).market == market


def test_the_only_market_is_the_market() -> None:
    event = event_of(track("view_item", {"product_id": "A", "price": 5}), markets={"SE": "SEK"})
    assert (event.market, event.currency, event.items[0].price) == ("SE", "SEK", 500)


def test_prices_without_any_currency_are_left_out() -> None:
    event = event_of(track("view_item", {"product_id": "A", "price": 5}))
    assert (event.currency, event.items[0].price) == (None, None)


@pytest.mark.parametrize(
    ("call", "source", "channel"),
    [
        ({}, SERVER, "web"),
        ({"channel": "browser"}, SERVER, "web"),
        ({"channel": "mobile"}, SERVER, "app"),
        ({"context": {"channel": "Kiosk"}, "channel": "browser"}, SERVER, "kiosk"),
        ({"context": {"app": {"name": "Fjell"}}}, SERVER, "app"),
        ({"type": "screen"}, SERVER, "app"),
    ],
)
def test_channel(call: dict[str, Any], source: Any, channel: str) -> None:
    assert event_of({**track("view_cart"), **call}, source=source).channel == channel


def test_campaign_from_context_or_from_the_address() -> None:
    given = {"campaign": {"name": "Höst", "source": "nyhetsbrev", "clicks": 3}}
    assert event_of(track("view_cart", context=given)).campaign == {"source": "nyhetsbrev", "name": "Höst"}
    page = {
        "page": {
            "url": "https://shop.se/?utm_source=google&utm_campaign=h%C3%B6st&x=1",
            "referrer": "https://g.se",
        }
    }
    event = event_of(track("view_cart", context=page))
    assert event.campaign == {"source": "google", "name": "höst"}
    assert event.referrer == "https://g.se"


def test_search_page_impression() -> None:
    assert event_of(track("view_search_results", {"search_term": " skaljacka "})).query == "skaljacka"
    with pytest.raises(InvalidInput, match=r"^properties\.query: is missing$"):
        event_of(track("Products Searched", {}))
    page = event_of(
        {"type": "page", "name": "Home", "category": "Start", "properties": {"url": "https://a.se/"}}
    )
    assert (page.kind, page.name, page.url) == ("page_view", "Home", "https://a.se/")
    assert page.properties == {"category": "Start"}
    shown = event_of(
        track(
            "impression",
            {"decisionId": "d1", "placement": "home", "products": [{"product_id": "A", "position": 0}]},
        )
    )
    assert (shown.kind, shown.decision_id, shown.placement) == ("impression", "d1", "home")
    assert shown.items == (EventItem("A", position=0),)


def test_skew_is_taken_out_of_the_time() -> None:
    late = {"timestamp": "2026-11-22T11:00:00Z", "sentAt": "2026-11-22T11:00:10Z"}
    assert event_of(track("view_cart", **late)).at == NOW - 10 * SECOND
    archived = {**late, "receivedAt": "2026-11-22T11:00:12Z"}
    assert event_of(track("view_cart", **archived)).at == parse_time("2026-11-22T11:00:02Z")
    relayed = {**late, "originalTimestamp": "2026-11-22T10:00:00Z"}
    assert event_of(track("view_cart", **relayed)).at == NOW - HOUR
    original = {"originalTimestamp": "2026-11-22T11:00:00Z", "sentAt": "2026-11-22T11:00:10Z"}
    assert event_of(track("view_cart", **original)).at == NOW - 10 * SECOND
    in_batch = {"timestamp": "2026-11-22T11:00:00Z"}
    assert event_of(track("view_cart", **in_batch), sent_at="2026-11-22T12:00:00Z").at == NOW - HOUR
    assert event_of(track("view_cart")).at == NOW
    assert event_of(track("view_cart", timestamp=NOW // 1000 - 5)).at == NOW - 5000
    assert event_of(track("view_cart", timestamp=NOW // SECOND)).at == NOW


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("2026-11-22T13:00:01Z", "lies more than 60 minutes in the future"),
        ("1999-12-31T23:59:59Z", "lies before the year 2000"),
        ("yesterday", "'yesterday' is not an ISO 8601 time"),
        (1e30, "is no time"),
    ],
)
def test_absurd_times_are_refused(time: Any, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        event_of(track("view_cart", timestamp=time))
    assert (caught.value.field, caught.value.reason) == ("timestamp", reason)


def test_a_call_without_an_id_is_known_again_by_its_content() -> None:
    call = {"type": "track", "event": "view_cart", "timestamp": "2026-11-22T11:00:00Z"}
    assert event_of(call).message_id == event_of(dict(call)).message_id
    other = {**call, "anonymousId": "device-2"}
    assert event_of(call).message_id != event_of(other).message_id
    timeless = {"type": "track", "event": "view_cart"}
    assert event_of(timeless).message_id != event_of(timeless).message_id


def test_identifiers_the_device_first_and_nowhere_else() -> None:
    found = draft(
        {
            "type": "identify",
            "anonymousId": "device-17",
            "userId": 4711,
            "traits": {"email": "Anna@Butik.se ", "name": "Anna", "loyaltyId": "L-900"},
            "context": {"traits": {"phone": "070-123 45 67"}, "market": "SE"},
        }
    )
    assert [(one.kind, one.value) for one in found.identifiers] == [
        ("anonymous_id", "device-17"),
        ("user_id", "4711"),
        ("loyalty_id", "L-900"),
        ("email", "anna@butik.se"),
        ("phone", "+46701234567"),
    ]
    assert found.event.subject == found.identifiers[0].subject_id
    assert found.event.ids == tuple((one.kind, one.subject_id) for one in found.identifiers)
    assert found.event.traits == {"name": "Anna"}


def test_junk_identifiers_are_dropped_and_told_not_the_event() -> None:
    found = draft(track("view_cart", {"email": "none"}, anonymousId="undefined", userId="null"))
    assert found.identifiers == ()
    assert (found.event.subject, found.event.ids) == ("", ())
    assert {one.field for one in found.ignored} == {"anonymousId", "userId", "properties.email"}


def test_addresses_are_kept_nowhere_but_as_identifiers() -> None:
    event = event_of(
        track(
            "Product Shared",
            {"product_id": "A", "recipient": "friend@butik.se", "deep": {"to": ["x@y.se", "hej"]}},
            context={"ip": "10.1.2.3", "userAgent": "Mozilla"},
        )
    )
    assert event.properties == {"deep": {"to": ["hej"]}}


def test_an_answer_about_mail_is_no_address() -> None:
    found = draft(track("consent", {"email": True, "sms": False}, anonymousId="device-1"))
    assert [one.kind for one in found.identifiers] == ["anonymous_id"]
    assert found.ignored == ()
    assert found.event.consent == {"email": True, "sms": False}


def test_a_public_key_needs_the_shops_signature() -> None:
    with pytest.raises(InvalidInput) as caught:
        draft(track("view_cart", userId="u-17"), source=BROWSER)
    assert caught.value.field == "userId"
    with pytest.raises(InvalidInput):
        draft(track("view_cart", userId="u-17", anonymousId="device-1", userHash="signed 99"), source=BROWSER)
    unsigned = draft(track("view_cart", userId="u-17", anonymousId="device-1"), source=BROWSER)
    assert [one.kind for one in unsigned.identifiers] == ["anonymous_id"]
    assert [one.field for one in unsigned.ignored] == ["userId"]
    signed = draft(
        track("view_cart", {"email": "a@b.se"}, userId="u-17", context={"userHash": "signed 4"}),
        source=BROWSER,
    )
    assert [one.kind for one in signed.identifiers] == ["user_id", "email"]
    stranger = draft(track("view_cart", {"email": "a@b.se"}, anonymousId="device-1"), source=BROWSER)
    assert [one.kind for one in stranger.identifiers] == ["anonymous_id"]
    assert [one.field for one in stranger.ignored] == ["properties.email"]
    signed_mail = draft(track("view_cart", {"email": "a@b.se"}, userHash="signed 6"), source=BROWSER)
    assert [one.kind for one in signed_mail.identifiers] == ["email"]


def test_cookie_fills_a_missing_device() -> None:
    assert (
        draft(track("view_cart"), visitor=lambda: "cookie-visitor").identifiers[0].value == "cookie-visitor"
    )
    given = draft(track("view_cart", anonymousId="device-1"), visitor=lambda: "cookie-visitor")
    assert [one.value for one in given.identifiers] == ["device-1"]


def test_alias_and_group() -> None:
    found = draft({"type": "alias", "previousId": "jen@butik.se", "userId": "507f"})
    assert [(one.kind, one.value) for one in found.identifiers] == [
        ("user_id", "507f"),
        ("email", "jen@butik.se"),
    ]
    with pytest.raises(InvalidInput, match=r"^previousId: is missing$"):
        draft({"type": "alias", "userId": "507f"})
    group = event_of(
        {"type": "group", "groupId": "g1", "traits": {"name": "Initech", "email": "info@initech.se"}}
    )
    assert group.properties == {"name": "Initech", "group_id": "g1"}
    assert group.ids == ()


@pytest.mark.parametrize(
    ("call", "field", "reason"),
    [
        ({}, "type", "is missing"),
        ({"type": "buy"}, "type", "'buy' is not one of alias, group, identify, page, screen, track"),
        ({"type": "track"}, "event", "is missing"),
        ({"type": "track", "event": "x", "properties": [1]}, "properties", "must be an object"),
        ({"type": "track", "event": "x", "context": [1]}, "context", "must be an object"),
        (
            {"type": "track", "event": "x", "messageId": "m" * 201},
            "messageId",
            "has 201 characters; 200 are allowed",
        ),
        ({"type": "track", "event": "x", "messageId": "m\0"}, "messageId", "contains a NUL character"),
        (
            {"type": "track", "event": "x", "properties": {"a": {"b": "o" * 8193}}},
            "properties.a.b",
            "has 8193 characters; 8192 are allowed",
        ),
        (
            {"type": "track", "event": "x", "properties": {"a": 2**70}},
            "properties.a",
            "is too large a number",
        ),
        (
            {"type": "track", "event": "x", "properties": {"a": [[[[[[[[[]]]]]]]]]}},
            "properties.a[0][0][0][0][0][0][0]",
            "is nested more than 8 deep",
        ),
        (
            {"type": "track", "event": "x", "properties": {str(n): n for n in range(401)}},
            "properties",
            "holds more than 400 values",
        ),
        ({"type": "track", "event": "x", "anonymousId": {}}, "anonymousId", None),
    ],
)
def test_limits_and_shapes(call: dict[str, Any], field: str, reason: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        draft(call)
    assert caught.value.field == field
    assert reason is None or caught.value.reason == reason


def test_php_empty_arrays_are_empty_objects() -> None:
    event = event_of({"type": "track", "event": "view_cart", "properties": [], "traits": [], "context": []})
    assert (event.kind, event.properties, event.traits) == ("view_cart", None, None)


def test_an_event_may_not_be_too_large() -> None:
    with pytest.raises(TooLarge, match="an event may have 32768"):
        draft(track("x", {"a": "b" * 32_768}))


def test_every_segment_sample_is_understood(data_folder: Path) -> None:
    kinds: dict[str, str] = {}
    for name in ("ecommerce_v2_track_calls", "spec_payloads"):
        for row in json.loads((data_folder / "payloads" / "segment_spec" / f"{name}.json").read_text()):
            call = row.get("payload", row)
            event = event_of(call)
            kinds[call.get("event") or call["type"]] = event.kind
    assert len(kinds) == 53
    assert kinds["Order Completed"] == "purchase"
    assert kinds["Email Marked as Spam"] == "mail_complained"
    assert sum(kind == "custom" for kind in kinds.values()) == 20
