"""The published browser libraries in Chromium, on a shop's page of another origin, pointed at expedit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from expedit.access import keys, user_hash
from expedit.storage import open_shop
from tests.app.houses import Site, wait_for
from tests.clients.conftest import LIBRARIES, Line
from tests.conftest import missing_service
from tests.support.browser import chromium_path, open_browser

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

Events = Callable[[], list[dict[str, Any]]]

SEGMENT = """
<script src="/@segment/analytics-next/dist/umd/index.js"></script>
<script>
  const consent = { categoryPreferences: { analytics: true, personalization: true } };
  window.analytics = AnalyticsNext.AnalyticsBrowser.load(
    { writeKey: "KEY", cdnURL: "EXPEDIT" },
    { integrations: { "Segment.io": STRATEGY } },
  );
  analytics.page("Home", {}, { context: { consent } });
  analytics.track(
    "Product Viewed",
    { product_id: "PREFIX-1", price: 499, currency: "SEK" },
    { context: { consent } },
  );
  analytics.identify("customer-9", { name: "Britt" }, { context: { consent, userHash: "HASH" } });
  const signed = { context: { consent, userHash: "HASH" } };
  window.done = analytics
    .track("Product Added", { product_id: "PREFIX-2", quantity: 1 }, signed)
    .then(() => true);
</script>
"""

RUDDERSTACK = """
<script src="/@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js"></script>
<script>
  const context = { consent: { categoryPreferences: { analytics: true, personalization: true } } };
  const library = window.rudderanalytics.RudderAnalytics
    ? new window.rudderanalytics.RudderAnalytics()
    : window.rudderanalytics;
  library.load("KEY", "EXPEDIT", { configUrl: "EXPEDIT", useBeacon: BEACON,
    beaconQueueOptions: { flushQueueInterval: 500 }, loadIntegration: false });
  library.page("Home", {}, { context });
  library.track("Product Viewed", { product_id: "PREFIX-1", price: 499, currency: "SEK" }, { context });
  const signed = { context: { ...context, userHash: "HASH" } };
  library.identify("customer-9", { name: "Britt" }, signed);
  library.track("Product Added", { product_id: "PREFIX-2", quantity: 1 }, signed);
  window.done = true;
</script>
"""


class Pages(SimpleHTTPRequestHandler):
    """The shop's own server: its page, and the libraries' files."""

    page = ""

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        body = f"<!doctype html><title>Shop</title><h1>Shop</h1>{self.page}".encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@contextmanager
def shop_page(page: str) -> Iterator[str]:
    """Serve `page` on an origin of its own."""
    handler = partial(type("Page", (Pages,), {"page": page}), directory=str(LIBRARIES / "node_modules"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium_path() is None:
        missing_service("no Chromium: apt-get install chromium")
    if not (LIBRARIES / "node_modules").exists():
        missing_service("the client libraries are not installed: python tools/build_frontend.py --test")
    with open_browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def visit(page: Page, site: Site, line: Line, template: str, prefix: str, **more: str) -> None:
    shop = open_shop(site.house.root)
    signature = user_hash(shop, "customer-9")
    assert keys(shop).caller("", site.house.web).source is not None
    shop.close()
    words = {"EXPEDIT": line.url, "KEY": site.house.web, "PREFIX": prefix, "HASH": signature, **more}
    for word, value in words.items():
        template = template.replace(word, value)
    with shop_page(template) as url:
        page.goto(url)
        page.wait_for_function("window.done")
        wait_for(lambda: len(line.posts()) >= 1, seconds=60)


def check(events: Events, prefix: str) -> None:
    def found() -> list[dict[str, Any]]:
        return [
            event for event in events() if event.get("items") and event["items"][0]["id"].startswith(prefix)
        ]

    wait_for(lambda: len(found()) == 2, seconds=20, step=0.5)
    viewed, added = sorted(found(), key=lambda event: event["items"][0]["id"])
    assert (viewed["kind"], viewed["source"], viewed["items"][0]["price"]) == ("view_item", "web", 49_900)
    assert [kind for kind, _ in viewed["ids"]] == ["anonymous_id"]
    assert added["kind"] == "add_to_cart"
    assert [kind for kind, _ in added["ids"]] == ["anonymous_id", "user_id"]
    assert viewed["url"] is not None


@pytest.mark.parametrize(
    "strategy", ["{}", '{ deliveryStrategy: { strategy: "batching", config: { size: 4 } } }']
)
def test_segment(strategy: str, page: Page, site: Site, line: Line, events: Events) -> None:
    prefix = f"SB{len(strategy)}"
    line.faults = [(503, {"retry-after": "1", "access-control-expose-headers": "retry-after"})]
    visit(page, site, line, SEGMENT, prefix, STRATEGY=strategy)
    check(events, prefix)
    paths = {path for path, _ in line.posts()}
    assert paths <= {"/v1/t", "/v1/p", "/v1/i", "/v1/b", "/v1/m"}, paths


@pytest.mark.parametrize("beacon", ["false", "true"])
def test_rudderstack(beacon: str, page: Page, site: Site, line: Line, events: Events) -> None:
    prefix = f"RB{beacon}"
    visit(page, site, line, RUDDERSTACK, prefix, BEACON=beacon)
    check(events, prefix)
    paths = {path.partition("?")[0] for path, _ in line.posts()}
    assert paths <= (
        {"/beacon/v1/batch"} if beacon == "true" else {"/v1/track", "/v1/page", "/v1/identify"}
    ), paths
