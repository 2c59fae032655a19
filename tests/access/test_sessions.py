"""Sessions: who holds a token is somebody, for as long as the settings say."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.access import User, csrf_of, sessions
from expedit.access.administering import give_role, lock_out, remove
from expedit.access.sessions import FORMER_TOKEN
from expedit.core import HOUR, MINUTE, NotFound, Settings
from expedit.storage import Shop
from tests.access.conftest import enter
from tests.conftest import ShopMaker, StandingClock


def test_a_token_is_kept_as_a_digest(shop: Shop, anna: User) -> None:
    token = sessions(shop).open(anna.id, "Firefox, Linux")
    assert len(token) == 43
    assert token not in str(shop.database.read_rows("SELECT * FROM panel_sessions"))
    signed = sessions(shop).viewer(token)
    assert signed is not None
    assert (signed.viewer.user_id, signed.language, signed.renewed) == (anna.id, "en", "")
    assert signed.csrf == csrf_of(shop, signed.session_id) and len(signed.csrf) == 40


@given(st.text(max_size=200))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_other_token_is_anybody(sqlite_shop: Shop, token: str) -> None:
    if not sqlite_shop.database.read_row("SELECT 1 FROM users"):
        sessions(sqlite_shop).open(enter(sqlite_shop).id)
    assert sessions(sqlite_shop).viewer(token) is None
    assert sessions(sqlite_shop).waiting_for(token) == ""


def test_an_idle_session_ends(shop: Shop, anna: User, shop_clock: StandingClock) -> None:
    token = sessions(shop).open(anna.id)
    shop_clock.advance(119 * MINUTE)
    signed = sessions(shop).viewer(token)
    assert signed is not None
    token = signed.renewed or token
    shop_clock.advance(119 * MINUTE)
    signed = sessions(shop).viewer(token)
    assert signed is not None
    token = signed.renewed or token
    shop_clock.advance(120 * MINUTE + 1)
    assert sessions(shop).viewer(token) is None


def test_a_session_ends_at_last_however_busy(shop: Shop, anna: User, shop_clock: StandingClock) -> None:
    began, token = shop_clock(), sessions(shop).open(anna.id)
    while (signed := sessions(shop).viewer(token)) is not None:
        token = signed.renewed or token
        shop_clock.advance(20 * MINUTE)
    assert shop_clock() - began == 12 * HOUR + 20 * MINUTE


def test_a_token_is_renewed_and_the_one_before_holds_for_a_minute(
    shop: Shop, anna: User, shop_clock: StandingClock
) -> None:
    old = sessions(shop).open(anna.id)
    shop_clock.advance(30 * MINUTE)
    first = sessions(shop).viewer(old)
    assert first is not None and first.renewed not in {"", old}
    beside = sessions(shop).viewer(old)  # a request that was under way
    assert beside is not None and beside.renewed == ""
    assert beside.csrf == first.csrf  # forms that are open stay good
    shop_clock.advance(FORMER_TOKEN + 1)
    assert sessions(shop).viewer(old) is None
    assert sessions(shop).viewer(first.renewed) is not None


def test_a_change_of_rights_ends_every_session(shop: Shop, anna: User) -> None:
    ola = enter(shop, "ola@example.com", "Ola", "viewer")
    for change in (
        lambda: give_role(shop, None, ola.id, "merchandiser"),
        lambda: lock_out(shop, None, ola.id, disabled=True),
    ):
        token = sessions(shop).open(ola.id)
        change()
        assert sessions(shop).viewer(token) is None
    lock_out(shop, None, ola.id, disabled=False)
    token = sessions(shop).open(ola.id)
    remove(shop, None, ola.id)
    assert sessions(shop).viewer(token) is None
    other = sessions(shop).open(anna.id)
    assert sessions(shop).viewer(other) is not None


def test_sessions_are_listed_ended_and_cleared_away(
    shop: Shop, anna: User, shop_clock: StandingClock
) -> None:
    tokens = [sessions(shop).open(anna.id, name) for name in ("Firefox", "Safari")]
    assert {one.browser for one in sessions(shop).of(anna.id)} == {"", "Firefox", "Safari"}
    sessions(shop).sign_out(tokens[0])
    assert sessions(shop).viewer(tokens[0]) is None
    with pytest.raises(NotFound):
        sessions(shop).end("somebody else", sessions(shop).of(anna.id)[0].id)
    shop_clock.advance(13 * HOUR)
    assert sessions(shop).of(anna.id) == ()
    sessions(shop).open(anna.id)
    assert shop.database.read_rows("SELECT COUNT(*) FROM panel_sessions") == [(1,)]


def test_a_session_that_waits_for_its_code_is_nobody_and_ends_soon(
    shop: Shop, anna: User, shop_clock: StandingClock
) -> None:
    token = sessions(shop).open(anna.id, waiting=True)
    assert sessions(shop).viewer(token) is None
    assert sessions(shop).waiting_for(token) == anna.id
    assert "" not in {one.id for one in sessions(shop).of(anna.id)}
    shop_clock.advance(10 * MINUTE + 1)
    assert sessions(shop).waiting_for(token) == ""


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_settings_say_how_long(make_shop: ShopMaker, dialect: str, shop_clock: StandingClock) -> None:
    shop = make_shop(dialect, Settings(session_idle_minutes=1, session_hours=1, session_renew_minutes=1000))
    token = sessions(shop).open(enter(shop).id)
    shop_clock.advance(MINUTE)
    assert sessions(shop).viewer(token) is not None
    shop_clock.advance(MINUTE + 1)
    assert sessions(shop).viewer(token) is None
