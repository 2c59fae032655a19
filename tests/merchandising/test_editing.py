"""Rules are changed edition by edition: nothing is overwritten, everything can be undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from expedit.core import SECOND, Conflict, InvalidInput, NotFound, evolve
from expedit.merchandising import (
    Boost,
    Edition,
    Exclude,
    Rule,
    archive_rule,
    change_rule,
    create_rule,
    discard_rule,
    draft_rule,
    editing,
    live_rules,
    publish_rule,
    read_rule,
    reorder_rules,
    restore_rule,
    undo_rule,
)
from expedit.merchandising.standing import read_one
from expedit.merchandising.store import read_history, read_in_force, read_newest, read_order, read_rules
from expedit.storage import Shop

NOW = 1_800_000_000 * SECOND
RULE = Rule("", "No sold-off brands", Exclude({"brand": "Fjord"}))


def names(shop: Shop, *states: str) -> list[str]:
    with shop.database.reading() as tx:
        return [one.rule.name for one in read_rules(tx, states or ("draft", "published"))]  # type: ignore[arg-type]


def in_force(shop: Shop) -> list[str]:
    with shop.database.reading() as tx:
        return [one.rule.name for one in read_in_force(tx)]


def test_from_draft_to_published_to_archived(shop: Shop, shop_clock) -> None:
    live = live_rules(shop)
    made = create_rule(shop, RULE, "Eva")
    assert (made.state, made.version, made.author, made.rule.priority) == ("draft", 1, "Eva", 10)
    assert not live.current()
    published = publish_rule(shop, made.rule.id, 1, "Eva")
    shop_clock.advance(SECOND)
    assert live.current().rules == (published.rule,)
    archive_rule(shop, made.rule.id, 2, "Eva")
    shop_clock.advance(SECOND)
    assert not live.current()
    assert names(shop) == []
    with shop.database.reading() as tx:
        history = read_history(tx, made.rule.id)
    assert [(one.version, one.author, one.change, one.live) for one in history] == [
        (3, "Eva", "archived", 0), (2, "Eva", "published", 2), (1, "Eva", "created", 0),
    ]  # fmt: skip


def test_a_draft_of_a_rule_in_force_changes_nothing_until_it_is_published(shop: Shop, shop_clock) -> None:
    live = live_rules(shop)
    rule = create_rule(shop, RULE, "Eva", publish=True).rule
    shop_clock.advance(SECOND)
    version = live.current().version
    changed = change_rule(shop, evolve(rule, name="No Fjord"), 2, "Ida")
    assert (changed.state, changed.version, changed.live) == ("draft", 3, 2)
    shop_clock.advance(SECOND)
    assert live.current().version == version
    with shop.database.reading() as tx:
        kept = read_one(tx, rule.id)
    assert (kept.newest.rule.name, kept.shown.rule.name, kept.beside) == ("No Fjord", RULE.name, True)
    assert kept.standing(shop.clock()) == "live"
    publish_rule(shop, rule.id, 3, "Ida")
    shop_clock.advance(SECOND)
    assert live.current().rules[0].name == "No Fjord"


def test_changed_and_published_in_one_step_or_not_at_all(shop: Shop) -> None:
    rule = create_rule(shop, RULE, "Eva", publish=True).rule
    edition = change_rule(shop, evolve(rule, name="B"), 2, "Ida", publish=True)
    assert (edition.state, edition.version, edition.live) == ("published", 4, 4)
    for broken in ({"when": {"audience": "nobody"}}, {"name": ""}):
        with pytest.raises(InvalidInput):
            change_rule(shop, evolve(rule, **broken), 4, "Ida", publish=True)
        with pytest.raises(InvalidInput):
            create_rule(shop, evolve(RULE, **broken), "Ida", publish=True)
    assert names(shop) == in_force(shop) == ["B"]


def test_a_draft_is_thrown_away(shop: Shop) -> None:
    rule = create_rule(shop, RULE, "Eva", publish=True).rule
    change_rule(shop, evolve(rule, name="B"), 2, "Ida")
    change_rule(shop, evolve(rule, name="C"), 3, "Ida")
    back = discard_rule(shop, rule.id, 4, "Ida")
    assert (back.rule.name, back.state, back.live, back.change) == (RULE.name, "published", 2, "discarded")
    alone = create_rule(shop, RULE, "Eva").rule
    with pytest.raises(Conflict, match="nothing is in force"):
        discard_rule(shop, alone.id, 1, "Eva")


def test_what_is_in_force_is_neither_published_again_nor_discarded(shop: Shop) -> None:
    rule_id = create_rule(shop, RULE, "Eva", publish=True).rule.id
    for deed, told in (
        (publish_rule, "it is in force as it stands: there is no draft to publish"),
        (discard_rule, "there is no draft to discard"),
    ):
        with pytest.raises(Conflict, match=told):
            deed(shop, rule_id, 2, "Ida")
        with pytest.raises(Conflict, match="Eva has changed this meanwhile"):
            deed(shop, rule_id, 1, "Ida")
    with shop.database.reading() as tx:
        assert [one.change for one in read_history(tx, rule_id)] == ["published", "created"]
    archive_rule(shop, rule_id, 2, "Ida")
    with pytest.raises(Conflict, match="there is no draft to discard"):
        discard_rule(shop, rule_id, 3, "Ida")
    assert publish_rule(shop, rule_id, 3, "Ida").live == 4


def test_two_people_cannot_overwrite_each_other(shop: Shop) -> None:
    made = create_rule(shop, RULE, "Eva")
    change_rule(shop, evolve(made.rule, name="Eva's"), 1, "Eva")
    with pytest.raises(Conflict, match="Eva has changed this meanwhile"):
        change_rule(shop, evolve(made.rule, name="Ida's"), 1, "Ida")
    with pytest.raises(Conflict):
        publish_rule(shop, made.rule.id, 1, "Ida")
    assert names(shop) == ["Eva's"]
    with shop.database.reading() as tx:
        assert len(read_history(tx, made.rule.id)) == 2


def test_undo_and_restore(shop: Shop) -> None:
    made = create_rule(shop, RULE, "Eva")
    with pytest.raises(Conflict, match="no earlier version"):
        undo_rule(shop, made.rule.id, 1, "Eva")
    publish_rule(shop, made.rule.id, 1, "Eva")
    change_rule(shop, evolve(made.rule, action=Boost({"brand": "Fjord"}, 2.0)), 2, "Ida", publish=True)
    assert undo_rule(shop, made.rule.id, 4, "Eva").live == 2  # of the publishing: the draft is there again
    back = undo_rule(shop, made.rule.id, 5, "Eva")
    assert (back.version, back.state, back.change, back.live) == (6, "published", "undone", 4)
    archive_rule(shop, made.rule.id, 6, "Eva")
    undone = undo_rule(shop, made.rule.id, 7, "Eva")
    assert (undone.state, undone.live) == ("published", 4)
    first = restore_rule(shop, made.rule.id, 1, 8, "Eva")
    assert (first.state, first.version, first.live, first.rule.action) == ("draft", 9, 4, RULE.action)
    taken = draft_rule(shop, made.rule.id, 9, "Eva")
    assert (taken.change, taken.live, taken.rule.action) == ("withdrawn", 0, RULE.action)
    with pytest.raises(NotFound, match="no version 99"):
        restore_rule(shop, made.rule.id, 99, 10, "Eva")


def test_undo_takes_back_a_change_and_leaves_the_order_as_it_is(shop: Shop) -> None:
    one, two = (create_rule(shop, evolve(RULE, name=name), "Eva") for name in "ab")
    change_rule(shop, evolve(two.rule, name="B"), 1, "Eva")
    reorder_rules(shop, [two.rule.id, one.rule.id], 0, "Ida")
    back = undo_rule(shop, two.rule.id, 2, "Eva")
    assert (back.rule.name, back.rule.priority) == ("b", 10)
    assert names(shop) == ["b", "a"]
    assert restore_rule(shop, two.rule.id, 2, 3, "Eva").rule.priority == 10


def test_the_order_is_kept_has_a_version_and_publishes_nothing(shop: Shop, shop_clock) -> None:
    ids = [create_rule(shop, evolve(RULE, name=name), "Eva", publish=True).rule.id for name in "abc"]
    assert names(shop) == ["a", "b", "c"]
    with shop.database.reading() as tx:
        kept = read_newest(tx, ids[2])
    change_rule(shop, evolve(kept.rule, name="C"), 2, "Eva")
    live_rules(shop).current()
    assert reorder_rules(shop, [ids[2], ids[0]], 0, "Ida") == 1
    assert names(shop) == ["C", "a", "b"]
    assert in_force(shop) == ["c", "a", "b"]
    shop_clock.advance(SECOND)
    assert [rule.id for rule in live_rules(shop).current().rules] == [ids[2], ids[0], ids[1]]
    with shop.database.reading() as tx:
        assert read_newest(tx, ids[2]).version == 3
    with pytest.raises(Conflict, match="Ida has changed this meanwhile"):
        reorder_rules(shop, ids, 0, "Eva")
    with pytest.raises(NotFound):
        reorder_rules(shop, ["nothing"], 1, "Ida")
    assert names(shop) == ["C", "a", "b"]
    with shop.database.reading() as tx:
        order = read_order(tx)
    assert order is not None and (order.version, order.author) == (1, "Ida")


def test_a_rule_that_is_brought_back_stands_behind_the_others(shop: Shop) -> None:
    ids = [create_rule(shop, evolve(RULE, name=name), "Eva").rule.id for name in "abc"]
    archive_rule(shop, ids[0], 1, "Eva")
    reorder_rules(shop, [ids[2], ids[1]], 0, "Ida")
    draft_rule(shop, ids[0], 2, "Eva")
    create_rule(shop, evolve(RULE, name="d"), "Eva")
    assert names(shop) == ["c", "b", "a", "d"]


@pytest.mark.parametrize(
    "step",
    [
        lambda shop, rule: change_rule(shop, rule, 3, "Eva"),
        lambda shop, rule: change_rule(shop, rule, 3, "Eva", publish=True),
        lambda shop, rule: publish_rule(shop, rule.id, 3, "Eva"),
        lambda shop, rule: draft_rule(shop, rule.id, 3, "Eva"),
        lambda shop, rule: restore_rule(shop, rule.id, 1, 3, "Eva"),
        lambda shop, rule: undo_rule(shop, rule.id, 3, "Eva"),
    ],
)
def test_no_rule_is_made_or_brought_back_beyond_the_most(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: Callable[[Shop, Rule], Edition]
) -> None:
    monkeypatch.setattr(editing, "MOST_RULES", 2)
    old = create_rule(shop, RULE, "Eva", publish=True).rule
    archive_rule(shop, old.id, 2, "Eva")
    first, _ = (create_rule(shop, evolve(RULE, name=name), "Eva").rule for name in "ab")
    publish_rule(shop, first.id, 1, "Eva")  # what is there may change
    for refused in (lambda: step(shop, old), lambda: create_rule(shop, RULE, "Eva")):
        with pytest.raises(InvalidInput, match="there are 2 rules already") as told:
            refused()
        assert told.value.field == "name"
    assert names(shop) == ["a", "b"]
    archive_rule(shop, first.id, 2, "Eva")
    assert step(shop, old).state != "archived"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"action": {"do": "exclude", "which": {"brnd": "Fjord"}}}, "action.which.brnd"),
        ({"action": {"do": "exclude", "which": {"price": {"$gt": "dear"}}}}, "action.which.price.$gt"),
        ({"action": {"do": "vanish"}}, "action.do"),
        ({"action": {"do": "boost", "which": {}, "by": 11}}, "action.by"),
        ({"action": {"do": "boost", "which": {}, "by": "much"}}, "action.by"),
        ({"action": {"do": "pin", "products": []}}, "action.products"),
        ({"action": {"do": "pin", "products": ["p1", "p1"]}}, "action.products"),
        ({"action": {"do": "pin", "products": ["p1"], "position": 0}}, "action.position"),
        ({"action": {"do": "price_band"}}, "action.high"),
        ({"action": {"do": "price_band", "low": 2, "high": 1}}, "action.high"),
        ({"action": {"do": "brand_conflict", "brands": ["A"], "against": []}}, "action.against"),
        ({"action": {"do": "brand_conflict", "brands": ["A"], "against": ["A"]}}, "action.against"),
        ({"action": {"do": "never_with", "which": {}, "beside": {"$or": 1}}}, "action.beside.$or"),
        ({"action": {"do": "diversity", "attribute": "smell"}}, "action.attribute"),
        ({"when": {"person.age": 3}}, "when.person.age"),
        ({"starts": NOW + 20, "ends": NOW + 10}, "ends"),
        ({"starts": -62_135_596_800_000_000}, "starts"),  # the year 1
        ({"ends": NOW // 1_000}, "ends"),  # milliseconds
        ({"ends": NOW * 1_000}, "ends"),  # nanoseconds
        ({"ends": 1 << 62}, "ends"),
        ({"placements": "home"}, "placements"),
        ({"note": "x" * 3000}, "note"),
    ],
)
def test_bad_input_is_refused_at_its_field(change: dict[str, object], field: str) -> None:
    raw = {"id": "r", "name": "n", "action": {"do": "exclude", "which": {}}} | change
    with pytest.raises(InvalidInput) as told:
        read_rule(raw)
    assert told.value.field == field
