"""Audiences over HTTP: made, published, counted, looked through, exported."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from expedit.access import Scope, Wanted, keys, read_audit
from expedit.audiences import counter, live_audiences
from expedit.audiences.api import routes
from expedit.core import SECOND
from expedit.events import Event, append
from expedit.identity import identify, remember_identifiers
from expedit.orders import keep_orders
from expedit.profiles import record
from expedit.storage import Shop
from expedit.web import build_application
from tests.audiences.replaying import stock_goods
from tests.profiles.histories import event, item

WOOL = {"attributes.material": "wool"}
BODY = {"name": "Wool people", "when": {"bought": {"$elemMatch": WOOL}}}


class Client:
    """Asks the routes of audiences with a secret key."""

    def __init__(self, shop: Shop, *scopes: Scope) -> None:
        self._application = build_application(routes(shop), version="0", allowed_origins=())
        self._secret = keys(shop).add_api_key("test", scopes)

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._application)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                headers = {"Authorization": f"Bearer {self._secret}"}
                return await client.request(method, path, json=body, headers=headers)

        answer = asyncio.run(ask())
        return answer.status_code, answer.json()


def buyers(shop: Shop, numbers: Sequence[int]) -> list[str]:
    """Let Kari number n buy product n; return who they are by subject."""
    events: list[Event] = []
    subjects = []
    with shop.database.writing() as tx:
        for number in numbers:
            known = identify(shop.secret, "email", f"kari{number}@example.com")
            remember_identifiers(tx, [known])
            ids = [("email", known.subject_id)]
            events.append(
                event(
                    shop.clock() - number * SECOND, f"m{number}", ids, "purchase", [item(number)],  # type: ignore[arg-type]
                    order_id=f"o{number}", currency="SEK", market="SE",
                )
            )  # fmt: skip
            subjects.append(known.subject_id)
        append(tx, events)
        record(tx, shop, events)
    keep_orders(shop)
    return subjects


@pytest.fixture
def client(sqlite_shop: Shop) -> Client:
    stock_goods(sqlite_shop)
    return Client(sqlite_shop, "audiences:write", "audiences:read", "people:read")


def test_an_audience_from_its_making_to_its_members(client: Client, sqlite_shop: Shop, shop_clock) -> None:
    subjects = buyers(sqlite_shop, [1, 2, 3, 4, 5])
    status, made = client("POST", "/v1/audiences", BODY)
    assert (status, made["state"], made["audience"]["id"]) == (201, "draft", "wool-people")  # type: ignore[index]
    status, estimate = client("POST", "/v1/audiences-estimate", {"when": BODY["when"]})
    assert (status, estimate) == (
        200, {"members": 3, "low": 3, "high": 3, "people": 5, "lookedAt": 5, "examples": []},
    )  # fmt: skip
    assert client("GET", "/v1/audiences/wool-people/members")[1] == {"members": [], "next": None}
    assert client("POST", "/v1/audiences/wool-people/publish", {"version": 1})[1]["state"] == "published"
    shop_clock.advance(SECOND)
    counted = client("POST", "/v1/audiences-count")[1]["audiences"]
    assert [(one["edition"]["audience"]["id"], one["size"]["members"]) for one in counted] == [  # type: ignore[union-attr]
        ("wool-people", 3)
    ]
    found, after = [], ""
    while after is not None:
        page = client("GET", f"/v1/audiences/wool-people/members?limit=2&after={after}")[1]
        found += page["members"]  # type: ignore[operator]
        after = page["next"]  # type: ignore[assignment]
    assert sorted(one["identifiers"][0]["value"] for one in found) == [
        "kari1@example.com", "kari3@example.com", "kari5@example.com",
    ]  # fmt: skip
    assert {one["personId"] for one in found} == {subjects[0], subjects[2], subjects[4]}
    status, mine = client("GET", "/v1/people/email/kari3@example.com/audiences")
    assert (status, [one["id"] for one in mine["audiences"]]) == (200, ["wool-people"])  # type: ignore[union-attr]
    assert client("GET", "/v1/people/email/kari2@example.com/audiences")[1]["audiences"] == []
    told = client("GET", "/v1/audiences/wool-people")[1]
    assert [one["change"] for one in told["editions"]] == ["published", "created"]  # type: ignore[union-attr]
    assert [one["members"] for one in told["sizes"]] == [3]  # type: ignore[union-attr]
    noted = read_audit(sqlite_shop, Wanted(subject="wool-people"))
    assert [one.action for one in reversed(noted)] == ["audiences.create", "audiences.publish"]


def test_what_is_wrong_is_told_by_its_place(client: Client) -> None:
    status, problem = client("POST", "/v1/audiences", BODY | {"when": {"bougth": {"$exists": True}}})
    assert status == 422 or status == 400
    assert "bought" in str(problem["detail"])
    assert client("GET", "/v1/audiences/nobody")[0] == 404
    client("POST", "/v1/audiences", BODY)
    assert client("PUT", "/v1/audiences/wool-people", BODY)[0] in {400, 422}
    changed = BODY | {"name": "Wool lovers", "version": 1}
    assert client("PUT", "/v1/audiences/wool-people", changed)[1]["version"] == 2
    status, problem = client("PUT", "/v1/audiences/wool-people", changed)
    assert status == 409 and "meanwhile (version 2)" in str(problem["detail"])
    assert client("PUT", "/v1/audiences/wool-people", changed | {"version": 2**63 - 1})[0] == 409
    assert client("POST", "/v1/audiences/wool-people/sell", {"version": 2})[0] in {400, 422}
    assert client("GET", "/v1/audiences/wool-people/members?limit=0")[0] in {400, 422}


def test_a_change_waits_beside_what_is_in_force(client: Client, sqlite_shop: Shop, shop_clock) -> None:
    buyers(sqlite_shop, [1, 2, 3, 4, 5])
    at = "/v1/audiences/wool-people"
    client("POST", "/v1/audiences", BODY)
    client("POST", f"{at}/publish", {"version": 1})
    client("POST", "/v1/audiences-count")
    draft = client("PUT", at, {"name": "Everybody", "when": {}, "version": 2})[1]
    assert (draft["state"], draft["version"], draft["live"]) == ("draft", 3, 2)
    shop_clock.advance(SECOND)
    [counted] = client("POST", "/v1/audiences-count")[1]["audiences"]  # type: ignore[misc]
    assert (counted["edition"]["audience"]["name"], counted["size"]["members"]) == ("Wool people", 3)
    [listed] = client("GET", "/v1/audiences")[1]["audiences"]  # type: ignore[misc]
    assert (listed["edition"]["audience"]["name"], listed["size"]["version"]) == ("Everybody", 2)
    assert client("POST", f"{at}/discard", {"version": 3})[1]["change"] == "discarded"
    restored = client("POST", f"{at}/restore", {"version": 4, "restore": 3})[1]
    assert (restored["change"], restored["live"]) == ("restored", 2)
    assert client("POST", f"{at}/publish", {"version": 5})[1]["live"] == 6
    shop_clock.advance(SECOND)
    [counted] = client("POST", "/v1/audiences-count")[1]["audiences"]  # type: ignore[misc]
    assert (counted["size"]["members"], counted["size"]["version"]) == (5, 6)
    noted = read_audit(sqlite_shop, Wanted(subject="wool-people"))
    assert [one.action for one in reversed(noted)] == [
        f"audiences.{deed}" for deed in ("create", "publish", "change", "discard", "restore", "publish")
    ]


def test_nobody_is_in_an_audience_that_was_withdrawn_while_it_was_counted(
    client: Client, sqlite_shop: Shop
) -> None:
    buyers(sqlite_shop, [1, 2, 3])
    at = "/v1/audiences/wool-people"
    client("POST", "/v1/audiences", BODY)
    client("POST", f"{at}/publish", {"version": 1})
    book = list(live_audiences(sqlite_shop).newest().values())
    client("POST", f"{at}/draft", {"version": 2})
    assert counter(sqlite_shop).recount(book) == {"wool-people": 2}
    assert client("GET", f"{at}/members")[1] == {"members": [], "next": None}


def test_who_may_look_may_not_change_nor_see_people(sqlite_shop: Shop) -> None:
    looking = Client(sqlite_shop, "audiences:read")
    assert looking("GET", "/v1/audiences")[0] == 200
    assert looking("POST", "/v1/audiences", BODY)[0] == 403
    assert looking("GET", "/v1/audiences/x/members")[0] == 403
