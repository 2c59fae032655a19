"""How many decisions a second the real server answers, and at what latency.

A home with a large catalog, a built model and many visitors is made once (``--home`` keeps it); then the
real server is started on it, and a bare ASGI application that only echoes beside it, and both are asked
over HTTP by `wrk` on the same machine. Every request is a ``POST /v1/recommend`` of a visitor with a
profile; the decision log is on. Prints JSON.

    python benchmarks/recommend.py --products 1000000 --seconds 10
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np

from expedit.access import Source, keys
from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.core import DAY, HOUR, MINUTE, settings_file, system_clock
from expedit.events import Event, EventItem, append
from expedit.identity import identify, remember_identifiers
from expedit.profiles import record
from expedit.recommendation import BuildParams, ProductFacts, TrainingData, build_model, publish
from expedit.storage import Home, Shop, migrate, open_shop

PLACEMENTS = (
    "home-for-you",
    "home-bestsellers",
    "product-viewed-together",
    "product-similar",
    "product-bought-together",
)
CATEGORIES = 200
BRANDS = 500
COLORS = ("Black", "Navy", "Petrol", "Birch", "Ochre", "Wine", "Moss", "Sand")
WRITE_KEY = "wk_benchmark"

ECHO = """
import uvicorn
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
async def app(scope, receive, send):
    if scope["type"] == "http":
        message = await receive()
        await send(START)
        await send({"type": "http.response.body", "body": message["body"]})
uvicorn.run(app, host="127.0.0.1", port=%d, access_log=False, log_level="warning")
"""

SERVE = """
from pathlib import Path
from expedit.app import serve
serve(Path(%r), %d)
"""

WRK = """
local bodies = {}
for line in io.lines(%r) do bodies[#bodies + 1] = line end
local at = 0
request = function()
  at = at %% #bodies + 1
  return wrk.format("POST", %r, {["Content-Type"] = "application/json"}, bodies[at])
end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %%d %%d %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max))
end
"""


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def make_products(count: int, now: int, source: random.Random) -> list[Product]:
    products = []
    for n in range(count):
        category = n % CATEGORIES
        offers = (Offer("SE", 10_000 + n % 400 * 500, "SEK"),)
        variants = tuple(
            Variant(f"p{n}-{size}", size=size, offers=offers, stock={"web": 3}) for size in ("S", "M")
        )
        products.append(
            Product(
                f"p{n}",
                f"Product {n} of {category}",
                url=f"/p/p{n}",
                image_url=f"/i/p{n}.webp",
                brand=f"Brand {source.randrange(BRANDS)}",
                category=(f"Department {category // 20}", f"Category {category}"),
                attributes={"color": COLORS[n % len(COLORS)]},
                variants=variants,
                created=now - source.randrange(1000) * DAY,
            )
        )
    return products


def make_home(root: Path, count: int, visitors: int) -> None:
    """Make a home with `count` products, a model learned from 400,000 clicks, and visitors with profiles."""
    home = Home(root)
    home.make()
    home.settings_path.write_text(settings_file({"synchronous": "normal", "markets": {"SE": "SEK"}}))
    shop = open_shop(root, {})
    migrate(shop.database)
    keys(shop).add_source(Source("web", "browser", WRITE_KEY, {}, "consent"))
    source, now, began = random.Random(1), system_clock(), time.perf_counter()
    products = make_products(count, now, source)
    for start in range(0, count, 20_000):
        with shop.database.writing() as tx:
            upsert(tx, products[start : start + 20_000], now)
    note(f"catalog written in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    learn(shop, now)
    note(f"model built in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    visit(shop, visitors, now, source)
    note(f"{visitors} visitors in {time.perf_counter() - began:.0f} s")
    shop.close()


def learn(shop: Shop, now: int) -> None:
    """Build a model of the products that were seen: sessions that stay within a category, some far
    likelier."""
    snapshot = live_catalog(shop).current()
    n, chance = len(snapshot.ids), np.random.default_rng(1)
    sessions, length = 100_000, 4
    category = chance.integers(0, CATEGORIES, sessions)
    ranks = (chance.pareto(1.2, (sessions, length)) * 20).astype(np.int64) % max(n // CATEGORIES, 1)
    clicks = (ranks * CATEGORIES + category[:, None]) % n
    known, places = np.unique(clicks, return_inverse=True)
    clicks = places.reshape(clicks.shape)
    baskets = 20_000
    lines = clicks[:baskets, :2].reshape(-1)
    facts = ProductFacts(
        titles=[snapshot.title(int(item)) for item in known], descriptions=[""] * known.size,
        category=snapshot.category[known], parent=snapshot.category_parent[snapshot.category[known]],
        brand=snapshot.brand[known], color=snapshot.color[known], group=snapshot.group[known],
        price=snapshot.price_minor("SE")[known], created=snapshot.created[known],
    )  # fmt: skip
    data = TrainingData(
        item_ids=[snapshot.ids[item] for item in known], facts=facts, markets=("SE",),
        session_ptr=np.arange(0, sessions * length + 1, length, dtype=np.int64),
        session_items=clicks.reshape(-1).astype(np.int32),
        session_end=now - np.arange(sessions, dtype=np.int64)[::-1] * MINUTE,
        session_market=np.zeros(sessions, np.int32),
        basket_ptr=np.arange(0, 2 * baskets + 1, 2, dtype=np.int64), basket_items=lines.astype(np.int32),
        basket_quantity=np.ones(2 * baskets, np.int32), basket_at=np.full(baskets, now - DAY, np.int64),
        basket_market=np.zeros(baskets, np.int32),
    )  # fmt: skip
    build_model(data, shop.home.models, BuildParams(tune_seconds=0), now=now, version="benchmark")
    publish(shop.home.models, "benchmark")


def visit(shop: Shop, visitors: int, now: int, source: random.Random) -> None:
    """Give every visitor twelve events within their two favorite categories, the last ones just now."""
    snapshot = live_catalog(shop).current()
    n, number = len(snapshot.ids), 0
    for start in range(0, visitors, 500):
        events, found = [], []
        for visitor in range(start, min(start + 500, visitors)):
            who = identify(shop.secret, "anonymous_id", f"visitor-{visitor}")
            found.append(who)
            liked = source.sample(range(CATEGORIES), 2)
            for at in range(12):
                product = int(source.paretovariate(1.2) * 10) * CATEGORIES + liked[at % 2]
                facts = snapshot.describe(snapshot.ids[product % n])
                assert facts is not None
                item = EventItem(
                    facts.product_id, product=facts.product_id, category=facts.category, brand=facts.brand,
                    color=facts.color, price_band=facts.price_band, price=10_000,
                )  # fmt: skip
                moment = now - (12 - at) * MINUTE - (HOUR if at < 8 else 0)
                kind = "add_to_cart" if at == 10 else "view_item"
                events.append(
                    Event(
                        f"m{number}", "web", kind, moment, moment, who.subject_id,
                        ids=(("anonymous_id", who.subject_id),), market="SE", items=(item,),
                    )
                )  # fmt: skip
                number += 1
        with shop.database.writing() as tx:
            remember_identifiers(tx, found)
            append(tx, events)
            record(tx, shop, events)


def write_bodies(path: Path, count: int, visitors: int) -> None:
    source = random.Random(2)
    with path.open("w") as file:
        for at in range(4000):
            product = int(source.paretovariate(1.2) * 10) * CATEGORIES % count
            body = {
                "writeKey": WRITE_KEY,
                "placement": PLACEMENTS[at % len(PLACEMENTS)],
                "anonymousId": f"visitor-{source.randrange(visitors)}",
                "consent": {"personalization": True},
                "context": {"market": "SE", "locale": "sv", "productIds": [f"p{product}"]},
            }
            file.write(json.dumps(body) + "\n")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def await_port(port: int, path: str, process: subprocess.Popen[bytes], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start in time")


def load(port: int, pid: int, bodies: Path, seconds: int, connections: int) -> dict[str, float]:
    """Ask for `seconds` and tell rate, latency and the server's CPU time a request."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(WRK % (str(bodies), "/v1/recommend"))
        script.flush()
        before = cpu_seconds(pid)
        output = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script.name, f"http://127.0.0.1:{port}"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        spent = cpu_seconds(pid) - before
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", output)
    assert found is not None, output
    requests, duration, errors, p50, p90, p99, worst = map(int, found.groups())
    return {
        "requests_per_second": round(requests / duration * 1e6, 1),
        "errors": errors,
        "p50_ms": p50 / 1000,
        "p90_ms": p90 / 1000,
        "p99_ms": p99 / 1000,
        "max_ms": worst / 1000,
        "cpu_us_per_request": round(spent / max(requests, 1) * 1e6, 1),
    }


def measure(root: Path, count: int, visitors: int, seconds: int, connections: int) -> dict[str, object]:
    port = random.Random().randrange(20_000, 50_000)
    bodies = root / "bodies.jsonl"
    write_bodies(bodies, count, visitors)
    environment = {**os.environ, "EXPEDIT_NUMBA_CACHE": os.environ.get("EXPEDIT_NUMBA_CACHE", "")}
    server = subprocess.Popen([sys.executable, "-c", SERVE % (str(root), port)], env=environment)
    echo = subprocess.Popen([sys.executable, "-c", ECHO % (port + 1)])
    try:
        began = time.perf_counter()
        await_port(port, "/healthz", server, 600)
        note(f"server ready after {time.perf_counter() - began:.0f} s")
        load(port, server.pid, bodies, 3, connections)
        answered = load(port, server.pid, bodies, seconds, connections)
        load(port + 1, echo.pid, bodies, 1, connections)
        echoed = load(port + 1, echo.pid, bodies, min(seconds, 5), connections)
        memory = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.pid}/status").read_text())
    finally:
        for process in (server, echo):
            process.terminate()
        for process in (server, echo):
            process.wait(timeout=60)
    assert memory is not None
    return {
        "benchmark": "recommend",
        "products": count,
        "visitors": visitors,
        "connections": connections,
        "recommend": answered,
        "echo": echoed,
        "cpu_ratio_to_echo": round(answered["cpu_us_per_request"] / echoed["cpu_us_per_request"], 2),
        "server_memory_mb": int(memory[1]) // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--visitors", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--home", type=Path, help="where the home is made, or lies from an earlier run")
    chosen = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("this benchmark needs wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory() as scratch:
        root = chosen.home or Path(scratch) / "home"
        if not (root / "bodies.jsonl").exists():
            make_home(root, chosen.products, chosen.visitors)
        print(
            json.dumps(
                measure(root, chosen.products, chosen.visitors, chosen.seconds, chosen.connections), indent=2
            )
        )


if __name__ == "__main__":
    main()
