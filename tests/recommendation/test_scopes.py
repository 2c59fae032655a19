"""Bestsellers of places, of groups of people and of the season: known answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from expedit.core import DAY, InvalidInput
from expedit.recommendation import (
    BuildParams,
    Model,
    PlaceClasses,
    build_model,
    groups_of,
    load_model,
    place_scopes,
    read_place_classes,
)
from expedit.recommendation.scopes import Purchases, scoped_bestsellers
from expedit.recommendation.seasons import YEAR, season_scores
from expedit.recommendation.training_scopes import scopes_of_baskets
from tests.recommendation.small_shop import NOW, SmallCatalog, ask, flat, make_catalog, make_training


def purchases(rows: list[tuple[int, int]], ago: int = 1) -> Purchases:
    """Return purchases of (buyer, item), one order each."""
    buyer, item = (np.array(column, np.int32) for column in zip(*rows, strict=True))
    n = len(rows)
    at = np.full(n, NOW - ago * DAY, np.int64)
    return Purchases(item, at, buyer, np.ones(n, np.int64), np.arange(n, dtype=np.int64))


def learned(rows: list[tuple[int, int, int]]) -> dict[str, list[int]]:
    """Learn from (buyer, item, scope): the items of each scope, best first."""
    bought = purchases([(buyer, item) for buyer, item, _ in rows])
    codes = np.array([scope for _, _, scope in rows], np.int32)
    names, found = scoped_bestsellers(["north", "south"], [codes], bought, 12, NOW)
    return {name: items.tolist() for name, (items, _) in zip(names, found, strict=True)}


def test_a_place_has_bestsellers_of_its_own() -> None:
    """In the north half of the people buy skis (1), in the south almost everybody umbrellas (2)."""
    north = [(n, item, 0) for n in range(30) for item in ([1] if n % 2 else [1, 2])]
    south = [(100 + n, item, 1) for n in range(60) for item in ([2] if n % 10 else [2, 1])]
    assert learned(north + south) == {"north": [1, 2], "south": [2, 1]}


def test_few_people_have_no_list_and_one_persons_purchase_is_in_none() -> None:
    few = [(n, 1, 0) for n in range(19) for _ in range(5)]  # 95 pieces, but 19 people
    assert learned(few) == {}
    assert learned([*few, (19, 1, 0)]) == {"north": [1]}
    odd = [(n, 1, 0) for n in range(30)] + [(5, 7, 0)] * 9 + [(6, 7, 0)]  # two people bought item 7
    assert learned(odd) == {"north": [1]}
    assert learned([*odd, (7, 7, 0)]) == {"north": [1, 7]}


def test_orders_without_a_customer_are_each_somebody() -> None:
    assert learned([(-1, 1, 0)] * 30) == {"north": [1]}
    assert learned([(-1, 1, -1)] * 30) == {}


def test_a_few_purchases_do_not_turn_the_order_over() -> None:
    """Everywhere 1 outsells 2 by ten to one; in the north 2 leads by a single piece of thirty-one."""
    rest = [(1000 + n, 1, 1) for n in range(1000)] + [(5000 + n, 2, 1) for n in range(100)]
    north = [(n, 1, 0) for n in range(15)] + [(100 + n, 2, 0) for n in range(16)]
    assert learned(north + rest)["north"] == [1, 2]
    clear = [(n, 1, 0) for n in range(15)] + [(100 + n, 2, 0) for n in range(50)]
    assert learned(clear + rest)["north"] == [2, 1]


def test_what_was_bought_long_ago_counts_little() -> None:
    old = purchases([(n, 1) for n in range(40)], ago=140)
    new = purchases([(n, 2) for n in range(25)], ago=1)
    parts = ("items", "at", "buyer", "quantity")
    joined = [np.concatenate([getattr(old, name), getattr(new, name)]) for name in parts]
    both = Purchases(*joined, np.arange(65, dtype=np.int64))
    _, ((items, _),) = scoped_bestsellers(["north"], [np.zeros(65, np.int32)], both, 3, NOW)
    assert items.tolist() == [2, 1]


SKIS, BOAT, NEW_SKIS, MUG = range(4)
KINDS = np.array([0, 1, 0, 2], np.int32)


def season(rows: list[tuple[int, int, int]], popular: list[float]) -> list[float]:
    """Return scores by (item, pieces, days ago); everybody buys once."""
    item, at = [], []
    for one, pieces, ago in rows:
        item += [one] * pieces
        at += [NOW - ago * DAY] * pieces
    n = len(item)
    bought = Purchases(
        np.array(item, np.int32), np.array(at, np.int64), np.arange(n, dtype=np.int32), np.ones(n, np.int64),
        np.arange(n, dtype=np.int64),
    )  # fmt: skip
    return season_scores(bought, np.array(popular, np.float32), KINDS, NOW).tolist()


def test_a_season_comes_back_also_for_what_is_new() -> None:
    """Skis sold at this time last year, boats half a year ago. The new skis are as popular as the mug now."""
    rows = [(SKIS, 50, 364), (MUG, 10, 364), (BOAT, 200, 180), (MUG, 60, 90)]
    found = season(rows, [0.1, 0.5, 0.5, 0.5])
    assert np.argsort(found)[::-1][:2].tolist() == [SKIS, NEW_SKIS]
    assert found[NEW_SKIS] > found[MUG] > found[BOAT]


@pytest.mark.parametrize("days", [364 - 20, 364 + 14])
def test_the_weeks_around_count(days: int) -> None:
    found = season([(SKIS, 40, days), (BOAT, 100, 180)], [0, 1, 1, 1])
    assert [found[SKIS], found[NEW_SKIS]] == [1.0, pytest.approx(2 / 3)]
    assert found[BOAT] < 0.5 * found[NEW_SKIS]


@pytest.mark.parametrize(
    "rows", [[(SKIS, 29, 364)], [(SKIS, 99, 364 - 21)], [(SKIS, 99, 364 + 15)], [(BOAT, 99, 30)]]
)
def test_without_last_year_there_is_no_season(rows: list[tuple[int, int, int]]) -> None:
    assert season(rows, [1, 1, 1, 1]) == [0, 0, 0, 0]
    assert YEAR % (7 * DAY) == 0


@pytest.mark.parametrize(
    ("traits", "groups"),
    [
        ({"gender": "Female", "birthday": "1990-09-22"}, ("people:women 35-44", "age:35-44", "gender:women")),
        ({"gender": "herr", "age": 24}, ("people:men 18-24", "age:18-24", "gender:men")),
        ({"age_group": "65+"}, ("age:65+",)),
        ({"ageGroup": "45–54"}, ("age:45-54",)),
        ({"age": "30"}, ("age:25-34",)),
        ({"birthday": "2008-09-21"}, ("age:18-24",)),  # eighteen today
        ({"birthday": "2008-09-22", "gender": "female"}, ()),  # tomorrow: a child is in no group
        ({"birthday": "in May", "gender": "k"}, ("gender:women",)),
        ({"gender": "x", "age": True}, ()),
        ({}, ()),
    ],
)
def test_groups_are_what_people_told(traits: dict[str, object], groups: tuple[str, ...]) -> None:
    assert groups_of(traits, NOW) == groups  # NOW is 21 September 2026


def test_scopes_of_baskets() -> None:
    heads = pa.table(
        {
            "country": ["SE", "SE", None, "NO"],
            "region": ["AB", None, None, None],
            "postal": ["114", "980", "114", None],
            "store": [None, None, "Umeå", None],
            "buyer": ["eva", None, "ada", "eva"],
        }
    )
    traits = {"eva": {"gender": "f", "age": 40}, "ada": {"age": 50}}
    classes = PlaceClasses({("SE", "1"): "town", ("SE", "98"): "country"})
    names, codes = scopes_of_baskets(heads, traits, classes, NOW)
    told = [[names[code] if code >= 0 else "" for code in column] for column in codes]
    assert told == [
        ["country:SE", "country:SE", "", "country:NO"],
        ["region:SE-AB", "", "", ""],
        ["postal:SE-114", "postal:SE-980", "", ""],
        ["", "", "store:Umeå", ""],
        ["class:town", "class:country", "", ""],
        ["people:women 35-44", "", "", "people:women 35-44"],
        ["age:35-44", "", "age:45-54", "age:35-44"],
        ["gender:women", "", "", "gender:women"],
    ]
    assert all(column.dtype == np.int32 for column in codes)


def test_classes_of_places_are_read_by_the_longest_beginning(tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    path.write_text("country,postal,class\nse,11,town\nSE,114 3,harbor\nNO,,country\n")
    classes = read_place_classes(str(path))
    assert [classes.of(*place) for place in (("SE", "114"), ("SE", "1143"), ("SE", "98"), ("NO", "5"))] == [
        "town", "harbor", "", "country",
    ]  # fmt: skip
    assert read_place_classes("").of("SE", "114") == ""
    for text in ("a,b\n1,2\n", ""):
        path.write_text(text)
        with pytest.raises(InvalidInput, match="place_classes"):
            read_place_classes(str(path))
    with pytest.raises(InvalidInput, match=r"place_classes: .*No such file"):
        read_place_classes(str(tmp_path / "missing.csv"))


def test_the_narrowest_place_comes_first() -> None:
    assert place_scopes("SE", "AB", "114", "Umeå", "town") == (
        "store:Umeå", "postal:SE-114", "class:town", "region:SE-AB", "country:SE",
    )  # fmt: skip
    assert place_scopes("", "AB", "114", "", "") == ()


@pytest.fixture
def model(models_folder: Path) -> Model:
    """In Sweden p3 leads, among women p5; p4 and p3 sold a year ago."""
    catalog = make_catalog()
    buyers = 40
    sweden = [[3] if n % 4 else [3, 7] for n in range(buyers)]
    women = [[5] for _ in range(buyers)]
    ptr, items = flat([*sweden, *women])
    n = 2 * buyers
    year_ago = Purchases(
        np.array([4] * 60 + [3] * 10, np.int32), np.full(70, NOW - YEAR, np.int64),
        np.arange(70, dtype=np.int32), np.ones(70, np.int64), np.arange(70, dtype=np.int64),
    )  # fmt: skip
    training = replace(
        make_training(catalog), basket_ptr=ptr, basket_items=items,
        basket_quantity=np.ones(items.size, np.int32), basket_at=np.full(n, NOW - DAY, np.int64),
        basket_market=np.zeros(n, np.int32), basket_buyer=np.arange(n, dtype=np.int32),
        scopes=("country:SE", "gender:women"),
        basket_scopes=(
            np.where(np.arange(n) < buyers, 0, -1).astype(np.int32),
            np.where(np.arange(n) < buyers, -1, 1).astype(np.int32),
        ),
        seasonal=year_ago,
    )  # fmt: skip
    build_model(training, models_folder, BuildParams(tune_seconds=0), now=NOW, version="s")
    return load_model(models_folder, "s")


def test_popular_in_the_narrowest_scope_of_which_enough_is_known(
    model: Model, small_catalog: SmallCatalog
) -> None:
    scopes = ("store:Umeå", "postal:SE-114", "country:SE")
    found = ask("popular", model, small_catalog, options={"scope": "place"}, scopes=scopes)
    assert found.items.tolist() == [3, 7]
    assert found.notes == {3: "in_country", 7: "in_country"}
    women = ask("popular", model, small_catalog, options={"scope": "people"}, scopes=("gender:women",))
    assert (women.items.tolist(), women.notes) == ([5], {5: "in_gender"})
    nowhere = ask("popular", model, small_catalog, options={"scope": "place"}, scopes=("country:NO",))
    assert len(nowhere) == 0
    small_catalog.active[3] = False
    assert ask("popular", model, small_catalog, options={"scope": "place"}, scopes=scopes).items.tolist() == [
        7
    ]


def test_popular_in_season(model: Model, small_catalog: SmallCatalog) -> None:
    found = ask("popular", model, small_catalog, options={"scope": "season"}, scopes=("season",))
    assert found.items[0] == 4
    assert set(found.notes.values()) == {"in_season"}


def test_popular_where_they_look(model: Model, small_catalog: SmallCatalog) -> None:
    """Category 2 are boots, 4 shell jackets; p3 is the bestseller of all."""
    history = {"options": {"scope": "history"}}
    boots = ask("popular", model, small_catalog, liked=((2, 0.9),), **history)
    assert set(boots.items.tolist()) == {0, 2, 4, 6, 8}
    assert set(boots.notes.values()) == {"taste_category"}
    both = ask("popular", model, small_catalog, liked=((2, 0.9), (4, 0.3)), **history)
    assert both.items[0] in {0, 2, 4, 6, 8}
    assert {3, 5} < set(both.items.tolist())
    assert len(ask("popular", model, small_catalog, **history)) == 0


def test_a_version_of_before_has_no_scopes(models_folder: Path, small_catalog: SmallCatalog) -> None:
    build_model(
        make_training(small_catalog), models_folder, BuildParams(tune_seconds=0), now=NOW, version="o"
    )
    model = load_model(models_folder, "o")
    assert dict(model.scoped.rows) == {}
    found = ask("popular", model, small_catalog, options={"scope": "place"}, scopes=("country:SE",))
    assert len(found) == 0
