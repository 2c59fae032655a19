"""Whose a webhook is: signature, domain, topic, delivery, and the people that it names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from expedit.connections import Connection, Hook, receive, rotate_secret
from expedit.connections.shopify.hook import people_in, signature_of, visitor_in
from expedit.connections.shopify.hook import receive as check
from expedit.core import InvalidInput, NotAllowed
from expedit.storage import Shop
from tests.connections.shopify_messages import DOMAIN, SECRET, connect, hook

SHOPIFY = Connection("s", "shopify", "Shopify", "s", {"shop": DOMAIN}, True, 0)


def test_the_signature_is_that_of_the_documentation() -> None:
    body = b'{"id":1}'
    expected = base64.b64encode(hmac.new(b"hush", body, hashlib.sha256).digest()).decode()
    assert signature_of(body, "hush") == expected


@given(st.binary(max_size=200), st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_body_does_not_fit(body: bytes, place: int, change: int) -> None:
    given_hook = hook("orders/create", body)
    assert check(SHOPIFY, given_hook, [SECRET]).topic == "orders/create"
    if body:
        at = place % len(body)
        changed = body[:at] + bytes([body[at] ^ change]) + body[at + 1 :]
        with pytest.raises(NotAllowed):
            check(SHOPIFY, Hook(given_hook.headers, changed, 0), [SECRET])


def test_header_names_may_be_in_any_case_and_without_the_x() -> None:
    given_hook = hook("orders/create", {"id": 1})
    for rename in (str.upper, str.title, lambda name: name.removeprefix("x-")):
        headers = {rename(name): value for name, value in given_hook.headers.items()}
        assert check(SHOPIFY, Hook(headers, given_hook.body, 0), [SECRET]).topic == "orders/create"


@pytest.mark.parametrize("signature", ["", "not base64", "å", base64.b64encode(b"x" * 32).decode()])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    given_hook = hook("orders/create", {"id": 1})
    headers = {**given_hook.headers, "x-shopify-hmac-sha256": signature}
    with pytest.raises(NotAllowed, match="does not fit the client secret"):
        check(SHOPIFY, Hook(headers, given_hook.body, 0), [SECRET])


def test_without_a_secret_nothing_fits() -> None:
    with pytest.raises(NotAllowed):
        check(SHOPIFY, hook("orders/create", {"id": 1}), [])


def test_a_message_of_another_shop_is_refused() -> None:
    given_hook = hook("orders/create", {"id": 1})
    headers = {**given_hook.headers, "x-shopify-shop-domain": "other.myshopify.com"}
    with pytest.raises(NotAllowed, match=r"of other\.myshopify\.com, not of fjallbutiken"):
        check(SHOPIFY, Hook(headers, given_hook.body, 0), [SECRET])


def test_a_message_without_a_topic_is_refused() -> None:
    given_hook = hook("", {"id": 1})
    with pytest.raises(InvalidInput) as caught:
        check(SHOPIFY, given_hook, [SECRET])
    assert caught.value.field == "X-Shopify-Topic"


def test_the_same_event_is_a_duplicate_and_another_topic_of_it_is_none(shop: Shop) -> None:
    one = connect(shop)
    assert receive(shop, one, hook("orders/create", {"id": 1}, event="e1"))
    assert not receive(shop, one, hook("orders/create", {"id": 1}, event="e1", webhook_id="w2"))
    assert receive(shop, one, hook("orders/updated", {"id": 1}, event="e1"))
    assert receive(shop, one, hook("orders/create", {"id": 2}, event="e1"))
    assert receive(shop, one, hook("orders/create", {"id": 1}, event="e2"))


def test_without_an_event_id_the_webhook_id_tells(shop: Shop) -> None:
    one = connect(shop)
    assert receive(shop, one, hook("orders/create", {"id": 1}, webhook_id="w1"))
    assert not receive(shop, one, hook("orders/create", {"id": 1}, webhook_id="w1"))
    assert receive(shop, one, hook("orders/create", {"id": 1}, webhook_id="w2"))


def test_a_new_secret_and_the_former_both_count(shop: Shop) -> None:
    one = connect(shop)
    rotate_secret(shop, one.id, "client_secret", "shpss_another")
    newer = hook("orders/create", {"id": 1})
    headers = {**newer.headers, "x-shopify-hmac-sha256": signature_of(newer.body, "shpss_another")}
    assert receive(shop, one, Hook(headers, newer.body, 0))
    assert receive(shop, one, hook("orders/create", {"id": 2}))


def test_people_are_found_wherever_a_body_names_them() -> None:
    body = {
        "email": "anna@lind.se",
        "phone": "+46701234567",
        "customer": {"id": 77, "email": "anna@old.se", "phone": None},
        "line_items": [],
        "note_attributes": [{"name": "expedit_id", "value": "visitor-1"}],
    }
    assert list(people_in(json.dumps(body).encode())) == [
        ("user_id", "77"),
        ("email", "anna@lind.se"),
        ("phone", "+46701234567"),
        ("email", "anna@old.se"),
        ("anonymous_id", "visitor-1"),
    ]
    customer = {"id": 77, "email": "anna@lind.se"}
    assert list(people_in(json.dumps(customer).encode())) == [("user_id", "77"), ("email", "anna@lind.se")]
    assert list(people_in(b'{"id": 5, "title": "a product"}')) == []
    assert list(people_in(b"[1, 2")) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["customer", "email", "id", "phone", "note_attributes", "name", "value"]),
                inner,
            )
        ),
    )
)
@example({"note_attributes": [{"name": ["expedit_id"], "value": 1}, {"name": {}, "value": 1}]})
def test_no_body_breaks_the_search_for_people(value: object) -> None:
    for kind, raw in people_in(json.dumps(value).encode()):
        assert kind in {"user_id", "email", "phone", "anonymous_id"}
        assert isinstance(raw, str)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ([{"name": "gift", "value": "yes"}, {"name": "_expedit_id", "value": " v1 "}], "v1"),
        ([{"key": "expedit_id", "value": "v1"}], "v1"),
        ({"expedit_id": "v1"}, "v1"),
        ([{"name": "expedit_id", "value": ""}], ""),
        (["expedit_id"], ""),
        (None, ""),
    ],
)
def test_the_visitor_id_is_read_from_cart_attributes(attributes: object, expected: str) -> None:
    assert visitor_in(attributes) == expected
