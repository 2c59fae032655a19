"""The database full, gone, slow or silent, while shoppers go on."""

import time

import pytest

from tests.app.houses import shown, wait_for
from tests.faults.load import Crowd, Writer, in_turn

on_postgresql = pytest.mark.parametrize("standing", ["postgresql"], indirect=True)


def everything(writer: Writer):
    return in_turn(writer.single, writer.decide, lambda: writer.batch(20))


def exported(standing, names: set[str]) -> list[str]:
    path = standing.house.root.parent / f"log-{time.monotonic_ns()}.jsonl"
    rows = standing.house.exported("events", path)
    path.unlink()
    return [row["message_id"] for row in rows if row["message_id"] in names]


def refusals_are_kind(crowd: Crowd) -> None:
    assert set(crowd.statuses) <= {200, 503}, crowd.statuses
    assert all(reply.retry_after for reply in crowd.answered(503))


def works(site, writer: Writer) -> bool:
    """A whole second of everything, and nobody was refused."""
    return Crowd(site.port, everything(writer), 2).send_for(1).statuses.keys() == {200}


def test_a_full_disk_stops_the_taking_in_and_nothing_else(standing, site, note):
    if standing.disk is None:
        pytest.skip("no file system of its own could be mounted: needs root")
    visitor = {"anonymousId": "reads-on"}
    site.track("Product Viewed", visitor, properties={"product_id": "p5"})
    writer = Writer(standing.house.web, "full")
    # Decisions too: on a full disk PostgreSQL lets in nobody new, reading goes on over the lines there are.
    before = Crowd(site.port, everything(writer), 8).send_for(2)
    refusals_are_kind(before)
    standing.fill_disk()
    try:
        crowd = Crowd(site.port, lambda: writer.batch(20), 4).start()
        wait_for(lambda: crowd.answered(503), 20)
        full_since = time.monotonic()
        time.sleep(1)
        stored_in_the_gaps = [one for one in crowd.since(full_since) if one.status == 200]
        decided = site.recommend("cart-recently-viewed", visitor)
        waited = wait_for(lambda: site.get("/readyz").status_code == 503, 30)
        why = site.get("/readyz").json()
        crowd.stop()
    finally:
        standing.free_disk()
    refusals_are_kind(crowd)
    assert shown(decided)[0] == "p5"
    assert why["detail"], why
    took = wait_for(lambda: works(site, writer), 30)
    ready = wait_for(lambda: site.get("/readyz").status_code == 200, 30)
    after = Crowd(site.port, everything(writer), 4).send_for(1)
    acknowledged = set(before.acknowledged + crowd.acknowledged + after.acknowledged)
    kept = exported(standing, acknowledged)
    note(
        database=standing.dialect, refused=len(crowd.answered(503)),
        stored_while_full=len(stored_in_the_gaps),
        not_ready_after_s=round(waited, 1), recovered_s=round(took, 1), ready_again_s=round(took + ready, 1),
        acknowledged=len(acknowledged), lost=len(acknowledged - set(kept)), twice=len(kept) - len(set(kept)),
    )  # fmt: skip
    assert sorted(kept) == sorted(acknowledged)


@on_postgresql
def test_a_database_that_goes_away_is_waited_for(standing, site, long, note):
    assert standing.postgres is not None
    writer = Writer(standing.house.web, "gone")
    seconds = 60 if long else 6
    crowd = Crowd(site.port, everything(writer), 6).start()
    time.sleep(1)
    standing.postgres.halt()
    halted = time.monotonic()
    try:
        not_ready = wait_for(lambda: site.get("/readyz").status_code == 503, 15)
        assert site.get("/healthz").status_code == 200
        time.sleep(max(0.0, seconds - (time.monotonic() - halted)))
    finally:
        back = time.monotonic()  # from here on it may answer
        standing.postgres.resume()
    resumed = time.monotonic()
    wait_for(lambda: any(one.status == 200 and one.request.messages for one in crowd.since(resumed)), 30)
    took = time.monotonic() - resumed
    ready = wait_for(lambda: site.get("/readyz").status_code == 200, 30)
    time.sleep(1)
    crowd.stop()
    wait_for(lambda: works(site, writer), 30)
    gone = [one for one in crowd.since(halted + 0.5) if one.at < back]
    acknowledged = crowd.acknowledged
    kept = exported(standing, set(acknowledged))
    note(
        gone_s=seconds, refused=len([one for one in gone if one.status == 503]),
        slowest_refusal_ms=round(1000 * max(one.seconds for one in gone if one.status == 503)),
        not_ready_after_s=round(not_ready, 1), stores_again_s=round(took, 1),
        ready_again_s=round(took + ready, 1),
        acknowledged=len(acknowledged), lost=len(set(acknowledged) - set(kept)),
        twice=len(kept) - len(set(kept)),
    )  # fmt: skip
    refusals_are_kind(crowd)
    assert [one for one in gone if one.status == 200 and one.request.messages] == []
    assert sorted(kept) == sorted(acknowledged)


@on_postgresql
def test_a_slow_database_makes_slow_not_broken(standing, site, long, note):
    assert standing.proxy is not None
    writer = Writer(standing.house.web, "slow")
    usual = Crowd(site.port, everything(writer), 6).send_for(2)
    standing.proxy.latency = 0.02
    try:
        slow = Crowd(site.port, everything(writer), 6).send_for(20 if long else 4)
        status = site.get("/readyz").status_code
    finally:
        standing.proxy.latency = 0.0
    wait_for(lambda: works(site, writer), 30)
    kept = exported(standing, set(slow.acknowledged))
    note(
        line_ms=20, usual_per_s=len(usual.answered()) // 2, statuses=slow.statuses,
        answered_per_s=round(len(slow.answered()) / (20 if long else 4), 1),
        lost=len(set(slow.acknowledged) - set(kept)),
    )  # fmt: skip
    refusals_are_kind(slow)
    assert status == 200
    assert [one for one in slow.answered() if one.request.messages]
    assert sorted(kept) == sorted(slow.acknowledged)


@on_postgresql
def test_a_database_that_says_nothing_more_holds_nobody_for_ever(standing, site, long, note):
    assert standing.proxy is not None
    writer = Writer(standing.house.web, "silent")
    decisions = Crowd(site.port, writer.decide, 8).start()
    time.sleep(0.5)
    standing.proxy.held = True
    silent = time.monotonic()
    try:
        time.sleep(30 if long else 12)
        told = site.get("/readyz").status_code
    finally:
        standing.proxy.held = False
    wait_for(lambda: works(site, writer), 60)
    decisions.stop()
    during = list(decisions.since(silent + 1))
    note(silent_s=30 if long else 12, slowest_ms=round(1000 * max(one.seconds for one in during)),
         statuses=decisions.statuses)  # fmt: skip
    refusals_are_kind(decisions)
    assert told == 503
    wait_for(lambda: site.get("/readyz").status_code == 200, 30)
