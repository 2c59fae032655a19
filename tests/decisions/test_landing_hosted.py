"""Landing pages that expedit serves: escaped, whole, in the visitor's language, with clicks that count."""

import asyncio
import re

import httpx
import pytest

from expedit.core import evolve
from expedit.decisions import read_decisions
from expedit.experiments import PERSONALIZED, pin
from expedit.merchandising import LandingWords
from tests.decisions.boots import Client, fill, learn, live, product
from tests.decisions.landings import measure_nothing, put_up

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"


class Browser:
    def __init__(self, shop):
        self.client = Client(shop)

    def open(self, path, **headers):
        async def send():
            transport = httpx.ASGITransport(app=self.client.app)
            async with httpx.AsyncClient(transport=transport, base_url="https://data.shop.example") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(send())


@pytest.fixture
def stocked(shop):
    shop.settings = evolve(shop.settings, shop_name="Fjäll", shop_url="https://shop.example", locale="sv")
    fill(shop)
    learn(shop)
    pin(shop, PERSONALIZED)
    measure_nothing(shop)
    return shop


def consent(shop):
    """Have a visitor answer the banner and look at something."""
    yes = {"personalization": True, "analytics": True}
    live(shop, "consent", None, anonymous="dev-12345", consent=yes)
    live(shop, "view_item", "p6", anonymous="dev-12345", consent=yes)


@pytest.fixture
def browser(stocked):
    return Browser(stocked)


def test_a_page_is_whole_without_a_script(stocked, browser):
    put_up(stocked)
    reply = browser.open("/l/autumn-boots?locale=sv&utm_campaign=boots&utm_source=x")
    assert reply.status_code == 200
    html = reply.text
    assert "<h1>Höstens kängor</h1><p>Torra fötter.</p><p>Hela hösten.</p>" in html
    assert html.count('class="tile"') == 5
    assert "Det som passar ”boots” kommer först." in html
    assert '<link rel="canonical" href="https://data.shop.example/l/autumn-boots?locale=sv">' in html
    assert '<meta property="og:image" content="https://shop.example/i/boots.webp">' in html
    assert "<script" not in html
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'; style-src 'self'; img-src 'self' https://shop.example;" in policy
    assert reply.headers["cache-control"] == "private, no-store"
    style = re.search(r'href="(landing\.css\?v=\w+)"', html)[1]
    assert "immutable" in browser.open(f"/l/{style}").headers["cache-control"]
    (logged,) = read_decisions(stocked)
    assert (logged.placement, logged.subject, logged.inputs.arrival.campaign) == (
        "landing:autumn-boots", "", "boots",
    )  # fmt: skip


def test_an_address_that_ends_in_a_slash_leads_to_the_one_without(stocked, browser):
    put_up(stocked)
    reply = browser.open("/l/autumn-boots/?utm_campaign=boots")
    assert (reply.status_code, reply.headers["location"]) == (301, "../autumn-boots?utm_campaign=boots")


def test_nothing_that_anybody_writes_becomes_markup(stocked, browser):
    words = LandingWords(NASTY, NASTY, "/i/a.webp", NASTY)
    put_up(stocked, words={"sv": words}, when={})
    stocked.settings = evolve(stocked.settings, shop_name=NASTY)
    html = browser.open("/l/autumn-boots", referer="https://www.google.se/?q=%3Cscript%3Ealert(3)").text
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "49" not in re.sub(r"v=\w+|d=\w+", "", html)
    assert "&lt;script&gt;alert(3)" in html


@pytest.mark.parametrize(
    ("query", "accepts", "title"),
    [
        ("?locale=en", "sv", "Boots for autumn"), ("", "en-GB,en;q=0.9", "Boots for autumn"),
        ("", "da,en;q=0.8", "Boots for autumn"), ("", "fr", "Höstens kängor"),
        ("?locale=xx", "", "Höstens kängor"),
    ],
)  # fmt: skip
def test_it_speaks_the_visitors_language(stocked, browser, query, accepts, title):
    put_up(stocked)
    html = browser.open(f"/l/autumn-boots{query}", **{"accept-language": accepts}).text
    assert f"<h1>{title}</h1>" in html


def test_prices_are_those_of_the_market(stocked, browser):
    put_up(stocked)
    norwegian = browser.open("/l/autumn-boots?locale=sv&market=NO").text
    assert norwegian.count("Nkr") == 5
    assert norwegian.count("market=NO") == 5
    assert "Nkr" not in browser.open("/l/autumn-boots?locale=sv").text
    assert browser.open("/l/autumn-boots?market=XX").status_code == 200


def test_what_is_not_there_is_said_kindly(stocked, browser):
    reply = browser.open("/l/nowhere", **{"accept-language": "nb"})
    assert reply.status_code == 404
    assert "Denne siden finnes ikke lenger." in reply.text
    put_up(stocked, which={"brand": "Nobody"})
    empty = browser.open("/l/autumn-boots?locale=sv")
    assert (empty.status_code, "Just nu finns inget att köpa här." in empty.text) == (200, True)
    put_up(stocked, which={"brand": "Nobody"}, generic_url="/sv/c/skor", seen=2)
    assert browser.open("/l/autumn-boots").headers["location"] == "/sv/c/skor"


def test_the_link_of_a_product_counts_the_click_and_leads_to_the_catalogs_address(stocked, browser):
    put_up(stocked)
    consent(stocked)
    known = {"cookie": "expedit_id=dev-12345"}
    html = browser.open("/l/autumn-boots?locale=sv", **known).text
    link = re.search(r'href="(autumn-boots/to\?[^"]+)"', html)[1].replace("&amp;", "&")
    reply = browser.open(f"/l/{link}", **known)
    assert (reply.status_code, reply.headers["x-robots-tag"]) == (302, "noindex, nofollow")
    assert re.fullmatch(r"https://shop\.example/p/p\d+", reply.headers["location"])
    browser.open(f"/l/{link}", **known)
    browser.open(f"/l/{link}", **known | {"sec-purpose": "prefetch"})
    clicks = stocked.database.read_rows("SELECT kind FROM events WHERE kind = 'click'", ())
    assert len(clicks) == 1


def test_products_whose_ids_begin_alike_and_are_long_are_counted_each(stocked, browser):
    consent(stocked)
    names = [f"{'long' * 30}-{number}" for number in range(2)]
    fill(stocked, *(evolve(product(number, stocked.clock()), id=name) for number, name in enumerate(names)))
    put_up(stocked)
    for name in (*names, names[0]):
        reply = browser.open(f"/l/autumn-boots/to?p={name}&d={'0' * 32}", cookie="expedit_id=dev-12345")
        assert reply.status_code == 302
    found = stocked.database.read_rows("SELECT message_id FROM events WHERE kind = 'click'", ())
    assert len(found) == 2
    assert all(len(row[0]) <= 100 for row in found)


def test_a_link_leads_nowhere_but_into_the_catalog_and_counts_nobody_unknown(stocked, browser):
    put_up(stocked)
    assert browser.open("/l/autumn-boots/to?p=https://evil.example&d=" + "0" * 32).status_code == 404
    assert browser.open("/l/autumn-boots/to").status_code == 404
    assert browser.open("/l/autumn-boots/to?p=p2&d=" + "0" * 32).status_code == 302
    assert browser.open("/l/autumn-boots/to?p=p2&d=junk", cookie="expedit_id=dev-12345").status_code == 302
    assert not stocked.database.read_rows("SELECT kind FROM events WHERE kind = 'click'", ())


def test_only_where_the_ordinary_page_is_known_is_anybody_sent_there(stocked, browser):
    stocked.settings = evolve(stocked.settings, landing_generic_share=0.9)
    pin(stocked, "generic", "landing:autumn-boots")
    consent(stocked)
    known = {"cookie": "expedit_id=dev-12345"}
    put_up(stocked)
    assert browser.open("/l/autumn-boots", **known).status_code == 200
    put_up(stocked, generic_url="/sv/c/skor", seen=2)
    assert browser.open("/l/autumn-boots", **known).headers["location"] == "/sv/c/skor"
    assert browser.open("/l/autumn-boots").status_code == 200
    first, second, third = read_decisions(stocked)
    assert [one.arm for one in (first, second, third)] == ["", "generic", ""]
