"""Audiences are changed edition by edition: nothing is overwritten, everything can be undone."""

from __future__ import annotations

import pytest

from expedit.access import read_audit
from expedit.audiences import (
    Audience,
    archive_audience,
    change_audience,
    create_audience,
    discard_audience,
    draft_audience,
    editing,
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


def deeds(shop: Shop, audience_id: str) -> list[tuple[int, str, str, int]]:
    with shop.database.reading() as tx:
        return [(one.version, one.author, one.change, one.live) for one in read_history(tx, audience_id)]


def in_force(shop: Shop) -> dict[str, str]:
    """Return the names of the audiences in force as this server follows them, by id."""
    shop.clock.advance(SECOND)  # type: ignore[attr-defined]
    return {one: known.audience.name for one, known in live_audiences(shop).current().items()}


def test_from_draft_to_published_to_archived(shop: Shop) -> None:
    made = create_audience(shop, WOOL, "Eva")
    assert (made.audience.id, made.state, made.version, made.live) == ("aterkommande-ull", "draft", 1, 0)
    assert in_force(shop) == {}
    published = publish_audience(shop, made.audience.id, 1, "Eva")
    assert (published.state, published.live) == ("published", 2)
    assert in_force(shop) == {"aterkommande-ull": "Återkommande ull"}
    draft = change_audience(shop, evolve(made.audience, name="Ull igen"), 2, "Ida")
    assert (draft.state, draft.live) == ("draft", 2)
    assert in_force(shop) == {"aterkommande-ull": "Återkommande ull"}
    publish_audience(shop, made.audience.id, 3, "Ida")
    assert in_force(shop) == {"aterkommande-ull": "Ull igen"}
    archive_audience(shop, made.audience.id, 4, "Eva")
    assert in_force(shop) == {}
    with shop.database.reading() as tx:
        assert read_audiences(tx) == []
    assert deeds(shop, made.audience.id) == [
        (5, "Eva", "archived", 0), (4, "Ida", "published", 4), (3, "Ida", "changed", 2),
        (2, "Eva", "published", 2), (1, "Eva", "created", 0),
    ]  # fmt: skip


def test_made_or_changed_and_published_in_one_go_or_not_at_all(shop: Shop) -> None:
    made = create_audience(shop, WOOL, "Eva", publish=True)
    assert (made.version, made.state, made.live) == (2, "published", 2)
    changed = change_audience(shop, evolve(made.audience, name="Ull igen"), 2, "Ida", publish=True)
    assert (changed.version, changed.live) == (4, 4)
    with pytest.raises(Conflict, match="choose another id"):
        create_audience(shop, made.audience, "Eva", publish=True)
    with pytest.raises(Conflict, match="Ida has changed this meanwhile"):
        change_audience(shop, made.audience, 3, "Eva", publish=True)
    assert in_force(shop) == {"aterkommande-ull": "Ull igen"}
    assert len(deeds(shop, made.audience.id)) == 4
    assert [one.action for one in reversed(read_audit(shop))] == [
        "audiences.create", "audiences.publish", "audiences.change", "audiences.publish",
    ]  # fmt: skip


def test_two_people_cannot_overwrite_each_other(shop: Shop) -> None:
    made = create_audience(shop, WOOL, "Eva").audience
    change_audience(shop, evolve(made, note="Ida's"), 1, "Ida")
    with pytest.raises(Conflict, match="Ida has changed this meanwhile"):
        change_audience(shop, evolve(made, note="Eva's"), 1, "Eva")
    with shop.database.reading() as tx:
        assert [one.audience.note for one in read_audiences(tx)] == ["Ida's"]


def test_a_draft_beside_is_published_or_thrown_away(shop: Shop) -> None:
    made = create_audience(shop, WOOL, "Eva", publish=True).audience
    change_audience(shop, evolve(made, when={}), 2, "Ida")
    discarded = discard_audience(shop, made.id, 3, "Ida")
    assert (discarded.state, discarded.live, discarded.audience.when) == ("published", 2, WOOL.when)
    draft_audience(shop, made.id, 4, "Eva")
    with pytest.raises(Conflict, match="nothing is in force beside"):
        discard_audience(shop, made.id, 5, "Eva")
    assert in_force(shop) == {}


def test_everything_can_be_undone(shop: Shop) -> None:
    made = create_audience(shop, WOOL, "Eva").audience
    with pytest.raises(Conflict, match="no earlier version"):
        undo_audience(shop, made.id, 1, "Eva")
    publish_audience(shop, made.id, 1, "Eva")
    change_audience(shop, evolve(made, when={}), 2, "Eva", publish=True)
    undone = undo_audience(shop, made.id, 4, "Eva")
    assert (undone.audience.when, undone.state, undone.change, undone.live) == ({}, "draft", "undone", 2)
    archive_audience(shop, made.id, 5, "Eva")
    assert undo_audience(shop, made.id, 6, "Ida").live == 2
    assert in_force(shop) == {made.id: WOOL.name}
    restored = restore_audience(shop, made.id, 1, 7, "Eva")
    assert (restored.state, restored.live, restored.audience.when) == ("draft", 2, WOOL.when)
    with pytest.raises(NotFound):
        restore_audience(shop, made.id, 9, 8, "Eva")


def test_one_that_was_archived_comes_back_only_where_there_is_room(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "MOST_AUDIENCES", 1)
    made = create_audience(shop, WOOL, "Eva").audience
    archive_audience(shop, made.id, 1, "Eva")
    create_audience(shop, evolve(WOOL, id="other"), "Eva")
    with pytest.raises(InvalidInput, match="archive some"):
        create_audience(shop, evolve(WOOL, id="third"), "Eva")
    for step in (undo_audience, draft_audience, publish_audience):
        with pytest.raises(InvalidInput, match="archive some"):
            step(shop, made.id, 2, "Eva")
    with pytest.raises(InvalidInput, match="archive some"):
        restore_audience(shop, made.id, 1, 2, "Eva")
    assert [one[2] for one in deeds(shop, made.id)] == ["archived", "created"]


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
