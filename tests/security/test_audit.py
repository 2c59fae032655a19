"""The dependency audit fails on what is known, and says so when nobody could be asked."""

from __future__ import annotations

import importlib.util
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FLAW: dict[str, Any] = {
    "id": "OSV-TEST-1",
    "summary": "made up",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}


def spelled(name: str) -> str:
    """Return a package's name as the registry compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "tools" / "audit_dependencies.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def database() -> Iterator[tuple[str, list[str]]]:
    """Give the address of an advisory database that knows one flaw, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["content-length"])))
            name = question["package"]["name"]
            asked.append(name)
            body = json.dumps({"vulns": [FLAW]} if name == "jinja2" else {}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1/query", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_known_flaw_is_told(audit: ModuleType, database: tuple[str, list[str]]) -> None:
    address, asked = database
    found = audit.python_packages(address)
    assert found is not None
    assert len(found) == 1
    assert found[0].startswith("jinja2 ")
    assert "OSV-TEST-1" in found[0]
    pinned = {
        spelled(line.split("==")[0])
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    assert {spelled(name) for name in asked} == pinned, "every pin is asked for"


def test_nobody_to_ask_is_told_apart_from_nothing_known(audit: ModuleType) -> None:
    assert audit.python_packages("http://127.0.0.1:9/v1/query") is None
