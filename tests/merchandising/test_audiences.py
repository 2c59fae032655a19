"""Rules ask for audiences by name; what a rule in force asks for stays in force."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from time import sleep

import pytest

from expedit.audiences import (
    Audience,
    UnusableAudience,
    archive_audience,
    change_audience,
    create_audience,
    draft_audience,
    need_audiences,
    publish_audience,
    undo_audience,
)
from expedit.audiences.feature import FEATURE as AUDIENCES_FEATURE
from expedit.audiences.store import AUDIENCES
from expedit.core import Conflict, InvalidInput, evolve
from expedit.features import install
from expedit.merchandising import (
    Exclude,
    LandingPage,
    LandingWords,
    Rule,
    RuleTeller,
    archive_rule,
    change_rule,
    create_rule,
    draft_rule,
    publish_rule,
)
from expedit.merchandising.feature import FEATURE
from expedit.merchandising.landing import LANDINGS
from expedit.merchandising.landing_editing import publish_landing, save_landing
from expedit.merchandising.store import RULES
from expedit.storage import Shop

WOOL = Audience("returning-wool", "Wool, again", {"bought": {"$elemMatch": {"category": "Wool"}}})
RULE = Rule(
    "", "No fleece for wool people", Exclude({"brand": "Fleece"}),
    {"$or": [{"audience": "returning-wool"}, {"audience": {"$in": ["returning-wool"]}}]},
)  # fmt: skip


def test_a_rule_names_only_audiences_that_are_there(shop: Shop) -> None:
    with pytest.raises(InvalidInput, match="there is no audience 'returning-wool'") as error:
        create_rule(shop, RULE, "Eva")
    assert error.value.field == "when.$or[0].audience"
    create_audience(shop, WOOL, "Eva")
    made = create_rule(shop, RULE, "Eva")  # two drafts
    with pytest.raises(InvalidInput, match="“Wool, again” is a draft: publish it first"):
        publish_rule(shop, made.rule.id, 1, "Eva")
    publish_audience(shop, "returning-wool", 1, "Eva")
    publish_rule(shop, made.rule.id, 1, "Eva")
    wrong = evolve(made.rule, when={"audience": {"$nin": ["returning-wol"]}})
    with pytest.raises(InvalidInput, match="did you mean returning-wool"):
        change_rule(shop, wrong, 2, "Eva")


@pytest.mark.parametrize("operator", ["$contains", "$startsWith"])
def test_an_audience_is_named_whole(shop: Shop, operator: str) -> None:
    create_audience(shop, WOOL, "Eva")
    when = {"audience": {"$not": {operator: "returning-wool"}}}
    with pytest.raises(InvalidInput, match="which are named whole") as error:
        create_rule(shop, evolve(RULE, when=when), "Eva")
    assert error.value.field == f"when.audience.$not.{operator}"
    page = LandingPage("For wool people", {"sv": LandingWords("Ull igen")}, when)
    with shop.database.writing() as tx, pytest.raises(InvalidInput, match="which are named whole"):
        save_landing(tx, "wool", page, 0, "Eva", shop.clock())


def test_an_audience_in_use_stays_in_force(shop: Shop) -> None:
    install(shop, [FEATURE])
    create_audience(shop, WOOL, "Eva")
    publish_audience(shop, "returning-wool", 1, "Eva")
    made = create_rule(shop, RULE, "Eva")
    publish_rule(shop, made.rule.id, 1, "Eva")
    for step in (archive_audience, draft_audience, undo_audience):
        with pytest.raises(Conflict, match="“No fleece for wool people” asks for this audience"):
            step(shop, "returning-wool", 2, "Eva")
    changed = change_audience(shop, evolve(WOOL, name="Wool people"), 2, "Eva")
    assert (changed.version, changed.state, changed.live) == (3, "draft", 2)
    again = evolve(made.rule, name="Neither today")
    assert change_rule(shop, again, 2, "Eva", publish=True).live == 4  # what is in force may be named
    archive_rule(shop, made.rule.id, 4, "Eva")
    assert archive_audience(shop, "returning-wool", 3, "Eva").state == "archived"
    with pytest.raises(UnusableAudience, match="the audience “Wool people” is archived") as error:
        publish_rule(shop, made.rule.id, 5, "Eva")
    assert error.value.name == "Wool people"
    placed = error.value.under("rule")
    assert isinstance(placed, UnusableAudience)
    assert (placed.field, placed.name) == ("rule.when.$or[0].audience", "Wool people")


def test_a_rule_in_force_is_taken_out_whatever_its_draft_asks_for(shop: Shop) -> None:
    create_audience(shop, WOOL, "Eva")
    made = create_rule(shop, evolve(RULE, when={}), "Eva", publish=True)
    change_rule(shop, evolve(made.rule, when={"audience": "returning-wool"}), 2, "Eva")
    archive_audience(shop, "returning-wool", 1, "Eva")
    taken = draft_rule(shop, made.rule.id, 3, "Eva")
    assert (taken.state, taken.live, taken.version) == ("draft", 0, 4)
    archive_rule(shop, made.rule.id, 4, "Eva")
    with pytest.raises(InvalidInput, match="“Wool, again” is archived"):
        draft_rule(shop, made.rule.id, 5, "Eva")


def test_a_rule_tells_of_audiences_by_name_in_force_or_not(shop: Shop) -> None:
    install(shop, [AUDIENCES_FEATURE])
    create_audience(shop, WOOL, "Eva")
    named = {"audience": {"$in": ["returning-wool", "nobody"]}}
    assert "Wool, again" in RuleTeller(shop, "en").when(evolve(RULE, when=named))
    assert "nobody" in RuleTeller(shop, "en").when(evolve(RULE, when=named))
    archive_audience(shop, WOOL.id, 1, "Eva")
    assert "Wool, again" in RuleTeller(shop, "en").when(evolve(RULE, when=named))


def test_a_rule_waits_for_an_audience_that_is_being_withdrawn(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("postgresql")
    create_audience(shop, WOOL, "Eva", publish=True)
    refused: list[str] = []

    def save() -> None:
        try:
            create_rule(shop, RULE, "Ida", publish=True)
        except UnusableAudience as error:
            refused.append(error.reason)

    saving = Thread(target=save)
    with shop.database.writing() as tx:
        AUDIENCES.withdraw_in(tx, WOOL.id, 2, "Eva", shop.clock())
        saving.start()
        while saving.is_alive() and not _waits(shop):
            sleep(0.01)
        assert saving.is_alive()
    saving.join()
    assert refused == ["the audience “Wool, again” is a draft: publish it first"]
    with shop.database.reading() as tx:
        assert RULES.names(tx) == []


def test_an_audience_waits_for_a_rule_that_is_being_saved(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("postgresql")
    install(shop, [FEATURE])
    create_audience(shop, WOOL, "Eva", publish=True)
    refused: list[str] = []

    def archive() -> None:
        try:
            archive_audience(shop, WOOL.id, 2, "Ida")
        except Conflict as error:
            refused.append(str(error))

    archiving = Thread(target=archive)
    with shop.database.writing() as tx:
        need_audiences(tx, [("when.audience", WOOL.id)], in_force=True)
        archiving.start()
        while archiving.is_alive() and not _waits(shop):
            sleep(0.01)
        assert archiving.is_alive()
        RULES.save_in(tx, "r1", evolve(RULE, id="r1"), 0, "Eva", shop.clock())
        RULES.publish_in(tx, "r1", 1, "Eva", shop.clock())
    archiving.join()
    assert refused == [
        "it is in use and must stay in force: “No fleece for wool people” asks for this audience"
    ]
    with shop.database.reading() as tx:
        assert [one.id for one in AUDIENCES.in_force(tx)] == [WOOL.id]


def _waits(shop: Shop) -> bool:
    """Tell whether some transaction waits for another."""
    return bool(shop.database.read_rows("SELECT 1 FROM pg_locks WHERE NOT granted"))


def test_an_audience_that_a_landing_page_asks_for_stays_in_force(shop: Shop) -> None:
    install(shop, [FEATURE])
    create_audience(shop, WOOL, "Eva")
    publish_audience(shop, "returning-wool", 1, "Eva")
    page = LandingPage("For wool people", {"sv": LandingWords("Ull igen")}, {"audience": "returning-wool"})
    with shop.database.writing() as tx:
        save_landing(tx, "wool", page, 0, "Eva", shop.clock())
        publish_landing(tx, "wool", 1, "Eva", shop.clock())
    for step in (archive_audience, draft_audience, undo_audience):
        with pytest.raises(Conflict, match="“For wool people” asks for this audience"):
            step(shop, "returning-wool", 2, "Eva")
    with shop.database.writing() as tx:
        LANDINGS.archive_in(tx, "wool", 2, "Eva", shop.clock())
    assert archive_audience(shop, "returning-wool", 2, "Eva").state == "archived"
