"""A running server swaps to another model under load, without an error and never half."""

import http.client
import json
import threading
import time
from collections import Counter

import pytest

from tests.app.houses import CONSENT, shown, wait_for

SWAPS = 20
REQUESTS = 10_000
CLIENTS = 4


@pytest.fixture
def built(stocked):
    """A home with two versions; the second has seen more shoppers."""
    versions = []
    for number in range(2):
        versions.append(stocked.done("build", "--tune-seconds", "0", "--json").json["version"])
        more = [
            {
                "type": "track", "event": "Product Viewed", "messageId": f"more-{number}-{who}-{product}",
                "anonymousId": f"more-{who}", "timestamp": f"2026-11-10T12:0{step}:00Z",
                "context": {"consent": CONSENT}, "properties": {"product_id": product},
            }
            for who in range(8) for step, product in enumerate(("p1", "p0", "p23"))
        ]  # fmt: skip
        stocked.done("import", "events", stocked.write(f"more-{number}", more))
    return stocked, versions


def test_a_build_and_a_rollback_reach_the_running_server(stocked):
    with stocked.serving() as site:
        product = {"context": {"productIds": ["p0"]}}

        def answer() -> dict:
            return site.recommend("product-bought-together", limit=1, **product)

        assert answer()["model"] == ""
        first = stocked.done("build", "--tune-seconds", "0", "--json").json["version"]
        took = wait_for(lambda: answer()["model"] == first)
        print(f"the first model served after {took:.2f} s")
        assert shown(answer()) == ["p2"]
        assert answer()["items"][0]["reason"]["code"] == "bought_together_because"
        second = stocked.done("build", "--tune-seconds", "0", "--json").json["version"]
        wait_for(lambda: answer()["model"] == second)
        stocked.done("models", "rollback")
        wait_for(lambda: answer()["model"] == first)
        stocked.done("models", "publish", second)
        wait_for(lambda: answer()["model"] == second)


@pytest.mark.slow
def test_twenty_swaps_under_ten_thousand_requests(built):
    house, versions = built
    answers: Counter[tuple[int, str]] = Counter()
    failures: list[str] = []
    lock = threading.Lock()
    over = threading.Event()

    def shop(who: int, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        own: Counter[tuple[int, str]] = Counter()
        number = 0
        while not over.is_set():
            number += 1
            body = {
                "writeKey": house.web, "anonymousId": f"device-{(who * 7 + number) % 40}", "limit": 4,
                "placement": ("home-for-you", "product-similar", "product-bought-together")[number % 3],
                "context": {"productIds": [f"p{number % 24}"]}, "consent": {"personalization": True},
            }  # fmt: skip
            connection.request("POST", "/v1/recommend", json.dumps(body))
            answer = connection.getresponse()
            told = answer.read()
            own[answer.status, json.loads(told).get("model", "") if answer.status == 200 else ""] += 1
            with lock:
                if answer.status != 200:
                    failures.append(told.decode())
                answers[answer.status, ""] += 1
        with lock:
            answers.update({key: count for key, count in own.items() if key[1]})
        connection.close()

    with house.serving() as site:
        wait_for(lambda: site.recommend("home-new")["model"] == versions[1])
        threads = [threading.Thread(target=shop, args=(who, site.port)) for who in range(CLIENTS)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        swapped = 0
        try:
            for number in range(SWAPS):
                chosen = versions[number % 2]
                words = ("rollback",) if number % 2 == 0 else ("publish", chosen)
                house.done("models", *words)
                wait_for(lambda wanted=chosen: site.recommend("home-new")["model"] == wanted, 30)
                swapped += 1
            wait_for(lambda: answers[200, ""] >= REQUESTS, 120)
        finally:
            over.set()
            for thread in threads:
                thread.join()
        seconds = time.monotonic() - began
        assert site.log.read_text().count("error") == 0, site.log.read_text()[-2000:]
    assert failures == []
    total = answers.pop((200, ""))
    assert (swapped, total >= REQUESTS) == (SWAPS, True)
    assert {key for key, count in answers.items() if count} == {(200, version) for version in versions}
    assert sum(answers.values()) == total
    print(f"{swapped} swaps under {total:,} requests in {seconds:.0f} s: {dict(answers)}")
