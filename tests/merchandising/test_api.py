"""Rules over HTTP: made, published, changed by who saw them last, looked through."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from expedit.access import Wanted, keys, read_audit
from expedit.core import SECOND
from expedit.features import Feature, install
from expedit.merchandising import live_rules
from expedit.merchandising.api import routes
from expedit.storage import Shop
from expedit.web import build_application
from tests.merchandising.goods import goods

BODY = {"name": "No Fjord", "action": {"do": "exclude", "which": {"brand": "Fjord"}}}

PIN = {"name": "Pin", "action": {"do": "pin", "products": ["p01", " "]}}


def conflict(**groups: list[str]) -> dict[str, object]:
    groups = {"brands": ["Fjord"], "against": ["Gran"]} | groups
    return {"name": "Rivals", "action": {"do": "brand_conflict", **groups}}


class Client:
    """Asks the routes of rules with a secret key."""

    def __init__(self, shop: Shop, scope: str = "rules:write") -> None:
        self._application = build_application(routes(shop), version="0", allowed_origins=())
        self._secret = keys(shop).add_api_key("test", (scope,))  # type: ignore[arg-type]

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._application)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                headers = {"Authorization": f"Bearer {self._secret}"}
                return await client.request(method, path, json=body, headers=headers)

        answer = asyncio.run(ask())
        return answer.status_code, answer.json()


@pytest.fixture
def client(sqlite_shop: Shop) -> Client:
    goods(sqlite_shop)
    return Client(sqlite_shop)


def test_a_rule_from_its_making_to_its_undoing(client: Client, sqlite_shop: Shop, shop_clock) -> None:
    status, made = client("POST", "/v1/rules", BODY)
    rule_id = made["rule"]["id"]  # type: ignore[index]
    assert (status, made["state"], made["version"]) == (201, "draft", 1)
    assert client("POST", f"/v1/rules/{rule_id}/publish", {"version": 1})[1]["state"] == "published"
    shop_clock.advance(SECOND)
    assert [rule.name for rule in live_rules(sqlite_shop).current().rules] == ["No Fjord"]
    changed = BODY | {"name": "Fjord never", "version": 2}
    draft = client("PUT", f"/v1/rules/{rule_id}", changed)[1]
    assert (draft["state"], draft["version"], draft["live"]) == ("draft", 3, 2)
    shop_clock.advance(SECOND)
    assert [rule.name for rule in live_rules(sqlite_shop).current().rules] == ["No Fjord"]
    status, problem = client("PUT", f"/v1/rules/{rule_id}", changed)
    assert status == 409 and "meanwhile (version 3)" in str(problem["detail"])
    assert client("POST", f"/v1/rules/{rule_id}/undo", {"version": 3})[1]["rule"]["name"] == "No Fjord"  # type: ignore[index]
    history = client("GET", f"/v1/rules/{rule_id}")[1]["rules"]
    assert [one["change"] for one in history] == ["undone", "changed", "published", "created"]  # type: ignore[union-attr]
    assert {one["author"].partition(":")[0] for one in history} == {"key"}  # type: ignore[union-attr]
    noted = read_audit(sqlite_shop, Wanted(subject=rule_id))
    assert [one.action for one in reversed(noted)] == [
        "rules.create", "rules.publish", "rules.change", "rules.undo",
    ]  # fmt: skip
    assert {one.actor for one in noted} == {history[0]["author"]}  # type: ignore[index]


def test_order_and_lint(client: Client) -> None:
    ids = [client("POST", "/v1/rules", BODY | {"name": name})[1]["rule"]["id"] for name in "ab"]  # type: ignore[index]
    assert client("GET", "/v1/rules")[1]["order"] == 0
    answer = client("PUT", "/v1/rules-order", {"ids": ids[::-1], "version": 0})[1]
    assert [one["rule"]["name"] for one in answer["rules"]] == ["b", "a"]  # type: ignore[union-attr]
    assert answer["order"] == client("GET", "/v1/rules")[1]["order"] == 1
    status, problem = client("PUT", "/v1/rules-order", {"ids": ids, "version": 0})
    assert status == 409 and "meanwhile (version 1)" in str(problem["detail"])
    assert [one["rule"]["name"] for one in client("GET", "/v1/rules")[1]["rules"]] == ["b", "a"]  # type: ignore[union-attr]
    client("POST", "/v1/rules", {"name": "c", "action": {"do": "only", "which": {"brand": "Nobody"}}})
    found = client("GET", "/v1/rules-lint?market=SE")[1]["findings"]
    assert {"fits_nothing", "empties"} <= {one["complaint"] for one in found}  # type: ignore[union-attr]
    assert client("GET", "/v1/rules-lint?market=XX")[0] == 400


def test_what_lint_takes_seriously_is_not_put_in_force_unless_it_is_meant(
    client: Client, sqlite_shop: Shop, shop_clock
) -> None:
    body = {"name": "Nothing", "action": {"do": "only", "which": {"brand": "Nobody"}}}
    rule_id = client("POST", "/v1/rules", body)[1]["rule"]["id"]  # type: ignore[index]
    status, problem = client("POST", f"/v1/rules/{rule_id}/publish", {"version": 1})
    assert status == 409 and "anyway" in str(problem["detail"])
    found = problem["findings"]
    assert {"fits_nothing", "empties"} <= {one["complaint"] for one in found}  # type: ignore[union-attr]
    assert {one["rule"] for one in found} == {rule_id}  # type: ignore[union-attr]
    assert not live_rules(sqlite_shop).newest()
    assert client("POST", f"/v1/rules/{rule_id}/publish", {"version": 1, "anyway": True})[0] == 200
    assert client("POST", f"/v1/rules/{rule_id}/archive", {"version": 2})[0] == 200
    status, problem = client("POST", f"/v1/rules/{rule_id}/undo", {"version": 3})
    assert status == 409 and problem["findings"]
    assert not live_rules(sqlite_shop).newest()
    back = client("POST", f"/v1/rules/{rule_id}/restore", {"version": 3, "restore": 2})
    assert (back[0], back[1]["state"]) == (200, "draft")  # a draft needs no leave
    assert not live_rules(sqlite_shop).newest()
    client("POST", f"/v1/rules/{rule_id}/archive", {"version": 4})
    client("POST", f"/v1/rules/{rule_id}/undo", {"version": 5, "anyway": True})
    assert client("POST", f"/v1/rules/{rule_id}/publish", {"version": 6, "anyway": True})[0] == 200
    assert live_rules(sqlite_shop).newest()


def test_what_is_not_serious_is_put_in_force(client: Client) -> None:
    body = {"name": "All", "action": {"do": "boost", "which": {}}}
    rule_id = client("POST", "/v1/rules", body)[1]["rule"]["id"]  # type: ignore[index]
    assert client("POST", f"/v1/rules/{rule_id}/publish", {"version": 1})[0] == 200


def test_a_draft_beside_a_rule_in_force_is_discarded(client: Client) -> None:
    rule_id = client("POST", "/v1/rules", BODY)[1]["rule"]["id"]  # type: ignore[index]
    client("POST", f"/v1/rules/{rule_id}/publish", {"version": 1})
    client("PUT", f"/v1/rules/{rule_id}", BODY | {"name": "Other", "version": 2})
    told = client("POST", f"/v1/rules/{rule_id}/discard", {"version": 3})[1]
    assert (told["rule"]["name"], told["state"], told["live"]) == ("No Fjord", "published", 2)  # type: ignore[index]
    for step, reason in (("discard", "no draft to discard"), ("publish", "it is in force as it stands")):
        status, problem = client("POST", f"/v1/rules/{rule_id}/{step}", {"version": 4})
        assert status == 409 and reason in str(problem["detail"])
    assert len(client("GET", f"/v1/rules/{rule_id}")[1]["rules"]) == 4  # type: ignore[arg-type]


@pytest.mark.parametrize("version", [99, 2**63, 10**30])
def test_an_edition_that_there_never_was_is_not_found(client: Client, version: int) -> None:
    rule_id = client("POST", "/v1/rules", BODY)[1]["rule"]["id"]  # type: ignore[index]
    assert client("POST", f"/v1/rules/{rule_id}/restore", {"version": 1, "restore": version})[0] == 404
    assert client("POST", f"/v1/rules/{rule_id}/publish", {"version": version})[0] == 409


def test_lint_knows_the_shops_placements_as_the_panel_does(client: Client, sqlite_shop: Shop) -> None:
    install(
        sqlite_shop, [Feature(name="spots", lists={"placement": lambda shop, language: {"home": "Home"}})]
    )
    client("POST", "/v1/rules", BODY | {"placements": ["hom"]})
    found = client("GET", "/v1/rules-lint")[1]["findings"]
    assert ("unknown_placement", "hom") in {(one["complaint"], one["detail"]) for one in found}  # type: ignore[union-attr]
    assert client("GET", "/v1/rules-lint?drafts=false")[1]["findings"] == []


@pytest.mark.parametrize(
    ("where", "complaint"), [("channels", "unknown_channel"), ("markets", "unknown_market")]
)
def test_a_rule_for_a_place_that_does_not_exist_is_not_put_in_force_without_a_word(
    client: Client, sqlite_shop: Shop, where: str, complaint: str
) -> None:
    lists = {"channel": lambda shop, language: {"kiosk": "Kiosk"}}
    install(sqlite_shop, [Feature(name="spots", lists=lists)])
    named = {"channels": ["app", "kiosk"], "markets": ["SE"]}[where]
    fine = client("POST", "/v1/rules", BODY | {where: named})[1]["rule"]["id"]  # type: ignore[index]
    assert client("POST", f"/v1/rules/{fine}/publish", {"version": 1})[0] == 200
    dead = client("POST", "/v1/rules", BODY | {where: ["nope"]})[1]["rule"]["id"]  # type: ignore[index]
    status, problem = client("POST", f"/v1/rules/{dead}/publish", {"version": 1})
    told = [(one["complaint"], one["detail"], one["serious"]) for one in problem["findings"]]  # type: ignore[union-attr]
    assert (status, told) == (409, [(complaint, "nope", True)])
    assert client("POST", f"/v1/rules/{dead}/publish", {"version": 1, "anyway": True})[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("POST", "/v1/rules", BODY | {"when": {"person.age": 1}}, 400, "when.person.age"),
        ("POST", "/v1/rules", BODY | {"colour": 1}, 400, "colour"),
        ("POST", "/v1/rules", conflict(brands=["  "]), 400, "action.brands: holds an empty name"),
        ("POST", "/v1/rules", conflict(against=["Gran", ""]), 400, "action.against: holds an empty name"),
        ("POST", "/v1/rules", PIN, 400, "action.products: holds an empty name"),
        ("POST", "/v1/rules", BODY | {"placements": [""]}, 400, "placements: holds an empty name"),
        ("POST", "/v1/rules", BODY | {"channels": [" "]}, 400, "channels: holds an empty name"),
        ("POST", "/v1/rules", BODY | {"markets": ["SE", " "]}, 400, "markets: holds an empty name"),
        ("POST", "/v1/rules/none/publish", {"version": 1}, 404, ""),
        ("POST", "/v1/rules/none/vanish", {"version": 1}, 400, "step"),
        ("PUT", "/v1/rules-order", {"ids": [], "version": 10**30}, 409, "nothing is arranged"),
        ("PUT", "/v1/rules/none", BODY, 400, "version"),
        ("PUT", "/v1/rules-order", {"ids": []}, 400, "version"),
        ("GET", "/v1/rules/none", None, 404, ""),
    ],
)
def test_bad_input_is_told(
    client: Client, method: str, path: str, body: object, status: int, field: str
) -> None:
    told, problem = client(method, path, body)
    assert told == status
    if field:
        assert field in str(problem)


def test_another_scope_is_not_enough(sqlite_shop: Shop) -> None:
    stranger = Client(sqlite_shop, "decide")
    assert stranger("GET", "/v1/rules")[0] == 403
    assert stranger("POST", "/v1/rules", BODY)[0] == 403
