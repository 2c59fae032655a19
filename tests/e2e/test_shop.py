"""A person walks the demo shop: it learns from every click, explains itself, and forgets when told to."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

JACKET = "sylen-skaljacka-petrol"


def accept(page: Page) -> None:
    """Say yes to the shop's question, and wait until it has been heard."""
    with page.expect_response(lambda answer: "/v1/batch" in answer.url and answer.ok):
        page.get_by_role("button", name="Ja, gärna").click()
    expect(page.locator(".consent")).to_have_count(0)


def settle(page: Page) -> None:
    """Wait until every placement of the page has its answer."""
    page.wait_for_function(
        "document.querySelectorAll('[data-expedit]').length > 0 && "
        "document.querySelectorAll('[data-expedit][aria-busy=\"true\"]').length === 0 && "
        "document.querySelectorAll('[data-expedit] .card').length > 0"
    )


def ids_in(page: Page, placement: str) -> list[str]:
    """Return the products that a placement shows."""
    cards = page.locator(f"[data-expedit='{placement}'] .card")
    return [card.get_attribute("data-product") or "" for card in cards.all()]


def visit_product(page: Page, shop_url: str, product: str) -> None:
    with page.expect_response(lambda answer: "/v1/batch" in answer.url and answer.ok):
        page.goto(f"{shop_url}/sv/p/{product}", wait_until="domcontentloaded")
        settle(page)


def test_every_page_answers_in_every_language(page: Page, shop_url: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for locale in ("sv", "nb", "en"):
        for path in ("", "c", f"p/{JACKET}", "search?q=jack", "cart", "likes", "login"):
            answer = page.goto(f"{shop_url}/{locale}/{path}", wait_until="domcontentloaded")
            assert answer is not None and answer.status == 200, path
            assert page.locator("html").get_attribute("lang") == locale
    assert page.goto(f"{shop_url}/sv/p/finns-inte", wait_until="domcontentloaded").status == 404  # type: ignore[union-attr]
    assert errors == []


def test_nothing_is_stored_before_consent(visitor: BrowserContext, page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/sv/p/{JACKET}", wait_until="domcontentloaded")
    settle(page)
    assert {cookie["name"] for cookie in visitor.cookies()} == {"fjall_visit"}
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert ids_in(page, "product-viewed-together"), "context alone still gives suggestions"
    accept(page)
    cookie = next(one for one in visitor.cookies() if one["name"] == "expedit_id")
    assert cookie["httpOnly"] is True
    assert cookie["sameSite"] == "Lax"


def test_a_click_changes_the_next_page(page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    settle(page)
    accept(page)
    settle(page)
    before = ids_in(page, "home-for-you")
    visit_product(page, shop_url, JACKET)
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    settle(page)
    after = ids_in(page, "home-for-you")
    assert after != before
    reasons = page.locator("[data-expedit='home-for-you'] .reason").all_inner_texts()
    assert any("Sylen" in reason for reason in reasons), reasons


def test_cards_tell_ratings_and_honest_counts(page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    settle(page)
    bestsellers = page.locator("[data-expedit='home-bestsellers']")
    rating = bestsellers.get_by_role("img", name=re.compile(r"^\d,\d av 5 \(\d+ omdömen\)$")).first
    expect(rating).to_be_visible()
    told = bestsellers.locator(".proof").all_inner_texts()
    assert told, "nobody bought a bestseller"
    for text in told:
        people, days = map(int, re.fullmatch(r"(\d+) har köpt de senaste (\d+) dagarna", text).groups())
        assert people >= 5, text
        assert days in {7, 30}, text
    page.goto(f"{shop_url}/sv/c/stickat", wait_until="domcontentloaded")
    expect(page.locator(".card .rating").first).to_be_visible()


def test_the_drawer_tells_what_is_known_and_why(page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    accept(page)
    visit_product(page, shop_url, JACKET)
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    settle(page)
    page.locator("[data-expedit='home-for-you'] .why-link").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("Skaljackor").first).to_be_visible()
    expect(drawer.locator(".recent img").first).to_have_attribute("alt", "Sylen skaljacka")
    parts = [
        float(text.replace(",", ".").replace("−", "-"))
        for text in drawer.locator(".fall li:not(.total) .value").all_inner_texts()
    ]
    score = float(drawer.locator(".fall .total .value").inner_text().replace(",", "."))
    assert parts
    # Each bar is rounded to two decimals.
    assert abs(sum(parts) - score) <= 0.005 * (len(parts) + 1)
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_withdrawn_consent_makes_answers_contextual_at_once(page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    accept(page)
    visit_product(page, shop_url, JACKET)
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    settle(page)
    assert any("tittat" in text or "tittade" in text for text in page.locator(".reason").all_inner_texts())
    page.get_by_role("button", name="Vad expedit vet om mig").click()
    with page.expect_request(lambda request: "/v1/decide" in request.url) as asked:
        page.locator(".drawer .switch").click()
    assert json.loads(asked.value.post_data or "{}")["consent"]["personalization"] is False
    page.keyboard.press("Escape")
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    settle(page)
    texts = page.locator(".reason").all_inner_texts()
    assert texts
    assert not any("tittat" in text or "tittade" in text for text in texts), texts


def test_an_advertisement_gets_what_it_promised_even_in_the_middle_of_a_visit(
    page: Page, shop_url: str
) -> None:
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    accept(page)
    usual = page.locator("h1").inner_text()
    page.goto(f"{shop_url}/sv/?utm_medium=cpc&utm_term=skaljackor", wait_until="domcontentloaded")
    assert page.locator("h1").inner_text() != usual
    expect(page.locator(".promised")).to_contain_text("skaljackor")
    page.locator("main .name").first.click()
    expect(page).to_have_url(re.compile(r"/sv/p/"))


def test_the_account_tells_the_orders_of_every_channel(page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    accept(page)
    log_in(page, shop_url, "maja@fjallfjord.example")
    page.goto(f"{shop_url}/sv/account", wait_until="domcontentloaded")
    orders = page.locator(".orders li")
    assert orders.count() >= 2
    told = orders.all_inner_texts()
    assert all("kr" in text for text in told), told
    expect(orders.first.locator("img").first).to_have_attribute("src", re.compile(r"/pictures/.+\.webp"))


def test_the_cart_follows_its_owner_to_another_browser(browser: Browser, page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    accept(page)
    email = "maja.ny@example.com"
    log_in(page, shop_url, email)
    visit_product(page, shop_url, JACKET)
    page.locator(".sizes label:not(:has(:disabled))").first.click()
    with page.expect_response(lambda answer: "/v1/batch" in answer.url and answer.ok):
        page.get_by_role("button", name="Lägg i varukorgen").click()
    expect(page.locator("[data-count]")).to_have_text("1")

    other = browser.new_context(viewport={"width": 390, "height": 844}, locale="sv-SE")
    try:
        phone = other.new_page()
        phone.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
        accept(phone)
        log_in(phone, shop_url, email)
        phone.goto(f"{shop_url}/sv/cart", wait_until="domcontentloaded")
        expect(phone.locator(".cart-line .name")).to_have_text("Sylen skaljacka")
        phone.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
        settle(phone)
        phone.get_by_role("button", name="Vad expedit vet om mig").click()
        expect(phone.get_by_role("dialog").locator(".recent img").first).to_have_attribute(
            "alt", "Sylen skaljacka"
        )
    finally:
        other.close()


def log_in(page: Page, shop_url: str, email: str) -> None:
    page.goto(f"{shop_url}/sv/login", wait_until="domcontentloaded")
    page.get_by_label("Egen adress").fill(email)
    with page.expect_response(lambda answer: "/v1/batch" in answer.url and answer.ok):
        page.get_by_role("button", name="Logga in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hej")


def test_a_purchase_is_made_and_remembered(page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    accept(page)
    visit_product(page, shop_url, JACKET)
    page.locator(".sizes label:not(:has(:disabled))").first.click()
    page.get_by_role("button", name="Lägg i varukorgen").click()
    expect(page.locator("[data-count]")).to_have_text("1")
    page.goto(f"{shop_url}/sv/checkout", wait_until="domcontentloaded")
    page.get_by_role("button", name="Slutför köpet").click()
    expect(page.locator("#error-email")).to_have_text("Fyll i fältet")
    for name, value in (
        ("email", "kim@example.com"),
        ("name", "Kim Strand"),
        ("street", "Torggränd 4"),
        ("postal", "830 13"),
        ("city", "Åre"),
    ):
        page.locator(f"[name={name}]").fill(value)
    with (
        page.expect_response(lambda answer: "/v1/batch" in answer.url and answer.ok),
        page.expect_response(lambda answer: '"receipt"' in (answer.request.post_data or "")) as told,
    ):
        page.get_by_role("button", name="Slutför köpet").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Tack för din beställning")
    (asked,) = json.loads(told.value.request.post_data or "")["placements"]
    assert asked["context"]["productIds"] == [JACKET], "a receipt is about what was bought"
    (decision,) = told.value.json()["decisions"]
    assert JACKET not in [item["id"] for item in decision["items"]], (
        "what was just bought is not suggested again"
    )


def test_forget_me_erases_everything(visitor: BrowserContext, page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    accept(page)
    visit_product(page, shop_url, JACKET)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Vad expedit vet om mig").click()
    expect(page.get_by_role("dialog").locator(".recent img").first).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/sv/forget")) as forgotten:
        page.locator("[data-forget]").click()
    assert forgotten.value.status == 200
    page.wait_for_load_state("domcontentloaded")
    assert "expedit_id" not in {cookie["name"] for cookie in visitor.cookies()}
    page.get_by_role("button", name="Vad expedit vet om mig").click()
    expect(page.get_by_role("dialog").get_by_text("Inget sparas om dig")).to_be_visible()


def test_nothing_moves_while_the_page_fills(page: Page, shop_url: str) -> None:
    page.add_init_script(
        "window.shifts = []; new PerformanceObserver(list => { for (const one of list.getEntries()) "
        "if (!one.hadRecentInput) window.shifts.push(one.value); })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(f"{shop_url}/sv/", wait_until="domcontentloaded")
    settle(page)
    page.wait_for_timeout(500)
    assert page.evaluate("window.shifts.reduce((a, b) => a + b, 0)") == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_the_window(browser: Browser, shop_url: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, locale="sv-SE")
    try:
        page = context.new_page()
        for path in ("", "c", f"p/{JACKET}", "cart", "login"):
            page.goto(f"{shop_url}/sv/{path}", wait_until="domcontentloaded")
            if page.locator("[data-expedit]").count():
                settle(page)
            assert page.locator("html").evaluate("document.documentElement.scrollWidth") <= width, path
    finally:
        context.close()


def test_facets_tell_what_they_leave(page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/sv/c", wait_until="domcontentloaded")
    colors = page.locator("details[data-facet=color]")
    colors.locator("summary").click()
    option = colors.locator("label").nth(2)
    count = option.locator("small").inner_text()
    option.click()
    expect(page.locator(".chosen .total")).to_have_text(f"{count} produkter")
    expect(colors).to_have_attribute("open", "")  # for one color more
    page.keyboard.press("Escape")
    expect(colors).not_to_have_attribute("open", "")
    page.locator("select[name=sort]").select_option("price_asc")
    expect(page).to_have_url(re.compile("color=.*sort=price_asc"))
    page.locator(".tag").first.click()
    expect(page.locator(".tag")).to_have_count(0)
    expect(page.locator("select[name=sort]")).to_have_value("price_asc")
