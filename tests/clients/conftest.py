"""A server, an unreliable line to it, and the published client libraries."""

from __future__ import annotations

import http.client
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.app.houses import House, Site
from tests.conftest import missing_service
from tests.support.node import node_environment

LIBRARIES = Path(__file__).parent / "node"


class Line:
    """A proxy before the server: it counts requests, and answers the next ones itself when told to.

    Parameters
    ----------
    upstream
        Port of the server.
    """

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.faults: list[tuple[int, dict[str, str]]] = []
        self.requests: list[tuple[str, str, dict[str, str], int]] = []
        self._lock = threading.Lock()
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, headers, answer = line.answer(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in {
                        "connection",
                        "transfer-encoding",
                        "content-length",
                        "date",
                        "server",
                    }:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_OPTIONS = _serve

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        if method == "POST":
            with self._lock:
                fault = self.faults.pop(0) if self.faults else None
                seen = {name.lower(): value for name, value in headers.items()}
                self.requests.append((method, path, seen, fault[0] if fault else 0))
            if fault is not None:
                return fault[0], [("access-control-allow-origin", "*"), *fault[1].items()], b"{}"
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        try:
            upstream.request(method, path, body, headers)
            answer = upstream.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            upstream.close()

    def posts(self) -> list[tuple[str, dict[str, str]]]:
        """Return path and headers of every POST that reached the server."""
        return [(path, headers) for _, path, headers, fault in self.requests if not fault]

    @contextmanager
    def open(self) -> Iterator[Line]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    house = House.make(tmp_path_factory.mktemp("clients") / "home")
    with house.serving() as site:
        yield site


@pytest.fixture
def line(site: Site) -> Iterator[Line]:
    with Line(site.port).open() as line:
        yield line


@pytest.fixture
def events(site: Site, tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    """Give what the log holds of a source, read the way a shop would: by `expedit export`."""
    return lambda: site.house.exported("events", tmp_path / "events.jsonl")


@pytest.fixture(scope="session")
def node() -> Callable[..., str]:
    """Give a function that runs a script of `node/` with the published libraries installed."""
    if not (LIBRARIES / "node_modules").exists():
        missing_service("the client libraries are not installed: python tools/build_frontend.py --test")
    environment = node_environment()

    def run(script: str, *arguments: object) -> str:
        done = subprocess.run(
            ["node", str(LIBRARIES / script), *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run
