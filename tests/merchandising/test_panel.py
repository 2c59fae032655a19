"""Pages of rules, on each database: listed, made, published after a look ahead, never overwritten."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from expedit.access import add_user, read_audit
from expedit.audiences import Audience, archive_audience, create_audience, publish_audience
from expedit.core import DAY, SECOND, Conflict, InvalidInput, evolve
from expedit.merchandising import (
    Boost,
    BrandConflict,
    Diversity,
    Exclude,
    Pin,
    Rule,
    change_rule,
    create_rule,
    editing,
    live_rules,
    publish_rule,
)
from expedit.merchandising.forms import FIELDS, KINDS, form_of, rule_of_form
from expedit.merchandising.panel import count_products, find_rules, order_rules, show_rules, suggest
from expedit.merchandising.panel_rule import add, change, show_new, show_rule
from expedit.merchandising.standing import read_one
from expedit.merchandising.starting import STARTS, starting_rule
from expedit.merchandising.store import read_history, read_newest, read_rules
from expedit.merchandising.telling import RuleTeller
from expedit.storage import Shop
from expedit.web import Frame, Html, Json, Redirect, Viewer, Visit, render
from tests.merchandising.goods import goods

FORM = {"name": "More Fjord", "do": "boost", "by": "50", "which": '{"brand": "Fjord"}', "when": "{}"}


class Desk:
    """Somebody at the pages of rules."""

    def __init__(self, shop: Shop) -> None:
        goods(shop)
        self.shop = shop
        user = add_user(shop, "ola@example.com", "Ola Berg", "merchandiser", "en")
        self.viewer = Viewer(user.id, user.name, user.email, "merchandiser")

    def visit(self, language: str = "en", **more: Any) -> Visit:
        return Visit(viewer=self.viewer, language=language, at=self.shop.clock(), **more)

    def page(self, reply: Any, language: str = "en") -> str:
        assert isinstance(reply, Html)
        return str(render(reply, self.visit(language), Frame()))

    def add(self, **form: str) -> str:
        """Add a rule and return its id."""
        reply = add(self.shop, self.visit(form=FORM | form))
        assert isinstance(reply, Redirect), reply
        return reply.to.rpartition("/")[2]

    def change(self, rule_id: str, version: int, act: str, **form: str) -> Any:
        whole = FORM | form | {"version": str(version), "act": act}
        return change(self.shop, self.visit(path={"rule_id": rule_id}, form=whole))

    def newest(self, rule_id: str) -> Any:
        with self.shop.database.reading() as tx:
            return read_newest(tx, rule_id)

    def in_force(self) -> list[str]:
        self.shop.clock.advance(2 * SECOND)  # type: ignore[attr-defined]
        return [rule.name for rule in live_rules(self.shop).current().rules]

    def actions(self) -> list[str]:
        return [entry.action for entry in reversed(read_audit(self.shop))]


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(shop)


def test_an_empty_list_teaches_what_to_start_with(desk: Desk) -> None:
    page = desk.page(show_rules(desk.shop, desk.visit()))
    for name in STARTS:
        assert f"/panel/rules/new?from={name}" in page
    assert "Never show what is nearly sold out" in page
    only_looks = evolve(desk.viewer, role="viewer")
    page = str(render(show_rules(desk.shop, desk.visit()), Visit(viewer=only_looks), Frame()))  # type: ignore[arg-type]
    assert "/panel/rules/new" not in page


@pytest.mark.parametrize("name", [*STARTS, "unknown"])
def test_every_start_opens_a_form(desk: Desk, name: str) -> None:
    reply = show_new(desk.shop, desk.visit("sv", query={"from": name}))
    assert "rule-form" in desk.page(reply, "sv")
    assert reply.values["rule"] == starting_rule(name, "sv")  # type: ignore[union-attr]


def test_a_rule_is_kept_as_a_draft_then_published(desk: Desk) -> None:
    rule_id = desk.add()
    assert desk.newest(rule_id).state == "draft"
    assert desk.in_force() == []
    reply = desk.change(rule_id, 1, "publish")
    assert reply.said == "Published: the shop follows it within seconds."
    assert desk.in_force() == ["More Fjord"]
    page = desk.page(show_rules(desk.shop, desk.visit()))
    assert "Lift products where brand is Fjord by 50%" in page
    assert "In force" in page and "Ola Berg" in page
    assert desk.actions() == ["rules.create", "rules.publish"]


def test_what_would_empty_a_spot_is_told_first_and_the_shop_untouched(desk: Desk) -> None:
    form = {"name": "Nothing", "do": "only", "which": '{"brand": "Nobody"}', "act": "publish"}
    reply = add(desk.shop, desk.visit(form=FORM | form))
    page = desk.page(reply)
    assert "Before this goes live" in page and "No product fits it." in page
    assert "would leave" in page and 'value="publish_anyway"' in page
    with desk.shop.database.reading() as tx:
        assert read_rules(tx) == []
    made = add(desk.shop, desk.visit(form=FORM | form | {"act": "publish_anyway"}))
    assert isinstance(made, Redirect)
    assert desk.in_force() == ["Nothing"]
    listed = desk.page(show_rules(desk.shop, desk.visit()))
    assert "things to look at in the rules that are in force" in listed


def test_a_published_rule_that_would_empty_a_spot_keeps_what_was_in_force(desk: Desk) -> None:
    rule_id = desk.add(act="publish")
    reply = desk.change(rule_id, 2, "publish", do="only", which='{"brand": "Nobody"}')
    assert reply.values["asked"] == "publish_anyway"
    assert desk.newest(rule_id).version == 2
    again = desk.change(rule_id, 2, "publish_anyway", do="only", which='{"brand": "Nobody"}')
    assert isinstance(again, Redirect)
    assert desk.newest(rule_id).version == 4


def test_a_draft_stands_beside_the_rule_in_force(desk: Desk) -> None:
    rule_id = desk.add(act="publish")
    reply = desk.change(rule_id, 2, "save", name="Less Fjord", by="20")
    assert reply.said == "The draft is kept. The rule in force is as it was."
    assert desk.in_force() == ["More Fjord"]
    page = desk.page(show_rule(desk.shop, desk.visit(path={"rule_id": rule_id})))
    assert "In force, with a draft" in page and "The draft would change" in page
    assert "<del>More Fjord</del>" in page and "<ins>Less Fjord</ins>" in page
    assert "Publish changes" in page and 'value="Less Fjord"' in page
    listed = desk.page(show_rules(desk.shop, desk.visit(query={"state": "draft"})))
    assert "In force, with a draft" in listed and "More Fjord" in listed and "by 50%" in listed
    assert desk.change(rule_id, 3, "publish", name="Less Fjord", by="20").said.startswith("Published")
    assert desk.in_force() == ["Less Fjord"]
    assert desk.newest(rule_id).version == 4  # the draft as it stood, put in force


def test_a_draft_is_thrown_away_at_its_button(desk: Desk) -> None:
    rule_id = desk.add(act="publish")
    desk.change(rule_id, 2, "save", name="Less Fjord")
    assert 'value="discard"' in desk.page(show_rule(desk.shop, desk.visit(path={"rule_id": rule_id})))
    desk.change(rule_id, 3, "discard")
    newest = desk.newest(rule_id)
    assert (newest.rule.name, newest.state, newest.live) == ("More Fjord", "published", 2)
    assert 'value="discard"' not in desk.page(show_rule(desk.shop, desk.visit(path={"rule_id": rule_id})))


def test_what_undo_would_bring_back_is_looked_through_too(desk: Desk) -> None:
    nobody = '{"brand": "Nobody"}'
    rule_id = desk.add(do="only", which=nobody, act="publish_anyway")
    desk.change(rule_id, 2, "archive")
    reply = desk.change(rule_id, 3, "undo")
    page = desk.page(reply)
    assert "Nothing has been undone yet" in page and 'value="undo_anyway"' in page
    assert desk.in_force() == []
    assert isinstance(desk.change(rule_id, 3, "undo_anyway"), Redirect)
    assert desk.in_force() == ["More Fjord"]


def test_who_comes_second_is_told_and_overwrites_nothing(desk: Desk) -> None:
    rule_id = desk.add()
    desk.change(rule_id, 1, "save", name="Theirs")
    reply = desk.change(rule_id, 1, "save", name="Mine", by="70")
    page = desk.page(reply)
    assert reply.status == 409
    assert "Ola Berg has changed this meanwhile (version 2)" in page
    assert 'value="Mine"' in page and "Theirs" in page and "by 70%" in page
    assert desk.newest(rule_id).rule.name == "Theirs"
    assert 'name="version" value="2"' in page  # to save once more is then a decision
    assert isinstance(desk.change(rule_id, 2, "save", name="Mine"), Redirect)
    assert desk.newest(rule_id).rule.name == "Mine"


@pytest.mark.parametrize("deed", ["archive", "draft", "undo", "restore"])
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Ola Berg has changed this meanwhile (version 3)"),
        ("sv", "Ola Berg har ändrat det här under tiden (version 3)"),
        ("nb", "Ola Berg har endret dette i mellomtiden (versjon 3)"),
    ],
)
def test_a_button_that_came_second_did_nothing_and_says_who_was_first(
    desk: Desk, deed: str, language: str, said: str
) -> None:
    rule_id = desk.add(act="publish")
    desk.change(rule_id, 2, "save", name="Theirs")
    form = {"act": deed, "version": "2", "restored": "1"}
    reply = change(desk.shop, desk.visit(language, path={"rule_id": rule_id}, form=form))
    page = desk.page(reply, language)
    assert reply.status == 409 and said in page  # type: ignore[union-attr]
    assert desk.viewer.user_id not in page
    assert "<td>More Fjord</td><td>Theirs</td>" in page and 'href="#history"' in page
    assert 'name="version" value="3"' in page  # to press once more is then a decision
    assert desk.newest(rule_id).version == 3


def test_where_there_is_nothing_to_take_back_that_is_said(desk: Desk) -> None:
    rule_id = desk.add()
    with pytest.raises(Conflict, match="no earlier version to go back to"):
        desk.change(rule_id, 1, "undo")


def test_reordering_is_no_reason_to_refuse_an_edit(desk: Desk) -> None:
    first, second = desk.add(), desk.add(name="B")
    order_rules(desk.shop, desk.visit(form={"up": second, "version": "0"}))
    assert desk.newest(first).version == 1
    assert isinstance(desk.change(first, 1, "save", name="A"), Redirect)
    kept = desk.newest(first)
    assert (kept.rule.name, kept.version, kept.rule.priority) == ("A", 2, 20)


def test_to_save_what_is_the_same_makes_no_edition(desk: Desk) -> None:
    rule_id = desk.add()
    desk.change(rule_id, 1, "save")
    assert desk.newest(rule_id).version == 1


def test_the_order_of_its_placements_is_no_change(desk: Desk) -> None:
    made = create_rule(
        desk.shop, Rule("", "More Fjord", Boost({"brand": "Fjord"}), placements=("b", "a")), "u"
    )
    form = FORM | {"version": "1", "act": "save"}
    at = {"rule_id": made.rule.id}
    change(desk.shop, desk.visit(path=at, form=form, lists={"placements": ("a", "b")}))
    assert desk.newest(made.rule.id).version == 1
    change(desk.shop, desk.visit(path=at, form=form, lists={"placements": ("a", "c")}))
    assert desk.newest(made.rule.id).rule.placements == ("a", "c")


def test_archive_revive_undo_and_restore(desk: Desk) -> None:
    rule_id = desk.add(act="publish")
    desk.change(rule_id, 2, "archive")
    assert desk.in_force() == []
    archived = show_rules(desk.shop, desk.visit(query={"state": "archived"}))
    assert [row.standing for row in archived.values["rows"]] == ["archived"]  # type: ignore[union-attr]
    left = show_rules(desk.shop, desk.visit())
    assert left.values["rows"] == []  # type: ignore[union-attr]
    assert 'value="archived"' in desk.page(left)  # the way to what was put away stays
    desk.change(rule_id, 3, "draft")
    desk.change(rule_id, 4, "save", name="Other")
    desk.change(rule_id, 5, "undo")
    assert desk.newest(rule_id).rule.name == "More Fjord"
    desk.change(rule_id, 6, "restore", restored="2")
    assert desk.newest(rule_id).state == "draft"
    with desk.shop.database.reading() as tx:
        changes = [one.change for one in read_history(tx, rule_id)][::-1]
    assert changes == [
        "created", "published", "archived", "withdrawn", "changed", "undone", "restored",
    ]  # fmt: skip
    page = desk.page(show_rule(desk.shop, desk.visit(path={"rule_id": rule_id})))
    assert "<del>Other</del>" in page and "<ins>More Fjord</ins>" in page
    assert desk.actions() == [
        "rules.create", "rules.publish", "rules.archive", "rules.draft", "rules.change", "rules.undo",
        "rules.restore",
    ]  # fmt: skip


def test_rules_are_ordered_by_button_and_by_script(desk: Desk) -> None:
    a, b, c = (desk.add(name=name) for name in "ABC")

    def order() -> list[str]:
        with desk.shop.database.reading() as tx:
            return [one.rule.name for one in read_rules(tx)]

    order_rules(desk.shop, desk.visit(form={"down": a, "version": "0"}))
    assert order() == ["B", "A", "C"]
    order_rules(desk.shop, desk.visit(form={"up": b, "version": "1"}))  # stays the first
    assert order() == ["B", "A", "C"]
    moved = desk.visit(form={"by": "script", "version": "2"}, lists={"ids": (c, b, a)})
    assert order_rules(desk.shop, moved) == Json({"version": 3})
    assert order() == ["C", "B", "A"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Ola Berg has put the rules in another order meanwhile"),
        ("sv", "Ola Berg har ändrat reglernas ordning under tiden"),
        ("nb", "Ola Berg har endret rekkefølgen på reglene i mellomtiden"),
    ],
)
def test_who_orders_a_stale_list_is_told_and_overwrites_nothing(desk: Desk, language: str, said: str) -> None:
    a, b = (desk.add(name=name) for name in "AB")
    assert 'name="version" value="0"' in desk.page(show_rules(desk.shop, desk.visit()))
    order_rules(desk.shop, desk.visit(form={"up": b, "version": "0"}))
    stale = desk.visit(language, form={"version": "0"}, lists={"ids": (a, b)})
    with pytest.raises(Conflict, match=said):
        order_rules(desk.shop, stale)
    with desk.shop.database.reading() as tx:
        assert [one.rule.name for one in read_rules(tx)] == ["B", "A"]
    assert 'name="version" value="1"' in desk.page(show_rules(desk.shop, desk.visit()))


def test_the_list_is_searched_and_narrowed(desk: Desk) -> None:
    desk.add(name="Soon", starts="2030-01-01T08:00", act="publish")
    desk.add(name="Over", ends="2020-01-01T08:00", act="publish_anyway")
    desk.add(name="Cheap", do="exclude", which='{"price": {"$lt": 5000}}', note="Advent")

    def names(**asked: str) -> list[str]:
        reply = show_rules(desk.shop, desk.visit(query=asked))
        return [row.kept.shown.rule.name for row in reply.values["rows"]]  # type: ignore[union-attr]

    assert names() == ["Soon", "Over", "Cheap"]
    assert names(state="scheduled") == ["Soon"]
    assert names(state="ended") == ["Over"]
    assert names(state="draft") == ["Cheap"] == names(q="advent") == names(do="exclude")
    assert names(q="fjord soon") == ["Soon"]
    assert [hit.title for hit in find_rules(desk.shop, desk.viewer, "adv")] == ["Cheap"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": " "}, "name"),
        ({"do": "explode"}, "do"),
        ({"by": "much"}, "by"),
        ({"by": "inf"}, "by"),
        ({"by": "2000"}, "by"),
        ({"which": '{"brnd": 1}'}, "which"),
        ({"when": '{"person.age": 1}'}, "when"),
        ({"do": "pin", "products": "", "position": "1"}, "products"),
        ({"do": "pin", "products": "p01", "position": "1.5"}, "position"),
        ({"do": "pin", "products": "p01", "position": "nan"}, "position"),
        ({"do": "brand_conflict", "brands": "Fjord", "against": "Fjord"}, "against"),
        ({"do": "price_band", "low": "150", "high": "50"}, "high"),
        ({"do": "diversity", "attribute": "taste", "most": "2"}, "attribute"),
        ({"do": "new_first", "days": "0"}, "days"),
        ({"starts": "2026-12-02T10:00", "ends": "2026-12-01T10:00"}, "ends"),
        ({"starts": "soon"}, "starts"),
        ({"starts": "0001-01-01T00:00"}, "starts"),
        ({"ends": "9999-12-31T23:59"}, "ends"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(desk: Desk, form: dict[str, str], field: str) -> None:
    for language in ("en", "sv", "nb"):
        with pytest.raises(InvalidInput) as caught:
            add(desk.shop, desk.visit(language, form=FORM | form))
        assert caught.value.field == field
        shown = desk.visit(errors={field: caught.value.reason}, form=FORM | form)
        reply = show_new(desk.shop, shown)
        assert isinstance(reply, Html)
        assert f'id="error-{field}"' in str(render(reply, shown, Frame())) or field == "do"


def test_a_refused_form_keeps_what_stood_in_the_fields_of_other_kinds(desk: Desk) -> None:
    pinned = desk.add(do="pin", products="p01\np02", position="3")
    form = FORM | {"which": '{"brnd": 1}', "by": ""}
    shown = desk.visit(path={"rule_id": pinned}, errors={"which": "wrong"}, form=form)
    page = str(render(show_rule(desk.shop, shown), shown, Frame()))  # type: ignore[arg-type]
    held = dict(re.findall(r'name="(by|level|most|days|low|high|position)"[^>]* value="([^"]*)"', page))
    assert held == {
        "by": "", "level": "50", "most": "2", "days": "30", "low": "0", "high": "0", "position": "3",
    }  # fmt: skip
    assert ">p01\np02</textarea>" in page
    assert '"value":"p02"' in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The audience “Wool people” is not in force. Publish it first, or choose another."),
        ("sv", "Målgruppen ”Wool people” gäller inte. Publicera den först, eller välj en annan."),
        ("nb", "Målgruppen «Wool people» gjelder ikke. Publiser den først, eller velg en annen."),
    ],
)
def test_an_audience_that_is_not_in_force_is_told_at_its_field_and_nothing_is_kept(
    desk: Desk, language: str, said: str
) -> None:
    create_audience(
        desk.shop, Audience("wool", "Wool people", {"bought": {"$elemMatch": {"category": "Wool"}}}), "u"
    )
    form = FORM | {"when": '{"$or": [{"audience": "wool"}]}', "act": "publish_anyway"}
    with pytest.raises(InvalidInput) as caught:
        add(desk.shop, desk.visit(language, form=form))
    assert (caught.value.field, caught.value.reason) == ("when", said)
    shown = desk.visit(language, errors={"when": said}, form=form)
    assert said in str(render(show_new(desk.shop, shown), shown, Frame()))  # type: ignore[arg-type]
    with desk.shop.database.reading() as tx:
        assert read_rules(tx) == []
    rule_id = desk.add(act="publish")
    whole = form | {"version": "2"}
    with pytest.raises(InvalidInput, match="“Wool people” is not in force"):
        change(desk.shop, desk.visit(path={"rule_id": rule_id}, form=whole))
    assert desk.newest(rule_id).version == 2
    publish_audience(desk.shop, "wool", 1, "u")
    assert isinstance(change(desk.shop, desk.visit(path={"rule_id": rule_id}, form=whole)), Redirect)


def test_a_version_that_asks_for_an_audience_that_is_gone_stays_where_it_is(desk: Desk) -> None:
    create_audience(
        desk.shop, Audience("wool", "Wool people", {"bought": {"$elemMatch": {"category": "Wool"}}}), "u"
    )
    publish_audience(desk.shop, "wool", 1, "u")
    rule_id = desk.add(when='{"audience": "wool"}', act="publish_anyway")
    desk.change(rule_id, 2, "archive")
    archive_audience(desk.shop, "wool", 2, "u")
    for deed in ("undo", "undo_anyway", "draft", "restore"):
        reply = desk.change(rule_id, 3, deed, restored="2")
        if deed != "undo":
            assert reply.status == 409
            assert "asks for the audience “Wool people”, which is not in force any more" in desk.page(reply)
    assert desk.newest(rule_id).version == 3 and desk.in_force() == []


@pytest.mark.parametrize(
    ("language", "said"), [("en", "archive some"), ("sv", "arkivera några"), ("nb", "arkiver noen")]
)
def test_a_rule_is_not_brought_back_when_the_list_is_full(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setattr(editing, "MOST_RULES", 1)
    rule_id = desk.add()
    desk.change(rule_id, 1, "archive")
    desk.add(name="Another")
    with pytest.raises(InvalidInput, match="archive some"):
        desk.add(name="One too many")
    for deed in ("undo", "draft", "restore"):
        form = {"act": deed, "version": "2", "restored": "1"}
        seen = desk.visit(language, path={"rule_id": rule_id}, form=form)
        reply = change(desk.shop, seen)
        assert isinstance(reply, Html)
        assert reply.status == 409 and said in desk.page(reply, language)
    assert desk.newest(rule_id).version == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_brings_back_the_rule_that_filled_it(desk: Desk, kind: str) -> None:
    which = {"brand": "Fjord", "price": {"$gte": 10000}}
    values: dict[str, Any] = {
        "which": which, "beside": {"color": "red"}, "by": 0.255, "level": 0.4, "most": 7, "low": 0.5,
        "high": 1.5, "days": 12, "position": 3, "attribute": "brand", "products": ["p01", "p02"],
        "brands": ["Fjord"], "against": ["Gran"],
    }  # fmt: skip
    from expedit.merchandising import read_rule

    raw = {"id": "r", "name": "A", "action": {"do": kind} | {name: values[name] for name in FIELDS[kind]}}
    rule = read_rule(raw | {"starts": 1_800_000_000_000_000 // (60 * SECOND) * 60 * SECOND, "priority": 5})
    teller = RuleTeller(desk.shop, "en")
    held = form_of(rule, teller.zone)
    form = {
        name: json.dumps(value) if isinstance(value, dict) else str(value) for name, value in held.items()
    }
    visit = desk.visit(form=form | {"name": "A", "when": "{}"})
    assert rule_of_form(desk.shop, visit, "r", 5) == rule
    assert teller.sentence(rule)


@pytest.mark.parametrize(("typed", "measured"), [("", None), ("yes", True), ("no", False)])
def test_whether_chance_may_leave_a_rule_out_is_chosen_and_told(
    desk: Desk, typed: str, measured: bool | None
) -> None:
    rule_id = desk.add(measured=typed)
    rule = desk.newest(rule_id).rule
    assert rule.measured is measured
    assert form_of(rule, RuleTeller(desk.shop, "en").zone)["measured"] == typed
    page = desk.page(show_rule(desk.shop, desk.visit(path={"rule_id": rule_id})))
    assert ("no figure for it" in page) == (typed == "no")


def test_the_schedule_is_typed_in_the_shops_time_zone(make_shop: Any) -> None:
    from expedit.core import Settings, parse_time

    desk = Desk(make_shop("sqlite", Settings(markets={"SE": "SEK"}, time_zone="Europe/Stockholm")))
    rule_id = desk.add(starts="2027-07-01T08:00", ends="2027-12-24T15:00")
    rule = desk.newest(rule_id).rule
    assert rule.starts == parse_time("2027-07-01T06:00:00Z") and rule.ends == parse_time(
        "2027-12-24T14:00:00Z"
    )
    page = desk.page(show_rule(desk.shop, desk.visit(path={"rule_id": rule_id})))
    assert 'value="2027-07-01T08:00"' in page and "Europe/Stockholm" in page
    assert RuleTeller(desk.shop, "en").schedule(rule) == "1 Jul 2027 08:00 – 24 Dec 2027 15:00"


def test_values_are_suggested_from_the_live_catalog(desk: Desk) -> None:
    def labels(**asked: str) -> list[str]:
        reply = suggest(desk.shop, desk.visit(query=asked))
        assert isinstance(reply, Json)
        return [one.label for one in reply.value]

    assert labels(source="catalog.brands", q="fj") == ["Fjord"]
    assert labels(source="catalog.categories", q="skal") == ["Jackor > Skaljackor"]
    assert labels(source="catalog.products", q="vara 7") == ["Vara 7"]
    assert set(labels(source="catalog.colors")) == {"blå", "röd"}
    assert set(labels(source="catalog.attributes", field="attributes.material")) == {"ull", "bomull"}
    assert labels(source="nothing") == []


def test_products_that_fit_are_counted_and_shown(desk: Desk) -> None:
    def counted(condition: str) -> Any:
        reply = count_products(desk.shop, desk.visit(form={"condition": condition}))
        assert isinstance(reply, Json)
        return reply.value

    found = counted('{"brand": "Fjord"}')
    assert found.says == "4 of 12 products fit now"
    assert [one.note for one in found.samples] == ["p03", "p06", "p09", "p00"]  # what is sold out stands last
    assert counted('{"brand": "Nobody"}').none
    assert "there is no such field" in counted('{"brnd": 1}').wrong


def test_rules_are_told_in_words(desk: Desk) -> None:
    teller = RuleTeller(desk.shop, "en")
    told = {
        teller.action(Exclude({})): "Never show all products",
        teller.action(
            Pin(("p01", "p02", "p03", "p04"), 2)
        ): "Pin Vara 1, Vara 2, Vara 3 and 1 more from position 2",
        teller.action(Diversity("brand", 2)): "Show at most 2 of one brand",
        teller.action(
            Diversity("brand", 2, {"category": "Skor"})
        ): "Show at most 2 of one brand among products where category includes Skor",
        teller.action(Diversity("all", 3)): "Show at most 3 products",
        teller.action(
            Diversity("all", 2, {"category": "Skor"})
        ): "Show at most 2 products where category includes Skor",
        teller.action(BrandConflict(("A",), ("B", "C"))): "Keep A and B, C off each other's pages",
    }
    for said, expected in told.items():
        assert said == expected
    rule = Rule(
        "r", "n", Boost({}), when={"time.weekday": {"$in": [6, 7]}}, placements=("list",), markets=("SE",)
    )
    assert teller.when(rule) == "day of the week is Saturday or Sunday"
    assert teller.where(rule) == "Category listings · SE"


def test_a_published_rule_stands_by_its_schedule(desk: Desk) -> None:
    now = desk.shop.clock()
    made = create_rule(desk.shop, Rule("", "n", Boost({}), starts=now + DAY, ends=now + 2 * DAY), "u")
    publish_rule(desk.shop, made.rule.id, 1, "u")
    change_rule(desk.shop, evolve(made.rule, starts=None, ends=None), 2, "u")  # a draft tells nothing of it
    with desk.shop.database.reading() as tx:
        kept = read_one(tx, made.rule.id)
    assert [kept.standing(now + days * DAY) for days in (0, 1, 2)] == ["scheduled", "live", "ended"]


def test_who_only_looks_sees_the_rule_in_words(desk: Desk) -> None:
    rule_id = desk.add()
    reply = show_rule(desk.shop, desk.visit(path={"rule_id": rule_id}))
    assert isinstance(reply, Html)
    page = str(render(reply, Visit(viewer=evolve(desk.viewer, role="viewer")), Frame()))
    assert "rule-form" not in page and "Archive" not in page
    assert "Lift products where brand is Fjord by 50%" in page
