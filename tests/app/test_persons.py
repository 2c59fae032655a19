"""A person's rights, feature by feature: whoever holds something tells it and erases it."""

import asyncio
import json

import httpx
import pyarrow.parquet as pq
import pytest

from expedit.access import Source, keys
from expedit.app import FEATURES, all_jobs, create_application, erase_person, export_person, perform_here
from expedit.catalog import live_catalog
from expedit.core import DAY, HOUR, SECOND, format_time, no_progress
from expedit.decisions import decision_log, read_decisions
from expedit.events import keep_dead_letter, read_events
from expedit.experiments import PERSONALIZED, pin
from expedit.identity import identify
from expedit.jobs import run_now
from expedit.profiles import find_person, read_profile
from tests.app.houses import CONSENT, catalog, shoppers

RAW = ("anna-17", "anna@example.com", "annas-phone", "Annasofia", "Nattjasmin")


def do(shop, task, **arguments):
    return perform_here(shop, task, arguments, no_progress)


def take_in(shop, tmp_path, name, calls) -> dict:
    path = tmp_path / f"{name}.jsonl"
    path.write_text("".join(json.dumps(call) + "\n" for call in calls))
    return do(shop, "import_events", path=str(path), source="server")


def anna(shop) -> list[dict]:
    def call(days: int, kind: str, **more) -> dict:
        return {
            "type": kind, "messageId": f"anna-{days}", "anonymousId": "annas-phone",
            "timestamp": format_time(shop.clock() - days * DAY), "context": {"consent": CONSENT}, **more,
        }  # fmt: skip

    order = {"order_id": "order-of-anna", "currency": "SEK", "products": [{"product_id": "p5", "price": 600}]}
    return [
        call(4, "track", event="Products Searched", properties={"query": "Nattjasmin"}),
        call(3, "track", event="Product Viewed", properties={"product_id": "p3"}),
        call(2, "identify", userId="anna-17", traits={"email": "anna@example.com", "firstName": "Annasofia"}),
        call(1, "track", event="Order Completed", userId="anna-17", properties=order),
    ]


@pytest.fixture
def lively(shop, tmp_path):
    """A shop with a week of shoppers and Anna, half of it sealed, decisions logged."""
    keys(shop).add_source(Source("web", "browser", "wk_web", {}, "consent"))
    keys(shop).add_source(Source("server", "server", "wk_server", {"analytics": True}, "contract"))
    path = tmp_path / "catalog.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in catalog()))
    do(shop, "import_catalog", path=str(path))
    live_catalog(shop).poll()
    pin(shop, PERSONALIZED)
    take_in(shop, tmp_path, "week", shoppers(shop.clock()))
    report = take_in(shop, tmp_path, "anna", anna(shop)[:2])
    assert report["stored"] == 2
    do(shop, "seal")
    take_in(shop, tmp_path, "anna", anna(shop))
    bad = {
        **anna(shop)[1],
        "messageId": "bad",
        "properties": {"product_id": "p3", "price": "Annasofia", "currency": "SEK"},
    }
    (refused,) = take_in(shop, tmp_path, "bad", [bad])["refused"]
    assert refused["field"] == "properties.price"
    run_now(shop, all_jobs(), "orders")
    with shop.database.writing() as tx:
        phone = identify(shop.secret, "anonymous_id", "annas-phone").subject_id
        keep_dead_letter(
            tx, "web", json.dumps(bad), "properties.price", "is no amount", shop.clock(), (phone,)
        )
    for who in ("annas-phone", "device-1"):
        ask(shop, "home-for-you", who)
    return shop


def ask(shop, placement, who) -> dict:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_application(shop, work=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            body = {
                "writeKey": "wk_web", "placement": placement, "anonymousId": who,
                "consent": {"personalization": True},
            }  # fmt: skip
            return await client.post("/v1/recommend", json=body)

    answer = asyncio.run(send())
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows_with(shop, needles) -> dict[str, set[str]]:
    """Return which of `needles` stand anywhere in the database, by table."""
    found: dict[str, set[str]] = {}
    from expedit.storage import metadata

    for table in metadata.sorted_tables:
        for row in shop.database.read_rows(f"SELECT * FROM {table.name}"):
            text = b"\x00".join(
                bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                for value in row
            )
            seen = {needle for needle in needles if needle.encode() in text}
            if seen:
                found.setdefault(table.name, set()).update(seen)
    return found


def parquet_with(folder, needles) -> set[str]:
    """Return which of `needles` stand in any Parquet file on disk, read column by column."""
    found: set[str] = set()
    files = sorted(folder.rglob("*.parquet"))
    assert files
    for file in files:
        for column in pq.ParquetFile(file).read().columns:
            for value in column.to_pylist():
                text = value if isinstance(value, bytes) else str(value).encode()
                found |= {needle for needle in needles if needle.encode() in text}
    return found


def ids_of(shop) -> tuple[str, ...]:
    return find_person(shop, "user_id", "anna-17").subject_ids


def test_every_feature_that_holds_a_person_tells_and_erases():
    for feature in FEATURES:
        if feature.person_tables:
            assert feature.erase_person is not None, feature.name
            assert feature.export_person is not None, feature.name


def test_an_export_is_of_one_person_and_complete(lively):
    person = find_person(lively, "email", "anna@example.com")
    told = export_person(lively, person)
    assert told.person_id == person.person_id
    text = json.dumps(told.features, ensure_ascii=False)
    for fact in (*RAW, "order-of-anna", "p3", "p5"):
        assert fact in text, fact
    assert "device-1" not in text
    assert len(told.features["events"]["events"]) == 4
    assert len(told.features["decisions"]["decisions"]) == 1


def test_after_an_erasure_nothing_of_the_person_is_found_anywhere(lively, tmp_path):
    subjects = ids_of(lively)
    assert len(subjects) == 3
    needles = {*RAW, *subjects}
    before = rows_with(lively, needles)
    assert set().union(*before.values()) == needles
    assert {"events", "identifiers", "profiles", "order_subjects", "dead_letters"} <= set(before)
    others = [event for event in read_events(lively) if not set(subjects) & set(event.subjects)]
    neighbor = read_profile(lively.database, identify(lively.secret, "anonymous_id", "device-1").subject_id)

    erased = erase_person(lively, find_person(lively, "user_id", "anna-17"))
    assert erased.subjects == 3
    # Hidden at once ...
    assert [event for event in read_events(lively) if set(subjects) & set(event.subjects)] == []
    assert [one for one in read_decisions(lively) if one.subject in subjects] == []
    # ... and what stays in tables are keyed hashes, never an identifier: they keep a re-import out, and the
    # audit log tells that somebody was erased.
    left = rows_with(lively, needles)
    assert set().union(*left.values()) == set(subjects)
    assert set(left) <= {"erased_subjects", "decision_erasures", "subject_days", "audit_log"}
    assert parquet_with(lively.home.log, needles)

    lively.clock.advance(SECOND)
    assert do(lively, "seal", rewrite=True)["rewritten"] > 0
    assert set(rows_with(lively, needles)) == {"erased_subjects", "audit_log"}
    lively.clock.advance(HOUR + SECOND)
    do(lively, "seal", rewrite=True)
    assert parquet_with(lively.home.log, needles) == set()
    decision_log(lively).flush()
    files = [path for path in lively.home.decisions.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert not [needle for needle in needles if needle.encode() in path.read_bytes()], path

    # The same events once more bring nobody back.
    back = [{**call, "messageId": f"{call['messageId']}-again"} for call in anna(lively)]
    old = [{**call, "timestamp": format_time(lively.clock() - 2 * DAY)} for call in back]
    take_in(lively, tmp_path, "back", [*anna(lively), *old])
    left = rows_with(lively, needles)
    assert set(left) <= {"erased_subjects", "audit_log"}, left
    assert [event for event in read_events(lively) if set(subjects) & set(event.subjects)] == []

    # Nobody else lost anything.
    kept = [event for event in read_events(lively) if event.personal]
    assert kept == [event for event in others if event.personal]
    told = read_profile(lively.database, identify(lively.secret, "anonymous_id", "device-1").subject_id)
    assert told.recent == neighbor.recent


def test_an_interrupted_erasure_erases_nothing(lively, monkeypatch):
    person = find_person(lively, "user_id", "anna-17")
    before = rows_with(lively, {*RAW, *person.subject_ids})

    def fail(*_):
        raise RuntimeError("the power went")

    broken = [feature if feature.name != "access" else _with_erase(feature, fail) for feature in FEATURES]
    monkeypatch.setattr("expedit.app.persons.FEATURES", tuple(broken))
    with pytest.raises(RuntimeError):
        erase_person(lively, person)
    assert rows_with(lively, {*RAW, *person.subject_ids}) == before


def _with_erase(feature, erase):
    from expedit.core import evolve

    return evolve(feature, erase_person=erase)
