"""Texts, figures, templates and forms of the panel's pages."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateNotFound, UndefinedError

from expedit.core import Money, NotAllowed
from expedit.web import (
    LANGUAGES,
    NOBODY,
    ROLES,
    Frame,
    Html,
    Viewer,
    Visit,
    add_room,
    day,
    is_local,
    machine,
    moment,
    money,
    need_role,
    number,
    percent,
    render,
    safe_name,
    said_before,
    text,
)
from tests.web.specimen import SPECIMEN, show_parts

AT = 1_790_000_000_000_000


@pytest.fixture(autouse=True)
def specimen() -> None:
    add_room(SPECIMEN.name, SPECIMEN.package)


def plain(written: str) -> str:
    """Return a text with ordinary spaces."""
    return written.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("language", "n", "expected"),
    [
        ("en", 1, "at least 1 letter"),
        ("en", 3, "at least 3 letters"),
        ("sv", 1, "minst 1 bokstav"),
        ("sv", 12_345, "minst 12 345 bokstäver"),
        ("nb", 2, "minst 2 bokstaver"),
    ],
)
def test_a_text_agrees_with_its_number(language: str, n: int, expected: str) -> None:
    assert plain(text(language, "specimen.form.short", n=n)) == expected


def test_a_value_is_never_read_as_a_pattern() -> None:
    said = text("en", "specimen.form.done", name="{kinds}", kinds="{0}")
    assert said == "Saved {kinds} {0}"


@pytest.mark.parametrize("key", ["specimen.nothing", "web", "web.frame"])
def test_a_missing_text_is_a_fault(key: str) -> None:
    with pytest.raises(KeyError, match=key):
        text("en", key)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number("en", 1234567.891), "1,234,567.891"),
        (number("sv", 1234567), "1 234 567"),
        (number("nb", 0.5, 2), "0,50"),
        (number("sv", None), "–"),
        (percent("en", 0.1184), "11.8%"),
        (percent("sv", 0.1184), "11,8 %"),
        (percent("sv", 0.096, signed=True), "+9,6 %"),
        (percent("en", -0.012, signed=True), "-1.2%"),
        (percent("en", 0.5, 0), "50%"),
        (percent("nb", None), "–"),
        (money("sv", 149900, "SEK"), "1 499,00 kr"),
        (money("en", Money(149900, "SEK")), "SEK 1,499.00"),
        (money("sv", 18432049, "SEK", whole=True), "184 320 kr"),
        (money("en", 500, "JPY"), "¥500"),
        (money("nb", None), "–"),
        (day("sv", AT), "21 sep. 2026"),
        (moment("en", AT), "Sep 21, 2026, 2:13:20 PM UTC"),
        (machine(AT), "2026-09-21T14:13:20.000Z"),
    ],
)
def test_figures_are_written_as_the_language_does(written: str, expected: str) -> None:
    assert plain(written).replace("\u2212", "-") == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_renders(language: str) -> None:
    visit = Visit(viewer=Viewer("u", "Eva & Co", "eva@example.com", "admin"), language=language, at=AT)
    reply = show_parts(None, visit)  # type: ignore[arg-type]
    assert isinstance(reply, Html)
    page = render(reply, visit, Frame("Åre <shop>", csrf='to"ken'))
    assert f'<html lang="{language}"' in page
    assert "Åre &lt;shop&gt;" in page
    assert "Eva &amp; Co" in page
    assert 'name="csrf" value="to&#34;ken"' in page
    assert "style=" not in page
    assert page.count("<script") == page.count("</script>") == 4  # theme, panel, two data islands
    assert page.count('<script type="application/json">') == 2


def test_data_in_a_chart_cannot_end_its_script() -> None:
    page = render(
        Html("specimen/parts.html", {"chart": {"x": "</script><b>&"}, "funnel": {}, "rows": (), "at": AT}),
        Visit(),
        Frame(),
    )
    assert '{"x":"\\u003c/script\\u003e\\u003cb\\u003e\\u0026"}' in page


def test_a_page_holds_fragments_of_other_rooms() -> None:
    page = render(
        Html("specimen/whole.html", {"inner": Html("specimen/count.html", {"partial": "<b>"})}),
        Visit(),
        Frame(),
    )
    assert page == '<div><span id="count">fragment &lt;b&gt;</span>\n</div>\n'


def test_a_name_that_a_page_forgot_is_a_fault() -> None:
    with pytest.raises(UndefinedError, match="partial"):
        render(Html("specimen/count.html"), Visit(), Frame())


@pytest.mark.parametrize("name", ["nobody/page.html", "web", "web/", "web/../texts.toml", "web/none.html"])
def test_a_template_lies_in_its_room(name: str) -> None:
    with pytest.raises(TemplateNotFound):
        render(Html(name), Visit(), Frame())


def test_roles_include_the_ones_before_them() -> None:
    for at, role in enumerate(ROLES):
        viewer = Viewer("u", "Eva", "eva@example.com", role)
        assert [viewer.may(other) for other in ROLES] == [at >= n for n in range(len(ROLES))]
    assert not any(NOBODY.may(role) for role in ROLES)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "This needs the role “Merchandiser”."),
        ("sv", "Det här kräver rollen ”Butiksredaktör”."),
        ("nb", "Dette krever rollen «Butikkredaktør»."),
    ],
)
def test_a_role_that_is_missing_is_named_in_the_visitors_language(language: str, told: str) -> None:
    need_role(Visit(viewer=Viewer("u", "Eva", "eva@example.com", "admin"), language=language), "merchandiser")
    with pytest.raises(NotAllowed) as refused:
        need_role(Visit(language=language), "merchandiser")
    assert str(refused.value) == told


def test_ticked_boxes_are_a_list() -> None:
    assert Visit(form={"a": "2"}, lists={"a": ("1", "2")}).chosen("a") == ("1", "2")
    assert Visit(form={"a": "2"}).chosen("a") == ("2",)
    assert Visit().chosen("a") == ()


def test_a_number_of_a_form_is_read_or_none() -> None:
    written = {"version": "12", "word": "x", "under": "-1", "long": "9" * 5_000, "empty": ""}
    assert {name: Visit(form=written).number(name) for name in (*written, "missing")} == {
        "version": 12, "word": 0, "under": 0, "long": 0, "empty": 0, "missing": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("orders.csv", "orders.csv"),
        ("C:\\Users\\eva\\orders.csv", "orders.csv"),
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ('a"b<c>|d?.csv', "abcd.csv"),
        ("ro\u202eexe.csv", "roexe.csv"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_a_files_name_is_only_a_name(claimed: str, kept: str) -> None:
    assert safe_name(claimed) == kept


@given(st.text(max_size=400))
def test_no_files_name_is_a_path(claimed: str) -> None:
    name = safe_name(claimed)
    assert 0 < len(name) <= 120
    assert not name.startswith(".")
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(sign)[0] != "C" for sign in name)


@given(st.text(max_size=60))
def test_what_is_said_by_a_foreign_cookie_fails_nothing(value: str) -> None:
    assert isinstance(said_before({"expedit_said": value}), str)


@pytest.mark.parametrize("path", ["/panel", "/panel/x?a=b#c", "/"])
def test_paths_of_this_host_are_local(path: str) -> None:
    assert is_local(path)


@pytest.mark.parametrize(
    "path", ["", "panel", "//example.com", "/\\example.com", "https://example.com/", "/a\r\nSet-Cookie: x"]
)
def test_other_addresses_are_not(path: str) -> None:
    assert not is_local(path)
