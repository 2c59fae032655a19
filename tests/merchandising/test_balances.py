"""Balances: a draft beside what is in force, undone whole, and two people who cannot overwrite each other."""

from __future__ import annotations

import pytest

from expedit.core import SECOND, Conflict, InvalidInput, NotFound
from expedit.merchandising import BALANCES, SIDES, Balance, Balances, check_balance, live_balances

HIGH, LOW = Balance(margin=80), Balance(margin=10)


def do(shop, step, *asked):
    with shop.database.writing() as tx:
        return getattr(BALANCES, f"{step}_in")(tx, *asked, shop.clock())


def in_force(shop):
    shop.clock.advance(SECOND)
    return live_balances(shop).current().of(("Skor", "Kängor"))


def test_a_draft_changes_nothing_until_it_is_published(shop):
    assert in_force(shop) == ("", Balance())
    assert do(shop, "save", "Skor", HIGH, 0, "Eva").live == 0
    assert in_force(shop) == ("", Balance())
    assert do(shop, "publish", "Skor", 1, "Eva").live == 2
    assert in_force(shop) == ("Skor", HIGH)
    draft = do(shop, "save", "Skor", LOW, 2, "Ida")
    assert (draft.state, draft.live, draft.author, draft.change) == ("draft", 2, "Ida", "changed")
    assert in_force(shop) == ("Skor", HIGH)
    do(shop, "publish", "Skor", 3, "Ida")
    assert in_force(shop) == ("Skor", LOW)


def test_undo_takes_back_what_was_in_force_too(shop):
    do(shop, "save", "", HIGH, 0, "Eva")
    do(shop, "publish", "", 1, "Eva")
    do(shop, "archive", "", 2, "Ida")
    assert in_force(shop) == ("", Balance())
    undone = do(shop, "undo", "", 3, "Eva")
    assert (undone.state, undone.version, undone.change) == ("published", 4, "undone")
    assert in_force(shop) == ("", HIGH)
    do(shop, "save", "", LOW, 4, "Eva")
    restored = do(shop, "restore", "", 1, 5, "Ida")
    assert (restored.body, restored.state, restored.change) == (HIGH, "draft", "restored")
    with shop.database.reading() as tx:
        assert [one.version for one in BALANCES.history(tx, "")] == [6, 5, 4, 3, 2, 1]
        assert [one.id for one in BALANCES.every(tx)] == [""]


def test_who_is_late_is_told_by_whom(shop):
    do(shop, "save", "Skor", HIGH, 0, "Eva")
    with pytest.raises(Conflict, match="Eva has changed this meanwhile"):
        do(shop, "save", "Skor", LOW, 0, "Ida")
    do(shop, "publish", "Skor", 1, "Eva")
    with pytest.raises(Conflict, match="version 2"):
        do(shop, "archive", "Skor", 1, "Ida")
    assert in_force(shop) == ("Skor", HIGH)
    with pytest.raises(NotFound):
        do(shop, "publish", "Jackor", 1, "Ida")
    with pytest.raises(NotFound):
        do(shop, "restore", "Skor", 9, 2, "Ida")
    do(shop, "save", "Jackor", HIGH, 0, "Eva")
    with pytest.raises(Conflict, match="no earlier version"):
        do(shop, "undo", "Jackor", 1, "Eva")


def test_the_nearest_category_above_decides():
    balances = Balances({"": LOW, "Skor": HIGH})
    assert balances.of(("Skor", "Kängor", "Varma")) == ("Skor", HIGH)
    assert balances.of(("Jackor",)) == ("", LOW)
    assert balances.of(()) == ("", LOW)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("value", [-1, 101])
def test_a_side_lies_between_nothing_and_a_hundred(side, value):
    with pytest.raises(InvalidInput) as error:
        check_balance(Balance(**{side: value}))
    assert error.value.field == side


def test_something_must_count():
    with pytest.raises(InvalidInput):
        check_balance(Balance(popularity=0, personal=0))
