"""Rules ask for audiences by name; what a rule in force asks for stays in force."""

from __future__ import annotations

import pytest

from expedit.audiences import (
    Audience,
    archive_audience,
    change_audience,
    create_audience,
    draft_audience,
    publish_audience,
    undo_audience,
)
from expedit.core import Conflict, InvalidInput, evolve
from expedit.features import install
from expedit.merchandising import (
    Exclude,
    LandingPage,
    LandingWords,
    Rule,
    archive_rule,
    change_rule,
    create_rule,
    draft_rule,
    publish_rule,
)
from expedit.merchandising.feature import FEATURE
from expedit.merchandising.landing import LANDINGS
from expedit.merchandising.landing_editing import publish_landing, save_landing
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
    with pytest.raises(InvalidInput, match="is a draft: publish it first"):
        publish_rule(shop, made.rule.id, 1, "Eva")
    publish_audience(shop, "returning-wool", 1, "Eva")
    publish_rule(shop, made.rule.id, 1, "Eva")
    wrong = evolve(made.rule, when={"audience": {"$nin": ["returning-wol"]}})
    with pytest.raises(InvalidInput, match="did you mean returning-wool"):
        change_rule(shop, wrong, 2, "Eva")


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
    assert (changed.version, changed.state) == (3, "published")
    archive_rule(shop, made.rule.id, 2, "Eva")
    assert archive_audience(shop, "returning-wool", 3, "Eva").state == "archived"
    with pytest.raises(InvalidInput, match="there is no audience"):
        publish_rule(shop, made.rule.id, 3, "Eva")


def test_a_rule_in_force_is_taken_out_whatever_its_draft_asks_for(shop: Shop) -> None:
    create_audience(shop, WOOL, "Eva")
    made = create_rule(shop, evolve(RULE, when={}), "Eva", publish=True)
    change_rule(shop, evolve(made.rule, when={"audience": "returning-wool"}), 2, "Eva")
    archive_audience(shop, "returning-wool", 1, "Eva")
    taken = draft_rule(shop, made.rule.id, 3, "Eva")
    assert (taken.state, taken.live, taken.version) == ("draft", 0, 4)
    archive_rule(shop, made.rule.id, 4, "Eva")
    with pytest.raises(InvalidInput, match="there is no audience"):
        draft_rule(shop, made.rule.id, 5, "Eva")


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
