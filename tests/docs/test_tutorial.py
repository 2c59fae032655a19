"""The tutorial is executed block by block, on the real file, and ends where it says it ends."""

from __future__ import annotations

import csv
import gzip
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import free_port, wait_until_ready

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "a-real-shop.md"
PORT = "8123"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REIMPORT = "expedit import events transactions.csv.gz --mapping invoices.toml --json"

# Facts of the file, each counted once more from it below.
LINES = 541_909
INVOICES = 25_898  # without the two of refused lines
CREDIT_NOTE_LINES = 9_288
WRITE_OFFS = 1_336  # negative quantities outside credit notes, all without a price
LINES_WITHOUT_CUSTOMER = 135_080
NET = Decimal("9747747.934")  # Σ quantity × price of the whole file, pounds
NET_PENCE = 974_774_793  # the same with every price in whole pence: four lines cost a tenth of a penny
REFUSED_PENCE = -2_212_412  # two lines of −11,062.06

pytestmark = pytest.mark.slow


class Tutorial:
    """Runs the blocks in a folder, as a reader would in one terminal, and the server in another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self._port = free_port()
        self._session = folder / "session.sh"
        self._session.write_text(f'export PATH="{Path(sys.executable).parent}:$PATH"\n')
        self._servers: list[subprocess.Popen[bytes]] = []

    def run(self) -> None:
        """Run every block in order; the port is another one, so that nothing else stands in the way."""
        for language, option, text in BLOCK.findall(TUTORIAL.read_text().replace(PORT, str(self._port))):
            if option.startswith("file="):
                (self.folder / option.removeprefix("file=")).write_text(text)
            elif option == "serve":
                self._serve(text)
            elif language == "sh":
                self.said.append(self.shell(text))

    def shell(self, text: str) -> str:
        """Run commands after what was exported before; return what they print."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"source session.sh\n{text}\nexport -p > session.sh"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def _serve(self, text: str) -> None:
        log = self.folder / "server.txt"
        with log.open("wb") as output:
            server = subprocess.Popen(
                ["bash", "-c", f"source session.sh\nexec {text.strip()}"],
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._servers.append(server)
        wait_until_ready(f"http://127.0.0.1:{self._port}/readyz", server, 120, log)

    def close(self) -> None:
        """Stop the server."""
        for server in self._servers:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=20)


@pytest.fixture(scope="module")
def transactions(data_folder: Path) -> Path:
    source = data_folder / "online_retail" / "transactions.csv.gz"
    if not source.is_file():
        pytest.skip(f"no {source}")
    return source


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory, transactions: Path) -> Iterator[Tutorial]:
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "transactions.csv.gz").symlink_to(transactions.resolve())
    run = Tutorial(folder)
    try:
        run.run()
        yield run
    finally:
        run.close()


@pytest.fixture(scope="module")
def again(tutorial: Tutorial) -> dict[str, Any]:
    """Give the report of importing the file a second time."""
    report: dict[str, Any] = json.loads(tutorial.shell(REIMPORT))
    return report


def test_the_text_shows_the_report_of_the_import(tutorial: Tutorial) -> None:
    shown = re.search(r"```text\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    assert shown is not None
    said = [" ".join(text.split()) for text in tutorial.said]
    assert " ".join(shown[1].split()) in said
    for count in ("3,891 read, 3,891 added", "17,328 sessions", "20,483 baskets"):
        assert any(count in text for text in said), count


def test_every_line_is_accounted_for(again: dict[str, Any]) -> None:
    assert again["read"] == LINES
    assert again["duplicates"] == INVOICES
    assert (again["stored"], again["anonymous"], again["declined"]) == (0, 0, 0), "again adds nothing"
    assert again["credit_lines"] == CREDIT_NOTE_LINES + WRITE_OFFS
    assert again["lines_without_person"] == LINES_WITHOUT_CUSTOMER - 2
    assert again["refused"] == [
        {"line": line, "field": "price", "reason": "-11062.06 is negative"} for line in (299_985, 299_986)
    ]


def test_money_is_conserved_to_the_penny(
    tutorial: Tutorial, again: dict[str, Any], transactions: Path
) -> None:
    refused_lines = {row["line"] for row in again["refused"]}
    net = Decimal(0)
    net_pence = refused_pence = credit_note_lines = write_offs = without_customer = 0
    with gzip.open(transactions, "rt", encoding="utf-8") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            quantity, price = int(row["Quantity"]), Decimal(row["UnitPrice"])
            pence = quantity * int((price * 100).quantize(Decimal(1)))
            net += quantity * price
            net_pence += pence
            refused_pence += pence if number in refused_lines else 0
            is_credit_note = row["InvoiceNo"].startswith("C")
            credit_note_lines += is_credit_note
            if quantity < 0 and not is_credit_note:
                write_offs += 1
                assert price == 0
            without_customer += not row["CustomerID"]
    assert (credit_note_lines, write_offs) == (CREDIT_NOTE_LINES, WRITE_OFFS)
    assert without_customer == LINES_WITHOUT_CUSTOMER
    assert (net, net_pence, refused_pence) == (NET, NET_PENCE, REFUSED_PENCE)

    tutorial.shell("expedit export events events.jsonl")
    purchased = refunded = 0
    with (tutorial.folder / "events.jsonl").open() as events:
        for line in events:
            event = json.loads(line)
            worth = sum(item.get("quantity", 1) * item["price"] for item in event.get("items", ()))
            purchased += worth if event["kind"] == "purchase" else 0
            refunded += worth if event["kind"] == "refund" else 0
    assert purchased - refunded + REFUSED_PENCE == NET_PENCE


def test_sets_are_bought_together(tutorial: Tutorial) -> None:
    answer = json.loads(tutorial.said[-1])
    assert [item["id"] for item in answer["items"]][:2] == ["22698", "22699"]  # the pink and the roses teacup
    assert len(answer["items"]) == 4
    for item in answer["items"]:
        assert item["reason"]["code"] == "bought_together_because"
        assert item["reason"]["because"]["id"] == "22697"


def test_a_real_customer_has_a_profile_and_personal_picks(tutorial: Tutorial) -> None:
    person = json.loads(tutorial.shell("expedit people show user_id 12748"))
    profile = person["profile"]
    assert profile["consents"] == {"analytics": True, "personalization": True}
    assert profile["market"] == "GB"
    assert profile["lastAt"] == "2011-12-09T13:00:00.000Z"  # the answer about consent
    assert profile["recent"][0]["at"] == "2011-12-09T12:20:00.000Z"
    assert len(profile["purchased"]) == 100
    picks = json.loads(tutorial.shell("expedit recommend home-for-you --user 12748 --limit 4 --json"))
    codes = [item["reason"]["code"] for item in picks["items"]]
    assert len(codes) == 4
    assert set(codes) <= {"personal_because", "recently_viewed"}
    assert "personal_because" in codes
