"""Pointing at a placement's spot: what a token may, when it no longer may, and the draft that it writes."""

import pytest

from expedit.access import add_user, read_audit
from expedit.access.users import set_disabled
from expedit.core import MINUTE, SECOND, InvalidInput, NotAllowed
from expedit.decisions import live_placements
from expedit.decisions.live_placements import PLACEMENTS
from expedit.decisions.panel_pick import open_pick, show_pick
from expedit.decisions.placement_pick import PickBody, address_to_point, pick_spot
from expedit.web import Frame, Viewer, Visit, render

SHOP = "https://shop.example"


@pytest.fixture
def user(shop):
    return add_user(shop, "eva@example.com", "Eva", "merchandiser")


def token_of(shop, user, page=f"{SHOP}/sv/?utm=1#top"):
    address = address_to_point(shop, "home-new", "Nyheter", user.id, page, "sv")
    assert address.startswith("https://shop.example/sv/?utm=1#expedit-pick=")
    return address.partition("#expedit-pick=")[2]


def newest(shop):
    with shop.database.reading() as tx:
        return PLACEMENTS.newest(tx, "home-new")


def test_a_spot_is_written_into_the_draft_and_changes_nothing_for_shoppers(shop, user):
    token = token_of(shop, user)
    first = pick_spot(shop, PickBody(token, " main .news ", "after"), SHOP)
    assert (first.state, first.version, first.author) == ("draft", 1, user.id)
    again = pick_spot(shop, PickBody(token, "#hero"), SHOP)
    assert (again.body.selector, again.body.position, again.version) == ("#hero", "append", 2)
    assert again.body.ladder == live_placements(shop).of_file()["home-new"].ladder
    shop.clock.advance(SECOND)
    assert live_placements(shop).current()["home-new"].selector == ""
    assert next(iter(read_audit(shop))).action == "placements.pointed"


def test_a_token_is_of_one_site_one_user_and_half_an_hour(shop, user):
    token = token_of(shop, user)
    written, _, signature = token.partition(".")
    body = PickBody(token, "main")
    for wrong, origin in (
        (PickBody("", "main"), SHOP),
        (PickBody(f"{written}.{'0' * 40}", "main"), SHOP),
        (PickBody(f"{written}x.{signature}", "main"), SHOP),
        (PickBody("x" * 3000, "main"), SHOP),
        (body, "https://evil.example"),
        (body, ""),
    ):
        with pytest.raises(NotAllowed):
            pick_spot(shop, wrong, origin)
    viewer = add_user(shop, "odd@example.com", "Odd", "viewer")
    with pytest.raises(NotAllowed, match="rollen ”Butiksredaktör”"):
        pick_spot(shop, PickBody(token_of(shop, viewer), "main"), SHOP)
    add_user(shop, "boss@example.com", "Boss", "admin")
    with shop.database.writing() as tx:
        set_disabled(tx, user.id, True)
    with pytest.raises(NotAllowed, match="rollen ”Butiksredaktör”"):
        pick_spot(shop, body, SHOP)
    with shop.database.writing() as tx:
        set_disabled(tx, user.id, False)
    shop.clock.advance(31 * MINUTE)
    with pytest.raises(NotAllowed, match="för gammal"):
        pick_spot(shop, body, SHOP)
    assert newest(shop) is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"selector": " "}, "selector"),
        ({"selector": "x" * 501}, "selector"),
        ({"selector": "<<<bad["}, "selector"),
        ({"position": "under"}, "position"),
    ],
)
def test_what_does_not_fit_names_its_field(shop, user, body, field):
    with pytest.raises(InvalidInput) as caught:
        pick_spot(shop, PickBody(**{"token": token_of(shop, user), "selector": "main", **body}), SHOP)
    assert caught.value.field == field
    assert newest(shop) is None


@pytest.mark.parametrize(
    "page", ["", "javascript:alert(1)", "shop.example", "https://", "https://a:b@shop.example/"]
)
def test_only_a_page_of_the_web_can_be_opened(shop, user, page):
    with pytest.raises(InvalidInput):
        address_to_point(shop, "home-new", "", user.id, page, "en")


def test_the_page_gives_the_link(sqlite_shop):
    user = add_user(sqlite_shop, "eva@example.com", "Eva", "merchandiser")
    viewer = Viewer(user.id, "Eva", "eva@example.com", "merchandiser")
    visit = Visit(viewer=viewer, path={"placement": "home-new"}, form={"page": "https://shop.example/"})
    asked = str(render(show_pick(sqlite_shop, visit), visit, Frame()))
    assert "A page of your shop" in asked
    given = str(render(open_pick(sqlite_shop, visit), visit, Frame()))
    assert 'href="https://shop.example/#expedit-pick=' in given
    assert "works for 30 minutes" in given
    with pytest.raises(InvalidInput, match="https"):
        open_pick(sqlite_shop, Visit(viewer=viewer, path=visit.path, form={"page": "shop"}))
