"""Nothing is kept longer than the settings say, and nothing goes that they keep."""

import pytest

from expedit.access import audit, read_audit
from expedit.core import DAY, Settings, new_id
from expedit.decisions import LoggedDecision, decision_log, read_decisions
from expedit.decisions.sealing import seal_decisions
from expedit.events import (
    Event,
    append,
    dead_letters,
    keep_dead_letter,
    log_files,
    read_events,
    seal,
    unseen,
)
from expedit.operations import keep_no_longer


def event(number: int, at: int) -> Event:
    return Event(
        message_id=f"m{number}", source="web", kind="page_view", at=at, received=at, subject=f"s{number}",
        ids=(("anonymous_id", f"s{number}"),), personal=True,
    )  # fmt: skip


@pytest.fixture
def old(shop, shop_clock):
    """A shop with 100 days of everything, one of each a day."""
    now = shop_clock.now
    with shop.database.writing() as tx:
        events = [event(day, now - day * DAY) for day in range(100)]
        unseen(tx, [(one.source, one.message_id) for one in events], now)
        append(tx, events)
    seal(shop)
    log = decision_log(shop)
    for day in range(99, -1, -10):
        at = shop_clock.now = now - day * DAY
        log.write(LoggedDecision(new_id(at), at, "home-new"))
        audit(shop, "somebody", "did", f"thing-{day}", {})
        with shop.database.writing() as tx:
            keep_dead_letter(tx, "web", "{", "", f"of day {day}", at)
        log.rotate()
    shop_clock.now = now + 2 * 3600 * 1_000_000
    seal_decisions(shop)
    return shop


def keep(shop, **days: int):
    shop.settings = Settings(markets={"SE": "SEK"}, **days)
    return keep_no_longer(shop)


def ages(shop) -> tuple[int, int, int, int]:
    """Return how many events, decisions, letters and lines of the audit log there are."""
    with shop.database.reading() as tx:
        letters = len(dead_letters(tx, 1000))
    return (
        len(list(read_events(shop))),
        len(list(read_decisions(shop))),
        letters,
        len([one for one in read_audit(shop, limit=1000) if one.action == "did"]),
    )


def test_what_is_kept_for_ever_stays(old):
    before = ages(old)
    assert before == (100, 10, 10, 10)
    done = keep(old, events_days=0, decisions_days=0, audit_days=0)
    # Refused events never stay longer than a month: they may hold somebody whom no erasure can find.
    assert (done.event_files, done.decision_files, done.audit) == (0, 0, 0)
    assert ages(old) == (100, 10, 4 if done.letters == 6 else 3, 10)


def test_events_go_by_whole_days_and_their_index_with_them(old):
    done = keep(old, events_days=30)
    assert done.event_files >= 69
    left = list(read_events(old))
    assert len(left) == 31
    oldest = min(one.at for one in left)
    assert old.clock() - oldest <= 31 * DAY
    days = old.database.read_row("SELECT count(*), min(date) FROM subject_days")
    assert days[0] == 31
    # A second time there is nothing to do, and a while later the files have left the disk.
    assert keep(old, events_days=30).event_files == 0
    old.clock.advance(2 * 3600 * 1_000_000)
    seal(old)
    on_disk = {str(path) for path in (old.home.log / "events").rglob("*.parquet")}
    assert len(on_disk) == len(log_files(old)) == 31


def test_decisions_go_by_whole_days(old):
    done = keep(old, decisions_days=45)
    left = list(read_decisions(old))
    assert done.decision_files + len(left) == 10
    assert all(old.clock() - one.at < 46 * DAY for one in left)
    assert len(list((old.home.decisions).glob("date=*"))) == len(left)


def test_letters_and_the_audit_log_go_to_the_day(old):
    keep(old, dead_letter_days=10, audit_days=50)
    _, _, letters, lines = ages(old)
    assert letters == 1
    assert lines == 5


def test_a_longer_wish_than_a_month_for_refused_events_is_not_granted(old):
    keep(old, dead_letter_days=365)
    assert ages(old)[2] <= 4
