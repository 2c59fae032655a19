"""Models on the command line: built, listed, rolled back, asked."""

import re

import pytest

from tests.app.houses import House, run


@pytest.fixture
def built(stocked) -> tuple[House, str, str]:
    """A home with two model versions."""
    first, second = (stocked.done("build", "--tune-seconds", "0", "--json").json["version"] for _ in range(2))
    return stocked, first, second


def test_models_are_built_listed_published_and_rolled_back(built):
    house, first, second = built
    assert first != second
    listed = house.done("models", "list", "--json").json
    assert listed["serving"] == second
    assert [meta["version"] for meta in listed["versions"]] == [first, second]
    assert {(meta["items"], meta["sessions"], meta["baskets"]) for meta in listed["versions"]} == {
        (24, 40, 10)
    }
    assert house.done("models", "rollback").out == f"serving {first}\n"
    assert house.done("models", "list", "--json").json["serving"] == first
    assert house.done("models", "publish", second).out == f"serving {second}\n"
    assert house.done("models", "rollback", first).out == f"serving {first}\n"
    for version in (first, second):
        assert version in house.done("models", "list").out


def test_the_terminal_answers_with_reasons(built, monkeypatch):
    house, _, second = built
    monkeypatch.setenv("EXPEDIT_HOLDOUT_SHARE", "0")
    ran = house.done("recommend", "product-bought-together", "--product", "p0", "--locale", "en", "--json")
    assert ran.json["model"] == second
    assert ran.json["items"][0]["id"] == "p2"
    assert ran.json["items"][0]["reason"]["text"] == "Often bought together with Vara 0"
    table = house.done(
        "recommend", "product-bought-together", "--product", "p0", "--locale", "en", "--limit", "1"
    )
    assert "Vara 2" in table.out
    assert "Often bought together with Vara 0" in " ".join(re.sub("[│┃]", " ", table.out).split())
    mine = house.done("recommend", "cart-recently-viewed", "--anonymous", "device-0", "--json").json
    assert mine["items"][0]["reason"]["code"] != ""


def test_a_model_needs_no_events(tmp_path):
    house = House.make(tmp_path / "home")
    assert house.run("build").code == 0
    assert run("models", "list", "--home", house.root, "--json").json["serving"]
