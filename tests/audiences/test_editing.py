"""Audiences are changed edition by edition: nothing is overwritten, everything can be undone."""

from __future__ import annotations

import pytest

from expedit.audiences import (
    Audience,
    archive_audience,
    change_audience,
    create_audience,
    live_audiences,
    publish_audience,
    restore_audience,
    undo_audience,
)
from expedit.audiences.reading import id_of
from expedit.audiences.store import read_audiences, read_history
from expedit.core import SECOND, Conflict, InvalidInput, NotFound, evolve
from expedit.storage import Shop

WOOL = Audience("", "Återkommande ull", {"bought": {"$elemMatch": {"category": "Ull"}}})


def test_from_draft_to_published_to_archived(shop: Shop, shop_clock) -> None:
    live = live_audiences(shop)
    made = create_audience(shop, WOOL, "Eva")
    assert (made.audience.id, made.state, made.version) == ("aterkommande-ull", "draft", 1)
    assert not live.current()
    publish_audience(shop, made.audience.id, 1, "Eva")
    shop_clock.advance(SECOND)
    assert list(live.current()) == ["aterkommande-ull"]
    change_audience(shop, evolve(made.audience, name="Ull igen"), 2, "Ida")
    shop_clock.advance(SECOND)
    assert live.current()["aterkommande-ull"].audience.name == "Ull igen"
    archive_audience(shop, made.audience.id, 3, "Eva")
    shop_clock.advance(SECOND)
    assert not live.current()
    with shop.database.reading() as tx:
        assert read_audiences(tx) == []
        history = read_history(tx, made.audience.id)
    assert [(one.version, one.author, one.change) for one in history] == [
        (4, "Eva", "archived"), (3, "Ida", "changed"), (2, "Eva", "published"), (1, "Eva", "created"),
    ]  # fmt: skip


def test_two_people_cannot_overwrite_each_other(shop: Shop) -> None:
    made = create_audience(shop, WOOL, "Eva").audience
    change_audience(shop, evolve(made, note="Ida's"), 1, "Ida")
    with pytest.raises(Conflict, match="Ida has changed this audience meanwhile"):
        change_audience(shop, evolve(made, note="Eva's"), 1, "Eva")
    with shop.database.reading() as tx:
        assert [one.audience.note for one in read_audiences(tx)] == ["Ida's"]


def test_everything_can_be_undone(shop: Shop) -> None:
    made = create_audience(shop, WOOL, "Eva").audience
    with pytest.raises(Conflict, match="no earlier version"):
        undo_audience(shop, made.id, 1, "Eva")
    publish_audience(shop, made.id, 1, "Eva")
    change_audience(shop, evolve(made, when={}), 2, "Eva")
    undone = undo_audience(shop, made.id, 3, "Eva")
    assert (undone.audience.when, undone.state, undone.change) == (WOOL.when, "published", "restored")
    assert restore_audience(shop, made.id, 1, 4, "Eva").state == "draft"
    with pytest.raises(NotFound):
        restore_audience(shop, made.id, 9, 5, "Eva")


def test_names_and_ids(shop: Shop) -> None:
    assert create_audience(shop, WOOL, "Eva").audience.id == "aterkommande-ull"
    assert create_audience(shop, WOOL, "Eva").audience.id == "aterkommande-ull-2"
    with pytest.raises(Conflict, match="choose another id"):
        create_audience(shop, evolve(WOOL, id="aterkommande-ull"), "Eva")
    assert id_of("Smør & Brød – på øya!") == "smor-brod-pa-oya"
    assert id_of("???") == "audience"


@pytest.mark.parametrize(
    ("audience", "field"),
    [
        (Audience("", "  "), "name"),
        (Audience("Upper", "x"), "id"),
        (Audience("", "x" * 121), "name"),
        (Audience("", "x", {"bougt": {"$exists": True}}), "when.bougt"),
        (Audience("", "x", {"bought.category": "Wool"}), "when.bought.category"),
        (Audience("", "x", {"bought": {"$count": {"is": "two"}}}), "when.bought.$count.is"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place(shop: Shop, audience: Audience, field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        create_audience(shop, audience, "Eva")
    assert error.value.field == field
