from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from expedit.core import Unavailable
from expedit.events import Event
from expedit.storage import Shop, Transaction
from expedit.tracking import committer, recording
from expedit.tracking.group_commit import MOST_WAITING
from tests.tracking.conftest import Client

Stored = Callable[[Shop], list[Event]]


def call(message: str) -> dict[str, Any]:
    return {"event": "view_cart", "anonymousId": "device-1", "messageId": message}


def post_together(client: Client, messages: Sequence[str]) -> list[tuple[int, Any]]:
    async def run() -> list[tuple[int, Any]]:
        replies = await asyncio.gather(
            *(client.send("POST", "/v1/track", call(message)) for message in messages)
        )
        return [(reply.status, reply.body) for reply in replies]

    return asyncio.run(run())


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """List how many entries each transaction wrote."""
    sizes: list[int] = []
    write = recording.write_entries

    def counted(shop: Shop, tx: Transaction, entries: Sequence[Any], letters: Sequence[Any] = ()) -> Any:
        tx.after_commit(lambda: sizes.append(len(entries)))
        return write(shop, tx, entries, letters)

    monkeypatch.setattr("expedit.tracking.group_commit.write_entries", counted)
    return sizes


def test_requests_that_come_together_share_a_transaction(
    client: Client, stored: Stored, transactions: list[int]
) -> None:
    replies = post_together(client, [f"m-{number}" for number in range(40)])
    assert replies == [(200, {"success": True})] * 40
    assert sum(transactions) == 40
    assert len(transactions) <= 3
    assert len(stored(client.shop)) == 40


def test_nothing_is_acknowledged_before_its_commit(
    client: Client, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, release = threading.Event(), threading.Event()
    write = recording.write_entries

    def held(*args: Any) -> Any:
        outcomes = write(*args)
        written.set()
        assert release.wait(10)
        return outcomes

    monkeypatch.setattr("expedit.tracking.group_commit.write_entries", held)

    async def run() -> None:
        request = asyncio.ensure_future(client.send("POST", "/v1/track", call("m-1")))
        await asyncio.to_thread(written.wait, 10)
        await asyncio.sleep(0.02)
        assert not request.done()
        assert stored(client.shop) == []
        release.set()
        assert (await request).status == 200
        assert len(stored(client.shop)) == 1

    asyncio.run(run())


def test_one_poisoned_event_takes_no_other_with_it(
    client: Client, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = recording.append

    def poisoned(tx: Transaction, events: Sequence[Event]) -> None:
        append(tx, events)
        if any(event.message_id == "poison" for event in events):
            raise RuntimeError("this one cannot be stored")

    monkeypatch.setattr(recording, "append", poisoned)
    replies = post_together(client, ["m-1", "poison", "m-2"])
    assert [status for status, _ in replies] == [200, 400, 200]
    assert replies[1][1]["errors"] == [{"field": "", "reason": "could not be stored (RuntimeError)"}]
    assert sorted(event.message_id for event in stored(client.shop)) == ["m-1", "m-2"]
    found = client.shop.database.read_rows("SELECT body, reason FROM dead_letters")
    assert [tuple(row) for row in found] == [("poison", "could not be stored (RuntimeError)")]
    monkeypatch.setattr(recording, "append", append)
    assert post_together(client, ["poison"]) == [(200, {"success": True})]


def test_a_database_that_is_away_acknowledges_nothing(
    client: Client, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise Unavailable("the database did not take the write")

    with monkeypatch.context() as patch:
        patch.setattr("expedit.tracking.group_commit.write_entries", away)
        reply = client.post("/v1/track", call("m-1"))
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert stored(client.shop) == []
    assert client.post("/v1/track", call("m-1")).status == 200


def test_a_database_that_fails_otherwise_acknowledges_nothing_either(
    client: Client, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ConnectionError("the server closed the connection")

    monkeypatch.setattr("expedit.tracking.group_commit.write_entries", broken)
    assert client.post("/v1/track", call("m-1")).status == 503
    assert stored(client.shop) == []


def test_a_full_queue_turns_away_and_takes_again(
    sqlite_client: Client, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("expedit.tracking.group_commit.MOST_WAITING", 2)
    replies = post_together(sqlite_client, ["m-1", "m-2", "m-3", "m-4"])
    assert sorted(status for status, _ in replies) == [200, 200, 503, 503]
    assert len(stored(sqlite_client.shop)) == 2
    assert [status for status, _ in post_together(sqlite_client, ["m-3", "m-4"])] == [200, 200]
    assert sqlite_client.shop.settings.max_batch_events < MOST_WAITING


def test_closing_writes_what_waits(sqlite_client: Client, stored: Stored) -> None:
    shop = sqlite_client.shop

    async def run() -> int:
        request = asyncio.ensure_future(sqlite_client.send("POST", "/v1/track", call("m-1")))
        await asyncio.sleep(0)
        await asyncio.to_thread(committer(shop).close)
        return (await request).status

    assert asyncio.run(run()) == 200
    assert len(stored(shop)) == 1
    assert sqlite_client.post("/v1/track", call("m-2")).status == 503


def test_after_a_flood_the_way_in_is_open_again(sqlite_client: Client, stored: Stored) -> None:
    """What was under way must not count for ever: the last group of a flood would keep everybody out."""
    many = committer(sqlite_client.shop)._room.size * 2
    statuses = [status for status, _ in post_together(sqlite_client, [f"m-{n}" for n in range(int(many))])]
    assert set(statuses) <= {200, 503}
    assert not committer(sqlite_client.shop).small_full()
    assert post_together(sqlite_client, ["late-1", "late-2"]) == [(200, {"success": True})] * 2
    assert len(stored(sqlite_client.shop)) == statuses.count(200) + 2
