"""The panel's wiring: who gets in, what a form must carry, what an answer carries, on both databases."""

from __future__ import annotations

import asyncio
import gzip
import re
from typing import Any

import httpx
import pytest

from expedit.access import SESSION_COOKIE, add_user, sessions
from expedit.app.panel import FORM_COOKIE, LANGUAGE_COOKIE, panel_routes
from expedit.storage import Shop
from expedit.web import PANEL_HEADERS, Role, build_application, statics
from tests.web.specimen import SPECIMEN

PAGE = {"accept": "text/html,*/*"}
FORM = "/panel/specimen/form"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class Browser:
    """A browser without a window: keeps cookies, follows nothing."""

    def __init__(self, shop: Shop, role: Role | None = "admin", language: str = "en") -> None:
        self.cookies: dict[str, str] = {}
        if role is not None:
            user = add_user(shop, f"{role}@example.com", "Eva Lind", role, language)
            self.cookies[SESSION_COOKIE] = sessions(shop).open(user.id, "test")
        routes = panel_routes(shop, (SPECIMEN,))
        self._transport = httpx.ASGITransport(build_application(routes, version="0"))

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        async def go() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="https://panel.example", cookies=self.cookies
            ) as client:
                return await client.request(method, path, headers=PAGE | (headers or {}), **body)

        answer = asyncio.run(go())
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value.strip('"')
        return answer

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, data: dict[str, Any], token_from: str = FORM, **more: Any) -> httpx.Response:
        found = CSRF.search(self.get(token_from).text)
        assert found is not None
        return self.ask("POST", path, data={"csrf": found[1], **data}, **more)


@pytest.fixture
def browser(shop: Shop) -> Browser:
    return Browser(shop)


def heading(answer: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>([^<]*)</h1>", answer.text)
    assert found is not None, answer.text[:500]
    return found[1]


def test_a_page_renders_behind_a_session(browser: Browser) -> None:
    answer = browser.get("/panel/specimen")
    assert answer.status_code == 200
    assert heading(answer) == "Personalization overview"
    assert "Eva Lind" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    for name, value in PANEL_HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in PANEL_HEADERS["Content-Security-Policy"]


def test_without_a_session_every_page_leads_to_the_login(sqlite_shop: Shop) -> None:
    stranger = Browser(sqlite_shop, None)
    for path in ("/panel", "/panel/specimen", "/panel/specimen/secret", "/panel/specimen/file"):
        answer = stranger.get(path)
        where = "/panel/login" if path == "/panel" else f"/panel/login?next={path}"
        assert (answer.status_code, answer.headers["location"], answer.text) == (303, where, "")
    asked = stranger.get("/panel/specimen?tab=a&x=1").headers["location"]
    assert asked == "/panel/login?next=/panel/specimen%3Ftab%3Da%26x%3D1"
    posted = stranger.ask("POST", FORM, data={"name": "Anna"})
    assert (posted.status_code, posted.headers["location"]) == (303, "/panel/login")
    fragment = stranger.get("/panel/specimen/count", hx_request="true")
    assert (fragment.status_code, fragment.headers["hx-redirect"]) == (200, "/panel/login")
    plain = stranger.get("/panel/specimen", accept="application/json")
    assert (plain.status_code, plain.headers["content-type"]) == (401, "application/problem+json")


def test_a_forged_or_ended_session_is_none(sqlite_shop: Shop) -> None:
    browser = Browser(sqlite_shop)
    token = browser.cookies[SESSION_COOKIE]
    assert browser.get("/panel/specimen").status_code == 200
    sessions(sqlite_shop).sign_out(token)
    assert browser.get("/panel/specimen").status_code == 303
    browser.cookies[SESSION_COOKIE] = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert browser.get("/panel/specimen").status_code == 303


@pytest.mark.parametrize(
    ("role", "seen", "posted"), [("viewer", 403, 403), ("merchandiser", 403, 303), ("admin", 200, 303)]
)
def test_roles_open_pages_and_actions(sqlite_shop: Shop, role: Role, seen: int, posted: int) -> None:
    browser = Browser(sqlite_shop, role)
    assert browser.get("/panel/specimen/secret").status_code == seen
    answer = browser.post(FORM, {"name": "Anna"})
    assert answer.status_code == posted
    assert ("expedit_kept" in browser.cookies) is (posted == 303)
    assert ("For administrators" in browser.get("/panel/specimen").text) is (role == "admin")


def test_who_may_not_is_told_in_their_language(sqlite_shop: Shop) -> None:
    answer = Browser(sqlite_shop, "viewer", "sv").get("/panel/specimen/secret")
    assert answer.status_code == 403
    assert "Det här kräver rollen ”Administratör”." in answer.text
    assert "this needs" not in answer.text.lower()


def test_a_form_needs_the_token_of_its_session(sqlite_shop: Shop) -> None:
    browser = Browser(sqlite_shop)
    for body in ({"name": "Anna"}, {"name": "Anna", "csrf": ""}, {"name": "Anna", "csrf": "0" * 40}):
        answer = browser.ask("POST", FORM, data=body)
        assert (answer.status_code, heading(answer)) == (403, "Not allowed")
    foreign = browser.post(FORM, {"name": "Anna"}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert "expedit_kept" not in browser.cookies
    found = CSRF.search(browser.get(FORM).text)
    assert found is not None
    by_header = browser.ask("POST", FORM, {"x-csrf-token": found[1]}, data={"name": "Anna"})
    assert by_header.status_code == 303


def test_a_form_of_one_session_does_not_serve_another(sqlite_shop: Shop) -> None:
    browser, other = Browser(sqlite_shop), Browser(sqlite_shop, "merchandiser")
    found = CSRF.search(other.get(FORM).text)
    assert found is not None
    assert browser.ask("POST", FORM, data={"csrf": found[1], "name": "Anna"}).status_code == 403


def test_a_public_form_needs_the_cookie_that_came_with_it(sqlite_shop: Shop) -> None:
    stranger = Browser(sqlite_shop, None)
    assert stranger.ask("POST", "/panel/open", data={"word": "hi"}).status_code == 403
    answer = stranger.post("/panel/open", {"word": "hej"}, "/panel/open")
    assert (answer.status_code, '<p id="said">hej</p>' in answer.text) == (200, True)
    mine = stranger.cookies[FORM_COOKIE]
    made_up = "guess." + mine.partition(".")[2]
    stranger.cookies[FORM_COOKIE] = made_up
    assert stranger.ask("POST", "/panel/open", data={"csrf": made_up, "word": "hi"}).status_code == 403


def test_cookies_are_out_of_reach_of_scripts_and_plain_http(sqlite_shop: Shop) -> None:
    stranger = Browser(sqlite_shop, None)
    line = stranger.get("/panel/open").headers["set-cookie"]
    assert line.startswith(FORM_COOKIE)
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/panel"} <= set(line.split("; "))
    local = stranger.get("/panel/open", host="127.0.0.1:8000", cookie="").headers["set-cookie"]
    assert "Secure" not in local


def test_a_refused_form_keeps_what_was_typed_and_says_why_at_the_field(browser: Browser) -> None:
    typed = {"name": "A<", "note": "two\nlines", "size": "s", "kind": "jackets"}
    answer = browser.post(FORM, typed)
    assert answer.status_code == 422
    assert '<div class="invalid-feedback" id="error-name">at least 3 letters</div>' in answer.text
    assert 'value="A&lt;" required aria-invalid="true" aria-describedby="error-name"' in answer.text
    assert ">two\nlines</textarea>" in answer.text
    assert '<option value="s" selected>' in answer.text
    assert 'value="jackets" checked' in answer.text
    assert 'value="boots" checked' not in answer.text


def test_what_was_done_is_said_once_on_the_next_page(browser: Browser) -> None:
    files = {"file": ("../../etc/Pass wörd.csv", b"12345", "text/csv")}
    answer = browser.post(FORM, {"name": "Änna 100%25", "kind": ["boots", "jackets"]}, files=files)
    assert (answer.status_code, answer.headers["location"]) == (303, FORM)
    page = browser.get(FORM).text
    assert "Saved Änna 100%25 boots+jackets Pass wörd.csv 5" in page
    assert '<p id="kept">yes</p>' in page
    assert "Saved" not in browser.get(FORM).text


def test_a_redirect_reaches_htmx_by_header(browser: Browser) -> None:
    answer = browser.post(FORM, {"name": "Anna"}, headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, FORM)
    assert "location" not in answer.headers


def test_a_body_over_the_limit_is_refused(browser: Browser) -> None:
    answer = browser.post(FORM, {"name": "Anna"}, files={"file": ("big.csv", b"x" * 20_000, "text/csv")})
    assert (answer.status_code, heading(answer)) == (413, "Too large")


def test_a_body_that_is_no_form_is_refused(browser: Browser) -> None:
    for kind in ("application/json", "text/plain"):
        answer = browser.ask("POST", FORM, {"content-type": kind}, content=b'{"csrf": "x"}')
        assert answer.status_code == 400


@pytest.mark.parametrize(
    ("kind", "status", "title"),
    [
        ("404", 404, "Not found"),
        ("403", 403, "Not allowed"),
        ("409", 409, "Changed in the meantime"),
        ("503", 503, "Away for a moment"),
        ("bug", 500, "Something went wrong"),
    ],
)
def test_errors_are_pages_for_people_and_documents_for_programs(
    sqlite_shop: Shop, kind: str, status: int, title: str
) -> None:
    browser = Browser(sqlite_shop, "viewer")
    path = f"/panel/specimen/fail/{kind}"
    page = browser.get(path)
    assert (page.status_code, heading(page)) == (status, title)
    assert ("said " + kind in page.text) is (kind != "bug")
    assert page.headers["content-security-policy"] == PANEL_HEADERS["Content-Security-Policy"]
    assert page.headers.get("retry-after") == ("5" if status == 503 else None)
    part = browser.get(path, hx_request="true")
    assert part.status_code == status
    assert part.text.startswith('<div class="alert')
    document = browser.get(path, accept="application/json")
    assert (document.status_code, document.json()["status"]) == (status, status)
    assert "secret detail" not in page.text + part.text + document.text


def test_an_unknown_address_is_a_page_of_the_panel(sqlite_shop: Shop) -> None:
    inside, stranger = Browser(sqlite_shop), Browser(sqlite_shop, None)
    assert (inside.get("/panel/a/b").status_code, heading(inside.get("/panel/a/b"))) == (404, "Not found")
    assert "/panel/specimen" in inside.get("/panel/a/b").text
    outside = stranger.get("/panel/a/b")
    assert (outside.status_code, "/panel/specimen" in outside.text) == (404, False)


def test_a_page_never_leads_to_another_site(browser: Browser) -> None:
    answer = browser.get("/panel/specimen/away")
    assert (answer.status_code, "location" in answer.headers) == (500, False)


def test_a_file_is_given_to_keep_never_to_show(browser: Browser) -> None:
    answer = browser.get("/panel/specimen/file")
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"bl_b_r.html\"; filename*=UTF-8''bl%C3%A5b%C3%A4r.html"
    )
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_search_asks_every_feature_and_escapes_what_it_found(sqlite_shop: Shop) -> None:
    browser = Browser(sqlite_shop, "viewer")
    answer = browser.post("/panel/search", {"q": "LOW"})
    assert answer.status_code == 200
    assert 'role="option" id="hit-1" aria-selected="false"' in answer.text
    assert "Boot &lt;b&gt;low&lt;/b&gt;" in answer.text
    assert answer.text.count('role="option"') == 1
    assert browser.post("/panel/search", {"q": "boot"}).text.count('role="option"') == 3
    assert "Nothing found for “&lt;i&gt;”" in browser.post("/panel/search", {"q": "<i>"}).text
    assert browser.get("/panel/search").status_code in {404, 405}


def test_the_language_is_the_users_until_another_is_chosen(sqlite_shop: Shop) -> None:
    browser = Browser(sqlite_shop, language="sv")
    assert heading(browser.get("/panel/specimen")) == "Personaliseringen i korthet"
    answer = browser.post("/panel/language", {"language": "nb", "next": "/panel/specimen?a=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/panel/specimen?a=1")
    assert browser.cookies[LANGUAGE_COOKIE] == "nb"
    assert heading(browser.get("/panel/specimen")) == "Personaliseringen i korte trekk"
    away = browser.post("/panel/language", {"language": "en", "next": "https://example.com/"})
    assert away.headers["location"] == "/panel"
    assert browser.post("/panel/language", {"language": "xx"}).status_code == 400


def test_a_stranger_is_met_in_the_language_of_the_browser(sqlite_shop: Shop) -> None:
    stranger = Browser(sqlite_shop, None)
    assert 'lang="nb"' in stranger.get("/panel/open", accept_language="no-NO,en;q=0.5").text
    assert 'lang="sv"' in stranger.get("/panel/open", accept_language="de").text  # the shop's own


def test_the_front_and_the_panels_root_lead_on(browser: Browser) -> None:
    assert browser.get("/").headers["location"] == "/panel"
    assert browser.get("/panel").headers["location"] == "/panel/specimen"


def test_files_are_kept_for_ever_under_their_digest_only(sqlite_shop: Shop) -> None:
    if not statics().packed("panel.css"):
        pytest.skip("the panel's files are not built: make frontend")
    stranger = Browser(sqlite_shop, None)
    answer = stranger.get(statics().address("panel.css"), accept_encoding="identity")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    packed = stranger.get(statics().address("panel.css"), accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == answer.content
    assert len(gzip.compress(answer.content)) < len(answer.content) / 4
    old = stranger.get("/panel/static/000000000000/panel.css")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
    for path in ("x.css", "..%2f..%2fpages.py", ".digest", "%2e%2e"):
        assert stranger.get(f"/panel/static/{statics().digest}/{path}").status_code == 404


def test_the_panel_is_absent_from_the_api_document(browser: Browser) -> None:
    document = browser.get("/v1/schema/openapi.json")
    assert document.status_code == 200
    assert "/panel" not in document.text
