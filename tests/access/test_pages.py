"""What the pages of this room show and do, in every language and on both databases."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from expedit.access import SESSION_COOKIE, Source, User, Wanted, audit, keys, read_audit, sessions, users_of
from expedit.access.links import make_link
from expedit.access.panel import MENU, PAGES
from expedit.access.panel.account import change_account, second_factor_on, show_account, show_second_factor
from expedit.access.panel.audit import show_audit
from expedit.access.panel.entering import login, show_code, show_link, show_login, take_code, use_link
from expedit.access.panel.keys import change_keys, show_keys
from expedit.access.panel.sources import change_source, show_source
from expedit.access.panel.users import add, change_user, find, show_user, show_users
from expedit.access.totp import code_at, secret_of, step_of
from expedit.access.users import find_user
from expedit.core import DAY, SECOND, Conflict, InvalidInput, NoKey, NotAllowed, evolve
from expedit.storage import Shop
from expedit.web import LANGUAGES, Download, Frame, Html, Redirect, Reply, Viewer, Visit, render
from tests.access.conftest import PASSWORD, Visiting, enter
from tests.conftest import StandingClock


def written(reply: Reply, visit: Visit) -> str:
    """Return the page in every language, one after the other."""
    assert isinstance(reply, Html)
    return "\n".join(render(reply, evolve(visit, language=code), Frame(csrf="c")) for code in LANGUAGES)


def cookie_of(reply: Reply, name: str = SESSION_COOKIE) -> str:
    assert isinstance(reply, (Html, Redirect))
    return next(cookie.value for cookie in reply.cookies if cookie.name == name)


def test_every_page_of_administration_is_for_administrators() -> None:
    for page in PAGES:
        if page.path.startswith(("/panel/users", "/panel/keys", "/panel/audit")):
            assert page.role == "admin" and (page.act is None or page.act_role == "admin"), page.path
            assert not page.public
        elif not page.path.startswith("/panel/account"):
            assert page.public or page.path == "/panel/logout"
    assert {item.role for item in MENU} == {"admin"}


def test_a_right_password_opens_a_session_and_a_wrong_one_tells_nothing(
    shop: Shop, anna: User, visiting: Visiting
) -> None:
    assert "anna" not in written(show_login(shop, visiting()), visiting()).lower()
    refusals = set()
    for email, password in (("anna@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("", "")):
        with pytest.raises(InvalidInput) as refused:
            login(shop, visiting(form={"email": email, "password": password}))
        refusals.add((refused.value.field, refused.value.reason))
    assert refusals == {("password", "The address and the password do not belong together.")}
    reply = login(shop, visiting(form={"email": " ANNA@example.com ", "password": PASSWORD}))
    assert isinstance(reply, Redirect) and reply.to == "/panel"
    signed = sessions(shop).viewer(cookie_of(reply))
    assert signed is not None
    assert signed.viewer == Viewer(anna.id, "Anna Ek", "anna@example.com", "admin")


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/panel/users?x=1", "/panel/users?x=1"),
        ("//evil.example/panel", "/panel"),
        ("https://evil.example/", "/panel"),
        ("/v1/people", "/panel"),
        ("/panel\\@evil.example", "/panel\\@evil.example"),
        ("/\\evil.example/panel", "/panel"),
    ],
)
def test_a_sign_in_leads_back_into_the_panel_and_nowhere_else(
    sqlite_shop: Shop, asked: str, led: str
) -> None:
    enter(sqlite_shop)
    visit = Visit(form={"email": "anna@example.com", "password": PASSWORD}, query={"next": asked})
    reply = login(sqlite_shop, visit)
    assert isinstance(reply, Redirect) and reply.to == led


def test_too_many_attempts_are_told_with_the_time_to_wait(
    shop: Shop, anna: User, visiting: Visiting, shop_clock: StandingClock
) -> None:
    wrong = visiting(form={"email": anna.email, "password": "wrong"})
    for _ in range(5):
        with pytest.raises(InvalidInput):
            login(shop, wrong)
    reply = login(shop, visiting(form={"email": anna.email, "password": PASSWORD}))
    assert isinstance(reply, Html) and (reply.status, reply.retry_after) == (429, 1)
    assert "Try again in 1 s" in written(reply, visiting())
    shop_clock.advance(SECOND)
    assert isinstance(login(shop, visiting(form={"email": anna.email, "password": PASSWORD})), Redirect)


def test_the_first_user_makes_themselves_by_the_link(shop: Shop, visiting: Visiting) -> None:
    token = make_link(shop)
    away = show_link(shop, visiting(query={"token": token}))
    assert isinstance(away, Redirect) and away.to == "/panel/set-up"
    cookies = {"expedit_link": cookie_of(away, "expedit_link")}
    assert token not in written(show_link(shop, visiting(cookies=cookies)), visiting())
    form = {"email": "anna@example.com", "name": "Anna", "language": "nb", "password": "kort"}
    with pytest.raises(InvalidInput, match="At least 12 characters"):
        use_link(shop, visiting(cookies=cookies, form=form))
    reply = use_link(shop, visiting(cookies=cookies, form={**form, "password": PASSWORD}))
    (user,) = users_of(shop)
    assert (user.email, user.role, user.language, user.ready) == ("anna@example.com", "admin", "nb", True)
    assert sessions(shop).viewer(cookie_of(reply)) is not None
    gone = show_link(shop, visiting(cookies=cookies))
    assert isinstance(gone, Html) and gone.status == 404
    assert "used already" in written(gone, visiting())


def test_an_invited_user_chooses_a_password_and_a_second_link_makes_the_first_void(
    shop: Shop, anna: User, visiting: Visiting
) -> None:
    form = {"email": "ola@example.com", "name": "Ola", "role": "viewer", "language": "nb"}
    first = add(shop, visiting(anna, form=form))
    assert isinstance(first, Html)
    ola = first.values["user"]
    assert not find_user(shop, ola.id).ready
    with pytest.raises(InvalidInput, match="already") as taken:
        add(shop, visiting(anna, form=form))
    assert taken.value.field == "email"
    second = change_user(shop, visiting(anna, path={"user_id": ola.id}, form={"do": "reset"}))
    assert isinstance(second, Html)
    tokens = [str(reply.values["link"]).partition("=")[2] for reply in (first, second)]
    assert show_link(shop, visiting(cookies={"expedit_link": tokens[0]})).status == 404  # type: ignore[union-attr]
    use_link(shop, visiting(cookies={"expedit_link": tokens[1]}, form={"password": PASSWORD}))
    assert find_user(shop, ola.id).ready
    assert [entry.action for entry in read_audit(shop, Wanted(subject=ola.id))] == [
        "password.set", "users.reset", "users.add",
    ]  # fmt: skip


def test_a_second_factor_is_turned_on_asked_for_and_turned_off(
    shop: Shop, anna: User, visiting: Visiting, shop_clock: StandingClock
) -> None:
    page = show_second_factor(shop, visiting(anna))
    assert 'src="data:image/svg+xml' in written(page, visiting(anna))
    assert show_second_factor(shop, visiting(anna)) == page
    with pytest.raises(InvalidInput) as refused:
        second_factor_on(shop, visiting(anna, form={"code": "000000"}))
    assert refused.value.field == "code"
    row = shop.database.read_row("SELECT totp_offered FROM users WHERE id = ?", (anna.id,))
    assert row is not None
    secret = secret_of(shop, anna.id, row[0])
    on = second_factor_on(shop, visiting(anna, form={"code": code_at(secret, step_of(shop_clock()))}))
    assert isinstance(on, Html) and len(on.values["codes"]) == 10
    assert all(code in written(on, visiting(anna)) for code in on.values["codes"])
    assert "10 recovery codes left" in written(show_account(shop, visiting(anna)), visiting(anna))

    half = login(shop, visiting(form={"email": anna.email, "password": PASSWORD}, query={"next": "/panel/x"}))
    assert isinstance(half, Redirect) and half.to == "/panel/login/code?next=%2Fpanel%2Fx"
    cookies = {SESSION_COOKIE: cookie_of(half)}
    assert sessions(shop).viewer(cookies[SESSION_COOKIE]) is None
    written(show_code(shop, visiting(cookies=cookies)), visiting())
    with pytest.raises(InvalidInput):  # the code that turned it on was used
        take_code(shop, visiting(cookies=cookies, form={"code": code_at(secret, step_of(shop_clock()))}))
    shop_clock.advance(30 * SECOND)
    code = code_at(secret, step_of(shop_clock()))
    whole = take_code(shop, visiting(cookies=cookies, form={"code": code}, query={"next": "/panel/x"}))
    assert isinstance(whole, Redirect) and whole.to == "/panel/x"
    assert sessions(shop).viewer(cookie_of(whole)) is not None
    assert sessions(shop).waiting_for(cookies[SESSION_COOKIE]) == ""

    with pytest.raises(InvalidInput) as wrong:
        change_account(shop, visiting(anna, form={"do": "second_factor_off", "confirm": "wrong"}))
    assert wrong.value.field == "confirm"
    change_account(shop, visiting(anna, form={"do": "second_factor_off", "confirm": PASSWORD}))
    assert not find_user(shop, anna.id).second_factor
    assert shop.database.read_rows("SELECT * FROM recovery_codes") == []


def test_one_changes_name_language_password_and_ends_sessions(
    shop: Shop, anna: User, visiting: Visiting
) -> None:
    reply = change_account(shop, visiting(anna, form={"do": "profile", "name": "Anna K", "language": "sv"}))
    assert isinstance(reply, Redirect) and reply.said == "Sparat."
    assert (find_user(shop, anna.id).name, find_user(shop, anna.id).language) == ("Anna K", "sv")
    other = sessions(shop).open(anna.id, "Firefox, Windows")
    (ended,) = [one for one in sessions(shop).of(anna.id) if one.browser]
    change_account(shop, visiting(anna, form={"do": "end_session", "session": ended.id}))
    assert sessions(shop).viewer(other) is None
    other = sessions(shop).open(anna.id)
    form = {"do": "password", "old": PASSWORD, "password": "tolv blå kor i regn"}
    with pytest.raises(InvalidInput) as wrong:
        change_account(shop, visiting(anna, form={**form, "old": "wrong"}))
    assert wrong.value.field == "old"
    fresh = cookie_of(change_account(shop, visiting(anna, form=form)))
    assert sessions(shop).viewer(other) is None
    assert sessions(shop).viewer(fresh) is not None
    with pytest.raises(InvalidInput):
        login(shop, visiting(form={"email": anna.email, "password": PASSWORD}))
    login(shop, visiting(form={"email": anna.email, "password": "tolv blå kor i regn"}))


def test_nobody_ends_the_session_of_somebody_else(shop: Shop, anna: User, visiting: Visiting) -> None:
    ola = enter(shop, "ola@example.com", "Ola", "viewer")
    token = sessions(shop).open(anna.id)
    for one in sessions(shop).of(anna.id):
        with pytest.raises(Exception, match="ended already"):
            change_account(shop, visiting(ola, form={"do": "end_session", "session": one.id}))
    assert sessions(shop).viewer(token) is not None


def test_an_administrator_changes_others_and_never_the_last_one(
    shop: Shop, anna: User, visiting: Visiting
) -> None:
    ola = enter(shop, "ola@example.com", "Ola", "merchandiser")
    token = sessions(shop).open(ola.id)

    def do(what: str, user: User = ola, by: User = anna, **form: str) -> Reply:
        return change_user(shop, visiting(by, path={"user_id": user.id}, form={"do": what, **form}))

    assert "ola@example.com" in written(show_users(shop, visiting(anna)), visiting(anna))
    do("role", role="admin")
    assert find_user(shop, ola.id).role == "admin"
    assert sessions(shop).viewer(token) is None  # the next session has the new rights
    for what in ("role", "disable", "remove"):
        with pytest.raises(NotAllowed, match="another administrator"):
            do(what, anna, role="viewer")
    do("disable", anna, by=ola)
    with pytest.raises(Conflict, match="Somebody must stay administrator"):
        change_user(shop, visiting(anna, path={"user_id": ola.id}, form={"do": "role", "role": "viewer"}))
    assert find_user(shop, ola.id).role == "admin"
    do("enable", anna, by=ola)
    token = sessions(shop).open(ola.id)
    do("end_sessions")
    assert sessions(shop).viewer(token) is None
    assert "avslutade en användares sessioner" in written(
        show_user(shop, visiting(anna, path={"user_id": anna.id})), visiting(anna)
    )
    do("remove")
    assert [user.id for user in users_of(shop)] == [anna.id]
    assert [hit.title for hit in find(shop, visiting(anna).viewer, "ANN")] == ["Anna Ek"]
    assert find(shop, evolve(visiting(anna).viewer, role="viewer"), "ann") == []


def test_keys_are_made_shown_once_and_revoked(shop: Shop, anna: User, visiting: Visiting) -> None:
    assert "Give each its own" in written(show_keys(shop, visiting(anna)), visiting(anna))
    form = {"do": "add_key", "name": "export", "life": "30"}
    with pytest.raises(InvalidInput) as none:
        change_keys(shop, visiting(anna, form=form))
    assert none.value.field == "scopes"
    made = change_keys(
        shop, visiting(anna, form=form, lists={"scopes": ("people:read", "decide", "people:steal")})
    )
    assert isinstance(made, Html)
    secret = made.values["secret"]
    assert secret in written(made, visiting(anna))
    (key,) = keys(shop).api_keys()
    assert (key.scopes, key.expires) == (("decide", "people:read"), shop.clock() + 30 * DAY)
    shown = written(show_keys(shop, visiting(anna)), visiting(anna))
    assert "export" in shown and secret not in shown
    change_keys(shop, visiting(anna, form={"do": "revoke", "key": key.id}))
    with pytest.raises(NoKey):
        keys(shop).caller(f"Bearer {secret}")


def test_sources_are_added_grounded_and_given_new_keys(shop: Shop, anna: User, visiting: Visiting) -> None:
    keys(shop).add_source(Source("web", "browser", "wk_web", {}, "consent"))
    form = {"do": "add_source", "id": "till-1", "kind": "till", "legal_basis": "contract"}
    made = change_keys(shop, visiting(anna, form=form))
    assert isinstance(made, Html)
    with pytest.raises(InvalidInput, match="already"):
        change_keys(shop, visiting(anna, form=form))
    old = made.values["secret"]
    tab = written(show_keys(shop, visiting(anna, query={"tab": "sources"})), visiting(anna))
    assert "wk_web" in tab and old not in tab
    path = {"source_id": "till-1"}
    change_source(
        shop,
        visiting(
            anna,
            path=path,
            form={"do": "ground", "legal_basis": "legitimate_interest"},
            lists={"consent": ("email", "analytics", "mind_reading")},
        ),
    )
    source = keys(shop).source("till-1")
    assert (source.consent, source.legal_basis) == ({"analytics": True, "email": True}, "legitimate_interest")
    assert keys(shop).caller(f"Bearer {old}").source == source
    turned = change_source(shop, visiting(anna, path=path, form={"do": "rotate", "overlap": "24"}))
    assert isinstance(turned, Html)
    fresh = turned.values["secret"]
    assert {keys(shop).caller(f"Bearer {key}").key for key in (old, fresh)} == {"source:till-1"}
    shown = written(show_source(shop, visiting(anna, path=path)), visiting(anna))
    assert "The former key works until" in shown and fresh not in shown
    change_source(shop, visiting(anna, path=path, form={"do": "end_old"}))
    with pytest.raises(NoKey):
        keys(shop).caller(f"Bearer {old}")
    keys(shop).caller(f"Bearer {fresh}")


def test_the_audit_log_is_filtered_paged_and_exported(
    shop: Shop, anna: User, visiting: Visiting, shop_clock: StandingClock
) -> None:
    viewer = visiting(anna).viewer
    for count in range(60):
        audit(shop, viewer, "rules.change", f"rule-{count}", {"boost": count})
        shop_clock.advance(SECOND)
    audit(shop, None, "people.read", "ab" * 12, {"note": "=cmd() of kari@example.com"})

    def asked(**query: str) -> dict[str, Any]:
        visit = visiting(anna, query=query)
        reply = show_audit(shop, visit)
        assert isinstance(reply, Html)
        written(reply, visit)
        return reply.values

    first = asked(action="rules.change")
    assert [entry.subject for entry in first["entries"]] == [f"rule-{n}" for n in range(59, 9, -1)]
    rest = asked(action="rules.change", before=str(first["more"]))
    assert [entry.subject for entry in rest["entries"]] == [f"rule-{n}" for n in range(9, -1, -1)]
    assert rest["more"] is None
    (read,) = asked(actor="command line", subject="ab" * 12)["entries"]
    assert read.details == {"note": "=cmd() of …"}
    assert asked(since="2126-01-01")["entries"] == ()
    assert len(asked(since="no day", action="rules.change")["entries"]) == 50

    whole = show_audit(shop, visiting(anna, query={"format": "csv", "actor": anna.id}))
    assert isinstance(whole, Download)
    rows = list(csv.reader(io.StringIO(whole.body.decode("utf-8-sig"))))
    assert rows[0] == ["at", "actor", "name", "action", "subject", "details"]
    assert len(rows) == 62  # the password that Anna chose is there as well
    assert rows[1][2:] == ["Anna Ek", "rules.change", "rule-59", '{"boost":59}']


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(sqlite_shop: Shop) -> None:
    audit(sqlite_shop, None, "=HYPERLINK()", "@sum", {})
    whole = show_audit(sqlite_shop, Visit(query={"format": "csv"}))
    assert isinstance(whole, Download)
    (_, row) = csv.reader(io.StringIO(whole.body.decode("utf-8-sig")))
    assert row[3:5] == ["'=HYPERLINK()", "'@sum"]


def test_what_a_form_does_not_offer_is_refused(shop: Shop, anna: User, visiting: Visiting) -> None:
    keys(shop).add_source(Source("web", "browser", "wk_web", {}, "consent"))
    for act, path in (
        (change_account, {}),
        (change_keys, {}),
        (change_source, {"source_id": "web"}),
        (change_user, {"user_id": anna.id}),
    ):
        with pytest.raises(InvalidInput, match="nothing that is known"):
            act(shop, visiting(anna, path=path, form={"do": "__class__"}))


def test_a_users_page_tells_in_words_what_they_did(shop: Shop, anna: User, visiting: Visiting) -> None:
    audit(shop, anna.id, "catalog.upload", "vår.csv", {"bytes": 65000, "full": False})
    audit(shop, anna.id, "gifts.wrap", "g1", {})
    visit = visiting(anna, path={"user_id": anna.id})
    page = written(show_user(shop, visit), visit)
    assert "ga en katalogfil" in page
    assert "65,000" in page and "65\xa0000" in page and "False" not in page
    assert ">gifts.wrap<" in page  # what no text tells of is shown by its name
