"""Placements of the panel: drafts, publishing, conflict, what rules keep in force, and the form."""

import threading

import pytest

from expedit.app import FEATURES
from expedit.core import SECOND, Conflict, InvalidInput, NotFound, evolve
from expedit.decisions import live_placements
from expedit.decisions.live_placements import PLACEMENTS
from expedit.decisions.placement_editing import (
    archive_placement,
    give_back,
    publish_placement,
    restore_placement,
    save_placement,
    stands,
    undo_placement,
)
from expedit.decisions.placement_form import FIELDS, placement_of_form, rungs_of
from expedit.decisions.placement_telling import PlacementTeller
from expedit.decisions.placements import BUILT_IN, LOCALES, STRATEGY_NAMES, Placement, Step
from expedit.features import install
from expedit.merchandising import Exclude, Rule, archive_rule, create_rule, publish_rule
from expedit.recommendation import OPTIONS, SCOPE
from expedit.web import Visit, text

MINE = Placement("step-up", {"en": "A step up"}, (Step("upsell", 0.5, {"max_ratio": 2.0}), Step("similar")))


@pytest.fixture
def installed(shop):
    install(shop, FEATURES)
    return shop


def do(shop, step, *given):
    with shop.database.writing() as tx:
        edition = step(tx, shop, *given, "Eva")
    shop.clock.advance(SECOND)
    return edition


def current(shop, name="step-up"):
    return live_placements(shop).current().get(name)


def test_what_is_no_selector_is_not_written_and_takes_nothing_out_of_force(installed):
    broken = evolve(MINE, selector="div:::x >>")
    with pytest.raises(InvalidInput, match="no CSS selector") as caught:
        do(installed, save_placement, broken, 0)
    assert caught.value.field == "selector"
    assert current(installed) is None
    with installed.database.writing() as tx:  # as it could be written before
        PLACEMENTS.save_in(tx, "step-up", broken, 0, "Eva", installed.clock())
    with pytest.raises(InvalidInput, match="no CSS selector"):
        do(installed, publish_placement, "step-up", 1)
    with installed.database.writing() as tx:
        PLACEMENTS.publish_in(tx, "step-up", 1, "Eva", installed.clock())
    installed.clock.advance(SECOND)
    assert current(installed) == broken
    assert live_placements(installed).refused == {}


def test_from_draft_to_force_and_back(installed):
    assert do(installed, save_placement, MINE, 0).version == 1
    assert current(installed) is None
    assert do(installed, publish_placement, "step-up", 1).live == 2
    assert current(installed) == MINE
    do(installed, save_placement, evolve(MINE, size=9), 2)
    assert current(installed).size == 4
    do(installed, publish_placement, "step-up", 3)
    assert current(installed).size == 9
    do(installed, undo_placement, "step-up", 4)
    assert current(installed).size == 4
    do(installed, restore_placement, "step-up", 1, 5)
    do(installed, publish_placement, "step-up", 6)
    assert current(installed) == MINE
    do(installed, archive_placement, "step-up", 7)
    assert current(installed) is None
    do(installed, publish_placement, "step-up", 8)
    assert current(installed) == MINE
    with installed.database.reading() as tx:
        changes = [one.change for one in PLACEMENTS.history(tx, "step-up")]
    assert changes == [
        "published", "changed", "archived", "published", "restored", "undone", "published", "changed",
        "published", "created",
    ]  # fmt: skip


def test_a_draft_above_what_was_put_away_stands_nowhere(installed):
    do(installed, save_placement, MINE, 0)
    do(installed, publish_placement, "step-up", 1)
    do(installed, archive_placement, "step-up", 2)
    edition = do(installed, save_placement, evolve(MINE, size=9), 3)
    assert edition.live == 3 and current(installed) is None
    with installed.database.reading() as tx:
        assert not stands(tx, installed, edition)


def test_a_placement_of_the_file_is_taken_over_put_away_and_given_back(installed):
    new = live_placements(installed).of_file()["home-new"]
    do(installed, save_placement, evolve(new, size=3), 0)
    do(installed, publish_placement, "home-new", 1)
    assert current(installed, "home-new").size == 3
    do(installed, archive_placement, "home-new", 2)
    assert current(installed, "home-new") is None
    do(installed, give_back, "home-new", 3)
    assert current(installed, "home-new") == new
    do(installed, archive_placement, "receipt", 0)
    assert current(installed, "receipt") is None
    with pytest.raises(Conflict, match="archive it instead"):
        do(installed, give_back, "step-up", 1)
    with pytest.raises(NotFound):
        do(installed, archive_placement, "nowhere", 0)


def test_the_second_of_two_is_told_and_overwrites_nothing(installed):
    do(installed, save_placement, MINE, 0)
    do(installed, save_placement, evolve(MINE, size=5), 1)
    with pytest.raises(Conflict, match="version 2"):
        do(installed, save_placement, evolve(MINE, size=6), 1)
    with pytest.raises(Conflict):
        do(installed, publish_placement, "step-up", 1)
    with installed.database.reading() as tx:
        assert [one.body.size for one in PLACEMENTS.history(tx, "step-up")] == [5, 4]


def test_of_many_at_once_one_is_kept(installed):
    do(installed, save_placement, MINE, 0)
    kept, refused = [], []

    def save(size):
        try:
            kept.append(do(installed, save_placement, evolve(MINE, size=size), 1).body.size)
        except Conflict:
            refused.append(size)

    threads = [threading.Thread(target=save, args=(size,)) for size in range(5, 11)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(kept), len(refused)) == (1, 5)
    with installed.database.reading() as tx:
        assert [one.body.size for one in PLACEMENTS.history(tx, "step-up")] == [kept[0], 4]


def test_a_placement_that_a_rule_in_force_names_stays(installed):
    do(installed, save_placement, MINE, 0)
    do(installed, publish_placement, "step-up", 1)
    rule = create_rule(
        installed, Rule("", "No socks", Exclude({"brand": "Sock"}), placements=("step-up",)), "Eva"
    )
    do(installed, archive_placement, "step-up", 2)  # a draft keeps nothing
    do(installed, undo_placement, "step-up", 3)
    publish_rule(installed, rule.rule.id, 1, "Eva")
    with pytest.raises(Conflict, match="“No socks”"):
        do(installed, archive_placement, "step-up", 4)
    assert current(installed) == MINE
    archive_rule(installed, rule.rule.id, 2, "Eva")
    do(installed, archive_placement, "step-up", 4)


def test_publishing_that_is_undone_may_not_leave_a_rule_without_its_placement(installed):
    do(installed, save_placement, MINE, 0)
    do(installed, publish_placement, "step-up", 1)
    rule = create_rule(
        installed, Rule("", "No socks", Exclude({"brand": "Sock"}), placements=("step-up",)), "Eva"
    )
    publish_rule(installed, rule.rule.id, 1, "Eva")
    with pytest.raises(Conflict, match="No socks"):
        do(installed, undo_placement, "step-up", 2)
    assert current(installed) == MINE


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "Big One"}, "name"),
        ({"name": "new"}, "name"),
        ({"size": 0}, "size"),
        ({"ladder": (Step("magic"),)}, "ladder[0].strategy"),
        ({"ladder": (Step("new", 1.5),)}, "ladder[0].share"),
        ({"ladder": (Step("new"), Step("upsell", 1.0, {"max_ratio": 0.5}))}, "ladder[1].max_ratio"),
        ({"ladder": (), "fallback": ""}, "ladder"),
        ({"ladder": (Step("new"),) * 13}, "ladder"),
        ({"filters": ("x",)}, "filters[0]"),
        ({"channel": " "}, "channel"),
        ({"template": "a b"}, "template"),
        ({"selector": "x" * 501}, "selector"),
    ],
)
def test_what_does_not_fit_names_its_key_and_nothing_is_kept(installed, wrong, field):
    with pytest.raises(InvalidInput) as caught:
        do(installed, save_placement, evolve(MINE, **wrong), 0)
    assert caught.value.field == field
    with installed.database.reading() as tx:
        assert PLACEMENTS.every(tx) == []


# The form


def form_of(placement, **more):
    form = {
        "size": str(placement.size), "channel": placement.channel, "fallback": placement.fallback,
        "bought_days": str(placement.bought_days), "selector": placement.selector,
        "position": placement.position, "template": placement.template,
        **{f"title_{locale}": words for locale, words in placement.titles.items()},
        **({"personal": "yes"} if placement.personal else {}),
    }  # fmt: skip
    rungs = rungs_of(placement)
    for rung in rungs:
        form |= {f"strategy-{rung.key}": rung.strategy, f"share-{rung.key}": rung.share}
        form |= {f"{name}-{rung.key}": value for name, value in rung.options.items() if value}
    lists = {
        "step": tuple(rung.key for rung in rungs), "filters": placement.filters, "pages": placement.pages,
        "proof": placement.proof,
    }  # fmt: skip
    return Visit(form=form | more, lists=lists)


@pytest.mark.parametrize("placement", [*BUILT_IN, MINE], ids=lambda one: one.name)
def test_a_form_that_comes_back_untouched_says_the_same(placement):
    again = placement_of_form(form_of(placement), placement.name, placement)
    assert again == evolve(placement, filters=again.filters)
    assert set(again.filters) == set(placement.filters)


def test_options_are_read_as_their_kind():
    shown = Placement("x", {"en": "X"}, (Step("on_sale", 0.5, {"seen": True, "min_reduction": 0.2}),))
    visit = form_of(shown, **{"share-s1": "33,3 %", "min_reduction-s1": "12.5"})
    (step,) = placement_of_form(visit, "x").ladder
    assert step == Step("on_sale", 0.333, {"seen": True, "min_reduction": 0.125})
    free = Placement(
        "x", {"en": "X"}, (Step("cart_addon", options={"free_shipping": False, "max_price": "99.50"}),)
    )
    assert placement_of_form(form_of(free), "x").ladder == free.ladder


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"size": "many"}, "size", "whole number"),
        ({"size": "inf"}, "size", "whole number"),
        ({"size": "101"}, "size", "1 to 100"),
        ({"share-s1": "0"}, "share-s1", "Above 0"),
        ({"share-s2": "x"}, "share-s2", "Above 0"),
        ({"max_ratio-s1": "99"}, "max_ratio-s1", "from 1 to 10"),
        ({"min_ratio-s1": "3"}, "min_ratio-s1", "from 1 to 10"),
        ({"strategy-s2": "magic"}, "strategy-s2", "Choose a strategy"),
        ({"fallback": "magic"}, "fallback", "Choose a strategy"),
        ({"title_en": ""}, "title_en", "heading"),
        ({"bought_days": "-1"}, "bought_days", "0 or more"),
        ({"template": "a b"}, "template", "at most 60"),
    ],
)
def test_a_wrong_field_is_told_at_it(typed, field, said):
    with pytest.raises(InvalidInput, match=said) as caught:
        placement_of_form(form_of(MINE, **typed), "step-up")
    assert caught.value.field == field


def test_everything_that_a_form_or_a_difference_names_has_its_words():
    for language in ("en", "sv", "nb"):
        teller = PlacementTeller(language)
        for placement in BUILT_IN:
            assert all(teller.parts(placement).values())
        for strategy in STRATEGY_NAMES:
            assert text(language, f"decisions.strategy_what.{strategy}")
            for field in FIELDS[strategy]:
                assert text(language, f"decisions.option.{field.name}")
            for option in ({"scope": SCOPE} | OPTIONS.get(strategy, {})).values():
                assert all(text(language, f"decisions.scope.{one}") for one in option.choices)
    told = PlacementTeller("sv").differences(MINE, evolve(MINE, size=6, ladder=(*MINE.ladder, Step("new"))))
    assert [(one.part, one.before, one.after) for one in told] == [
        ("Stege", "Ett steg upp (Gånger dess pris, högst 2, högst 50\u00a0%) → Liknande",
         "Ett steg upp (Gånger dess pris, högst 2, högst 50\u00a0%) → Liknande → Nytt"),
        ("Platser", "4", "6"),
    ]  # fmt: skip
    assert set(LOCALES) == {"sv", "nb", "en"}
