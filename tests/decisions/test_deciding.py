"""`decide`: filters before the cut, the ladder, shares, tastes, traces, non-personal answers and
exploration."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import evolve, new_id
from expedit.decisions.deciding import Pins, Pool, Request, decide
from expedit.decisions.exploration import explores, head_of, propensities, tail_order
from expedit.decisions.ladder import steps_for
from expedit.decisions.model import Situation, Tastes
from expedit.decisions.placements import FILTERS, Step
from expedit.decisions.reasons import reason_code
from expedit.decisions.tastes import WEIGHTS
from tests.decisions.fakes import Shelf, Strategies, found, place

QUIET = "0" * 24 + "ffffffff"  # an id whose chance bits never explore
LOUD = "0" * 32  # one whose chance bits explore at any share
HERE = Situation(0, "SE")


def items(outcome):
    return [shown.item for shown in outcome.shown]


def ask(placement, answers, situation=HERE, shelf=None, **request):
    strategies = Strategies(answers)
    outcome = decide(
        placement,
        situation,
        shelf or Shelf(),
        strategies,
        Request(**{"decision_id": QUIET, "limit": 4, **request}),
    )
    return outcome, strategies


def test_the_ladder_is_asked_only_until_the_answer_is_full():
    outcome, asked = ask(
        place("similar", "popular"), {"similar": found([5, 6, 7, 8, 9]), "popular": found([1])}
    )
    assert items(outcome) == [5, 6, 7, 8]
    assert [step.strategy for step in asked.asked] == ["similar"]
    assert [shown.step for shown in outcome.shown] == [0, 0, 0, 0]


def test_later_steps_and_the_fallback_fill_up_in_order_without_repeats():
    outcome, _ = ask(
        place("similar", "viewed_together", fallback="popular"),
        {"similar": found([5]), "viewed_together": found([5, 6]), "popular": found([6, 1, 2, 3])},
    )
    assert items(outcome) == [5, 6, 1, 2]
    assert [shown.strategy for shown in outcome.shown] == ["similar", "viewed_together", "popular", "popular"]
    assert [shown.fallback for shown in outcome.shown] == [False, False, True, True]


def test_an_answer_may_be_honestly_short():
    outcome, _ = ask(place("similar"), {"similar": found([5, 6])})
    assert items(outcome) == [5, 6]
    empty, _ = ask(place("similar"), {})
    assert empty.shown == ()


def test_a_share_holds_while_others_can_fill_and_yields_when_they_cannot():
    answers = {"popular": found([1, 2, 3, 4, 5]), "new": found([11])}
    outcome, _ = ask(place(Step("popular", 0.5), "new"), {**answers, "new": found([11, 12, 13])})
    assert items(outcome) == [1, 2, 11, 12]
    short, _ = ask(place(Step("popular", 0.5), "new"), answers)
    assert items(short) == [1, 2, 11, 3]


def test_filters_act_before_the_cut():
    """The best four candidates all fail another filter; the answer is full all the same."""
    shelf = Shelf()
    shelf.stock[1] = False
    shelf.active[2] = False
    shelf.prices[3] = -1
    situation = Situation(0, "SE", subjects=(4,), cart=(5,), bought=(6,))
    outcome, _ = ask(
        place("popular"),
        {"popular": found([1, 2, 3, 4, 5, 6, 21, 22, 23, 24])},
        situation,
        shelf,
        explain=True,
    )
    assert items(outcome) == [21, 22, 23, 24]
    assert {removed.item: removed.reason for removed in outcome.removed} == {
        1: "out_of_stock", 2: "retired", 3: "not_sold_here", 4: "is_subject", 5: "in_cart", 6: "just_bought",
    }  # fmt: skip
    assert outcome.counts == dict.fromkeys(
        ("out_of_stock", "retired", "not_sold_here", "is_subject", "in_cart", "just_bought"), 1
    )
    assert outcome.considered == 10


def test_a_filter_that_is_not_named_does_not_act():
    shelf = Shelf()
    shelf.stock[1] = False
    shelf.prices[3] = -1
    situation = Situation(0, "SE", subjects=(4,), cart=(5,), bought=(6,))
    outcome, _ = ask(place("popular", filters=()), {"popular": found([1, 3, 4, 5, 6])}, situation, shelf)
    assert items(outcome) == [1, 4, 5, 6]  # what is not sold in the market cannot be shown by any setting


def test_one_of_each_item_group():
    shelf = Shelf()
    shelf.group[[1, 2, 3]] = 1
    outcome, _ = ask(place("popular"), {"popular": found([3, 1, 9, 2, 8])}, shelf=shelf, explain=True)
    assert items(outcome) == [3, 9, 8]
    assert outcome.counts == {"same_group": 2}
    every, _ = ask(place("popular", filters=("in_stock",)), {"popular": found([3, 1, 9, 2])}, shelf=shelf)
    assert items(every) == [3, 1, 9, 2]


def test_same_and_other_category():
    answers = {"popular": found([11, 25, 12, 37])}
    on_page = Situation(0, "SE", subjects=(10,))
    same, _ = ask(place("popular", filters=("same_category",)), answers, on_page, explain=True)
    other, _ = ask(place("popular", filters=("other_category",)), answers, on_page, explain=True)
    assert (items(same), same.counts) == ([11, 12], {"other_category": 2})
    assert (items(other), other.counts) == ([25, 37], {"same_category": 2})


def test_scores_are_shares_of_the_best_and_the_waterfall_adds_up():
    likes = Situation(0, "SE", personal=True, tastes=lambda: Tastes({2: 1.0}, {0: 0.5}, {}))
    outcome, _ = ask(
        place("popular"), {"popular": found([1, 21, 3], [40.0, 30.0, 20.0])}, likes, explain=True
    )
    assert items(outcome) == [21, 1, 3]
    assert [shown.score for shown in outcome.shown] == pytest.approx([0.75 + 0.25 + 0.05, 1.0, 0.5 + 0.05])
    by_item = {shown.item: shown for shown in outcome.shown}
    assert by_item[21].score == pytest.approx(0.75 + WEIGHTS["category"] + 0.5 * WEIGHTS["brand"])
    assert by_item[21].taste == "category"
    for shown in outcome.shown:
        assert sum(part.value for part in shown.parts) == pytest.approx(shown.score)
        assert shown.parts[0].code == "strategy"


def test_tastes_rerank_only_strategies_that_know_nobody():
    likes = Situation(0, "SE", personal=True, tastes=lambda: Tastes({2: 1.0}))
    candidates = found([1, 21], [1.0, 0.9])
    assert items(ask(place("popular"), {"popular": candidates}, likes)[0]) == [21, 1]
    assert items(ask(place("similar"), {"similar": candidates}, likes)[0]) == [1, 21]
    assert items(ask(place("popular", personal=False), {"popular": candidates}, likes)[0]) == [1, 21]
    assert items(ask(place("popular"), {"popular": candidates}, evolve(likes, personal=False))[0]) == [1, 21]


def test_size_and_price_band_add_their_bounded_part():
    likes = Situation(0, "SE", personal=True, tastes=lambda: Tastes(price_band={2: 1.0}, size={"M": 0.5}))
    rows = {1: ("S",), 2: ("S", "M")}
    outcome = decide(
        place("popular"), likes, Shelf(), Strategies({"popular": found([1, 2], [1.0, 0.9])}),
        Request(QUIET, 4, explain=True), rows.__getitem__,
    )  # fmt: skip
    assert items(outcome) == [2, 1]
    assert [(part.code, round(part.value, 4)) for part in outcome.shown[0].parts] == [
        ("strategy", 0.9), ("price_band", 0.08), ("size", 0.035),
    ]  # fmt: skip


def test_scores_not_above_zero_count_by_place():
    outcome, _ = ask(place("new"), {"new": found([4, 5], [0.0, -3.0])})
    assert [shown.score for shown in outcome.shown] == [1.0, 0.5]


class BuryAndDrop:
    """Rules as the deciding sees them: 5 is buried, 6 removed, 9 put in, 3 pinned in the second place."""

    def offering(self, passing, *, one_per_group):
        assert passing(np.array([3], np.int32)).tolist() == [True]
        return Pinning()

    def over(self, pool, explain):
        penalty = np.where(pool.items == 5, -2.0, 0.0)
        keep = np.flatnonzero(pool.items != 6)
        rows = keep[np.argsort(-(pool.scores + penalty)[keep], kind="stable")]
        parts = {**pool.parts, "rule:bury": penalty}
        left = Pool(
            pool.items[rows], (pool.scores + penalty)[rows], pool.because[rows],
            {name: values[rows] for name, values in parts.items()},
        )  # fmt: skip
        return left, {6: "drop"}

    def company(self):
        return None


class Pinning:
    def put_in(self, found):
        return found

    def pinned(self, limit, company):
        assert (limit, company) == (5, None)
        return Pins(((1, 3, "pin"),))


def test_rules_act_after_filters_and_before_the_cut():
    answers = {"popular": found([5, 3, 6, 7, 8, 9])}
    outcome, _ = ask(place("popular"), answers, rules=BuryAndDrop(), explain=True, limit=5)
    assert items(outcome) == [7, 3, 8, 9, 5]
    assert outcome.counts == {"rule": 1}
    assert [(one.item, one.reason, one.rule) for one in outcome.removed] == [(6, "rule", "drop")]
    pinned, buried = outcome.shown[1], outcome.shown[4]
    assert (pinned.strategy, pinned.propensity, reason_code(pinned)) == ("pinned", 1.0, "picked")
    assert [part.code for part in buried.parts] == ["strategy", "rule:bury"]
    assert sum(part.value for part in buried.parts) == pytest.approx(buried.score)
    assert outcome.head == 3


def test_without_personalization_steps_that_need_the_person_give_way():
    ladder = place("personal", "recently_viewed", "similar", fallback="popular")
    assert [step.strategy for step in steps_for(ladder, HERE)] == ["popular", "trending", "similar"]
    in_page = evolve(HERE, session=(1, 2), recent=(2, 1))
    assert steps_for(ladder, in_page) == ladder.steps()
    assert steps_for(ladder, evolve(HERE, personal=True)) == ladder.steps()


def test_what_only_the_person_can_be_asked_is_left_out():
    drops, since = Step("on_sale", options={"seen": True}), Step("new", options={"since_last_visit": True})
    ladder = place("cart_reminder", drops, since, "new")
    assert steps_for(ladder, HERE) == (Step("new"),)
    assert steps_for(ladder, evolve(HERE, personal=True)) == ladder.steps()
    in_page = evolve(HERE, session=(1, 2), recent=(2, 1))  # which says what was looked at, but not bought
    assert steps_for(ladder, in_page) == (Step("cart_reminder"), Step("new"))


def test_a_step_loses_only_the_option_that_cannot_be_had():
    step = Step("upsell", 0.5, {"scope": "category", "max_ratio": 2.0})
    assert steps_for(place(step), HERE) == (Step("upsell", 0.5, {"max_ratio": 2.0}),)
    assert steps_for(place(step), evolve(HERE, category=3)) == (step,)


def test_a_scope_that_cannot_be_had_makes_way_for_the_next_one():
    scoped = [Step("popular", options={"scope": scope}) for scope in ("history", "people", "place")]
    ladder = place(*scoped, "trending", fallback="popular")
    assert steps_for(ladder, HERE) == (Step("popular"), Step("trending"))
    there = evolve(HERE, place=("region:SE-AB", "country:SE"))
    assert steps_for(ladder, there) == (scoped[2], Step("trending"), Step("popular"))
    assert steps_for(ladder, evolve(there, personal=True)) == ladder.steps()
    region, store = (Step("popular", options={"scope": scope}) for scope in ("region", "store"))
    assert steps_for(place(store, region), there) == (region,)
    assert steps_for(place(region, store), there) == (region, Step("popular"))
    assert steps_for(place(scoped[0]), HERE) == (Step("popular"),)


def test_notes_go_with_their_items_whatever_order_they_come_in():
    likes = Situation(0, "SE", personal=True, tastes=lambda: Tastes({2: 1.0}))
    answer = found([1, 21, 3], [1.0, 0.9, 0.8], notes={21: "seen", 3: ""})
    outcome, _ = ask(place("on_sale"), {"on_sale": answer}, likes)
    assert [(shown.item, shown.scope) for shown in outcome.shown] == [(21, "seen"), (1, ""), (3, "")]


def test_what_stands_further_up_is_not_repeated_nor_in_another_color():
    shelf = Shelf()
    shelf.group[[1, 2]] = 1
    above = evolve(HERE, taken=(1, 5), cart=(5,))
    answers = {"popular": found([1, 2, 5, 3])}
    outcome, _ = ask(place("popular"), answers, above, shelf, explain=True)
    assert items(outcome) == [3]
    assert {one.item: one.reason for one in outcome.removed} == {
        1: "shown_above", 2: "same_group", 5: "in_cart",
    }  # fmt: skip
    plain, _ = ask(place("popular", filters=("in_stock",)), answers, above, shelf)
    assert items(plain) == [2, 3]


def test_because_and_scope_are_kept():
    outcome, _ = ask(
        place(Step("popular", options={"scope": "category"}), "similar"),
        {"popular": found([1]), "similar": found([2], because=[7])},
        evolve(HERE, category=3),
    )
    assert [(shown.because, shown.scope) for shown in outcome.shown] == [(-1, "category"), (7, "")]


# ---- exploration -------------------------------------------------------------------------------------------


def test_the_share_that_explores_is_the_share_of_ids():
    ids = [new_id(i * 1000) for i in range(20_000)]
    share = sum(explores(one, 0.1) for one in ids) / len(ids)
    assert abs(share - 0.1) < 5 * (0.1 * 0.9 / len(ids)) ** 0.5
    assert not any(explores(one, 0.0) for one in ids)
    assert all(explores(one, 1.0) for one in ids)


def test_the_head_never_moves_and_the_tail_comes_from_the_pool():
    answers = {"popular": found(list(range(1, 21)))}
    outcome, _ = ask(place("popular"), answers, decision_id=LOUD, limit=6, explore_share=0.5)
    assert outcome.explored
    assert items(outcome)[:3] == [1, 2, 3]
    assert set(items(outcome)[3:]) <= {4, 5, 6, 7, 8, 9}
    assert items(outcome)[3:] != [4, 5, 6]
    again, _ = ask(place("popular"), answers, decision_id=LOUD, limit=6, explore_share=0.5)
    assert again == outcome


def test_propensities_by_simulation():
    """How often each item really stood at each tail position, against what is logged, over 30,000
    decisions."""
    share, limit, n = 0.3, 6, 30_000
    answers = {"popular": found(list(range(1, 21)))}
    seen: dict[tuple[int, int], int] = {}
    logged: dict[tuple[int, int], set[float]] = {}
    for i in range(n):
        outcome, _ = ask(place("popular"), answers, decision_id=new_id(i), limit=limit, explore_share=share)
        for position, shown in enumerate(outcome.shown):
            seen[shown.item, position] = seen.get((shown.item, position), 0) + 1
            logged.setdefault((shown.item, position), set()).add(round(shown.propensity, 12))
    assert all(len(chances) == 1 for chances in logged.values())  # the same whether it explored or not
    for key, count in seen.items():
        (chance,) = logged[key]
        assert abs(count / n - chance) < 5 * (chance * (1 - chance) / n) ** 0.5 + 1e-9, key
    for position in range(3, 6):  # at each tail position the chances of all the pool add up to one
        total = sum(chance for (_, at), (chance,) in logged.items() if at == position)
        assert total == pytest.approx(1.0)
    assert {key for key in seen if key[1] < 3} == {(1, 0), (2, 1), (3, 2)}


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.floats(0.001, 1))
def test_the_inverse_propensity_of_a_position_is_unbiased(tail, spare, share):
    """Σ over the pool of P(item at position) is 1 for every position, exactly."""
    pool = tail + spare
    for position in range(tail):
        total = sum(propensities([*range(position), place_], pool, share)[position] for place_ in range(pool))
        assert total == pytest.approx(1.0)


def test_a_tail_is_drawn_without_repeats():
    for i in range(50):
        drawn = tail_order(f"{i:032x}", 9, 5)
        assert len(set(drawn)) == 5
        assert set(drawn) <= set(range(9))
    assert [head_of(n) for n in (0, 1, 2, 3, 8)] == [0, 1, 1, 2, 4]


# ---- properties --------------------------------------------------------------------------------------------

small = st.integers(0, 39)


@settings(deadline=None)
@given(
    st.lists(small, max_size=30, unique=True),
    st.lists(small, max_size=30, unique=True),
    st.lists(small, max_size=4),
    st.lists(small, max_size=4),
    st.lists(small, max_size=4),
    st.sets(small, max_size=10),
    st.integers(1, 10),
    st.booleans(),
    st.integers(0, 2**32),
)
def test_whatever_is_shown_passes_every_filter(
    first, second, cart, bought, subjects, gone, limit, explain, chance
):
    shelf = Shelf(40)
    shelf.group = np.arange(40, dtype=np.int32) // 2
    shelf.stock[list(gone)] = False
    situation = Situation(0, "SE", subjects=tuple(subjects), cart=tuple(cart), bought=tuple(bought))
    outcome, _ = ask(
        place("similar", "popular"), {"similar": found(first), "popular": found(second)}, situation, shelf,
        limit=limit, explain=explain, explore_share=0.5, decision_id=f"{chance:032x}",
    )  # fmt: skip
    shown = items(outcome)
    banned = {*cart, *bought, *subjects, *gone}
    assert not banned & set(shown)
    assert len({item // 2 for item in shown}) == len(shown) <= limit
    free = {item // 2 for item in (*first, *second) if item not in banned}
    assert len(shown) == min(limit, len(free))


def test_every_filter_has_a_name_that_works():
    for name in FILTERS:
        outcome, _ = ask(place("popular", filters=(name,)), {"popular": found([1, 2])}, Situation(0, "SE"))
        assert items(outcome) == [1, 2]


def test_asking_changes_nothing_given():
    strategies = Strategies({"popular": found([3, 2, 1])})
    before = dataclasses.replace(strategies.answers["popular"])
    decide(place("popular"), HERE, Shelf(), strategies, Request(QUIET, 3))
    assert strategies.answers["popular"].items.tolist() == before.items.tolist() == [3, 2, 1]


def test_without_a_category_no_step_keeps_to_one_and_none_says_so():
    outcome, asked = ask(place(Step("popular", options={"scope": "category"})), {"popular": found([1])})
    assert asked.asked == [Step("popular")]
    assert [shown.scope for shown in outcome.shown] == [""]


def test_candidates_without_evidence_are_called_new():
    outcome, _ = ask(place("popular"), {"popular": found([3, 2], [0.0, 0.0])})
    assert [shown.strategy for shown in outcome.shown] == ["new", "new"]
