"""/healthz, /readyz and /metrics over HTTP, and what they rest on."""

import asyncio
import shutil
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from expedit.core import NotAllowed, Unavailable
from expedit.features import Feature, Health, install
from expedit.operations import readiness
from expedit.operations.api import _check_scraper, _look
from expedit.operations.watching import watch
from expedit.recommendation import live_model
from expedit.tracking import committer
from expedit.tracking.recording import Letter
from expedit.web import RawRequest
from tests.app.houses import wait_for


@pytest.fixture
def state(shop):
    with shop.database.writing() as tx:
        tx.run("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)")
        tx.run("DELETE FROM alembic_version")
        tx.run("INSERT INTO alembic_version VALUES ('9999')")
    found = readiness(shop)
    found.beat()
    yield found
    with shop.database.writing() as tx:
        tx.run("DROP TABLE alembic_version")


def parts(found) -> list[str]:
    return [reason.part for reason in found.reasons()]


def test_it_is_ready_from_the_end_of_its_start_to_the_beginning_of_its_end(state):
    assert parts(state) == ["start"]
    state.become("ready")
    assert parts(state) == []
    state.become("stopping")
    assert parts(state) == ["stop"]


def test_a_database_that_takes_no_write_is_told_of_until_it_takes_one_again(state, shop, monkeypatch):
    state.become("ready")

    def away(**_: object) -> None:
        raise Unavailable("the database did not take the write: disk full")

    monkeypatch.setattr(shop.database, "writing", away)
    state.beat()
    assert parts(state) == ["database"]
    assert "disk full" in state.reasons()[0].says
    monkeypatch.undo()
    state.beat()
    assert parts(state) == []


def test_a_database_that_hangs_is_told_of(state, monkeypatch):
    state.become("ready")
    monkeypatch.setattr(state, "_beat_at", state._beat_at - 60)
    assert parts(state) == ["database"]
    assert "has not taken a write for 60 s" in state.reasons()[0].says


def test_older_tables_are_told_of(state, shop):
    state.become("ready")
    with shop.database.writing() as tx:
        tx.run("UPDATE alembic_version SET version_num = '0001'")
    state.beat()
    assert parts(state) == ["schema"]


def test_a_full_disk_is_told_of(state, monkeypatch):
    state.become("ready")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 20, total=1 << 40))
    assert parts(state) == ["disk"]


def test_no_model_is_no_reason_but_one_that_cannot_be_read_is(state, shop):
    state.become("ready")
    assert parts(state) == []
    shop.home.models.mkdir(exist_ok=True)
    (shop.home.models / "CURRENT").write_text("20260101T000000-abcdef\n")
    live_model(shop).poll()
    assert parts(state) == ["model"]


def test_a_room_that_cannot_work_makes_the_server_not_ready_only_when_it_is_critical(state, shop):
    state.become("ready")

    def health(_: object) -> list[Health]:
        return [
            Health("vault", "failing", "there is no key", critical=True),
            Health("till", "failing", "is silent"),
            Health("feed", "warning", "is slow"),
        ]

    install(shop, (Feature(name="made-up", health=health),))
    reasons, weaknesses = _look(shop)
    assert [one.part for one in reasons] == ["vault"]
    assert [one.part for one in weaknesses] == ["till"]


def test_a_room_that_cannot_even_tell_is_named_and_the_server_stays_ready(state, shop):
    state.become("ready")

    def health(_: object) -> list[Health]:
        raise RuntimeError("a plugin's mistake")

    install(shop, (Feature(name="made-up", health=health),))
    reasons, weaknesses = _look(shop)
    assert reasons == ()
    assert [one.part for one in weaknesses] == ["made-up"]


def scraper(address: str, *headers: tuple[bytes, bytes]) -> RawRequest:
    scope = {"method": "GET", "path": "/metrics", "headers": list(headers), "client": (address, 1)}
    return RawRequest(scope, b"")


def test_figures_are_given_on_this_machine_and_to_a_key_only(shop):
    from expedit.access import keys

    _check_scraper(shop, scraper("127.0.0.1"))
    _check_scraper(shop, scraper("::1"))
    for refused in (
        scraper("10.0.0.7"),
        scraper("127.0.0.1", (b"x-forwarded-for", b"203.0.113.9")),
        scraper("127.0.0.1", (b"forwarded", b"for=203.0.113.9")),
    ):
        with pytest.raises(NotAllowed):
            _check_scraper(shop, refused)
    secret = keys(shop).add_api_key("prometheus", ("metrics",))
    _check_scraper(shop, scraper("10.0.0.7", (b"authorization", b"Bearer " + secret.encode())))
    other = keys(shop).add_api_key("other", ("decide",))
    with pytest.raises(NotAllowed):
        _check_scraper(shop, scraper("10.0.0.7", (b"authorization", b"Bearer " + other.encode())))


def figures(site) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = site.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def counts(site, workers: int = 1) -> None:
    """Send what is known, and see it counted."""
    for number in range(7):
        site.track(
            "Product Viewed",
            {"anonymousId": "metered-device", "messageId": f"m-{number}"},
            properties={"product_id": "p3"},
        )
    site.track(
        "Product Viewed",
        {"anonymousId": "metered-device", "messageId": "m-0"},
        properties={"product_id": "p3"},
    )
    for _ in range(3):
        site.recommend("home-new", limit=4)
    assert site.get("/v1/nothing").status_code == 404
    found = figures(site)
    track = (("method", "POST"), ("route", "/v1/track"), ("status", "200"))
    assert found["expedit_requests_total", track] == 8
    assert found["expedit_request_seconds_count", (("route", "/v1/track"),)] == 8
    assert found["expedit_events_total", (("fate", "stored"),)] == 7
    assert found["expedit_events_total", (("fate", "duplicate"),)] == 1
    assert found["expedit_decide_seconds_count", (("placement", "home-new"),)] == 3
    assert found["expedit_decisions_total", (("answer", "full"), ("placement", "home-new"))] == 3
    assert found["expedit_group_events_sum", ()] == 8
    assert found["expedit_commit_seconds_count", ()] >= 1
    assert found["expedit_ready", ()] == 1
    assert found["expedit_database_up", ()] == 1
    assert found["expedit_catalog_lag_changes", ()] == 0
    assert found["expedit_catalog_products", ()] >= 24
    assert found["expedit_server_processes", ()] == workers
    assert found["expedit_model_info", (("version", "none"),)] == 1
    pids = {labels[0][1] for name, labels in found if name == "expedit_process_resident_bytes"}
    assert len(pids) == workers
    # Whoever asks for strange paths makes no new label.
    routes = {dict(labels)["route"] for name, labels in found if name == "expedit_requests_total"}
    assert "/v1/nothing" not in routes
    wait_for(lambda: any(n == "expedit_job_seconds_count" for n, _ in figures(site)), 20)


@pytest.mark.slow
def test_one_process_counts(stocked):
    with stocked.serving() as site:
        counts(site)
        answer = site.client.get("/healthz", headers={"X-Request-Id": "my-own-7"})
        assert answer.headers["x-request-id"] == "my-own-7"
        made = {site.get("/healthz").headers["x-request-id"] for _ in range(5)}
        assert len(made) == 5
        forged = site.client.get("/healthz", headers={"X-Request-Id": "a b\tc"})
        assert forged.headers["x-request-id"] != "a b\tc"


@pytest.mark.slow
def test_two_processes_on_one_port_count_together(tmp_path, new_postgres):
    from tests.app.houses import House, stock

    house = stock(House.make(tmp_path / "home", database_url=new_postgres("counting")))
    with house.serving("--workers", "2") as site:
        wait_for(lambda: figures(site)["expedit_server_processes", ()] == 2, 60)  # one answers earlier
        counts(site, workers=2)


def test_what_the_rooms_do_is_counted(sqlite_shop):
    """The meters are put around the rooms' own methods: a changed name there must not silence them."""
    counted = watch(sqlite_shop)
    letter = Letter("web", "{", "", "is no JSON", 1, ())
    outcomes = asyncio.run(committer(sqlite_shop).commit((), [letter]))
    assert list(outcomes) == []
    found = {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in counted.registry.collect()
        for sample in family.samples
    }
    assert found["expedit_events_total", ("refused",)] == 1
    assert found["expedit_group_events_sum", ()] == 1
    assert found["expedit_commit_seconds_count", ()] == 1
