"""Limits of keys, keys with an end, former keys, and when a key was used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.access import Caller, Source, keys
from expedit.access.limits import Limits
from expedit.access.uses import read_uses
from expedit.core import DAY, HOUR, MINUTE, InvalidInput, NoKey, Settings, TooManyRequests
from expedit.storage import Shop
from tests.conftest import ShopMaker, StandingClock

PUBLIC = Caller(Source("web", "browser", "wk_web", {}, "consent"), key="source:web")
SECRET = Caller(None, frozenset({"decide"}), "key:1")


class Seconds:
    """A clock that stands."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_each_key_has_a_bucket_of_its_own() -> None:
    clock = Seconds()
    limits = Limits(Settings(rate_limit_public=10, rate_limit_secret=20, rate_limit_burst=1.0), clock)
    for caller, burst in ((PUBLIC, 10), (SECRET, 20)):
        for _ in range(burst):
            limits.admit(caller)
        with pytest.raises(TooManyRequests) as refused:
            limits.admit(caller)
        assert refused.value.retry_after == 1
    clock.now += 0.1
    limits.admit(PUBLIC)
    with pytest.raises(TooManyRequests):
        limits.admit(PUBLIC)


def test_nought_means_without_limit() -> None:
    limits = Limits(Settings(rate_limit_public=0), Seconds())
    for _ in range(100_000):
        limits.admit(PUBLIC)


@given(
    st.integers(1, 50),
    st.integers(1, 4),
    st.lists(st.floats(0, 0.5, allow_nan=False), min_size=1, max_size=200),
)
def test_no_pattern_of_requests_gets_more_than_the_rate_and_the_burst(
    rate: int, burst: int, pauses: list[float]
) -> None:
    clock = Seconds()
    limits = Limits(Settings(rate_limit_public=rate, rate_limit_burst=float(burst)), clock)
    began, admitted = clock.now, 0
    for pause in pauses:
        clock.now += pause
        try:
            limits.admit(PUBLIC)
            admitted += 1
        except TooManyRequests as error:
            assert error.retry_after >= 1
    assert admitted <= rate * (burst + clock.now - began) + 1e-3


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_use_of_a_key_is_counted(make_shop: ShopMaker, dialect: str) -> None:
    shop = make_shop(dialect, Settings(rate_limit_secret=1, rate_limit_burst=3.0))
    secret = keys(shop).add_api_key("slow", ("decide",))
    for _ in range(3):
        caller = keys(shop).caller(f"Bearer {secret}")
    with pytest.raises(TooManyRequests):
        keys(shop).caller(f"Bearer {secret}")
    with pytest.raises(TooManyRequests):
        keys(shop).admit(caller)
    other = keys(shop).add_api_key("another", ("decide",))
    keys(shop).caller(f"Bearer {other}")


def test_the_last_use_is_kept_to_the_minute(shop: Shop, shop_clock: StandingClock) -> None:
    keys(shop).add_source(Source("web", "browser", "wk_web", {}, "consent"))
    secret = keys(shop).add_api_key("staff", ("decide",))
    keys(shop).caller(f"Bearer {secret}")
    keys(shop).caller("", "wk_web")
    assert read_uses(shop) == {}
    keys(shop).uses.write()
    (key,) = keys(shop).api_keys()
    minute = shop_clock() // MINUTE * MINUTE
    assert read_uses(shop) == {f"key:{key.id}": minute, "source:web": minute}
    assert key.used == minute
    shop_clock.advance(HOUR)
    keys(shop).uses.write()
    assert key.used == minute
    keys(shop).caller(f"Bearer {secret}")
    keys(shop).uses.write()
    assert keys(shop).api_keys()[0].used == minute + HOUR
    keys(shop).revoke_api_key(key.id)
    assert set(read_uses(shop)) == {"source:web"}


def test_a_key_ends_when_it_said(shop: Shop, shop_clock: StandingClock) -> None:
    with pytest.raises(InvalidInput, match="past"):
        keys(shop).add_api_key("late", ("decide",), shop_clock() - 1)
    secret = keys(shop).add_api_key("month", ("decide",), shop_clock() + 30 * DAY)
    keys(shop).caller(f"Bearer {secret}")
    shop_clock.advance(30 * DAY)
    keys(shop)._forget()
    with pytest.raises(NoKey):
        keys(shop).caller(f"Bearer {secret}")


def test_a_former_write_key_works_for_as_long_as_was_said(shop: Shop, shop_clock: StandingClock) -> None:
    for source in (
        Source("web", "browser", "wk_web", {}, "consent"),
        Source("till", "till", "wk_till", {}, "contract"),
    ):
        keys(shop).add_source(source)
        with shop.database.writing() as tx:
            fresh = keys(shop).rotate_write_key(tx, source.id, DAY)
        assert fresh != source.write_key
        found = [keys(shop).caller("", key).source for key in (source.write_key, fresh)]
        assert found == [keys(shop).source(source.id)] * 2
    stored = str(shop.database.read_rows("SELECT * FROM sources"))
    stored += str(shop.database.read_rows("SELECT write_key FROM old_write_keys WHERE source = 'till'"))
    assert "wk_till" not in stored and keys(shop).source("web").write_key in stored
    shop_clock.advance(DAY + 1)
    keys(shop)._forget()
    for key in ("wk_web", "wk_till"):
        with pytest.raises(NoKey):
            keys(shop).caller("", key)


def test_what_is_remembered_of_callers_is_bounded(sqlite_shop: Shop) -> None:
    keys(sqlite_shop).add_source(Source("web", "browser", "wk_web", {}, "consent"))
    for count in range(3000):
        keys(sqlite_shop).caller("Bearer wk_web", f"another-{count}")
        with pytest.raises(NoKey):
            keys(sqlite_shop).caller(f"Bearer none-{count}")
    assert len(keys(sqlite_shop)._remembered) <= 1000
