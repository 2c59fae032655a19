"""What may not stand together never does: over random rules, pins, ladders, exploration and topping up."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.catalog import CatalogSnapshot
from expedit.core import new_id
from expedit.decisions.deciding import Request, decide
from expedit.decisions.model import Outcome, Situation
from expedit.decisions.placements import Placement, Step
from expedit.decisions.ruling import NOT_MEASURED, LaidRules, lay_rules
from expedit.merchandising import (
    Action,
    Boost,
    Bury,
    Diversity,
    Include,
    NeverWith,
    NewFirst,
    Pin,
    Rule,
    RuleBook,
)
from expedit.storage import Shop
from tests.decisions.fakes import Strategies, found
from tests.merchandising.goods import BRANDS, goods

GOODS = 40


@pytest.fixture
def snapshot(sqlite_shop: Shop) -> CatalogSnapshot:
    return goods(sqlite_shop, GOODS)


def laid(snapshot: CatalogSnapshot, situation: Situation, actions: list[Action]) -> LaidRules:
    rules = [Rule(f"r{n}", f"Rule {n}", action, priority=n) for n, action in enumerate(actions)]
    found_, _ = lay_rules(
        RuleBook(rules), "spot", situation, snapshot, dict, lambda _: NOT_MEASURED
    )  # fmt: skip
    assert found_ is not None
    return found_


def ask(
    snapshot: CatalogSnapshot,
    at: int,
    actions: list[Action],
    answers: dict[str, list[int]],
    *,
    share: float = 1.0,
    limit: int = 6,
    explore: float = 0.0,
    explain: bool = True,
    decision_id: str = "",
) -> Outcome:
    situation = Situation(at, "SE")
    steps = tuple(Step(name, share) for name in answers)
    placement = Placement("spot", {"en": "Spot"}, steps, filters=("in_stock",), fallback="")
    strategies = Strategies({name: found(items) for name, items in answers.items()})
    request = Request(decision_id or new_id(at), limit, explore, explain, laid(snapshot, situation, actions))
    return decide(placement, situation, snapshot, strategies, request)


def shown(outcome: Outcome) -> list[int]:
    return [one.item for one in outcome.shown]


def removed_by(outcome: Outcome) -> dict[int, str]:
    return {one.item: one.rule for one in outcome.removed if one.reason == "rule"}


def test_two_candidates_of_one_step_give_way_to_each_other(snapshot: CatalogSnapshot, shop_clock) -> None:
    rivals = NeverWith({"brand": "Fjord"}, {"brand": "Gran"})  # 3, 6, 9 … and 1, 4, 7 …
    outcome = ask(snapshot, shop_clock.now, [rivals], {"popular": [4, 3, 2, 7, 6, 5, 10, 8]})
    assert shown(outcome) == [4, 2, 7, 5, 10, 8]
    assert removed_by(outcome) == {3: "r0", 6: "r0"}


def test_the_later_of_two_pins_gives_way_and_the_record_says_to_which_rule(
    snapshot: CatalogSnapshot, shop_clock
) -> None:
    rivals = NeverWith({"brand": "Fjord"}, {"brand": "Gran"})
    actions = [rivals, Pin(("p03", "p04", "p05"), 1), Diversity("brand", 1), Pin(("p09", "p08"), 2)]
    outcome = ask(snapshot, shop_clock.now, actions, {"popular": [7, 10, 2]})
    assert shown(outcome) == [3, 5]  # p04 and p07, p10 are Gran; p09 a second Fjord; p08, p02 a second Berg
    assert removed_by(outcome) == {4: "r0", 9: "r2", 8: "r2", 7: "r0", 10: "r0", 2: "r2"}


def test_what_shares_kept_back_is_asked_again_before_it_fills_up(
    snapshot: CatalogSnapshot, shop_clock
) -> None:
    answers = {"similar": [3, 6, 9, 12, 5], "popular": [1, 4]}
    outcome = ask(snapshot, shop_clock.now, [Diversity("brand", 2)], answers, share=0.5, limit=6)
    assert shown(outcome) == [3, 6, 5, 1, 4]  # 9 and 12 are a third and fourth Fjord
    assert removed_by(outcome) == {9: "r0", 12: "r0"}


def test_a_listing_of_everything_is_not_cut(snapshot: CatalogSnapshot, shop_clock) -> None:
    outcome = ask(
        snapshot, shop_clock.now, [Diversity("brand", 2)], {"popular": list(range(1, GOODS))}, limit=6
    )
    assert Counter(BRANDS[item % 3] for item in shown(outcome)) == dict.fromkeys(BRANDS, 2)


_WHICH = st.sampled_from([
    {}, {"brand": "Fjord"}, {"brand": "Gran"}, {"category": "Jackor"}, {"on_sale": True}, {"color": "röd"},
    {"stock": {"$lt": 20}}, {"attributes.material": "ull"},
])  # fmt: skip
_CAP = st.builds(
    Diversity, st.sampled_from(["category", "brand", "color", "group", "all"]), st.integers(1, 4), _WHICH
)
_PAIR = st.builds(NeverWith, _WHICH, _WHICH)
_PIN = st.builds(
    Pin,
    st.lists(st.integers(1, 12).map(lambda n: f"p{n:02}"), min_size=1, max_size=4, unique=True).map(tuple),
    st.integers(1, 6),
)
_MOVE = st.one_of(
    st.builds(Boost, _WHICH), st.builds(Bury, _WHICH), st.builds(NewFirst, st.integers(1, 20)),
    st.builds(Include, _WHICH, st.sampled_from([0.3, 1.5]), st.integers(1, 5)),
)  # fmt: skip
_ITEMS = st.lists(st.integers(0, GOODS - 1), max_size=25, unique=True)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    company=st.lists(st.one_of(_CAP, _PAIR), min_size=1, max_size=3),
    others=st.lists(st.one_of(_PIN, _MOVE), max_size=3),
    answers=st.fixed_dictionaries({"similar": _ITEMS, "viewed_together": _ITEMS, "popular": _ITEMS}),
    share=st.sampled_from([0.25, 0.5, 1.0]),
    limit=st.integers(1, 10),
    explore=st.sampled_from([0.0, 1.0]),
    seed=st.integers(0, 2**60),
)
def test_no_answer_ever_holds_a_forbidden_pair_or_more_than_a_cap(
    sqlite_shop: Shop, company, others, answers, share, limit, explore, seed
) -> None:
    snapshot, at = goods(sqlite_shop, GOODS), sqlite_shop.clock()
    asked = {"share": share, "limit": limit, "explore": explore, "decision_id": f"{seed:032x}"}
    outcome = ask(snapshot, at, [*company, *others], answers, **asked)
    answer = shown(outcome)
    assert len(answer) == len(set(answer)) <= limit
    rows = np.array(answer, np.int32)
    for action in company:
        if isinstance(action, Diversity):
            counted = rows[fits(snapshot, at, action.which, rows)]
            if action.attribute == "all":
                assert counted.size <= action.most
                continue
            values = Counter(getattr(snapshot, action.attribute)[counted].tolist())
            assert all(
                count <= action.most
                for value, count in values.items()
                if value or action.attribute == "group"
            )
        else:
            one, two = (fits(snapshot, at, which, rows) for which in (action.which, action.beside))
            assert not any(one[a] and two[b] for a in range(rows.size) for b in range(rows.size) if a != b)
    plain = ask(snapshot, at, [*company, *others], answers, **asked, explain=False)
    assert shown(plain) == answer  # to explain a decision is not to make another
    assert [one.propensity for one in plain.shown] == [one.propensity for one in outcome.shown]
    assert not set(answer) & {one.item for one in outcome.candidates}
    assert len({one.item for one in outcome.candidates}) == len(outcome.candidates)


def fits(snapshot: CatalogSnapshot, at: int, which: dict[str, object], rows: np.ndarray) -> list[bool]:
    book = RuleBook([Rule("x", "x", Boost(which, 1.0))])
    plan = book.holding("spot", "web", "SE", {}, at)
    assert plan is not None
    moment = laid(snapshot, Situation(at, "SE"), [Boost(which, 1.0)]).moment
    done = plan.apply(rows, np.zeros(rows.size), snapshot, book.fitting(snapshot, "SE", at), moment)
    return (done.added > 0).tolist()
