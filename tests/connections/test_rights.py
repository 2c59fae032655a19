"""What platforms ask for on behalf of a person is done, once, and leaves proof that names nobody."""

from __future__ import annotations

from typing import Any

from expedit.access import read_audit
from expedit.app import FEATURES
from expedit.connections import open_requests, process, receive, requests_of
from expedit.connections.rights import carry_out, export_request
from expedit.features import install
from expedit.identity import subject_of
from expedit.orders import find_order, keep_orders
from expedit.profiles import person_of
from expedit.storage import Shop
from tests.connections.shopify_messages import connect, deliver, hook, order

ANNA: dict[str, Any] = {"id": 77, "email": "anna@lind.se", "phone": None}


def with_order(shop: Shop) -> Any:
    install(shop, FEATURES)
    one = connect(shop)
    deliver(shop, one, "orders/create", order())
    keep_orders(shop)
    return one


def test_a_customer_is_erased_everywhere(shop: Shop) -> None:
    one = with_order(shop)
    anna = subject_of(shop.secret, "user_id", "77")
    assert person_of(shop.database, anna) is not None
    body = {"shop_id": 1, "customer": ANNA, "orders_to_redact": [5001]}
    deliver(shop, one, "customers/redact", body)
    assert [request.kind for request in open_requests(shop)] == ["erasure"]
    assert carry_out(shop) == 1
    assert carry_out(shop) == 0
    assert person_of(shop.database, anna) is None
    found = find_order(shop, "5001")
    assert found is not None
    assert (found.subjects, found.value) == ((), 19900)
    (request,) = requests_of(shop, one.id)
    assert (request.subjects, request.result) == ((), {"erased": 1})
    with shop.database.reading() as tx:
        assert tx.rows("SELECT topic FROM inbox WHERE subjects LIKE ?", (f"%{anna}%",)) == []
    actions = [entry.action for entry in read_audit(shop) if entry.action.startswith("connections.")]
    assert actions == ["connections.did_erasure", "connections.asked_erasure"]


def test_an_erased_customer_does_not_come_back_with_a_late_message(shop: Shop) -> None:
    one = with_order(shop)
    receive(shop, one, hook("orders/updated", order(updated_at="2026-09-02T10:00:00+02:00"), event="late"))
    deliver(shop, one, "customers/redact", {"customer": ANNA})
    carry_out(shop)
    process(shop)
    assert person_of(shop.database, subject_of(shop.secret, "user_id", "77")) is None


def test_a_whole_shop_is_erased_but_not_what_came_another_way(shop: Shop) -> None:
    one = with_order(shop)
    deliver(shop, one, "orders/create", order(5002, customer={"id": 78}, email="ola@berg.no"))
    deliver(shop, one, "shop/redact", {"shop_id": 1, "shop_domain": "fjallbutiken.myshopify.com"})
    assert carry_out(shop) == 1
    (request,) = requests_of(shop, one.id)
    assert request.result == {"erased": 2}
    for user in ("77", "78"):
        assert person_of(shop.database, subject_of(shop.secret, "user_id", user)) is None


def test_access_gives_everything_and_waits_for_somebody_to_fetch_it(shop: Shop) -> None:
    one = with_order(shop)
    deliver(shop, one, "customers/data_request", {"customer": ANNA, "data_request": {"id": 9}})
    assert carry_out(shop) == 0
    (request,) = open_requests(shop)
    persons: Any = export_request(shop, request)["persons"]
    assert len(persons) == 1
    assert [one["id"] for one in persons[0]["orders"]["orders"]] == ["5001"]


def test_the_same_request_twice_is_one(shop: Shop) -> None:
    one = with_order(shop)
    for event in ("a", "b"):
        body = {"customer": ANNA, "data_request": {"id": 9}}
        receive(shop, one, hook("customers/data_request", body, event=event))
    process(shop)
    assert len(requests_of(shop, one.id)) == 1
