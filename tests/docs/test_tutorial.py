"""The tutorial is executed block by block, on the real file, and ends where it says it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import wait_until_ready

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "a-real-shop.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINES = 541_909
CREDIT_LINES = 9_288
NET_PENCE = 974_774_793  # Σ quantity × price of the whole file: 9,747,747.93


class Tutorial:
    """Runs the blocks in a folder, as a reader would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        binaries = str(Path(sys.executable).parent)
        self.environ = {
            **os.environ,
            "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
            "EXPEDIT_HOME": str(folder / "gift-shop"),
        }
        self.said: list[str] = []
        self._servers: list[subprocess.Popen[bytes]] = []

    def run(self) -> None:
        """Run every block in order."""
        for language, option, text in BLOCK.findall(TUTORIAL.read_text()):
            if option.startswith("file="):
                (self.folder / option.removeprefix("file=")).write_text(text)
            elif option == "serve":
                self.serve(text)
            elif language == "sh":
                self.said.append(self.shell(text))

    def shell(self, text: str) -> str:
        """Run commands; return what they print."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def serve(self, text: str) -> None:
        """Start the server in the background and wait until it answers."""
        log = self.folder / "server.txt"
        with log.open("wb") as output:
            server = subprocess.Popen(
                ["bash", "-c", f"exec {text.strip()}"],
                cwd=self.folder,
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._servers.append(server)
        wait_until_ready("http://127.0.0.1:8123/readyz", server, 60, log)

    def close(self) -> None:
        """Stop the server."""
        for server in self._servers:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=20)


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Iterator[Tutorial]:
    source = data_folder / "online_retail" / "transactions.csv.gz"
    if not source.is_file():
        pytest.skip(f"no {source}")
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "transactions.csv.gz").symlink_to(source)
    run = Tutorial(folder)
    try:
        run.run()
        yield run
    finally:
        run.close()


@pytest.mark.slow
def test_sets_are_bought_together(tutorial: Tutorial) -> None:
    answer = json.loads(tutorial.said[-1])
    ids = [item["id"] for item in answer["items"]]
    assert len(ids) == 4
    assert {"22698", "22699"} <= set(ids), ids  # the pink and the roses teacup
    assert all(item["reason"]["code"].startswith("bought_together") for item in answer["items"])


@pytest.mark.slow
def test_every_line_is_accounted_for(tutorial: Tutorial) -> None:
    report = json.loads(
        tutorial.shell("expedit import events transactions.csv.gz --mapping invoices.toml --json")
    )
    assert report["read"] == LINES
    assert report["added"] == 0, "importing again adds nothing"


@pytest.mark.slow
def test_money_is_conserved(tutorial: Tutorial) -> None:
    report = json.loads(
        tutorial.shell("expedit import events transactions.csv.gz --mapping invoices.toml --json")
    )
    refused_lines = {row["line"] for row in report["refused"]}
    import csv
    import gzip
    from decimal import Decimal

    kept, credits = Decimal(0), 0
    with gzip.open(tutorial.folder / "transactions.csv.gz", "rt", encoding="utf-8") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            credits += row["InvoiceNo"].startswith("C")
            if number not in refused_lines:
                kept += Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
    assert credits == CREDIT_LINES
    tutorial.shell("expedit export events events.jsonl")
    total = 0
    with (tutorial.folder / "events.jsonl").open() as events:
        for line in events:
            event = json.loads(line)
            sign = {"purchase": 1, "refund": -1}.get(event["kind"], 0)
            total += sign * sum(item.get("quantity", 1) * (item.get("price") or 0) for item in event["items"])
    # Prices with more than two decimals are rounded to pence a line.
    assert abs(total - int(kept * 100)) <= 2_000
    assert abs(total - NET_PENCE) <= 2_000 + abs(int(kept * 100) - NET_PENCE)


@pytest.mark.slow
def test_a_real_customer_has_a_profile(tutorial: Tutorial) -> None:
    person = json.loads(tutorial.shell("expedit people show user_id 12748"))
    profile = person["profile"]
    assert profile["consents"] == {"analytics": True, "personalization": True}
    assert len(profile["purchased"]) > 50
    assert profile["market"] == "GB"
