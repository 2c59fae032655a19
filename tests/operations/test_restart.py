"""A fresh server in place of the running one, under load, without a failed request."""

import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from contextlib import contextmanager
from typing import Self

import pytest

from expedit.events import read_events
from expedit.operations import living
from tests.app.houses import CONSENT, House, stock, wait_for
from tests.operations.homes import opened

SHOPPERS = 4


class Load:
    """Shoppers who track and ask without a pause, each on a connection that it keeps as long as it may."""

    def __init__(self, house: House, port: int) -> None:
        self.house, self.port = house, port
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()
        self.failures: list[str] = []
        self.longest = 0.0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._shop, args=(who,)) for who in range(SHOPPERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _shop(self, who: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        number = 0
        while not self._over.is_set():
            number += 1
            name = f"loaded-{who}-{number}"
            event = {
                "event": "Product Viewed", "messageId": name, "anonymousId": f"loaded-{who}",
                "writeKey": self.house.web, "properties": {"product_id": "p1"},
                "context": {"consent": CONSENT},
            }  # fmt: skip
            ask = {
                "writeKey": self.house.web,
                "placement": "home-bestsellers",
                "anonymousId": f"loaded-{who}",
            }
            for path, body in (("/v1/track", event), ("/v1/recommend", ask)):
                began = time.monotonic()
                try:
                    connection.request("POST", path, json.dumps(body))
                    answer = connection.getresponse()
                    said = answer.read()
                except (OSError, http.client.HTTPException) as error:
                    self.failures.append(f"{path}: {error!r}")
                    connection.close()
                    continue
                self.longest = max(self.longest, time.monotonic() - began)
                self.answers[answer.status] += 1
                if answer.status != 200:
                    self.failures.append(f"{path}: {answer.status} {said[:200]!r}")
                elif path == "/v1/track":
                    self.acknowledged.append(name)
            time.sleep(0.005)


def processes(house: House):
    shop = opened(house)
    found = living(shop.database, shop.clock())
    shop.close()
    return found


@contextmanager
def ended_at_last(house: House):
    """End whichever server serves in the end: the one that was started is gone by then."""
    try:
        yield
    finally:
        path = house.root / "run" / "server.json"
        if path.exists():
            pid = json.loads(path.read_text())["pid"]
            os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not path.exists(), 30)


def check(house: House, load: Load) -> None:
    assert load.failures == []
    assert set(load.answers) == {200}
    shop = opened(house)
    logged = Counter(event.message_id for event in read_events(shop))
    shop.close()
    assert [name for name in load.acknowledged if logged[name] != 1] == []
    assert len(load.acknowledged) > 50


@pytest.mark.slow
def test_one_process_on_sqlite_hands_home_and_socket_over(stocked):
    with stocked.serving() as site, ended_at_last(stocked):
        (before,) = processes(stocked)
        with Load(stocked, site.port) as load:
            wait_for(lambda: len(load.acknowledged) > 50, 30)
            ran = stocked.done("restart")
            count = len(load.acknowledged)
            wait_for(lambda: len(load.acknowledged) > count + 50, 30)
        (after,) = processes(stocked)
        assert (before.id, before.pid) != (after.id, after.pid)
        assert after.state == "ready"
        assert f"process {after.pid}" in ran.out
        assert site.process.wait(timeout=10) == 0
        word = json.loads((stocked.root / "run" / "server.json").read_text())
        assert (word["pid"], word["port"]) == (after.pid, site.port)
        # The new one is reached by the command line, and does the jobs.
        assert "sealed" in stocked.done("seal").out
        print(f"the longest answer took {load.longest:.2f} s")
        assert load.longest < 10
    check(stocked, load)


@pytest.mark.slow
@pytest.mark.usefixtures("long")
def test_two_workers_on_postgresql_are_replaced_one_by_one(tmp_path, new_postgres):
    house = stock(House.make(tmp_path / "home", database_url=new_postgres("rolling")))
    with house.serving("--workers", "2") as site:
        wait_for(lambda: [one.state for one in processes(house)] == ["ready"] * 2, 60)  # one answers earlier
        before = {one.id for one in processes(house)}
        with Load(house, site.port) as load:
            wait_for(lambda: len(load.acknowledged) > 50, 30)
            house.done("restart")
            count = len(load.acknowledged)
            wait_for(lambda: len(load.acknowledged) > count + 50, 30)
        after = processes(house)
        assert len(after) == 2
        assert not before & {one.id for one in after}
        print(f"the longest answer took {load.longest:.2f} s")
    check(house, load)


def test_a_successor_that_does_not_start_leaves_the_old_one_serving(stocked):
    with stocked.serving() as site, ended_at_last(stocked):
        (before,) = processes(stocked)
        settings = stocked.root / "expedit.toml"
        good = settings.read_text()
        settings.write_text(good + "\n[nonsense]\nmuch = 1\n")
        site.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "the successor ended, this server stays" in site.log.read_text(), 60)
        settings.write_text(good)
        assert site.get("/readyz").status_code == 200
        (after,) = processes(stocked)
        assert after.id == before.id


def test_sigterm_says_not_ready_first_and_goes_on_answering(stocked, monkeypatch):
    """Behind a balancer: it must hear of the end before connections are refused."""
    monkeypatch.setenv("EXPEDIT_DRAIN_SECONDS", "3")
    with stocked.serving() as site:
        assert site.get("/readyz").status_code == 200
        site.process.send_signal(signal.SIGTERM)
        wait_for(lambda: site.get("/readyz").status_code == 503, 2)
        answer = site.get("/readyz")
        assert answer.headers["retry-after"] == "2"
        assert answer.headers["content-type"] == "application/problem+json"
        assert [error["field"] for error in answer.json()["errors"]] == ["stop"]
        assert site.get("/healthz").json() == {"status": "ok"}
        who = {"anonymousId": "late", "messageId": "while-leaving"}
        site.track("Product Viewed", who, properties={"product_id": "p3"})
        assert site.process.wait(timeout=15) == 0
        assert "Traceback" not in site.log.read_text()
    shop = opened(stocked)
    assert "while-leaving" in {event.message_id for event in read_events(shop)}
    shop.close()
