"""A walk through connections: plug a Shopify shop in, receive a webhook, mend, replace the secret, unplug."""

from __future__ import annotations

import json

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.app.houses import Site
from tests.connections.shopify_messages import DOMAIN, SECRET, hook, order

pytestmark = pytest.mark.e2e


def send(site: Site, topic: str, body: object, event: str) -> httpx.Response:
    given = hook(topic, body, event=event)
    address = f"http://127.0.0.1:{site.port}/v1/connections/web-shop/shopify"
    headers = {**given.headers, "content-type": "application/json"}
    return httpx.post(address, content=given.body, headers=headers, timeout=30)


def test_a_shop_is_plugged_in_seen_mended_and_unplugged(panel: Page, panel_site: Site) -> None:
    panel.goto("/panel/connections")
    expect(panel.get_by_text("Nothing is connected yet")).to_be_visible()
    panel.get_by_role("main").get_by_role("link", name="Connect").first.click()
    panel.get_by_role("link", name="Shopify").click()
    panel.locator("#field-name").fill("Web shop")
    panel.locator("#field-shop").fill("nope.example.com")
    panel.locator("#field-client_secret").fill(SECRET)
    panel.locator("#field-currency").fill("SEK")
    panel.get_by_role("main").get_by_role("button", name="Connect").click()
    expect(panel.locator("#error-shop").get_by_text("must be the shop's own domain")).to_be_visible()
    panel.locator("#field-shop").fill(DOMAIN)
    panel.locator("#field-client_secret").fill(SECRET)
    panel.get_by_role("main").get_by_role("button", name="Connect").click()
    expect(panel.get_by_text("/v1/connections/web-shop/shopify")).to_be_visible()

    assert send(panel_site, "orders/create", order(), "1").json() == {"duplicate": False}
    assert send(panel_site, "orders/create", order(), "1").json() == {"duplicate": True}
    assert send(panel_site, "orders/create", {**order(5002), "currency": None}, "2").status_code == 200
    refused = hook("orders/create", order(5003), event="3")
    answer = httpx.post(
        f"http://127.0.0.1:{panel_site.port}/v1/connections/web-shop/shopify",
        content=json.dumps({"id": 1}),
        headers=refused.headers,
        timeout=30,
    )
    assert answer.status_code == 403

    failed = panel.locator("code", has_text="currency")
    for _ in range(30):
        panel.goto("/panel/connections/web-shop?tab=messages")
        if failed.count():
            break
        panel.wait_for_timeout(500)
    expect(failed).to_be_visible()
    panel.get_by_role("row", name="Failed").get_by_role("link").click()
    expect(panel.locator("pre")).to_contain_text("anna@lind.se")
    panel.get_by_role("button", name="Replay").click()
    expect(panel.get_by_text("1 message is handled again")).to_be_visible()

    panel.goto("/panel/connections/web-shop?tab=settings")
    panel.get_by_role("button", name="Replace").click()
    panel.locator("#field-value").fill("shpss_another")
    panel.get_by_role("dialog").get_by_role("button", name="Replace").click()
    expect(panel.get_by_text("two count now")).to_be_visible()
    assert SECRET not in panel.content()
    assert "shpss_another" not in panel.content()

    panel.get_by_role("button", name="Disconnect").click()
    panel.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(panel.get_by_text("Web shop is disconnected")).to_be_visible()
    assert send(panel_site, "orders/create", order(), "4").status_code == 404
