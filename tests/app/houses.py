"""Whole installations for tests: a small real catalog, a week of shoppers, the command line, the server."""

import contextlib
import io
import itertools
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import httpx
import psycopg
import structlog

from expedit.cli import main
from expedit.core import HOUR, MINUTE, format_time, system_clock
from tests.support.servers import expedit_process, free_port

PLAIN = {"EXPEDIT_HOLDOUT_SHARE": "0", "EXPEDIT_EXPLORE_SHARE": "0"}
"""Everybody is personalized and nothing shuffled, so that answers are known."""

CONSENT = {"analytics": True, "personalization": True}
PRODUCTS = 24
SHOPPERS = 40


@dataclass
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def run(*arguments: object, typed: str = "") -> Ran:
    """Run a command in this process, as a terminal without a window would."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        mock.patch.object(sys, "argv", ["expedit", *map(str, arguments)]),
        mock.patch.object(sys, "stdin", io.StringIO(typed)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        finally:
            structlog.reset_defaults()
    assert isinstance(code, int)
    return Ran(code, out.getvalue(), err.getvalue())


@dataclass
class House:
    """A home and the keys that `expedit init` told."""

    root: Path
    keys: dict = field(default_factory=dict)
    database_url: str = ""

    @classmethod
    def make(cls, root: Path, *options: str, database_url: str = "") -> "House":
        if database_url:
            options += ("--database-url", database_url)
        return cls(root, run("init", "--home", root, "--json", *options).json, database_url)

    def copy(self, root: Path) -> "House":
        """Return the same installation at another place (SQLite only)."""
        assert not self.database_url
        shutil.copytree(self.root, root)
        return House(root, self.keys)

    @property
    def web(self) -> str:
        """The public write key."""
        return self.keys["write_keys"]["web"]

    @property
    def server(self) -> str:
        """The server source's write key."""
        return self.keys["write_keys"]["server"]

    @property
    def secret(self) -> str:
        """The API key with every scope."""
        return self.keys["secret_key"]

    def run(self, *arguments: object, typed: str = "") -> Ran:
        return run(*arguments, "--home", self.root, typed=typed)

    def done(self, *arguments: object) -> Ran:
        """Run a command that must succeed."""
        ran = self.run(*arguments)
        assert ran.code == 0, ran
        return ran

    def exported(self, what: str, path: Path) -> list[dict]:
        """Return what ``expedit export`` writes as JSON lines."""
        self.done("export", what, path)
        return [json.loads(line) for line in path.read_text().splitlines()]

    def write(self, name: str, rows) -> Path:
        """Write rows as JSONL beside the home."""
        path = self.root.parent / f"{self.root.name}-{name}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        return path

    @contextmanager
    def serving(self, *options: str, seconds: float = 120) -> Iterator["Site"]:
        """Run ``expedit serve`` on this home until the block ends."""
        port, log = free_port(), self.root.parent / f"{self.root.name}-server.log"
        arguments = ["serve", "--home", str(self.root), *options]
        with (
            expedit_process(arguments, port, log, seconds, PLAIN) as process,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
        ):
            yield Site(self, port, process, log, client)


@dataclass
class Site:
    """A server process and a way to speak to it."""

    house: House
    port: int
    process: object
    log: Path
    client: httpx.Client

    def get(self, path: str, key: str | None = None) -> httpx.Response:
        return self.client.get(path, headers=bearer(key))

    def post(self, path: str, body: object, key: str | None = None) -> httpx.Response:
        return self.client.post(path, json=body, headers=bearer(key))

    def track(self, event: str, who: dict, key: str | None = None, **more) -> None:
        """Send one event, which must be acknowledged."""
        body = {"event": event, "context": {"consent": CONSENT}, **who, **more}
        answer = self.post("/v1/track", body, key or self.house.web)
        assert (answer.status_code, answer.json()["success"]) == (200, True), answer.text

    def recommend(self, placement: str, who: dict | None = None, **more) -> dict:
        """Ask a placement for somebody who consents."""
        body = {
            "writeKey": self.house.web, "placement": placement, "consent": {"personalization": True},
            **(who or {}), **more,
        }  # fmt: skip
        answer = self.client.post("/v1/recommend", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


def bearer(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def shown(answer: dict) -> list[str]:
    return [item["id"] for item in answer["items"]]


def wait_for(what: Callable[[], object], seconds: float = 10, step: float = 0.05) -> float:
    """Return after how many seconds `what` became true; fail when it does not."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() < began + seconds, f"not within {seconds:.0f} s"
        time.sleep(step)
    return time.monotonic() - began


def row(n: int, **changes) -> dict:
    """One catalog row: even products are boots, odd ones jackets."""
    return {
        "id": f"p{n}-m", "item_group_id": f"p{n}", "title": f"Vara {n}", "link": f"/p/p{n}",
        "image_link": f"/i/p{n}.webp", "price": f"{(n + 1) * 100}.00 SEK",
        "brand": ("Grå", "Blå")[n % 4 == 0], "color": ("Ockra", "Petrol")[n % 3 == 0], "size": "M",
        "product_type": ("Skor > Kängor", "Jackor > Skaljackor")[n % 2], "stock": {"web": 50}, **changes,
    }  # fmt: skip


def catalog() -> list[dict]:
    return [row(n) for n in range(PRODUCTS)]


def shoppers(now: int | None = None) -> list[dict]:
    """A week of shoppers: each looks at three boots, or three jackets; every fourth buys two of them."""
    now = system_clock() if now is None else now
    number = itertools.count()
    calls = []

    def call(who: int, event: str, minutes: int, properties: dict) -> None:
        at = now - (SHOPPERS - who) * 4 * HOUR + minutes * MINUTE
        calls.append(
            {
                "type": "track", "event": event, "messageId": f"old-{next(number)}",
                "anonymousId": f"device-{who}", "timestamp": format_time(at),
                "context": {"consent": CONSENT, "market": "SE"}, "properties": properties,
            }
        )  # fmt: skip

    for who in range(SHOPPERS):
        looked = [f"p{(who % 2) + 2 * ((who // 2 + step) % (PRODUCTS // 2))}" for step in range(3)]
        for minute, product in enumerate(looked):
            call(who, "Product Viewed", minute, {"product_id": product})
        if who % 4 == 0:
            lines = [{"product_id": product, "quantity": 1, "price": 100.0} for product in looked[:2]]
            call(who, "Order Completed", 5, {"order_id": f"o-{who}", "currency": "SEK", "products": lines})
    return calls


SHOPPER_EVENTS = SHOPPERS * 3 + SHOPPERS // 4


def stock(house: House) -> House:
    """Import the catalog and the shoppers by the command line."""
    house.done("import", "catalog", house.write("catalog", catalog()))
    house.done("import", "events", house.write("shoppers", shoppers()))
    return house


def new_database(url: str, name: str) -> str:
    """Make an empty database on the server of `url` and return its address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return url.rsplit("/", 1)[0] + f"/{name}"
