"""Pages of audiences, on each database: listed with sizes, made, estimated, never overwritten."""

from __future__ import annotations

import json
from typing import Any

import pytest

from expedit.access import add_user, read_audit
from expedit.audiences import Audience, counter, create_audience, editing, live_audiences, publish_audience
from expedit.audiences.feature import FEATURE
from expedit.audiences.model import Size
from expedit.audiences.panel import (
    count_now,
    estimate_size,
    find_audiences,
    show_audiences,
    show_progress,
    suggest,
)
from expedit.audiences.panel_audience import add, change, show_audience, show_new, show_size
from expedit.audiences.panel_person import show_card
from expedit.audiences.starting import STARTS, starting_audience
from expedit.audiences.store import newest_sizes, read_history, read_members, read_newest
from expedit.audiences.trends import trend_of
from expedit.core import DAY, SECOND, Conflict, InvalidInput, PersonRef
from expedit.features import install
from expedit.merchandising import Exclude, Rule, create_rule, publish_rule
from expedit.merchandising.feature import FEATURE as MERCHANDISING
from expedit.storage import Shop
from expedit.web import Frame, Html, Json, Redirect, Role, Viewer, Visit, render
from tests.audiences.replaying import stock_goods
from tests.audiences.test_api import buyers

WOOL = {"bought": {"$elemMatch": {"attributes.material": "wool"}}}
FORM = {"name": "Wool people", "when": json.dumps(WOOL), "note": "", "id": ""}


class Desk:
    """Somebody at the pages of audiences."""

    def __init__(self, shop: Shop) -> None:
        stock_goods(shop)
        install(shop, [FEATURE, MERCHANDISING])
        self.shop = shop
        self.people = buyers(shop, [1, 2, 3, 4, 5])
        user = add_user(shop, "ola@example.com", "Ola Berg", "merchandiser", "en")
        self.viewer = Viewer(user.id, user.name, user.email, "merchandiser")

    def visit(self, language: str = "en", role: Role = "merchandiser", **more: Any) -> Visit:
        viewer = Viewer(self.viewer.user_id, self.viewer.name, self.viewer.email, role)
        return Visit(viewer=viewer, language=language, at=self.shop.clock(), **more)

    def page(self, reply: Any, language: str = "en", role: Role = "merchandiser") -> str:
        assert isinstance(reply, Html)
        return str(render(reply, self.visit(language, role), Frame()))

    def add(self, **form: str) -> str:
        """Add an audience and return its id."""
        reply = add(self.shop, self.visit(form=FORM | form))
        assert isinstance(reply, Redirect), reply
        return reply.to.rpartition("/")[2]

    def change(self, audience: str, version: int, act: str, **form: str) -> Any:
        whole = FORM | form | {"version": str(version), "act": act}
        return change(self.shop, self.visit(path={"audience_id": audience}, form=whole))

    def show(self, audience: str, language: str = "en", role: Role = "merchandiser") -> str:
        visit = self.visit(language, role, path={"audience_id": audience})
        return self.page(show_audience(self.shop, visit), language, role)

    def newest(self, audience: str) -> Any:
        with self.shop.database.reading() as tx:
            return read_newest(tx, audience)

    def count(self) -> None:
        self.shop.clock.advance(2 * SECOND)  # type: ignore[attr-defined]
        live_audiences(self.shop).newest()
        counter(self.shop).recount(list(live_audiences(self.shop).current().values()))

    def in_force(self) -> dict[str, str]:
        self.shop.clock.advance(SECOND)  # type: ignore[attr-defined]
        return {one: known.audience.name for one, known in live_audiences(self.shop).newest().items()}

    def actions(self) -> list[str]:
        return [entry.action for entry in reversed(read_audit(self.shop))]


def due(shop: Shop) -> list[str]:
    """Return the ids of the audiences that are to be counted."""
    return [one.audience.id for one in counter(shop).due(live_audiences(shop).newest())]


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(shop)


def test_an_empty_list_teaches_what_to_start_with(desk: Desk) -> None:
    page = desk.page(show_audiences(desk.shop, desk.visit()))
    for name in STARTS:
        assert f"/panel/audiences/new?from={name}" in page
    assert "/panel/audiences/new" not in desk.page(
        show_audiences(desk.shop, desk.visit(role="viewer")), role="viewer"
    )


@pytest.mark.parametrize("language", ["en", "sv", "nb"])
def test_every_start_is_an_audience_in_every_language(desk: Desk, language: str) -> None:
    for name in STARTS:
        begun = starting_audience(name, language)
        made = create_audience(desk.shop, begun, "Eva")
        page = desk.page(show_new(desk.shop, desk.visit(language, query={"from": name})), language)
        assert begun.name in page
        assert desk.show(made.audience.id, language)
    assert desk.page(show_audiences(desk.shop, desk.visit(language)), language)


def test_from_a_draft_to_a_counted_audience(desk: Desk) -> None:
    audience = desk.add()
    assert audience == "wool-people"
    page = desk.show(audience)
    assert "kari1@example.com" in page and "kari2@example.com" not in page
    assert isinstance(desk.change(audience, 1, "publish"), Redirect)
    assert "Being counted" in desk.show(audience)
    desk.count()
    page = desk.show(audience)
    assert "Being counted" not in page
    assert 'class="stat-value figures">3</span>' in page
    size = desk.page(show_size(desk.shop, desk.visit(path={"audience_id": audience})))
    assert "hx-get" not in size  # nothing is waited for any more
    listed = desk.page(show_audiences(desk.shop, desk.visit()))
    assert "Wool people" in listed and '<strong class="figures">3</strong>' in listed
    assert desk.actions() == ["audiences.create", "audiences.publish"]


def test_who_may_not_see_people_sees_them_masked(desk: Desk) -> None:
    audience = desk.add(act="publish")
    desk.count()
    page = desk.show(audience, role="viewer")
    assert "kari1@example.com" not in page and "k…@….com" in page
    assert "audience-form" not in page
    form = {"condition": json.dumps(WOOL)}
    told = estimate_size(desk.shop, desk.visit(role="viewer", form=form))
    assert isinstance(told, Json)
    assert {one.label for one in told.value.samples} == {"k…@….com"}  # type: ignore[attr-defined]


def test_the_size_is_told_while_somebody_chooses(desk: Desk) -> None:
    told = estimate_size(desk.shop, desk.visit(form={"condition": json.dumps(WOOL)}))
    assert isinstance(told, Json)
    counted: Any = told.value
    assert (counted.says, counted.none, len(counted.samples)) == ("3 of 5 people fit", False, 3)
    none = estimate_size(desk.shop, desk.visit(form={"condition": '{"market": "XX"}'}))
    assert isinstance(none, Json) and none.value.none  # type: ignore[attr-defined]
    wrong = estimate_size(desk.shop, desk.visit(form={"condition": '{"bougth": 1}'}))
    assert isinstance(wrong, Json) and wrong.value.wrong  # type: ignore[attr-defined]


def test_what_is_wrong_stands_at_its_field(desk: Desk) -> None:
    for form, field in (
        ({"name": " "}, "name"),
        ({"when": '{"market": 5}'}, "when"),
        ({"id": "Not An Id"}, "id"),
        ({"note": "x" * 2001}, "note"),
    ):
        with pytest.raises(InvalidInput) as error:
            add(desk.shop, desk.visit(form=FORM | form))
        assert error.value.field == field
    desk.add(id="wool")
    with pytest.raises(InvalidInput, match="Choose another"):
        add(desk.shop, desk.visit(form=FORM | {"id": "wool"}))
    assert desk.actions() == ["audiences.create"]


def test_a_second_editor_overwrites_nothing(desk: Desk) -> None:
    audience = desk.add()
    desk.change(audience, 1, "save", name="Ola's wool")
    clash = desk.change(audience, 1, "save", name="Eva's wool")
    page = desk.page(clash)
    assert clash.status == 409
    assert "Ola&#39;s wool" in page and "Eva&#39;s wool" in page
    assert 'name="version" value="2"' in page  # saving once more keeps it as the next version
    assert desk.newest(audience).audience.name == "Ola's wool"


def test_a_button_that_comes_late_does_nothing_and_says_why(desk: Desk) -> None:
    audience = desk.add()
    desk.change(audience, 1, "save", name="Ola's wool")
    for deed in ("archive", "undo"):
        late = desk.change(audience, 1, deed)
        assert late.status == 409
        page = desk.page(late)
        assert "has changed this meanwhile (version 2)" in page and "Your button did nothing" in page
        assert "<td>Wool people</td><td>Ola&#39;s wool</td>" in page
    assert desk.newest(audience).version == 2
    only = desk.add(id="only")
    with pytest.raises(Conflict, match="no earlier version"):
        desk.change(only, 1, "undo")


def test_everything_can_be_taken_back(desk: Desk) -> None:
    audience = desk.add(act="publish")
    desk.change(audience, 2, "publish", name="Sheep people")
    desk.change(audience, 4, "undo")
    newest = desk.newest(audience)
    assert (newest.audience.name, newest.state, newest.live) == ("Sheep people", "draft", 2)
    desk.change(audience, 5, "archive")
    page = desk.show(audience)
    assert "audience-form" not in page and "Take back as a draft" in page
    desk.change(audience, 6, "restore", restored="2")
    newest = desk.newest(audience)
    assert (newest.audience.name, newest.state, newest.live) == ("Wool people", "draft", 0)
    with desk.shop.database.reading() as tx:
        assert [one.change for one in read_history(tx, audience)] == [
            "restored", "archived", "undone", "published", "changed", "published", "created",
        ]  # fmt: skip
    archived = desk.page(show_audiences(desk.shop, desk.visit(query={"state": "archived"})))
    assert "Sheep people" not in archived


@pytest.mark.parametrize("language", ["en", "sv", "nb"])
def test_a_change_of_what_is_in_force_is_a_draft_beside_it(desk: Desk, language: str) -> None:
    audience = desk.add(act="publish")
    desk.count()
    saved = desk.change(audience, 2, "save", name="Everybody", when="{}")
    assert saved.said == "The draft is kept. The audience in force is as it was."
    assert desk.in_force() == {"wool-people": "Wool people"}
    assert due(desk.shop) == []  # nobody is counted for a draft
    page = desk.show(audience)
    assert 'class="stat-value figures">3</span>' in page and "Being counted" not in page
    assert "In force, with a draft" in page and "Publish changes" in page
    assert "<del>Wool people</del>" in page and "5 of 5 people fit" in page
    assert "kari1@example.com" in page and "kari2@example.com" not in page
    assert desk.show(audience, language)
    listed = desk.page(show_audiences(desk.shop, desk.visit(query={"state": "draft"})))
    assert "Wool people" in listed and "In force, with a draft" in listed and "Everybody" not in listed
    desk.change(audience, 3, "discard")
    assert "with a draft" not in desk.show(audience)
    desk.change(audience, 4, "save", name="Everybody", when="{}")
    published = desk.change(audience, 5, "publish", name="Everybody", when="{}")
    assert published.said == "The audience is in force, and is being counted."
    assert desk.in_force() == {"wool-people": "Everybody"}
    assert due(desk.shop) == ["wool-people"]
    assert desk.actions() == [
        "audiences.create", "audiences.publish", "audiences.change", "audiences.discard", "audiences.change",
        "audiences.publish",
    ]  # fmt: skip


def test_a_draft_that_says_the_same_is_told_as_such(desk: Desk) -> None:
    audience = desk.add(act="publish")
    desk.change(audience, 2, "save", name="Sheep people")
    desk.change(audience, 3, "save")
    page = desk.show(audience)
    assert "it says the same as the audience in force" in page and "people fit" not in page


def test_who_leaves_with_an_audience_is_counted_again_when_it_comes_back(desk: Desk) -> None:
    audience = desk.add(act="publish")
    desk.count()
    desk.change(audience, 2, "archive")
    with desk.shop.database.reading() as tx:
        assert read_members(tx, audience, "", 10) == []
        size = newest_sizes(tx)[audience]
    assert (size.version, size.members, size.left, size.people) == (3, 0, 3, 5)
    desk.change(audience, 3, "undo")
    assert desk.newest(audience).live == 2
    assert due(desk.shop) == [audience]
    desk.count()
    assert 'class="stat-value figures">3</span>' in desk.show(audience)
    assert due(desk.shop) == []


def test_a_full_list_is_told_in_the_viewers_language(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "MOST_AUDIENCES", 1)
    audience = desk.add(act="publish")
    with pytest.raises(InvalidInput, match="arkivera några"):
        add(desk.shop, desk.visit("sv", form=FORM | {"id": "other"}))
    desk.change(audience, 2, "archive")
    desk.add(id="other")
    form = {"act": "draft", "version": "3"}
    with pytest.raises(Conflict, match="arkiver noen"):
        change(desk.shop, desk.visit("nb", path={"audience_id": audience}, form=form))
    assert desk.newest(audience).version == 3


def test_what_a_rule_asks_for_stays(desk: Desk) -> None:
    audience = desk.add(act="publish")
    rule = create_rule(desk.shop, Rule("", "No fleece", Exclude({"brand": "Brand 1"}),
                                       {"audience": audience}), "Eva")  # fmt: skip
    publish_rule(desk.shop, rule.rule.id, 1, "Eva")
    page = desk.show(audience)
    assert "No fleece" in page and 'value="archive"' not in page
    with pytest.raises(Conflict, match="because of “No fleece”"):
        desk.change(audience, 2, "archive")
    assert desk.newest(audience).state == "published"


def test_counting_begins_when_it_is_asked_for(desk: Desk) -> None:
    audience = desk.add(act="publish")
    desk.shop.clock.advance(2 * SECOND)  # type: ignore[attr-defined]
    assert isinstance(count_now(desk.shop, desk.visit()), Redirect)
    counter(desk.shop).wait()
    with desk.shop.database.reading() as tx:
        assert newest_sizes(tx)[audience].members == 3
    assert "Counting" not in desk.page(show_progress(desk.shop, desk.visit()))


def test_it_is_found_by_name_and_id(desk: Desk) -> None:
    desk.add(note="For the winter mail")
    for words in ("wool", "WINTER", "wool-people"):
        assert [one.title for one in find_audiences(desk.shop, desk.viewer, words)] == ["Wool people"]
    assert find_audiences(desk.shop, desk.viewer, "silk") == []


def test_values_are_completed(desk: Desk) -> None:
    asked = {"source": "catalog.brands", "q": "brand 1", "field": "bought.brand"}
    found = suggest(desk.shop, desk.visit(query=asked))
    assert isinstance(found, Json) and [one.value for one in found.value] == ["Brand 1"]  # type: ignore[attr-defined]
    traits = suggest(desk.shop, desk.visit(role="viewer", query={"source": "traits", "field": "traits.name"}))
    assert isinstance(traits, Json) and traits.value == []


def test_a_persons_page_tells_their_audiences(desk: Desk) -> None:
    def card(person: str) -> str:
        return desk.page(show_card(desk.shop, PersonRef(person, (person,)), desk.visit()))

    assert "No audience in force" in card(desk.people[0])
    publish_audience(
        desk.shop, create_audience(desk.shop, Audience("", "Wool", WOOL), "Eva").audience.id, 1, "Eva"
    )
    live_audiences(desk.shop).newest()
    assert ">Wool</a>" in card(desk.people[0]) and "just now" in card(desk.people[0])
    assert "In no audience now" in card(desk.people[1])


def test_a_trend_is_of_days() -> None:
    now = 100 * DAY
    sizes = [
        Size(now - days * DAY, 1, members, 0, 0, 50) for days, members in ((9, 5), (8, 7), (1, 9), (0, 12))
    ]
    trend = trend_of([*sizes[:3], Size(now - 1, 1, 11, 0, 0, 50), sizes[3]], now)
    assert [members for _, members in trend.days] == [5, 7, 11, 12]
    assert trend.change == 5
    assert trend.points.startswith("0.0,22.0 ") and trend.points.endswith("96.0,2.0")
    assert trend_of([], now).change is None
