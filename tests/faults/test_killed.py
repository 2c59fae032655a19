"""SIGKILL in the middle of everything: sealing every second, events and decisions coming in."""

import random
import time

from tests.app.houses import wait_for
from tests.faults.books import audit, logged_decisions
from tests.faults.load import Crowd, Reply, Writer, in_turn


def test_a_killed_server_loses_nothing_that_it_acknowledged(doomed, long, note, monkeypatch):
    monkeypatch.setenv("EXPEDIT_SEAL_MINUTES", "0")  # every second, so that many kills hit it
    dice = random.Random(7)
    acknowledged: list[str] = []
    decided: list[tuple[Reply, float]] = []
    rounds, broken = 50 if long else 3, 0
    for number in range(rounds):
        writer = Writer(doomed.web, f"round{number}")
        with doomed.serving() as site:
            crowd = Crowd(site.port, in_turn(writer.single, lambda w=writer: w.batch(20), writer.decide), 12)
            with crowd:
                wait_for(lambda c=crowd: c.acknowledged, 30)  # one killed before it answers shows nothing
                time.sleep(dice.uniform(0.8, 2.5))
                site.process.kill()
                killed = time.monotonic()
                site.process.wait()
        acknowledged += crowd.acknowledged
        decided += [(reply, killed) for reply in crowd.answered() if reply.decision]
        broken += len(crowd.answered(0))
        assert crowd.acknowledged, crowd.statuses
        assert set(crowd.statuses) <= {0, 200, 503}, crowd.statuses
    books = audit(doomed, acknowledged)
    known = logged_decisions(doomed)
    lost = [killed - reply.at for reply, killed in decided if reply.decision not in known]
    note(
        database="postgresql" if doomed.database_url else "sqlite", kills=rounds,
        acknowledged=len(acknowledged), lost=len(books.lost), twice=len(books.twice),
        profiles=books.profiles, profiles_unlike_replay=books.differing, decisions=len(decided),
        decisions_lost=len(lost), oldest_lost_decision_s=round(max(lost, default=0.0), 2),
        unanswered=broken,
    )  # fmt: skip
    assert books.lost == set()
    assert books.twice == []
    assert (books.profiles > 0, books.differing) == (True, 0)
    assert max(lost, default=0.0) <= 1.0
