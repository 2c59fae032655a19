"""The built snippet in a real browser, on a shop's page with a strict content security policy."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import missing_service

pytestmark = pytest.mark.e2e

SNIPPET = Path(__file__).parents[2] / "src/expedit/web/static/built/expedit.js"
CONSENT = SNIPPET.with_name("expedit-consent.js")
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "require-trusted-types-for 'script'"
)
THEME = """
body { margin: 0; font: 16px sans-serif; }
header, footer { height: 120px; }
[data-expedit] { min-height: calc(var(--expedit-rows, 1) * 560px); }
.unreserved [data-expedit] { min-height: 0; }
.tall { height: 1200px; }
.expedit-items { display: grid; grid-template-columns: repeat(4, 1fr); gap: 16px; padding: 0; }
.expedit-link > * { display: block; }
.expedit-link img { width: 100%; height: auto; aspect-ratio: 4 / 5; }
"""
GRANT = """
window.dataLayer = window.dataLayer || [];
function gtag() { dataLayer.push(arguments); }
gtag('consent', 'default', { analytics_storage: 'denied', ad_personalization: 'denied' });
dataLayer.push({ event: 'view_item', ecommerce: { items: [{ item_id: 'J1' }] } });
if (location.search.includes('granted'))
  gtag('consent', 'update', { analytics_storage: 'granted', personalization_storage: 'granted' });
"""
BANNER = """
let tell;
window.__tcfapi = (command, version, callback) => {
  if (command === 'addEventListener') tell = (eventStatus, consents) =>
    callback({ eventStatus, gdprApplies: true, purpose: { consents } }, true);
  tell('cmpuishown', {});
};
window.answer = (consents) => tell('useractioncomplete', consents);
"""
BODY = """<!doctype html><html lang="sv"><head><title>Shop</title><link rel="stylesheet" href="/theme.css">
<script src="/page.js"></script><script async src="/expedit.js" data-write-key="wk"></script></head>
<body class="{kind}"><header>Shop</header>
<div data-expedit="home"></div>
<p>What follows must not move.</p>
<div class="tall"></div>
<div data-expedit="empty"></div>
<section id="below"><p>The theme's own</p></section>
<footer>The end</footer></body></html>"""
PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="500"><rect width="400" height="500"/></svg>'
)


class Shop(ThreadingHTTPServer):
    """A shop's page and the four answers that the snippet asks for; remembers what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.batches: list[dict[str, Any]] = []
        self.decides: list[dict[str, Any]] = []
        self.cookies: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def events(self, name: str) -> list[dict[str, Any]]:
        return [
            call
            for batch in self.batches
            for call in batch["batch"]
            if name in {call.get("event"), call["type"]}
        ]


def _decision(index: int, placement: str) -> dict[str, Any]:
    item = {
        "url": "/p/",
        "imageUrl": "/i.svg",
        "price": "1499.00",
        "currency": "SEK",
        "reason": {"code": "popular", "text": "Populär just nu"},
    }
    items = [] if placement == "empty" else [{**item, "id": f"P{n}", "title": f"Jacka {n}"} for n in range(4)]
    return {"decisionId": f"d{index}", "placement": placement, "title": f"Om {placement}", "items": items}


class _Answers(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        spots = {
            "placements": [{"name": "spot", "selector": "#below", "position": "append", "pageTypes": []}]
        }
        found: dict[str, tuple[str, bytes]] = {
            "/expedit.js": ("text/javascript", SNIPPET.read_bytes()),
            "/expedit-consent.js": ("text/javascript", CONSENT.read_bytes()),
            "/page.js": ("text/javascript", GRANT.encode()),
            "/banner.js": ("text/javascript", BANNER.encode()),
            "/theme.css": ("text/css", THEME.encode()),
            "/i.svg": ("image/svg+xml", PICTURE),
            "/v1/snippet-config": ("application/json", json.dumps(spots).encode()),
        }
        page = BODY.format(kind="unreserved" if "unreserved" in self.path else "").encode()
        if "banner" in self.path:
            page = page.replace(
                b'<script src="/page.js"></script>',
                b'<script src="/banner.js"></script><script async src="/expedit-consent.js"></script>',
            )
        kind, body = found.get(path, ("text/html; charset=utf-8", page))
        self._answer(kind, body)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.cookies.append((self.path, self.headers.get("Cookie", "")))
        if self.path == "/v1/batch":
            self.server.batches.append(body)
            return self._answer(
                "application/json", b"{}", cookie="expedit_id=visitor1; HttpOnly; SameSite=Lax"
            )
        self.server.decides.append(body)
        time.sleep(0.2)  # later than the first paint, so that a moving page would be seen to move
        answers = [_decision(index, one["placement"]) for index, one in enumerate(body["placements"])]
        return self._answer("application/json", json.dumps({"decisions": answers}).encode())

    def _answer(self, kind: str, body: bytes, cookie: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the browser has gone on to another page
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def built_snippet() -> None:
    """Need the built script."""
    if not SNIPPET.is_file():
        missing_service("the snippet is not built: python tools/build_frontend.py")


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.complaints = []  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))  # type: ignore[attr-defined]
    opened.on(
        "console",
        lambda said: (
            opened.complaints.append(said.text)  # type: ignore[attr-defined]
            if said.type in {"error", "warning"} and "favicon" not in said.text
            else None
        ),
    )
    opened.add_init_script(
        "window.shifts = [];"
        "new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((one) => one.value)))"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    yield opened
    context.close()


def _until(true: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something is true; the caller asserts what it wants to know."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)


def _filled(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector('[data-expedit="home"] li')
    page.wait_for_timeout(300)


def test_nothing_on_the_page_moves(page: Page, shop: Shop) -> None:
    _filled(page, shop.url)
    assert page.locator('[data-expedit="home"] li').count() == 4
    assert page.evaluate("window.shifts") == []
    assert page.evaluate("document.querySelector('[data-expedit=empty]').offsetHeight") == 0
    assert page.locator("#below [data-expedit=spot] li").count() == 4
    assert page.complaints == []  # type: ignore[attr-defined]  # neither errors nor the policy's objections
    assert [one["placement"] for one in shop.decides[0]["placements"]] == ["home", "empty", "spot"]
    assert len(shop.decides) == 1


def test_the_measurement_sees_a_page_that_moves(page: Page, shop: Shop) -> None:
    _filled(page, f"{shop.url}/?unreserved")
    assert sum(page.evaluate("window.shifts")) > 0.01


def test_without_consent_nothing_is_kept_and_nothing_told(page: Page, shop: Shop) -> None:
    _filled(page, shop.url)
    page.wait_for_timeout(1500)
    page.goto(f"{shop.url}/next")
    _until(lambda: len(shop.decides) == 2)
    assert shop.batches == []
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert {cookie for _, cookie in shop.cookies} == {""}
    assert shop.decides[0]["context"]["productIds"] == ["J1"]
    assert "anonymousId" not in shop.decides[0]


def test_a_consent_platforms_answers_are_heard(page: Page, shop: Shop) -> None:
    _filled(page, f"{shop.url}/?banner")
    _until(lambda: page.evaluate("!!window.answer"))
    page.wait_for_timeout(500)
    assert shop.batches == [], "a banner that is open is no answer"
    page.evaluate("answer({ 1: true, 5: true, 6: true, 8: true })")
    _until(lambda: shop.events("page"))
    told = shop.events("page")[0]["context"]["consent"]["categoryPreferences"]
    assert told == {"analytics": True, "personalization": True}
    _until(lambda: len(shop.decides) == 2)
    page.evaluate("answer({})")
    _until(lambda: shop.events("consent")[1:])
    assert shop.events("consent")[-1]["properties"] == {"analytics": False, "personalization": False}
    assert page.complaints == []  # type: ignore[attr-defined]


def test_with_consent_the_visit_is_told_to_the_end(page: Page, shop: Shop) -> None:
    _filled(page, f"{shop.url}/?granted")
    _until(lambda: shop.events("impression"))
    seen = shop.events("impression")[0]["properties"]
    assert (seen["decisionId"], seen["placement"]) == ("d0", "home")
    assert seen["products"] == [{"product_id": f"P{n}", "position": n + 1} for n in range(4)]
    assert len(shop.events("view_item")) == 1

    # The server's cookie, out of the script's reach, comes with the next question.
    assert page.evaluate("document.cookie") == ""
    page.evaluate("expedit.refresh()")
    _until(lambda: len(shop.decides) == 2)
    assert shop.cookies[-1] == ("/v1/decide", "expedit_id=visitor1")

    page.locator('[data-expedit="home"] a').nth(1).click()
    page.wait_for_url("**/p/")
    _until(lambda: shop.events("click"))
    assert shop.events("click")[0]["properties"]["products"] == [{"product_id": "P1", "position": 2}]

    # Closing the tab at once loses nothing.
    _until(lambda: page.evaluate("!!window.expedit && !!window.expedit.track"))
    page.evaluate(
        "expedit.consent({ analytics: true, personalization: true });"
        "expedit.track('add_to_cart', { products: [{ product_id: 'P1' }] })"
    )
    page.close(run_before_unload=True)
    _until(lambda: shop.events("add_to_cart"))
    assert len(shop.events("add_to_cart")) == 1
