"""Segment's and RudderStack's published server libraries, pointed at expedit and otherwise unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import rudderstack.analytics.client
import segment.analytics.client

from tests.app.houses import Site
from tests.clients.conftest import Line

pytestmark = pytest.mark.slow

Events = Callable[[], list[dict[str, Any]]]
Library = Callable[..., Any]
VIEWS = 250


def segment_python(host: str, key: str, **options: Any) -> Any:
    return segment.analytics.client.Client(key, host=host, upload_interval=0.1, **options)


def rudderstack_python(host: str, key: str, **options: Any) -> Any:
    return rudderstack.analytics.client.Client(key, host=host, **options)


LIBRARIES = pytest.mark.parametrize("library", [segment_python, rudderstack_python])


def mine(events: Events, source: str, prefix: str) -> list[dict[str, Any]]:
    return [
        event
        for event in events()
        if event["source"] == source and any(item["id"].startswith(prefix) for item in event.get("items", ()))
    ]


def buy(client: Any, prefix: str) -> None:
    client.identify("python-1", {"email": "python@shop.example", "name": "Pia"})
    for number in range(VIEWS):
        client.track(
            "python-1",
            "Product Viewed",
            {"product_id": f"{prefix}{number}", "price": 129.5, "currency": "SEK", "name": "Mössa åäö"},
        )
    line = {"product_id": f"{prefix}1", "quantity": 2, "price": 129.5}
    client.track(
        "python-1",
        "Order Completed",
        {"order_id": f"{prefix}ORDER", "revenue": 259, "currency": "SEK", "products": [line]},
    )


@LIBRARIES
@pytest.mark.parametrize("packed", [False, True])
def test_everything_arrives_once(
    library: Library, packed: bool, site: Site, line: Line, events: Events
) -> None:
    prefix = f"{library.__name__}-{packed}-"
    client = library(line.url, site.house.server, gzip=packed)
    buy(client, prefix)
    client.shutdown()
    found = mine(events, "server", prefix)
    assert sorted(event["items"][0]["id"] for event in found if event["kind"] == "view_item") == sorted(
        f"{prefix}{number}" for number in range(VIEWS)
    )
    bought = next(event for event in found if event["kind"] == "purchase")
    assert (bought["order_id"], bought["value"], bought["currency"]) == (f"{prefix}ORDER", 25_900, "SEK")
    sent = line.posts()
    assert {path for path, _ in sent} == {"/v1/batch"}
    assert len(sent) < 20, "events travel in batches"
    assert {headers.get("content-encoding", "") for _, headers in sent} == ({"gzip"} if packed else {""})


@LIBRARIES
@pytest.mark.parametrize(
    "fault", [(503, {"retry-after": "1"}), (429, {"retry-after": "1"}), (500, {})], ids=["503", "429", "500"]
)
def test_what_was_turned_away_comes_again_and_counts_once(
    library: Library, fault: tuple[int, dict[str, str]], site: Site, line: Line, events: Events
) -> None:
    prefix = f"{library.__name__}-{fault[0]}-"
    line.faults = [fault, fault]
    client = library(line.url, site.house.server)
    for number in range(5):
        client.track("python-2", "Product Viewed", {"product_id": f"{prefix}{number}"})
    client.shutdown()
    assert [refused for *_, refused in line.requests][:2] == [fault[0], fault[0]]
    assert len(mine(events, "server", prefix)) == 5


@LIBRARIES
def test_an_answer_that_got_lost_counts_nothing_twice(
    library: Library, site: Site, line: Line, events: Events
) -> None:
    prefix = f"{library.__name__}-lost-"
    real, lost = line.answer, []

    def lose(*request: Any) -> Any:
        answer = real(*request)
        if not lost:
            lost.append(answer)
            return 502, [], b"{}"
        return answer

    line.answer = lose  # type: ignore[method-assign]
    client = library(line.url, site.house.server)
    client.track("python-3", "Product Viewed", {"product_id": f"{prefix}1"})
    client.shutdown()
    assert (lost[0][0], len(line.posts())) == (200, 2)
    assert len(mine(events, "server", prefix)) == 1


@LIBRARIES
def test_a_wrong_key_is_told_to_the_library(library: Library, line: Line) -> None:
    told: list[Exception] = []
    client = library(line.url, "wk_nobody", on_error=lambda error, _: told.append(error))
    client.track("python-4", "Product Viewed", {"product_id": "X"})
    client.shutdown()
    assert [getattr(error, "status", None) for error in told] == [401]
    assert len(line.requests) == 1, "and it does not try again"


@pytest.mark.parametrize("script", ["segment.mjs", "rudderstack.cjs"])
def test_the_node_library_delivers(
    script: str, node: Callable[..., str], site: Site, line: Line, events: Events
) -> None:
    line.faults = [(503, {"retry-after": "1"})]
    prefix = f"{script}-"
    node(script, line.url, site.house.server, prefix, 100)
    found = mine(events, "server", prefix)
    assert sorted(event["items"][0]["id"] for event in found if event["kind"] == "view_item") == sorted(
        f"{prefix}{number}" for number in range(100)
    )
    bought = [event for event in found if event["kind"] == "purchase"]
    assert [(event["order_id"], event["value"]) for event in bought] == [(f"{prefix}ORDER", 25_900)]
    assert line.requests[0][3] == 503
    assert {path for path, _ in line.posts()} == {"/v1/batch"}
