"""Every route of the OpenAPI document, asked with no key, a wrong one, the public one and one of each scope.

A route that the table below does not know fails the test: whoever adds one says who may call it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from expedit.access import SCOPES, Scope, keys, user_hash
from expedit.app import create_application
from expedit.core import Struct
from expedit.identity import identify
from expedit.storage import Shop, open_shop
from tests.app.fixtures import house
from tests.app.houses import PLAIN, House, row

__all__ = ["house"]

CONSENT = {"analytics": True, "personalization": True}
EMAIL, USER, DEVICE, NAME, SECRET_WISH = (
    "kari.nordmann@example.com", "kund-kari", "device-of-kari", "Kari Nordmann", "p5",
)  # fmt: skip
OPEN, PUBLIC, SIGNED = "open", "public", "signed"


class Rule(Struct, frozen=True):
    """Who may call a route: anybody, a public key, the holder of a scope, or a connected shop's signature."""

    who: str
    body: Any = None
    scope: str = ""
    """What a secret key needs for a route that is open to public keys too."""


TRACK = {
    "type": "track",
    "event": "Product Viewed",
    "anonymousId": "device-of-nobody",
    "properties": {"product_id": "p1"},
}
RULE = {"name": "Nothing of nobody", "action": {"do": "exclude", "which": {"brand": "Nobody"}}}
LANDING = {"name": "Nobody's", "words": {"sv": {"title": "Nobody's"}}}
PLACEMENT = {"name": "nobodys", "titles": {"en": "Nobody's"}, "ladder": [{"strategy": "new"}]}
ASK = {"anonymousId": "device-of-nobody", "consent": CONSENT}

RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/healthz"): Rule(OPEN),
    ("GET", "/readyz"): Rule(OPEN),
    **{
        ("POST", f"/v1/{name}"): Rule(PUBLIC, TRACK, "track")
        for name in ("track", "t", "identify", "i", "page", "p", "screen", "s", "alias", "a", "group", "g")
    },
    **{
        ("POST", path): Rule(PUBLIC, {"batch": [TRACK]}, "track")
        for path in ("/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch")
    },
    ("POST", "/v1/recommend"): Rule(PUBLIC, {"placement": "home-bestsellers", **ASK}, "decide"),
    ("POST", "/v1/decide"): Rule(
        PUBLIC, {"placements": [{"placement": "home-bestsellers"}], **ASK}, "decide"
    ),
    ("POST", "/v1/list"): Rule(PUBLIC, {"category": "Skor", **ASK}, "decide"),
    ("GET", "/v1/landing"): Rule(PUBLIC, scope="decide"),
    ("POST", "/v1/landing"): Rule(PUBLIC, ASK, "decide"),
    ("GET", "/v1/snippet-config"): Rule(PUBLIC),
    ("GET", "/v1/decisions/{decision_id}"): Rule("decide"),
    ("GET", "/v1/people/{kind}/{value}"): Rule("people:read"),
    ("GET", "/v1/people/{kind}/{value}/orders"): Rule("people:read"),
    ("GET", "/v1/people/{subject_id}/export"): Rule("people:read"),
    ("DELETE", "/v1/people/{subject_id}"): Rule("people:write"),
    ("POST", "/v1/people/merges/{merge}/undo"): Rule("people:write"),
    ("POST", "/v1/people/separations"): Rule("people:write", {"a": "00" * 12, "b": "11" * 12}),
    ("POST", "/v1/people/separations/{separation}/undo"): Rule("people:write"),
    ("GET", "/v1/rules"): Rule("rules:write"),
    ("POST", "/v1/rules"): Rule("rules:write", RULE),
    ("GET", "/v1/rules/{rule_id}"): Rule("rules:write"),
    ("PUT", "/v1/rules/{rule_id}"): Rule("rules:write", {**RULE, "version": 1}),
    ("POST", "/v1/rules/{rule_id}/{step}"): Rule("rules:write", {"version": 1}),
    ("PUT", "/v1/rules-order"): Rule("rules:write", {"ids": [], "version": 0}),
    ("GET", "/v1/rules-lint"): Rule("rules:write"),
    ("GET", "/v1/landing-pages"): Rule("rules:write"),
    ("GET", "/v1/landing-pages/{slug}"): Rule("rules:write"),
    ("PUT", "/v1/landing-pages/{slug}"): Rule("rules:write", {"page": LANDING}),
    ("POST", "/v1/landing-pages/{slug}/{step}"): Rule("rules:write", {"version": 1}),
    ("GET", "/v1/placements"): Rule("rules:write"),
    ("GET", "/v1/placements/{name}"): Rule("rules:write"),
    ("PUT", "/v1/placements"): Rule("rules:write", {"placement": PLACEMENT}),
    ("POST", "/v1/placements/{name}/{step}"): Rule("rules:write", {"version": 1}),
    ("POST", "/v1/placement-picks"): Rule(SIGNED, {"token": "", "selector": "main"}),
    ("GET", "/v1/balances"): Rule("rules:write"),
    ("PUT", "/v1/balances"): Rule("rules:write", {"weights": {}}),
    ("POST", "/v1/balances/{step}"): Rule("rules:write", {"version": 1}),
    ("GET", "/v1/audiences"): Rule("audiences:read"),
    ("POST", "/v1/audiences"): Rule("audiences:write", {"name": "Nobody"}),
    ("GET", "/v1/audiences/{audience_id}"): Rule("audiences:read"),
    ("PUT", "/v1/audiences/{audience_id}"): Rule("audiences:write", {"name": "Nobody", "version": 1}),
    ("POST", "/v1/audiences/{audience_id}/{step}"): Rule("audiences:write", {"version": 1}),
    ("GET", "/v1/audiences/{audience_id}/members"): Rule("people:read"),
    ("POST", "/v1/audiences-estimate"): Rule("audiences:read", {"when": {}}),
    ("POST", "/v1/audiences-count"): Rule("audiences:write"),
    ("GET", "/v1/people/{kind}/{value}/audiences"): Rule("people:read"),
    ("GET", "/v1/catalog/products/{product_id}"): Rule("catalog:write"),
    ("POST", "/v1/catalog/products"): Rule("catalog:write", {"products": []}),
    ("PATCH", "/v1/catalog/stock"): Rule("catalog:write", {"changes": []}),
    ("PATCH", "/v1/catalog/prices"): Rule("catalog:write", {"changes": []}),
    ("GET", "/metrics"): Rule("metrics"),
    ("POST", "/v1/connections/{connection_id}/{kind}"): Rule(SIGNED, {}),
}

SINGLE = {
    "identify": "identify", "i": "identify", "page": "page", "p": "page", "screen": "screen", "s": "screen",
    "alias": "alias", "a": "alias", "group": "group", "g": "group",
}  # fmt: skip
EXTRA = {"alias": {"previousId": "device-before"}, "group": {"groupId": "club"}}


class Caller:
    """Sends requests to the application in this process."""

    def __init__(self, house: House, shop: Shop) -> None:
        self.house, self.shop = house, shop
        self._application = create_application(shop, work=False)
        self._loop = asyncio.new_event_loop()

    def ask(self, method: str, path: str, key: str | None = None, body: Any = None) -> httpx.Response:
        """Send one request."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._application, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                headers = {"Authorization": f"Bearer {key}"} if key else {}
                return await client.request(method, path, json=body, headers=headers)

        return self._loop.run_until_complete(send())

    def send(self, method: str, path: str, key: str, body: bytes) -> httpx.Response:
        """Send one request with any body."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._application, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(
                    method, path, content=body, headers={"Authorization": f"Bearer {key}"}
                )

        return self._loop.run_until_complete(send())

    def close(self) -> None:
        """End the loop and the shop."""
        self.shop.close()
        self._loop.close()


@pytest.fixture
def caller(house: House) -> Iterator[Caller]:
    """Give an installation that knows Kari: who she is, what she looked at, what she bought."""
    house.done("import", "catalog", house.write("catalog", [row(number) for number in range(8)]))
    made = Caller(house, open_shop(house.root, PLAIN))
    for body in (
        {"type": "identify", "traits": {"email": EMAIL, "name": NAME}},
        {"type": "track", "event": "Product Viewed", "properties": {"product_id": SECRET_WISH}},
        {
            "type": "track", "event": "Order Completed",
            "properties": {
                "order_id": "order-of-kari", "currency": "SEK",
                "products": [{"product_id": "p3", "quantity": 1, "price": 400.0}],
            },
        },
    ):  # fmt: skip
        whole = {**body, "userId": USER, "anonymousId": DEVICE, "context": {"consent": CONSENT}}
        answer = made.ask("POST", f"/v1/{body['type']}", house.server, whole)
        assert answer.status_code == 200, answer.text
    yield made
    made.close()


def routes_of(caller: Caller) -> list[tuple[str, str]]:
    document = caller.ask("GET", "/v1/schema/openapi.json").json()
    return [
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def body_of(path: str, rule: Rule) -> Any:
    kind = SINGLE.get(path.rpartition("/")[2])
    if rule.body is TRACK and kind is not None:
        return {**TRACK, "type": kind, "userId": None, **EXTRA.get(kind, {})}
    return rule.body


def filled(path: str, subject: str) -> str:
    """Return the path with Kari put in wherever somebody can be named."""
    values = {
        "kind": "email", "value": EMAIL, "subject_id": subject, "decision_id": "00" * 16, "merge": "1",
        "separation": "1", "product_id": "p1", "connection_id": "none", "rule_id": "none", "step": "undo",
        "audience_id": "none", "slug": "none", "name": "none",
    }  # fmt: skip
    return path.format(**values)


def tells_of_kari(text: str, subject: str) -> bool:
    return any(mark in text for mark in (EMAIL, USER, DEVICE, NAME, "order-of-kari", subject))


def test_every_route_lets_in_whom_it_should_and_nobody_else(caller: Caller) -> None:
    shop, public = caller.shop, caller.house.web
    scoped: dict[Scope, str] = {scope: keys(shop).add_api_key(scope, (scope,)) for scope in SCOPES}
    subject = identify(shop.secret, "user_id", USER, "userId").subject_id
    routes = routes_of(caller)
    assert len(routes) > 30
    assert set(routes) - set(RULES) == set(), "say who may call it"
    assert caller.ask("GET", f"/v1/people/email/{EMAIL}", scoped["people:read"]).json()["personId"] == subject
    for method, path in routes:
        rule = RULES[method, path]
        where, body = filled(path, subject), body_of(path, rule)
        seen = {
            "": caller.ask(method, where, None, body),
            "wrong": caller.ask(method, where, "wk_none", body),
        }
        seen["public"] = caller.ask(method, where, public, body)
        # Those with the scope come at somebody who is not there: nothing shall be erased meanwhile.
        harmless = where.replace(EMAIL, "nobody@example.com").replace(subject, "99" * 12)
        for scope, secret in scoped.items():
            lets = scope in {rule.who, rule.scope, "admin"}
            seen[scope] = caller.ask(method, harmless if lets else where, secret, body)
        told = {name: answer.status_code for name, answer in seen.items()}
        at = f"{method} {path}: {told}"
        for name, answer in seen.items():
            assert answer.status_code < 500 or path == "/readyz", f"{at}\n{answer.text}"
            assert not tells_of_kari(answer.text, subject), f"{at} tells {name!r} of Kari:\n{answer.text}"
            if answer.status_code in {401, 403}:
                problem = json.loads(answer.content)
                assert problem["status"] == answer.status_code and problem["title"]
        if rule.who == OPEN:
            assert len(set(told.values())) == 1, at
            continue
        if rule.who == SIGNED:  # a connected shop signs what it sends; no key of ours stands for that
            assert set(told.values()) <= {401, 403, 404}, at
            continue
        assert (told[""], told["wrong"]) == (401, 401), at
        if rule.who == PUBLIC:
            assert told["public"] == 200, f"{at}\n{seen['public'].text}"
        else:
            assert told["public"] == 403, at
        for scope in SCOPES:
            if rule.who == PUBLIC and not rule.scope:
                assert told[scope] == 200, at
            elif scope in {rule.who, rule.scope, "admin"}:
                assert told[scope] not in {401, 403}, at
            else:
                assert told[scope] == 403, at


def test_a_public_key_hears_nothing_of_somebody_elses_user_id(caller: Caller) -> None:
    """The routes that are open to browsers, asked in Kari's name without her signature, in every way."""
    public = caller.house.web
    ask = {"consent": CONSENT, "userId": USER}
    wrong = user_hash(caller.shop, "kund-ola")
    for more in ({}, {"userHash": ""}, {"userHash": "0" * 64}, {"userHash": wrong}, {"anonymousId": "mine"}):
        for path, body in (
            ("/v1/recommend", {"placement": "cart-recently-viewed", **ask, **more}),
            ("/v1/decide", {"placements": [{"placement": "cart-recently-viewed"}], **ask, **more}),
            ("/v1/list", {"category": "Skor", **ask, **more}),
        ):
            answer = caller.ask("POST", path, public, body)
            assert answer.status_code == 403, (path, more, answer.text)
            assert answer.json()["detail"].startswith("userHash:")
        assert caller.ask("POST", "/v1/recommend?explain=1", public, {**ask, **more}).status_code in {
            400,
            403,
        }
    signed = {**ask, "userHash": user_hash(caller.shop, USER), "placement": "cart-recently-viewed"}
    answer = caller.ask("POST", "/v1/recommend", public, signed)
    assert [item["id"] for item in answer.json()["items"]][:1] == [SECRET_WISH]


def test_a_public_key_cannot_tie_itself_to_somebody_else(caller: Caller) -> None:
    """Claims of a browser about user ids and addresses, unsigned, change nothing of Kari and tell nothing."""
    public = caller.house.web
    for body in (
        {"type": "identify", "userId": USER, "anonymousId": "thief"},
        {
            "type": "identify",
            "anonymousId": "thief",
            "traits": {"email": EMAIL},
            "context": {"consent": CONSENT},
        },
        {"type": "alias", "userId": USER, "previousId": "thief"},
        {"type": "track", "event": "x", "anonymousId": "thief", "userId": USER, "userHash": "0" * 64},
    ):
        answer = caller.ask("POST", f"/v1/{body['type']}", public, body)
        assert answer.status_code in {200, 400, 403}, answer.text
        assert NAME not in answer.text and SECRET_WISH not in answer.text
    ask = {"placement": "cart-recently-viewed", "anonymousId": "thief", "consent": CONSENT}
    answer = caller.ask("POST", "/v1/recommend", public, ask)
    assert answer.status_code == 200
    assert SECRET_WISH not in [
        item["id"] for item in answer.json()["items"] if item["reason"]["code"] == "recently_viewed"
    ]
    known = caller.ask("GET", f"/v1/people/user_id/{USER}", caller.house.secret).json()
    assert {one["value"] for one in known["identifiers"]} == {USER, DEVICE, EMAIL}


def test_a_key_in_the_address_is_none(caller: Caller) -> None:
    """Addresses end up in logs: a secret is not taken from one, and the public key by few routes."""
    taken = {"/v1/snippet-config", "/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch"}
    for method, path in routes_of(caller):
        rule = RULES[method, path]
        if rule.who in {OPEN, SIGNED}:
            continue
        where, body = filled(path, "99" * 12), body_of(path, rule)
        for secret in (caller.house.secret, caller.house.server):
            answer = caller.ask(method, f"{where}?writeKey={secret}&key={secret}", None, body)
            assert answer.status_code == 401, path
        answer = caller.ask(method, f"{where}?writeKey={caller.house.web}", None, body)
        may = path in taken or (method, path) == ("GET", "/v1/landing")
        assert answer.status_code == (200 if may else 401), path


DEEP = {
    ("POST", "/v1/rules"): (
        b'{"name": "a", "action": {"do": "exclude", "which": {"brand": %b}}}',
        b'{"name": "a", "action": {"do": "new_first"}, "when": {"$and": %b}}',
    ),
    ("POST", "/v1/audiences"): (b'{"name": "a", "when": {"$and": %b}}',),
    ("POST", "/v1/audiences-estimate"): (b'{"when": {"$and": %b}}',),
    ("PUT", "/v1/landing-pages/a"): (b'{"page": {"name": "a", "words": {}, "when": {"$and": %b}}}',),
    ("PUT", "/v1/placements"): (b'{"placement": {"name": "a", "titles": %b}}',),
    ("POST", "/v1/list"): (b'{"filters": %b}',),
}


def test_what_is_nested_deeply_is_bad_input(caller: Caller) -> None:
    secret = keys(caller.shop).add_api_key("admin", ("admin",))
    for method, path in routes_of(caller):
        if method in {"POST", "PUT", "PATCH"}:
            answer = caller.send(method, filled(path, "99" * 12), secret, b"[" * 60_000)
            assert answer.status_code < 500, f"{method} {path}: {answer.text}"
    for (method, path), bodies in DEEP.items():
        assert caller.send(method, path, secret, b"[" * 60_000).status_code == 400, path
        for depth in (11, 300, 950, 1_000, 20_000):
            for deep in (b"[" * depth + b"]" * depth, b'[{"$and":' * depth + b"[]" + b"}]" * depth):
                for around in bodies:
                    answer = caller.send(method, path, secret, around % deep)
                    told = f"{method} {path} {depth}: {answer.text[:300]}"
                    assert answer.status_code in {400, 413}, told
