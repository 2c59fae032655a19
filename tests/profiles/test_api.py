"""What staff can ask and do over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from expedit.access import keys
from expedit.core import format_time
from expedit.events import Event, EventItem, append
from expedit.orders import keep_orders
from expedit.profiles.api import routes
from expedit.storage import Shop
from expedit.web import build_application
from tests.profiles.test_people import Till

Client = TestClient[Litestar]
AT = 1_790_000_000_000_000


@pytest.fixture
def client(shop: Shop) -> Iterator[Client]:
    with TestClient(build_application(routes(shop), version="test")) as client:  # type: ignore[arg-type,type-var]
        yield client  # type: ignore[misc]


@pytest.fixture
def till(shop: Shop) -> Till:
    till = Till(shop)
    email, anna, device = (
        till.known_as("email", "anna@shop.se"),
        till.known_as("user_id", "anna"),
        till.known_as("anonymous_id", "d1"),
    )
    till.tell(1, [device], "add_to_cart", "boots")
    till.tell(2, [device, email], "consent", consent={"email": True})
    till.tell(3, [anna, email], "login")
    return till


def key(shop: Shop, *scopes: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {keys(shop).add_api_key('staff', scopes)}"}


def test_a_person_is_shown_with_everything_that_led_to_them(client: Client, till: Till) -> None:
    answer = client.get("/v1/people/email/ANNA@shop.se", headers=key(till.shop, "people:read"))
    assert answer.status_code == 200
    told = answer.json()
    anna = till.known_as("user_id", "anna").subject_id
    assert told["personId"] == anna
    assert [(one["kind"], one["value"]) for one in told["identifiers"]] == [
        ("user_id", "anna"),
        ("email", "anna@shop.se"),
        ("anonymous_id", "d1"),
    ]
    assert told["consents"] == {"email": True}
    assert [line["product"] for line in told["profile"]["cart"]] == ["boots"]
    assert [(one["outcome"], one["messageId"]) for one in told["merges"]] == [
        ("merged", "m003"),
        ("attached", "m002"),
    ]
    assert told["separations"] == []


def test_a_merge_is_undone_and_redone(client: Client, till: Till) -> None:
    write, read = key(till.shop, "people:write"), key(till.shop, "people:read")
    merge = client.get("/v1/people/user_id/anna", headers=read).json()["merges"][0]
    assert client.post(f"/v1/people/merges/{merge['id']}/undo", headers=read).status_code == 403
    undone = client.post(f"/v1/people/merges/{merge['id']}/undo", headers=write)
    assert undone.status_code == 200
    assert {undone.json()["a"], undone.json()["b"]} == {merge["a"], merge["b"]}
    told = client.get("/v1/people/user_id/anna", headers=read).json()
    assert told["profile"]["cart"] == []
    assert [one["id"] for one in told["separations"]] == [undone.json()["id"]]
    assert client.post(f"/v1/people/merges/{merge['id']}/undo", headers=write).status_code == 409
    back = client.post(f"/v1/people/separations/{undone.json()['id']}/undo", headers=write)
    assert back.json()["undone"] is not None
    told = client.get("/v1/people/user_id/anna", headers=read).json()
    assert [line["product"] for line in told["profile"]["cart"]] == ["boots"]
    pair = {"a": merge["a"], "b": merge["b"]}
    assert client.post("/v1/people/separations", json=pair, headers=write).status_code == 201


def test_a_persons_orders_are_told(client: Client, till: Till) -> None:
    anna = till.known_as("user_id", "anna").subject_id
    bought = Event(
        "m-9",
        kind="purchase",
        at=AT,
        received=AT,
        subject=anna,
        source="till",
        channel="store",
        order_id="O-1",
        currency="SEK",
        market="SE",
        value=179_600,
        shipping=4_900,
        items=(EventItem("J1", "J1-M", 1, 149_900, product="J1"), EventItem("S1", None, 3, 9_900)),
    )
    with till.shop.database.writing() as tx:
        append(tx, [bought])
    keep_orders(till.shop)
    read = key(till.shop, "people:read")
    assert client.get("/v1/people/email/anna@shop.se/orders", headers=read).json() == [
        {
            "orderId": "O-1",
            "at": format_time(AT),
            "status": "placed",
            "channel": "store",
            "market": "SE",
            "currency": "SEK",
            "value": "1796.00",
            "shipping": "49.00",
            "refunded": "0.00",
            "lines": [
                {
                    "itemId": "J1",
                    "productId": "J1",
                    "variantId": "J1-M",
                    "quantity": 1,
                    "returned": 0,
                    "price": "1499.00",
                },
                {
                    "itemId": "S1",
                    "productId": None,
                    "variantId": None,
                    "quantity": 3,
                    "returned": 0,
                    "price": "99.00",
                },
            ],
        }
    ]
    assert client.get("/v1/people/email/anna@shop.se/orders").status_code in {401, 403}
    assert client.get("/v1/people/email/bea@shop.se/orders", headers=read).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/people/user_id/nobody", 404),
        ("/v1/people/shoe_size/46", 400),
        ("/v1/people/user_id/undefined", 400),
    ],
)
def test_what_cannot_be_found_is_said(client: Client, till: Till, path: str, status: int) -> None:
    assert client.get(path, headers=key(till.shop, "people:read")).status_code == status


def test_nothing_is_told_without_a_key(client: Client, till: Till) -> None:
    assert client.get("/v1/people/user_id/anna").status_code in {401, 403}
    assert client.get("/v1/people/user_id/anna", headers=key(till.shop, "decide")).status_code == 403
