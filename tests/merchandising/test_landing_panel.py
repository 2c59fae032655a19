"""Pages of landing pages, on each database: made, published, never overwritten, taken back, found."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import escape

from expedit.access import add_user, read_audit
from expedit.audiences import Audience, archive_audience, create_audience
from expedit.core import SECOND, Conflict, InvalidInput, NotFound
from expedit.merchandising import LANDINGS, live_landings
from expedit.merchandising.landing import LandingPage, LandingWords
from expedit.merchandising.landing_form import slug_of
from expedit.merchandising.landing_telling import LandingTeller
from expedit.merchandising.panel_landing import add, change, show_landing, show_new
from expedit.merchandising.panel_landings import STARTS, find_landings, show_landings
from expedit.storage import Shop
from expedit.web import Frame, Html, Redirect, Viewer, Visit, render
from tests.merchandising.goods import goods

FORM = {
    "name": "Autumn jackets", "title_sv": "Höstens jackor", "intro_sv": "Varmt.\r\n\r\nTorrt.",
    "title_en": "Jackets", "when": '{"arrival.campaign": "autumn"}', "which": '{"category": "Jackor"}',
    "ranking": "new", "size": "12",
    "priority": "5", "promise": "yes", "pins": "", "generic_share": "20", "generic_url": "/sv/",
}  # fmt: skip


class Desk:
    def __init__(self, shop: Shop) -> None:
        goods(shop)
        self.shop = shop
        user = add_user(shop, "ola@example.com", "Ola Berg", "merchandiser", "en")
        self.viewer = Viewer(user.id, user.name, user.email, "merchandiser")

    def visit(self, language: str = "en", **more: Any) -> Visit:
        return Visit(viewer=more.pop("viewer", self.viewer), language=language, at=self.shop.clock(), **more)

    def page(self, reply: Any, language: str = "en", **more: Any) -> str:
        assert isinstance(reply, Html)
        return str(render(reply, self.visit(language, **more), Frame()))

    def add(self, **form: str) -> str:
        reply = add(self.shop, self.visit(form=FORM | form))
        assert isinstance(reply, Redirect), reply
        return reply.to.rpartition("/")[2]

    def change(self, slug: str, version: int, act: str, **form: str) -> Any:
        whole = FORM | form | {"version": str(version), "act": act}
        return change(self.shop, self.visit(path={"slug": slug}, form=whole))

    def in_force(self) -> dict[str, str]:
        self.shop.clock.advance(SECOND)  # type: ignore[attr-defined]
        return {slug: one.page.name for slug, one in live_landings(self.shop).current().by_slug.items()}


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(shop)


@pytest.mark.parametrize("language", ["en", "sv", "nb"])
def test_an_empty_list_teaches_what_to_start_with(desk: Desk, language: str) -> None:
    page = desk.page(show_landings(desk.shop, desk.visit(language)), language)
    for name in STARTS:
        assert f"/panel/landing-pages/new?from={name}" in page
    assert "arrival.kind" in desk.page(show_new(desk.shop, desk.visit(query={"from": "mail"})))


def test_from_a_draft_to_force_and_back(desk: Desk) -> None:
    slug = desk.add()
    assert (slug, desk.in_force()) == ("autumn-jackets", {})
    desk.change(slug, 1, "publish")
    assert desk.in_force() == {"autumn-jackets": "Autumn jackets"}
    assert isinstance(desk.change(slug, 2, "publish"), Redirect)  # as it stands: nothing is written
    desk.change(slug, 2, "save", name="Next year")
    assert desk.in_force() == {"autumn-jackets": "Autumn jackets"}
    listed = desk.page(show_landings(desk.shop, desk.visit()))
    assert "Next year" in listed
    assert "In force, draft waiting" in listed
    desk.change(slug, 3, "undo")
    desk.change(slug, 4, "archive")
    assert desk.in_force() == {}
    desk.change(slug, 5, "restore", restored="1")
    with desk.shop.database.reading() as tx:
        newest = LANDINGS.newest(tx, slug)
    assert newest is not None
    assert (newest.state, newest.body.name, newest.body.words["sv"].intro) == (
        "draft", "Autumn jackets", "Varmt.\n\nTorrt.",
    )  # fmt: skip
    assert (newest.body.generic_share, newest.body.ranking, newest.body.size) == (0.2, "new", 12)
    assert set(newest.body.words) == {"sv", "en"}
    assert [one.action for one in reversed(read_audit(desk.shop)) if one.action.startswith('landings')] == [
        "landings.created", "landings.published", "landings.changed", "landings.undone", "landings.archived",
        "landings.restored",
    ]  # fmt: skip


def test_who_is_late_sees_both_and_overwrites_nothing(desk: Desk) -> None:
    slug = desk.add()
    desk.change(slug, 1, "save", name="Theirs")
    reply = desk.change(slug, 1, "save", name="Mine")
    assert reply.status == 409
    page = desk.page(reply)
    assert "Ola Berg has changed this meanwhile (version 2)" in page
    assert "Mine" in page
    assert "Theirs" in page
    late = desk.change(slug, 1, "archive")
    assert late.status == 409
    assert "<td>Autumn jackets</td><td>Theirs</td>" in desk.page(late)
    with desk.shop.database.reading() as tx:
        assert [one.body.name for one in LANDINGS.history(tx, slug)] == ["Theirs", "Autumn jackets"]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Words in Swedish"), ("sv", "Text på svenska"), ("nb", "Tekst på svensk")],
)
def test_history_and_differences_name_the_language_of_words(desk: Desk, language: str, said: str) -> None:
    slug = desk.add()
    desk.change(slug, 1, "save", title_sv="Annat")
    page = desk.page(show_landing(desk.shop, desk.visit(language, path={"slug": slug})), language)
    assert f"<dt>{said}</dt><dd><del>" in page
    late = desk.page(desk.change(slug, 1, "save", title_sv="Mitt"))
    assert '<th scope="row">Words in Swedish</th><td>Mitt' in late
    told = LandingTeller(desk.shop, language).parts(LandingPage("x", {"fi": LandingWords("Moi")}))
    assert [part for part, words in told.items() if words == "Moi"] == [f"{said.rpartition(' ')[0]} fi"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": " "}, "name"), ({"title_sv": "", "title_en": "", "intro_sv": ""}, "title_sv"),
        ({"title_sv": ""}, "title_sv"), ({"picture_sv": "ftp://x"}, "picture_sv"),
        ({"ranking": "best"}, "ranking"),
        ({"size": "0"}, "size"), ({"size": "many"}, "size"), ({"priority": "-1"}, "priority"),
        ({"generic_share": "95"}, "generic_share"), ({"generic_share": "x"}, "generic_share"),
        ({"generic_url": "sv"}, "generic_url"), ({"when": '{"x": 1}'}, "when"), ({"which": "{"}, "which"),
        ({"when": '{"audience": "nobody-made"}'}, "when"), ({"slug": "Å!"}, "slug"),
        ({"slug": "new"}, "slug"),
    ],
)  # fmt: skip
def test_a_form_that_does_not_fit_is_told_its_field(desk: Desk, form: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        desk.add(**form)
    assert error.value.field == field
    told: dict[str, Any] = {"form": FORM | form, "errors": {field: error.value.reason}}
    shown = show_new(desk.shop, desk.visit(**told))
    assert str(escape(error.value.reason)) in desk.page(shown, **told)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "“new” is part of the panel's own addresses. Choose another word."),
        ("sv", "”new” ingår i panelens egna adresser. Välj ett annat ord."),
        ("nb", "«new» er en del av panelets egne adresser. Velg et annet ord."),
    ],
)
def test_a_reserved_address_is_called_that(desk: Desk, language: str, said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        add(desk.shop, desk.visit(language, form=FORM | {"slug": "new"}))
    assert (error.value.field, error.value.reason) == ("slug", said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The audience “Wool people” is not in force. Publish it first, or choose another."),
        ("sv", "Målgruppen ”Wool people” gäller inte. Publicera den först, eller välj en annan."),
        ("nb", "Målgruppen «Wool people» gjelder ikke. Publiser den først, eller velg en annen."),
    ],
)
def test_an_audience_that_is_not_in_force_is_told_by_its_name(desk: Desk, language: str, said: str) -> None:
    create_audience(desk.shop, Audience("wool", "Wool people"), "u")
    form = FORM | {"when": '{"audience": "wool"}', "act": "publish"}
    with pytest.raises(InvalidInput) as error:
        add(desk.shop, desk.visit(language, form=form))
    assert (error.value.field, error.value.reason) == ("when", said)
    with desk.shop.database.reading() as tx:
        assert LANDINGS.names(tx) == []


def test_a_page_whose_audience_is_gone_is_not_brought_back(desk: Desk) -> None:
    create_audience(desk.shop, Audience("wool", "Wool people"), "u", publish=True)
    slug = desk.add(when='{"audience": "wool"}', act="publish")
    desk.change(slug, 2, "archive")
    archive_audience(desk.shop, "wool", 2, "u")
    with pytest.raises(Conflict, match="asks for the audience “Wool people”, which is not in force any more"):
        desk.change(slug, 3, "undo")
    assert desk.in_force() == {}


def test_an_address_is_taken_once_and_made_from_the_name(desk: Desk) -> None:
    assert slug_of("Höst & Vinter – Ø2 ") == "host-vinter-o2"
    desk.add()
    with pytest.raises(InvalidInput) as error:
        desk.add()
    assert error.value.field == "slug"


def test_a_viewer_reads_and_is_offered_no_change(desk: Desk) -> None:
    slug = desk.add()
    viewer = Viewer("v", "Vera", "vera@example.com", "viewer")
    reply = show_landing(desk.shop, desk.visit(path={"slug": slug}, viewer=viewer))
    page = desk.page(reply, viewer=viewer)
    assert "Höstens jackor" in page
    assert "landing-form" not in page
    with pytest.raises(NotFound):
        show_landing(desk.shop, desk.visit(path={"slug": "none"}))


def test_pages_are_found_by_word_and_state(desk: Desk) -> None:
    desk.add()
    desk.add(name="Boots", slug="boots", title_sv="Kängor")

    def listed(**query: str) -> list[str]:
        reply = show_landings(desk.shop, desk.visit(query=query, partial=True))
        return [row.edition.id for row in reply.values["rows"]]

    assert listed(q="kängor") == ["boots"]
    assert listed(q="AUTUMN") == ["autumn-jackets", "boots"]
    assert listed(state="published") == []
    assert [one.href for one in find_landings(desk.shop, desk.viewer, "kängor")] == [
        "/panel/landing-pages/boots"
    ]
