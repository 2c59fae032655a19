"""A person on the command line: shown, exported, erased everywhere, a merge undone."""

import json
import re

import pytest

from expedit.core import format_time, system_clock
from expedit.decisions.sealed import read_sealed, sealed_files
from expedit.decisions.segments import read_segment
from tests.app.houses import CONSENT, House, stock, wait_for

ANNA = ("anna-17", "anna@example.com", "annas-phone", "Annasofia", "Nattjasmin")
"""Identifiers of a person, a trait, and what she searched for."""


def anna() -> list[dict]:
    def call(number: int, kind: str, **more) -> dict:
        return {
            "type": kind, "messageId": f"anna-{number}", "anonymousId": "annas-phone",
            "timestamp": f"2026-11-0{number}T12:00:00Z", "context": {"consent": CONSENT, "market": "SE"},
            **more,
        }  # fmt: skip

    return [
        call(1, "track", event="Products Searched", properties={"query": "Nattjasmin"}),
        call(2, "track", event="Product Viewed", properties={"product_id": "p3"}),
        call(3, "identify", userId="anna-17", traits={"email": "anna@example.com", "firstName": "Annasofia"}),
        call(
            4, "track", event="Order Completed", userId="anna-17",
            properties={
                "order_id": "anna-1", "currency": "SEK", "products": [{"product_id": "p5", "price": 600}],
            },
        ),
    ]  # fmt: skip


def told_by(house: House) -> set[str]:
    """Return what can be read of Anna in the bytes of any file of the home."""
    contents = [path.read_bytes() for path in house.root.rglob("*") if path.is_file()]
    return {fact for fact in ANNA if any(fact.encode() in content for content in contents)}


@pytest.fixture
def with_anna(house):
    stock(house)
    assert house.done("import", "events", house.write("anna", anna()), "--json").json["stored"] == 4
    return house


def test_a_person_is_shown_by_any_identifier(with_anna):
    by_user, by_mail, by_device = (
        with_anna.done("people", "show", kind, value).json
        for kind, value in (
            ("user_id", "anna-17"),
            ("email", " ANNA@example.com"),
            ("anonymous_id", "annas-phone"),
        )
    )
    assert by_user == by_mail == by_device
    assert {(one["kind"], one["value"]) for one in by_user["identifiers"]} == {
        ("user_id", "anna-17"), ("email", "anna@example.com"), ("anonymous_id", "annas-phone"),
    }  # fmt: skip
    assert by_user["profile"]["traits"]["firstName"] == "Annasofia"


def test_an_export_has_what_every_feature_holds(with_anna):
    told = with_anna.done("people", "export", "user_id", "anna-17").json
    assert len(told["features"]["events"]["events"]) == 4
    assert {"events", "orders", "identity", "profiles", "decisions"} <= set(told["features"])
    text = json.dumps(told, ensure_ascii=False)
    for fact in (*ANNA, "anna-1", "p3", "p5"):
        assert fact in text, fact
    assert not any(f"device-{who}" in text for who in range(40))


def test_an_erasure_asks_first(with_anna):
    for typed in ("n\n", "\n", ""):
        assert with_anna.run("people", "erase", "user_id", "anna-17", typed=typed).code == 1
    assert with_anna.run("people", "show", "user_id", "anna-17").code == 0
    ran = with_anna.run("people", "erase", "user_id", "anna-17", typed="y\n")
    assert ran.code == 0
    assert "Erase the person known by user_id anna-17? This cannot be undone" in ran.out + ran.err
    assert with_anna.run("people", "show", "user_id", "anna-17").code == 1


def test_an_erased_person_is_gone_and_a_reimport_does_not_bring_them_back(with_anna, tmp_path):
    with_anna.done("seal")
    others = with_anna.done("people", "show", "anonymous_id", "device-3").json
    ran = with_anna.done("people", "erase", "user_id", "anna-17", "--yes")
    assert ran.out == "erased, with 3 devices and identifiers\n"

    def gone() -> None:
        for kind, value in (
            ("user_id", "anna-17"),
            ("email", "anna@example.com"),
            ("anonymous_id", "annas-phone"),
        ):
            assert with_anna.run("people", "show", kind, value).code == 1
        for what in ("events", "people"):
            out = tmp_path / f"{what}.jsonl"
            with_anna.done("export", what, out)
            assert not [fact for fact in ANNA if fact in out.read_text()]

    gone()
    ran = with_anna.done("seal", "--rewrite")
    assert re.search(r"^[1-9]\d* files rewritten", ran.out, re.MULTILINE), ran.out
    gone()
    report = with_anna.done("import", "events", with_anna.write("anna", anna()), "--json").json
    assert report["read"] == 4
    gone()
    assert with_anna.done("people", "show", "anonymous_id", "device-3").json == others


def test_what_happens_after_an_erasure_is_a_new_life(with_anna):
    with_anna.done("people", "erase", "user_id", "anna-17", "--yes")
    later = {
        "type": "track", "event": "Product Viewed", "messageId": "anna-later", "userId": "anna-17",
        "context": {"consent": CONSENT}, "properties": {"product_id": "p7"},
        "timestamp": format_time(system_clock()),
    }  # fmt: skip
    assert with_anna.done("import", "events", with_anna.write("later", [later]), "--json").json["stored"] == 1
    person = with_anna.done("people", "show", "user_id", "anna-17").json
    assert {one["value"] for one in person["identifiers"]} == {"anna-17"}
    assert with_anna.done("people", "export", "user_id", "anna-17").json["features"]["orders"] != {}


def test_erasing_while_the_server_runs_leaves_nothing_in_the_files(stocked):
    """Everything a server wrote of a person, decisions and dead letters too, is out of every file."""
    stocked.done("import", "events", stocked.write("anna", anna()))
    assert told_by(stocked) == set(ANNA)
    with stocked.serving() as site:
        who = {"anonymousId": "annas-phone"}
        site.track("Products Searched", who, properties={"query": "Nattjasmin"})
        refused = {
            "event": "Product Viewed", **who, "context": {"consent": CONSENT},
            "properties": {"product_id": "p1", "price": "Annasofia"},
        }  # fmt: skip
        assert site.post("/v1/track", refused, stocked.web).status_code == 400
        decisions = [site.recommend(name, who)["decisionId"] for name in ("home-new", "home-for-you")]
        bystander = site.recommend("home-new", {"anonymousId": "bystander"})["decisionId"]
        wait_for(
            lambda: all(
                site.get(f"/v1/decisions/{one}", stocked.secret).status_code == 200 for one in decisions
            )
        )
        person = site.get("/v1/people/email/anna@example.com", stocked.secret).json()
        told = site.get(f"/v1/people/{person['personId']}/export", stocked.secret).json()
        assert len(told["features"]["events"]["events"]) == 5
        assert {one["id"] for one in told["features"]["decisions"]["decisions"]} == set(decisions)
        erased = site.client.delete(
            f"/v1/people/{person['personId']}", headers={"Authorization": f"Bearer {stocked.secret}"}
        )
        assert (erased.status_code, erased.json()) == (200, {"personId": person["personId"], "subjects": 3})
        # At once: nobody can read it any more.
        assert site.get("/v1/people/email/anna@example.com", stocked.secret).status_code == 404
        assert site.get(f"/v1/people/{person['personId']}/export", stocked.secret).status_code == 404
        for one in decisions:
            assert site.get(f"/v1/decisions/{one}", stocked.secret).status_code == 404
        assert "recently_viewed" not in {
            item["reason"]["code"] for item in site.recommend("cart-recently-viewed", who)["items"]
        }
        after = site.recommend("home-new", {"anonymousId": "bystander"})["decisionId"]
        wait_for(lambda: site.get(f"/v1/decisions/{after}", stocked.secret).status_code == 200)
        stocked.done("seal", "--rewrite")
        assert site.get(f"/v1/decisions/{bystander}", stocked.secret).status_code == 200
    folder = stocked.root / "decisions"
    kept = [one for file in sealed_files(folder) for one in read_sealed(file)]
    kept += [one for file in (folder / "segments").glob("*.log") for one in read_segment(file)]
    assert {bystander, after} <= {one.id for one in kept}
    assert {one.id for one in kept}.isdisjoint(decisions)
    assert told_by(stocked) == set()


def test_a_merge_is_undone(with_anna):
    before = with_anna.done("people", "show", "user_id", "anna-17").json
    merges = [merge for merge in before["merges"] if merge["messageId"] == "anna-3"]
    assert merges
    for merge in merges:
        assert with_anna.done("people", "undo-merge", merge["id"]).json == {"undone": merge["id"]}
    assert with_anna.run("people", "undo-merge", merges[0]["id"]).err.startswith("error Conflict: ")
    after = with_anna.done("people", "show", "user_id", "anna-17").json
    assert len(after["identifiers"]) < len(before["identifiers"])
    assert [one for one in after["separations"] if one["undone"] is None]
