"""Raw and typed routes answer alike, and errors name the field."""

import asyncio
import gzip
from typing import Any

import httpx
import pytest
from litestar import get, post, put

from expedit.core import InvalidInput, NoKey, NotFound, Struct, Unavailable, from_json, to_json
from expedit.web import Answer, RawRequest, RawRoute, build_application


class Number(Struct, frozen=True, forbid_unknown_fields=True):
    """A body with one number."""

    number: int


async def echo(request: RawRequest) -> Answer:
    return Answer(to_json(from_json(request.body, Number)))


async def fail(request: RawRequest) -> Answer:
    raise {"key": NoKey("no key"), "away": Unavailable("away"), "bug": RuntimeError("secret detail")}[
        request.query("how")
    ]


@get("/v1/typed", sync_to_thread=False)
def typed() -> Number:
    """Fail as typed routes may."""
    raise NotFound("no such thing")


@post("/v1/numbers", status_code=200, sync_to_thread=False)
def number(data: Number) -> Number:
    """Give a number back."""
    return data


@put("/v1/anything", sync_to_thread=False)
def anything(data: dict[str, Any]) -> dict[str, Any]:
    """Give anything back."""
    return data


APPLICATION = build_application(
    [
        RawRoute("/v1/echo", echo, body_limit=100, accepts=Number, answers=Number, summary="Echo a number"),
        RawRoute("/v1/fail", fail, methods=("GET",)),
        typed,
        number,
        anything,
    ],
    version="0",
    allowed_origins=["https://shop.example"],
)


def ask(method: str, path: str, **options: object) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(APPLICATION)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **options)  # type: ignore[arg-type]

    return asyncio.run(go())


def test_a_raw_route_answers() -> None:
    answer = ask("POST", "/v1/echo", content=b'{"number": 3}')
    assert (answer.status_code, answer.json()) == (200, {"number": 3})
    assert answer.headers["content-type"] == "application/json"


def test_a_wrong_field_is_named() -> None:
    answer = ask("POST", "/v1/echo", content=b'{"number": "x"}')
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"field": "number", "reason": "Expected `int`, got `str`"}]


@pytest.mark.parametrize(
    ("body", "field", "reason", "detail"),
    [
        (b"{}", "", "Object missing required field `number`", "Object missing required field `number`"),
        (
            b'{"number": 1, "nmbr": 2}',
            "",
            "Object contains unknown field `nmbr`",
            "Object contains unknown field `nmbr`",
        ),
        (b'{"number": "x"}', "number", "Expected `int`, got `str`", "number: Expected `int`, got `str`"),
    ],
)
def test_the_detail_says_what_a_typed_route_found_first(
    body: bytes, field: str, reason: str, detail: str
) -> None:
    answer = ask("POST", "/v1/numbers", content=body)
    assert (answer.status_code, answer.json()["detail"]) == (400, detail)
    assert answer.json()["errors"] == [{"field": field, "reason": reason}]


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/numbers"), ("PUT", "/v1/anything")])
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 5_000 + b"]" * 5_000])
def test_a_body_that_is_nested_too_deeply_is_refused(method: str, path: str, body: bytes) -> None:
    answer = ask(method, path, content=body)
    assert (answer.status_code, answer.json()["detail"]) == (400, "the body is nested too deeply")


def test_gzip_is_unpacked_within_the_limit() -> None:
    packed = {"content-encoding": "gzip"}
    assert ask("POST", "/v1/echo", content=gzip.compress(b'{"number": 4}'), headers=packed).json() == {
        "number": 4
    }
    bomb = gzip.compress(b" " * 10_000)
    assert len(bomb) < 100
    assert ask("POST", "/v1/echo", content=bomb, headers=packed).status_code == 413
    broken = ask("POST", "/v1/echo", content=gzip.compress(b'{"number": 4}')[:-9], headers=packed)
    assert (broken.status_code, broken.json()["detail"]) == (400, "the gzip body ends too early")


def test_a_long_body_is_refused() -> None:
    assert ask("POST", "/v1/echo", content=b'{"number": 3}' + b" " * 100).status_code == 413


def test_other_methods_are_refused_and_preflights_answered() -> None:
    refused = ask("PUT", "/v1/echo")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    preflight = ask(
        "OPTIONS",
        "/v1/echo",
        headers={"origin": "https://shop.example", "access-control-request-headers": "content-type"},
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://shop.example"
    assert preflight.headers["access-control-allow-credentials"] == "true"
    assert preflight.headers["access-control-allow-headers"] == "content-type"


def test_other_origins_get_no_credentials() -> None:
    answer = ask("POST", "/v1/echo", content=b'{"number": 3}', headers={"origin": "https://evil.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(("how", "status"), [("key", 401), ("away", 503), ("bug", 500)])
def test_errors_have_their_status(how: str, status: int) -> None:
    answer = ask("GET", f"/v1/fail?how={how}")
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "secret detail" not in answer.text


def test_typed_routes_answer_with_problems_too() -> None:
    answer = ask("GET", "/v1/typed")
    assert (answer.status_code, answer.json()["detail"]) == (404, "no such thing")
    assert ask("GET", "/nowhere").headers["content-type"] == "application/problem+json"


def test_the_openapi_document_holds_raw_routes() -> None:
    document = ask("GET", "/v1/schema/openapi.json").json()
    operation = document["paths"]["/v1/echo"]["post"]
    assert operation["summary"] == "Echo a number"
    schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert document["components"]["schemas"][schema]["properties"] == {"number": {"type": "integer"}}


def test_an_error_is_told_under_a_prefix() -> None:
    assert str(InvalidInput("price", "is no number").under("items[0]")) == "items[0].price: is no number"
    assert InvalidInput("[2].id", "is missing").under("items").field == "items[2].id"
    assert InvalidInput("", "is empty").under("items").field == "items"
