"""Events a second over HTTP: durable before they are acknowledged, profiles updated in the same transaction.

Run ``python benchmarks/ingest.py``. It starts ``expedit serve`` on a fresh SQLite home with
``synchronous = full``, sends product views of 2,000 persons, 50 of them in each batch of 100, and prints
one JSON object: single-event requests a second, events a second in batches of 100, the server's processor
time for each, and in the same run the rate at which the bare sqlite3 driver inserts rows of that size with
one commit a batch. The load generator shares the machine with the server.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from expedit.app import make_home
from expedit.core import format_time, system_clock
from expedit.storage import open_shop

PERSONS = 2_000
BATCH = 100
CONSENT = {"analytics": True, "personalization": True}


def event(number: int) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"m-{number}",
        "anonymousId": f"visitor-{number // 2 % PERSONS:06d}",
        "timestamp": format_time(system_clock()),
        "context": {
            "consent": CONSENT,
            "page": {"url": f"https://shop.example/p/{number % 997}", "title": "Skaljacka"},
            "locale": "sv-SE",
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
        },
        "properties": {
            "product_id": f"P{number % 997}",
            "price": 1499.0,
            "currency": "SEK",
            "category": "Jackor",
        },
    }


def request(path: str, key: str, body: bytes) -> bytes:
    basic = base64.b64encode(f"{key}:".encode())
    return (
        b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic %s\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (path.encode(), basic, len(body), body)
    )


async def load(port: int, requests: list[bytes], connections: int) -> tuple[float, list[float]]:
    """Send every request over keep-alive connections; return the seconds it took and each latency in ms."""
    waiting = iter(requests)
    latencies: list[float] = []

    async def worker() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for data in waiting:
            sent = time.perf_counter()
            writer.write(data)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
            latencies.append((time.perf_counter() - sent) * 1000)
            if not head.startswith(b"HTTP/1.1 200") or b'"refused":[{' in body:
                raise SystemExit(f"the server answered {head[:40]!r} {body[:300]!r}")
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(connections)))
    return time.perf_counter() - started, latencies


def bare_driver(folder: Path, rows: int, batch: int) -> float:
    """Return rows a second of sqlite3 alone: the same columns, one commit a batch, synchronous=full."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, xid INTEGER NOT NULL DEFAULT 0,"
        " at INTEGER, received INTEGER, source TEXT, message_id TEXT, kind TEXT, subject TEXT, body BLOB)"
    )
    body = os.urandom(260)
    started = time.perf_counter()
    for start in range(0, rows, batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO events (at, received, source, message_id, kind, subject, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (n, n, "web", f"m-{n}", "view_item", f"{n % PERSONS:024d}", body)
                for n in range(start, start + batch)
            ],
        )
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return rows / seconds


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used: what a busy machine leaves comparable."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_up(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the server did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--singles", type=int, default=12_000, help="single-event requests")
    parser.add_argument("--batches", type=int, default=400, help="batches of 100 events")
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "home"
        key = make_home(root, {"markets": {"SE": "SEK"}}).write_keys["web"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-m", "expedit", "serve", "--home", str(root), "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until_up(port, server)
            singles = [
                request("/v1/track", key, json.dumps(event(n)).encode()) for n in range(options.singles)
            ]
            batches = [
                request(
                    "/v1/batch",
                    key,
                    json.dumps(
                        {"batch": [event(options.singles + b * BATCH + n) for n in range(BATCH)]}
                    ).encode(),
                )
                for b in range(options.batches)
            ]
            asyncio.run(load(port, [request("/v1/m", key, b"{}")] * 200, 8))
            before = cpu_seconds(server.pid)
            single_seconds, single_latencies = asyncio.run(load(port, singles, options.connections))
            between = cpu_seconds(server.pid)
            batch_seconds, batch_latencies = asyncio.run(load(port, batches, 8))
            after = cpu_seconds(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
        bare = bare_driver(Path(folder), 40_000, BATCH)
        shop = open_shop(root)
        stored = shop.database.read_rows("SELECT count(*) FROM events")[0][0]
        people = shop.database.read_rows("SELECT count(*) FROM profiles")[0][0]
        shop.close()
    sent = options.singles + options.batches * BATCH
    if (stored, people) != (sent, PERSONS):
        raise SystemExit(
            f"{sent} events of {PERSONS} persons were acknowledged, {stored} of {people} are stored"
        )
    in_batches = options.batches * BATCH / batch_seconds
    print(
        json.dumps(
            {
                "single_requests_per_second": round(options.singles / single_seconds),
                "single_p50_ms": round(statistics.median(single_latencies), 1),
                "single_p99_ms": round(statistics.quantiles(single_latencies, n=100)[98], 1),
                "single_cpu_us": round((between - before) / options.singles * 1e6),
                "batched_events_per_second": round(in_batches),
                "batched_cpu_us_per_event": round((after - between) / (options.batches * BATCH) * 1e6),
                "batch_p50_ms": round(statistics.median(batch_latencies), 1),
                "bare_driver_rows_per_second": round(bare),
                "ratio_to_bare_driver": round(in_batches / bare, 3),
                "persons": PERSONS,
                "load_average": os.getloadavg()[0],
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
