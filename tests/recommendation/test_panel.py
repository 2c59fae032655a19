"""Pages of models, builds that are watched, neighbors told in counts."""

import pytest

from expedit.access import read_audit
from expedit.catalog import live_catalog
from expedit.core import Conflict, NotFound
from expedit.jobs import job_states
from expedit.recommendation import Model, current_version, live_model
from expedit.recommendation.neighbors import neighborhoods
from expedit.recommendation.panel import (
    build_now,
    model_health,
    publish_version,
    show_models,
    show_neighbors,
    show_version,
    why,
)
from expedit.recommendation.versions import BUILD, compare_versions, watch_build
from expedit.recommendation.watching import build_state, is_building, watched
from expedit.web import Frame, Viewer, Visit, render
from tests.decisions.boots import fill, learn

EVA = Viewer("u1", "Eva", "eva@example.com", "admin")


@pytest.fixture
def stocked(sqlite_shop):
    fill(sqlite_shop)
    learn(sqlite_shop)
    return sqlite_shop


def visit(language="en", **more):
    return Visit(viewer=EVA, language=language, **more)


def page(reply, language="en"):
    return str(render(reply, visit(language), Frame()))


def test_a_shop_without_a_model_learns_what_is_missing(sqlite_shop):
    empty = page(show_models(sqlite_shop, visit()))
    assert "No model yet" in empty
    assert "Missing" in empty
    assert 'action="/panel/models"' not in empty
    fill(sqlite_shop)
    assert 'action="/panel/models"' in page(show_models(sqlite_shop, visit()))
    assert model_health(sqlite_shop)[0].state == "ok"


def test_versions_with_what_they_measured(stocked):
    shown = page(show_models(stocked, visit()))
    assert "m1" in shown
    assert "150 visits" in shown
    assert "Serving" in shown
    whole = page(show_version(stocked, visit(path={"version": "m1"})))
    assert "Parameters of the session model" in whole
    with pytest.raises(NotFound):
        show_version(stocked, visit(path={"version": "m9"}))


def test_two_versions_compared(stocked):
    learn(stocked, "m2", favorite=8)
    same = {one.name: one.share for one in compare_versions(stocked.home.models, "m1", "m1")}
    assert set(same.values()) == {1.0}
    reply = show_version(stocked, visit(path={"version": "m1"}, query={"with": "m2"}))
    assert {one.name for one in reply.values["overlaps"]} >= {"popular", "viewed", "bought"}
    assert all(0 <= one.share <= 1 for one in reply.values["overlaps"])
    assert "How much stays the same" in page(reply)


def test_going_back_is_published_at_once_and_written_down(stocked):
    learn(stocked, "m2")
    publish_version(stocked, visit(path={"version": "m1"}))
    assert current_version(stocked.home.models) == "m1"
    assert live_model(stocked).current().version == "m1"
    (entry,) = [one for one in read_audit(stocked) if one.action == "models.publish"]
    assert entry.subject == "m1"
    with pytest.raises(NotFound):
        publish_version(stocked, visit(path={"version": "../m1"}))


def test_a_build_is_asked_for_once(shop):
    assert watch_build(shop).phase == "idle"
    build_now(shop, visit())
    (job,) = [one for one in job_states(shop.database, shop.clock()) if one.name == BUILD]
    assert job.due == shop.clock()
    assert watch_build(shop).phase == "waiting"
    with pytest.raises(Conflict):
        build_now(shop, visit())
    assert [entry.action for entry in read_audit(shop)] == ["models.build"]


def test_a_build_can_be_watched_and_two_cannot_run(stocked, shop_clock):
    heard = []
    home = stocked.home
    with watched(home, shop_clock, lambda *said: heard.append(said)) as watch:
        assert is_building(home)
        shop_clock.advance(1_000_000)
        watch("read sessions", 0, None)
        watch("viewed together", 5, 10)
        state = build_state(home)
        assert (state.state, state.label, state.done, state.total) == ("running", "viewed together", 5, 10)
        assert state.steps == ("read sessions", "viewed together")
        part = show_models(stocked, visit(partial=True))
        assert (part.template, part.values["share"]) == ("recommendation/_build.html", 50.0)
        assert "A new version is being built" in page(part)
        with pytest.raises(Conflict), watched(home, shop_clock, watch):
            raise AssertionError("two builds at once")
        watch.version = "m7"
    assert heard == [("read sessions", 0, None), ("viewed together", 5, 10)]
    assert not is_building(home)
    assert (build_state(home).state, build_state(home).version) == ("done", "m7")


def test_a_build_that_failed_or_was_killed_is_told(stocked, shop_clock):
    home = stocked.home

    def fail():
        with watched(home, shop_clock, lambda *_: None):
            raise ValueError("no room left")

    with pytest.raises(ValueError, match="no room left"):
        fail()
    assert (build_state(home).state, build_state(home).error) == ("failed", "no room left")
    assert model_health(stocked)[0].state == "warning"
    assert "no room left" in page(show_models(stocked, visit()))
    running = (home.run / "build.json").read_bytes().replace(b'"failed"', b'"running"')
    (home.run / "build.json").write_bytes(running)  # as a killed process leaves it
    assert build_state(home).state == "interrupted"
    assert watch_build(stocked).phase == "idle"


def test_neighbors_are_told_in_counts(stocked):
    snapshot, model = live_catalog(stocked).current(), live_model(stocked).current()
    groups = {one.kind: one.neighbors for one in neighborhoods(model, snapshot, snapshot.index["p4"], "SE")}
    seen = {snapshot.ids[one.item]: one for one in groups["viewed_together"]}
    # 24 sessions of p4 with each other even product in both orders, and 30 with its favorite companion.
    met = seen["p6"].meetings
    assert (met.of, met.both, met.own, met.other, met.total) == ("visits", 36, 54, 54, 150)
    assert met.lift == pytest.approx(36 * 150 / (54 * 54))
    bought = {snapshot.ids[one.item]: one for one in groups["bought_together"]}
    assert bought["p10"].meetings.of == "orders"
    assert (bought["p10"].meetings.both, bought["p10"].meetings.own) == (8, 8)
    assert why("en", bought["p10"]) == "In 8 of 8 orders (100.0%)"
    assert "category" in seen["p6"].shared
    assert seen["p6"].score <= 1.0


def test_neighbors_of_a_version_that_kept_no_orders(stocked):
    snapshot, model = live_catalog(stocked).current(), live_model(stocked).current()
    older = Model(**{name: getattr(model, name) for name in Model.__dataclass_fields__ if name != "baskets"})
    groups = {one.kind: one.neighbors for one in neighborhoods(older, snapshot, snapshot.index["p4"], "SE")}
    assert groups["bought_together"][0].meetings is None
    assert why("en", groups["bought_together"][0]) == ""


def test_the_neighbors_part_of_a_product_page(stocked):
    shown = page(show_neighbors(stocked, visit(path={"product": "p4"})))
    assert "Viewed together" in shown
    assert "/panel/catalog/p10" in shown
    unknown = show_neighbors(stocked, visit(path={"product": "nothing"}))
    assert unknown.values["groups"] == []
