"""Rules are changed edition by edition: nothing is overwritten, everything can be undone."""

from __future__ import annotations

import pytest

from expedit.core import SECOND, Conflict, InvalidInput, NotFound, evolve
from expedit.merchandising import (
    Boost,
    Exclude,
    Rule,
    archive_rule,
    change_rule,
    create_rule,
    draft_rule,
    live_rules,
    publish_rule,
    read_rule,
    reorder_rules,
    restore_rule,
    undo_rule,
)
from expedit.merchandising.store import read_history, read_newest, read_rules
from expedit.storage import Shop

RULE = Rule("", "No sold-off brands", Exclude({"brand": "Fjord"}))


def names(shop: Shop, *states: str) -> list[str]:
    with shop.database.reading() as tx:
        return [one.rule.name for one in read_rules(tx, states or ("draft", "published"))]  # type: ignore[arg-type]


def test_from_draft_to_published_to_archived(shop: Shop, shop_clock) -> None:
    live = live_rules(shop)
    made = create_rule(shop, RULE, "Eva")
    assert (made.state, made.version, made.author, made.rule.priority) == ("draft", 1, "Eva", 10)
    assert not live.current()
    published = publish_rule(shop, made.rule.id, 1, "Eva")
    shop_clock.advance(SECOND)
    assert [rule.id for rule in live.current().rules] == [made.rule.id]
    version = live.current().version
    changed = change_rule(shop, evolve(published.rule, name="No Fjord"), 2, "Ida")
    assert (changed.state, changed.version) == ("published", 3)
    shop_clock.advance(SECOND)
    assert live.current().rules[0].name == "No Fjord"
    assert live.current().version != version
    archive_rule(shop, made.rule.id, 3, "Eva")
    shop_clock.advance(SECOND)
    assert not live.current()
    assert names(shop) == []
    with shop.database.reading() as tx:
        history = read_history(tx, made.rule.id)
    assert [(one.version, one.author, one.change) for one in history] == [
        (4, "Eva", "archived"), (3, "Ida", "changed"), (2, "Eva", "published"), (1, "Eva", "created"),
    ]  # fmt: skip


def test_two_people_cannot_overwrite_each_other(shop: Shop) -> None:
    made = create_rule(shop, RULE, "Eva")
    change_rule(shop, evolve(made.rule, name="Eva's"), 1, "Eva")
    with pytest.raises(Conflict, match="Eva has changed this rule meanwhile"):
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
    change_rule(shop, evolve(made.rule, action=Boost({"brand": "Fjord"}, 2.0)), 2, "Ida")
    back = undo_rule(shop, made.rule.id, 3, "Eva")
    assert (back.version, back.state, back.change, back.rule.action) == (
        4,
        "published",
        "restored",
        RULE.action,
    )
    archive_rule(shop, made.rule.id, 4, "Eva")
    assert undo_rule(shop, made.rule.id, 5, "Eva").state == "published"
    first = restore_rule(shop, made.rule.id, 1, 6, "Eva")
    assert (first.state, first.version) == ("draft", 7)
    assert draft_rule(shop, made.rule.id, 7, "Eva").change == "withdrawn"


def test_undo_takes_back_a_change_and_leaves_the_order_as_it_is(shop: Shop) -> None:
    one, two = (create_rule(shop, evolve(RULE, name=name), "Eva") for name in "ab")
    with pytest.raises(Conflict, match="no earlier version"):
        reorder_rules(shop, [two.rule.id, one.rule.id], "Ida")
        undo_rule(shop, two.rule.id, 2, "Eva")
    change_rule(shop, evolve(two.rule, name="B"), 2, "Eva")
    reorder_rules(shop, [one.rule.id, two.rule.id], "Ida")
    reorder_rules(shop, [two.rule.id, one.rule.id], "Ida")
    with shop.database.reading() as tx:
        before = read_newest(tx, two.rule.id)
    back = undo_rule(shop, two.rule.id, before.version, "Eva")
    assert (back.rule.name, back.rule.priority) == ("b", before.rule.priority)
    assert names(shop) == ["b", "a"]
    assert restore_rule(shop, two.rule.id, 3, back.version, "Eva").rule.priority == before.rule.priority


def test_the_order_is_kept_and_a_rule_that_is_gone_is_told(shop: Shop) -> None:
    ids = [create_rule(shop, evolve(RULE, name=name), "Eva").rule.id for name in "abc"]
    assert names(shop) == ["a", "b", "c"]
    reorder_rules(shop, [ids[2], ids[0]], "Ida")
    assert names(shop) == ["c", "a", "b"]
    with shop.database.reading() as tx:
        newest = read_newest(tx, ids[2])
    assert (newest.version, newest.change, newest.author) == (2, "reordered", "Ida")
    with pytest.raises(NotFound):
        reorder_rules(shop, ["nothing"], "Ida")
    assert names(shop) == ["c", "a", "b"]


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
        ({"starts": 20, "ends": 10}, "ends"),
        ({"placements": "home"}, "placements"),
        ({"note": "x" * 3000}, "note"),
    ],
)
def test_bad_input_is_refused_at_its_field(change: dict[str, object], field: str) -> None:
    raw = {"id": "r", "name": "n", "action": {"do": "exclude", "which": {}}} | change
    with pytest.raises(InvalidInput) as told:
        read_rule(raw)
    assert told.value.field == field
