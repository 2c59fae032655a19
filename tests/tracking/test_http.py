from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expedit.access import keys, user_hash
from expedit.core import DAY, SECOND
from expedit.events import Event, erase_subjects
from expedit.identity import subject_of
from expedit.profiles import read_profile
from expedit.storage import Shop
from expedit.tracking import call_of, ingest, read_counts
from tests.tracking.conftest import BROWSER_KEY, TILL_KEY, Client

Stored = Callable[[Shop], list[Event]]
YES = {"consent": {"analytics": True, "personalization": True}}
ANALYTICS = {"consent": {"categoryPreferences": {"analytics": True, "personalization": False}}}


def view(message: str, product: str = "P1", **rest: Any) -> dict[str, Any]:
    fields = {"anonymousId": "device-1", "properties": {"product_id": product}, **rest}
    return {"type": "track", "event": "Product Viewed", "messageId": message, **fields}


def order(message: str, **rest: Any) -> dict[str, Any]:
    properties = {"order_id": "O-1", "currency": "SEK", "total": 10, "products": [{"product_id": "P1"}]}
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": message,
        "properties": properties,
        **rest,
    }


def counts(shop: Shop) -> dict[tuple[str, str], int]:
    with shop.database.reading() as tx:
        return {(one.source, one.fate): one.events for one in read_counts(tx, "0", "9")}


def letters(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.database.read_rows("SELECT source, field, reason, body FROM dead_letters ORDER BY id")


def subject(shop: Shop, kind: Any, value: str) -> str:
    return subject_of(shop.secret, kind, value)


def test_a_batch_is_stored_once_and_bad_events_are_refused_alone(client: Client, stored: Stored) -> None:
    bad = view("m-3", properties={"product_id": "P1", "price": "--", "currency": "SEK"})
    body = {"batch": [view("m-1"), view("m-2", "P2"), view("m-1"), bad, 5, {"type": "track"}]}
    reply = client.post("/v1/batch", body)
    assert reply.status == 200
    assert reply.body == {
        "success": True,
        "accepted": 2,
        "duplicates": 1,
        "refused": [
            {"index": 3, "field": "batch[3].properties.price", "reason": "'--' is not an amount"},
            {"index": 4, "field": "batch[4]", "reason": "Expected `object`, got `int`"},
            {"index": 5, "field": "batch[5].event", "reason": "is missing"},
        ],
        "ignored": [],
    }
    assert [event.message_id for event in stored(client.shop)] == ["m-1", "m-2"]
    again = client.post("/v1/b", {"batch": [view("m-2", "P2"), view("m-4")]})
    assert (again.body["accepted"], again.body["duplicates"]) == (1, 1)
    assert counts(client.shop) == {
        ("server", "stored"): 3,
        ("server", "duplicate"): 2,
        ("server", "refused"): 3,
    }
    assert [row[:3] for row in letters(client.shop)] == [
        ("server", "properties.price", "'--' is not an amount"),
        ("server", "", "Expected `object`, got `int`"),
        ("server", "event", "is missing"),
    ]
    assert json.loads(letters(client.shop)[0][3]) == bad


@pytest.mark.parametrize(
    ("path", "call", "kind"),
    [
        ("/v1/track", {"event": "view_cart"}, "view_cart"),
        ("/v1/t", {"event": "view_cart"}, "view_cart"),
        ("/v1/page", {"name": "Home"}, "page_view"),
        ("/v1/p", {}, "page_view"),
        ("/v1/screen", {"name": "Home"}, "page_view"),
        ("/v1/s", {}, "page_view"),
        ("/v1/identify", {"userId": "u-17"}, "identify"),
        ("/v1/i", {"userId": "u-17"}, "identify"),
        ("/v1/alias", {"userId": "u-17", "previousId": "device-2"}, "alias"),
        ("/v1/a", {"userId": "u-17", "previousId": "device-2"}, "alias"),
        ("/v1/group", {"userId": "u-17", "groupId": "g-1"}, "group"),
        ("/v1/g", {"userId": "u-17", "groupId": "g-1"}, "group"),
    ],
)
def test_every_single_call(
    sqlite_client: Client, stored: Stored, path: str, call: dict[str, Any], kind: str
) -> None:
    reply = sqlite_client.post(path, {"anonymousId": "device-1", **call})
    assert (reply.status, reply.body) == (200, {"success": True})
    assert [event.kind for event in stored(sqlite_client.shop)] == [kind]


def test_metrics_are_ignored_and_other_methods_refused(sqlite_client: Client) -> None:
    assert sqlite_client.post("/v1/m", b"no json at all", key=None).body == {"success": True}
    assert asyncio.run(sqlite_client.send("GET", "/v1/batch")).status == 405
    preflight = asyncio.run(sqlite_client.send("OPTIONS", "/v1/t", origin="https://shop.se"))
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "https://shop.se"


def test_a_refused_single_call_is_a_problem_document_and_a_dead_letter(client: Client) -> None:
    reply = client.post("/v1/track", {"event": "Product Viewed", "properties": {"product_id": ""}})
    assert reply.status == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.body["errors"] == [{"field": "properties.product_id", "reason": "is missing"}]
    assert [row[1] for row in letters(client.shop)] == ["properties.product_id"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"not json", 400, ""),
        (b"\xff\xfe", 400, ""),
        (b'{"batch": {}}', 400, "batch"),
        (b"{}", 400, ""),
        (b'{"batch": [' + b"[" * 5000 + b"]" * 5000 + b"]}", 413, ""),
        (b'{"batch": [' + b",".join([b"1"] * 1001) + b"]}", 413, "batch"),
        (b" " * 512_001, 413, ""),
    ],
)
def test_a_body_that_is_no_batch(sqlite_client: Client, body: bytes, status: int, field: str) -> None:
    reply = sqlite_client.post("/v1/batch", body)
    assert reply.status == status
    assert reply.body["errors"][0]["field"] == field


def test_an_event_may_be_as_large_as_the_limit(sqlite_client: Client) -> None:
    large = view("m-1", properties={"product_id": "P1", "note": "x" * 8000, "more": ["y" * 8000] * 4})
    reply = sqlite_client.post("/v1/batch", {"batch": [large, view("m-2")]})
    assert (reply.body["accepted"], reply.body["refused"][0]["field"]) == (1, "batch[0]")
    assert "an event may have 32768" in reply.body["refused"][0]["reason"]
    assert sqlite_client.post("/v1/track", large).status == 413


def test_packed_bodies(sqlite_client: Client, stored: Stored) -> None:
    packed = gzip.compress(json.dumps({"batch": [view("m-1")]}).encode())
    assert sqlite_client.post("/v1/batch", packed, content_encoding="gzip").body["accepted"] == 1
    bomb = gzip.compress(b" " * 5_000_000)
    assert sqlite_client.post("/v1/batch", bomb, content_encoding="gzip").status == 413
    assert sqlite_client.post("/v1/batch", packed[:40], content_encoding="gzip").status == 400
    assert len(stored(sqlite_client.shop)) == 1


def test_keys(sqlite_client: Client) -> None:
    call = {"event": "view_cart"}
    assert sqlite_client.post("/v1/track", call, key=None).status == 401
    assert sqlite_client.post("/v1/track", call, key="wk_guess").status == 401
    assert sqlite_client.post("/v1/track", {**call, "writeKey": BROWSER_KEY}, key=None).status == 200
    beacon = {"batch": [{"type": "track", **call}], "writeKey": BROWSER_KEY}
    assert sqlite_client.post("/v1/batch", beacon, key=None, content_type="text/plain").status == 200
    secret = keys(sqlite_client.shop).add_api_key("backend", ("track",))
    assert sqlite_client.post("/v1/track", call, key=secret).status == 200
    bearer = sqlite_client.post("/v1/track", call, key=None, authorization=f"Bearer {secret}")
    assert bearer.status == 200
    reader = keys(sqlite_client.shop).add_api_key("reports", ("people:read",))
    assert sqlite_client.post("/v1/track", call, key=reader).status == 403


def test_a_public_key_names_a_user_only_with_the_shops_signature(client: Client, stored: Stored) -> None:
    shop = client.shop
    body = {
        "batch": [
            view("m-1", userId="u-17", context=YES),
            view("m-2", userId="u-17", userHash=user_hash(shop, "u-17"), context=YES),
            view("m-3", context=YES),
            view("m-4", context={**YES, "traits": {"email": "anna@butik.se"}}),
            view("m-5", userId="u-17", userHash="0" * 64, context=YES),
        ]
    }
    reply = client.post("/v1/batch", body, BROWSER_KEY)
    assert [row["field"] for row in reply.body["refused"]] == ["batch[4].userId"]
    assert [row["field"] for row in reply.body["ignored"]] == [
        "batch[0].userId",
        "batch[3].context.traits.email",
    ]
    device, user = subject(shop, "anonymous_id", "device-1"), subject(shop, "user_id", "u-17")
    assert [event.ids for event in stored(shop)] == [
        (("anonymous_id", device),),
        (("anonymous_id", device), ("user_id", user)),
        (("anonymous_id", device),),
        (("anonymous_id", device),),
    ]
    values = shop.database.read_rows("SELECT kind, value FROM identifiers ORDER BY kind")
    assert [tuple(row) for row in values] == [("anonymous_id", "device-1"), ("user_id", "u-17")]


def test_the_profile_knows_at_once(client: Client) -> None:
    client.post("/v1/batch", {"batch": [view("m-1", "P1"), view("m-2", "P2")]})
    found = read_profile(client.shop.database, subject(client.shop, "anonymous_id", "device-1"))
    assert found is not None
    assert [(one.product, one.kind) for one in found.recent] == [("P2", "view_item"), ("P1", "view_item")]


def test_without_personalization_nothing_leads_to_the_person(client: Client, stored: Stored) -> None:
    shop = client.shop
    call = view(
        "m-1",
        userId="u-17",
        userHash=user_hash(shop, "u-17"),
        context={**ANALYTICS, "page": {"url": "https://shop.se/p?email=a@b.se#x"}},
        properties={"product_id": "P1", "first_name": "Anna"},
        timestamp="2026-09-21T10:00:00Z",
    )
    same_day = {**call, "messageId": "m-2"}
    next_day = {**call, "messageId": "m-3", "timestamp": "2026-09-20T10:00:00Z"}
    client.post("/v1/batch", {"batch": [call, same_day, next_day]}, BROWSER_KEY)
    events = stored(shop)
    assert [event.message_id for event in events] == ["m-1", "m-2", "m-3"]
    first, second, third = events
    assert (first.subject, first.ids, first.traits, first.properties, first.personal) == (
        "",
        (),
        None,
        None,
        False,
    )
    assert first.url == "https://shop.se/p"
    assert first.items[0].id == "P1"
    assert first.session is not None
    assert first.session == second.session != third.session
    for table in ("identifiers", "subjects", "profiles"):
        assert shop.database.read_rows(f"SELECT 1 FROM {table}") == []
    assert counts(shop) == {("web", "anonymous"): 3}


def test_without_analytics_nothing_is_kept(client: Client, stored: Stored) -> None:
    reply = client.post("/v1/batch", {"batch": [view("m-1"), order("m-2")]}, BROWSER_KEY)
    assert reply.body["accepted"] == 2
    assert stored(client.shop) == []
    assert counts(client.shop) == {("web", "declined"): 2}
    refused = client.post("/v1/track", view("m-3", properties={}), BROWSER_KEY)
    assert refused.status == 400
    assert letters(client.shop) == [("web", "properties.product_id", "is missing", "")]


def test_a_contract_keeps_the_order_without_its_customer(client: Client, stored: Stored) -> None:
    client.post("/v1/batch", {"batch": [view("m-1"), order("m-2", userId="u-17")]}, TILL_KEY)
    (kept,) = stored(client.shop)
    assert (kept.kind, kept.order_id, kept.subject, kept.session, kept.ids, kept.personal) == (
        "purchase",
        "O-1",
        "",
        None,
        (),
        False,
    )


@pytest.mark.parametrize("name", ["Order Updated", "Order Resumed"])
def test_a_contract_keeps_what_an_order_becomes_too(client: Client, stored: Stored, name: str) -> None:
    client.post("/v1/batch", {"batch": [{**order("m-2", userId="u-17"), "event": name}]}, TILL_KEY)
    (kept,) = stored(client.shop)
    assert (kept.kind, kept.name, kept.order_id, kept.subject, kept.personal) == (
        "custom",
        name,
        "O-1",
        "",
        False,
    )
    assert len(kept.items) > 0


def test_what_a_person_said_holds_for_their_later_events(client: Client, stored: Stored) -> None:
    shop = client.shop
    yes = {"type": "track", "event": "consent", "anonymousId": "device-1", "messageId": "c-1"}
    yes["properties"] = {"analytics": True, "personalization": True}
    no = {**yes, "messageId": "c-2", "properties": {"personalization": "denied"}}
    client.post("/v1/batch", {"batch": [view("m-0"), yes, view("m-1")]}, BROWSER_KEY)
    client.post("/v1/track", view("m-2"), BROWSER_KEY)
    assert [event.message_id for event in stored(shop)] == ["c-1", "m-1", "m-2"]
    device = subject(shop, "anonymous_id", "device-1")
    before = read_profile(shop.database, device)
    assert before is not None
    assert len(before.recent) == 1
    shop.clock.advance(SECOND)  # type: ignore[attr-defined]
    client.post("/v1/batch", {"batch": [no, view("m-3")]}, BROWSER_KEY)
    last = stored(shop)[-1]
    assert (last.message_id, last.subject, last.personal) == ("m-3", "", False)
    after = read_profile(shop.database, device)
    assert after is None or (after.recent == () and after.consents["personalization"] is False)


def test_an_answer_about_mail_is_kept_though_the_event_is_not(client: Client, stored: Stored) -> None:
    shop = client.shop
    signed = {"userHash": user_hash(shop, "anna@butik.se")}
    call = {
        "type": "identify",
        "anonymousId": "device-1",
        "messageId": "i-1",
        "traits": {"email": "anna@butik.se", "name": "Anna", "consent": {"email": True}},
        "context": signed,
    }
    client.post("/v1/batch", {"batch": [call]}, BROWSER_KEY)
    (answer,) = stored(shop)
    assert (answer.message_id, answer.kind, answer.consent) == ("i-1:consent", "consent", {"email": True})
    assert answer.traits is None
    assert [kind for kind, _ in answer.ids] == ["anonymous_id", "email"]


def test_the_cookie_comes_with_consent_and_goes_with_it(sqlite_client: Client, stored: Stored) -> None:
    shop = sqlite_client.shop
    page = {"type": "page", "messageId": "p-1"}
    silent = sqlite_client.post("/v1/batch", {"batch": [page]}, BROWSER_KEY, host="shop.se")
    assert "set-cookie" not in silent.headers
    said = sqlite_client.post(
        "/v1/batch", {"batch": [{**page, "messageId": "p-2", "context": YES}]}, BROWSER_KEY, host="shop.se"
    )
    name, _, rest = said.headers["set-cookie"].partition("=")
    visitor, _, attributes = rest.partition(";")
    assert (name, len(visitor)) == ("expedit_id", 32)
    assert attributes == " Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure"
    (event,) = stored(shop)
    assert event.subject == subject(shop, "anonymous_id", visitor)
    cookie = f"a=b; expedit_id={visitor}"
    again = sqlite_client.post(
        "/v1/page", {"messageId": "p-3", "context": YES}, BROWSER_KEY, host="shop.se", cookie=cookie
    )
    assert "set-cookie" not in again.headers
    assert [event.subject for event in stored(shop)] == [event.subject] * 2
    withdrawn = {"event": "consent", "properties": {"analytics": False, "personalization": False}}
    gone = sqlite_client.post("/v1/track", withdrawn, BROWSER_KEY, host="127.0.0.1:8000", cookie=cookie)
    assert gone.headers["set-cookie"] == "expedit_id=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"


def test_the_cookie_takes_up_the_pages_own_id(sqlite_client: Client) -> None:
    reply = sqlite_client.post("/v1/batch", {"batch": [view("m-1", context=YES)]}, BROWSER_KEY)
    assert reply.headers["set-cookie"].startswith("expedit_id=device-1;")
    server = sqlite_client.post("/v1/batch", {"batch": [view("m-2", context=YES)]})
    assert "set-cookie" not in server.headers


def test_who_was_erased_does_not_come_back_with_an_old_event(client: Client, stored: Stored) -> None:
    shop = client.shop
    now = shop.clock()
    with shop.database.writing() as tx:
        erase_subjects(tx, [subject(shop, "user_id", "u-17")], now - DAY)
    old = {"userId": "u-17", "timestamp": (now - 2 * DAY) // SECOND}
    source = keys(shop).source("server")
    fates = [
        one.fate
        for one in ingest(
            shop,
            [call_of(view("m-1", **old)), call_of(order("m-2", **old)), call_of(view("m-3", userId="u-17"))],
            source,
            now,
        )
    ]
    assert fates == ["declined", "anonymous", "stored"]
    assert [(event.message_id, event.personal) for event in stored(shop)] == [("m-2", False), ("m-3", True)]


def test_late_and_out_of_order_events_are_taken(client: Client, stored: Stored) -> None:
    now = client.shop.clock()
    batch = [view(f"m-{day}", timestamp=(now - day * DAY) // SECOND) for day in (1, 40, 0, 400)]
    assert client.post("/v1/batch", {"batch": batch}).body["accepted"] == 4
    assert [event.at for event in stored(client.shop)] == [now - day * DAY for day in (1, 40, 0, 400)]


def test_segment_samples_over_http(client: Client, data_folder: Path, stored: Stored) -> None:
    folder = data_folder / "payloads" / "segment_spec"
    rows = [
        row.get("payload", row)
        for name in ("ecommerce_v2_track_calls", "spec_payloads")
        for row in json.loads((folder / f"{name}.json").read_text())
    ]
    reply = client.post("/v1/batch", {"batch": rows})
    # The samples repeat one messageId for different calls: the first one that bears it is the event.
    assert (reply.status, reply.body["refused"]) == (200, [])
    assert reply.body["accepted"] + reply.body["duplicates"] == 57
    # A group call that names nobody says nothing to keep.
    assert (reply.body["accepted"], len(stored(client.shop))) == (52, 51)
    assert counts(client.shop)["server", "declined"] == 1
