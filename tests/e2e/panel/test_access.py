"""Coming in, one's account, users, keys, sources and the audit log, walked in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from expedit.access import keys
from expedit.access.totp import code_at, step_of
from expedit.core import NoKey, system_clock
from expedit.storage import open_shop
from tests.app.houses import House, Site

pytestmark = pytest.mark.e2e

PASSWORD = "elva grå hästar i dimma"
WIDE, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """Give a server whose panel nobody has entered yet, and the first link as the terminal shows it."""
    house = House.make(tmp_path / "home")
    with house.serving() as site:
        log = (tmp_path / "home-server.log").read_text()
        (link,) = re.findall(r"http://127\.0\.0\.1:\d+(/panel/set-up\?token=\S+)", log)
        yield site, link


def look(page: Page, looks: Path, name: str) -> None:
    """Leave pictures of a page: wide and on a phone, light and dark; nothing may stick out."""
    for shape, size in (("wide", WIDE), ("phone", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        fits = page.locator("html").evaluate("root => root.scrollWidth <= window.innerWidth")
        assert fits, (name, shape)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=looks / f"access-{name}-{shape}-{scheme}.png", full_page=True)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")


def test_the_first_user_comes_in_turns_the_second_factor_on_and_signs_in_with_it(
    browser: Browser, fresh: tuple[Site, str], looks: Path
) -> None:
    site, link = fresh
    context = browser.new_context(base_url=f"http://127.0.0.1:{site.port}", viewport=WIDE, locale="en-GB")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/panel")
    expect(page.get_by_text("There is no user yet")).to_be_visible()
    page.goto(link)
    # The token is neither in the address nor in the page any more.
    assert page.url.endswith("/panel/set-up")
    assert link.partition("=")[2] not in page.content()
    page.get_by_label("Name", exact=True).fill("Anna Ek")
    page.get_by_label("E-mail address").fill("Anna@Example.com")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("At least 12 characters, some of them different")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Anna Ek")
    look(page, looks, "set-up")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Anna Ek").first).to_be_visible()

    page.goto("/panel/account")
    look(page, looks, "account")
    page.get_by_role("link", name="Turn on second factor").click()
    secret = page.locator("ol code").inner_text()
    look(page, looks, "second-factor")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Turn on second factor").click()
    expect(page.locator("#error-code").get_by_text("The code is wrong")).to_be_visible()
    assert page.locator("ol code").inner_text() == secret
    page.get_by_label("Code").fill(authenticator(secret))
    page.get_by_role("button", name="Turn on second factor").click()
    codes = page.locator(".row-cols-2 code").all_inner_texts()
    assert len(codes) == 10 and len(set(codes)) == 10
    look(page, looks, "recovery-codes")

    page.get_by_role("link", name="I have kept them").click()
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/panel/account")
    assert page.url.endswith("/panel/login?next=/panel/account")
    page.get_by_label("E-mail address").fill("anna@example.com")
    page.get_by_label("Password").fill("something else")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("do not belong together")).to_be_visible()
    look(page, looks, "login")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    look(page, looks, "code")
    page.goto("/panel/account")
    assert "/panel/login" in page.url  # the password alone opens nothing
    page.goto("/panel/login/code?next=/panel/account")
    page.get_by_label("Code").fill(codes[0].upper())
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/panel/account")
    expect(page.get_by_text("9 recovery codes left")).to_be_visible()
    cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    session = cookies["expedit_session"]
    assert (session["httpOnly"], session["sameSite"], session["path"]) == (True, "Lax", "/panel")
    context.close()


def authenticator(shown: str) -> str:
    """Return the code that an app shows which was given the key of the page."""
    from base64 import b32decode

    plain = shown.replace(" ", "")
    secret = b32decode(plain + "=" * (-len(plain) % 8))
    return code_at(secret, step_of(system_clock()))


def test_an_administrator_invites_somebody_who_then_chooses_a_password(
    panel: Page, browser: Browser, panel_site: Site, looks: Path
) -> None:
    panel.goto("/panel/users")
    panel.get_by_label("Name", exact=True).fill("Ola Nordmann")
    panel.get_by_label("E-mail address").fill("ola@example.com")
    panel.get_by_label("Role").select_option("merchandiser")
    panel.get_by_label("Language").select_option("nb")
    panel.get_by_role("button", name="Add user").click()
    link = panel.locator("[data-whole-address]").inner_text()
    look(panel, looks, "link")
    guest = browser.new_context(base_url=f"http://127.0.0.1:{panel_site.port}", locale="nb-NO")
    theirs = guest.new_page()
    theirs.goto(link)
    theirs.get_by_label("Nytt passord").fill(PASSWORD)
    theirs.get_by_role("button", name="Lagre og logg inn").click()
    theirs.goto("/panel/account")
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Kontoen din")
    assert theirs.goto("/panel/users").status == 403  # type: ignore[union-attr]
    theirs.goto(link)
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Lenken virker ikke lenger")

    panel.goto("/panel/users")
    look(panel, looks, "users")
    panel.get_by_role("link", name="Ola Nordmann").click()
    look(panel, looks, "user")
    panel.get_by_role("button", name="Lock out").first.click()
    panel.get_by_role("dialog").get_by_role("button", name="Lock out").click()
    expect(panel.get_by_text("The user is locked out.")).to_be_visible()
    theirs.goto("/panel/account")
    assert "/panel/login" in theirs.url
    guest.close()


def test_a_secret_key_is_shown_once_and_works_until_it_is_revoked(
    panel: Page, panel_site: Site, looks: Path
) -> None:
    panel.goto("/panel/keys")
    panel.get_by_label("What it is for").fill("nightly export")
    panel.get_by_role("button", name="Make key").click()
    expect(panel.get_by_text("Choose at least one.", exact=True)).to_be_visible()
    panel.get_by_label("people:read").check()
    panel.get_by_label("Good for").select_option("90")
    panel.get_by_role("button", name="Make key").click()
    secret = panel.locator("code.fs-3").inner_text()
    assert re.fullmatch(r"sk_[\w-]{32}", secret)
    look(panel, looks, "secret")
    shop = open_shop(panel_site.house.root)
    assert keys(shop).caller(f"Bearer {secret}").scopes == {"people:read"}
    panel.goto("/panel/keys")
    assert secret not in panel.content()
    look(panel, looks, "keys")
    row = panel.get_by_role("row", name=re.compile("nightly export"))
    row.get_by_role("button", name="Revoke").first.click()
    panel.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(panel.get_by_text("The key is revoked.")).to_be_visible()
    shop.close()
    fresh = open_shop(panel_site.house.root)
    with pytest.raises(NoKey):
        keys(fresh).caller(f"Bearer {secret}")
    fresh.close()


def test_a_source_gets_another_ground_and_a_new_key_beside_the_old_one(
    panel: Page, panel_site: Site, looks: Path
) -> None:
    panel.goto("/panel/keys?tab=sources")
    expect(panel.get_by_text(panel_site.house.web)).to_be_visible()
    assert panel_site.house.server not in panel.content()
    look(panel, looks, "sources")
    panel.get_by_role("link", name="server", exact=True).click()
    panel.get_by_label("Legal basis").select_option("legitimate_interest")
    panel.get_by_label("Personalization").check()
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("Saved; it holds for events from now on.")).to_be_visible()
    expect(panel.get_by_label("Personalization")).to_be_checked()
    panel.get_by_role("button", name="New write key").first.click()
    panel.get_by_role("dialog").get_by_role("button", name="New write key").click()
    fresh = panel.locator("code.fs-3").inner_text()
    shop = open_shop(panel_site.house.root)
    both = {keys(shop).caller(f"Bearer {key}").key for key in (fresh, panel_site.house.server)}
    assert both == {"source:server"}
    shop.close()
    panel.get_by_role("link", name="I have kept it").click()
    look(panel, looks, "source")
    panel.get_by_role("button", name="End it now").click()
    expect(panel.get_by_text("The former key no longer works.")).to_be_visible()

    panel.goto("/panel/audit?action=sources.rotate")
    (row,) = panel.get_by_role("row").all()[1:]
    assert [cell.inner_text() for cell in row.get_by_role("cell").all()][1:] == [
        "Eva Lind", "gave a source a new write key", "server", "overlap hours 24",
    ]  # fmt: skip
    panel.goto("/panel/audit")
    look(panel, looks, "audit")
    with panel.expect_download() as started:
        panel.get_by_role("link", name="Export CSV").click()
    written = Path(started.value.path()).read_text(encoding="utf-8-sig")
    assert written.splitlines()[0] == "at,actor,name,action,subject,details"
    assert "sources.rotate" in written


def test_a_viewer_sees_their_own_account_and_nothing_of_administration(open_panel, looks: Path) -> None:
    page = open_panel("viewer", "sv")
    for path in ("/panel/users", "/panel/keys", "/panel/audit"):
        assert page.goto(path).status == 403
    page.goto("/panel/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ditt konto")
    page.get_by_label("Namn").fill("Ida Vik Berg")
    page.get_by_label("Språk", exact=True).select_option("nb")
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kontoen din")
    expect(page.get_by_label("Navn")).to_have_value("Ida Vik Berg")
