"""People in the panel: found by anything, masked for viewers, helped with a trace in the audit log."""

from __future__ import annotations

import json

import pytest

from expedit.access import Source, Wanted, add_user, keys, read_audit
from expedit.app import FEATURES
from expedit.core import HOUR, Conflict, InvalidInput, NotFound, PersonRef
from expedit.events import read_events, seal
from expedit.features import install
from expedit.identity import quarantined
from expedit.orders import keep_orders
from expedit.profiles import find_person, person_of, read_profile
from expedit.profiles.caring import release_identifier, say_consent, take_apart
from expedit.profiles.panel import (
    act_on_consent,
    act_on_merge,
    act_on_quarantine,
    erase_person,
    export_person,
    find_people,
    search_people,
    show_people,
    show_person,
    show_quarantine,
    show_timeline,
)
from expedit.profiles.seeking import masked, seek
from expedit.profiles.showing import timeline
from expedit.storage import Shop
from expedit.tracking import call_of, ingest
from expedit.web import Download, Frame, Html, Redirect, Reply, Viewer, Visit, render
from tests.conftest import StandingClock

EVA = Viewer("u1", "Eva", "eva@example.com", "merchandiser")
IDA = Viewer("u2", "Ida", "ida@example.com", "viewer")
ALL = {"analytics": True, "personalization": True}
SERVER = Source("server", "server", "wk_server", ALL, "contract")
MINUTE = 60_000_000


@pytest.fixture
def house(shop: Shop) -> Shop:
    """Give a shop where Anna looked, logged in and bought, and Bo only looked."""
    install(shop, FEATURES)
    keys(shop).add_source(SERVER)
    at = shop.clock() - 3 * 86_400_000_000

    def happen(minutes: float, name: str, device: str, user: str | None = None, **properties: object) -> None:
        moment = at + int(minutes * MINUTE)
        call = {
            "type": "track", "event": name, "messageId": f"{device}-{minutes}", "anonymousId": device,
            "userId": user, "timestamp": moment / 1e6 * 1000, "properties": properties,
            "context": {"market": "SE", **({"traits": {"email": f"{user}@example.com"}} if user else {})},
        }  # fmt: skip
        (outcome,) = ingest(shop, [call_of(call)], SERVER, moment)
        assert outcome.fate == "stored", outcome

    happen(0, "Product Viewed", "device-of-anna", product_id="p1", price=100, currency="SEK", brand="Fjäll")
    happen(5, "Product Added", "device-of-anna", "anna", product_id="p1", price=100, currency="SEK")
    happen(90, "Order Completed", "device-of-anna", "anna", order_id="1001", revenue=100, currency="SEK",
           products=[{"product_id": "p1", "price": 100, "quantity": 1}])  # fmt: skip
    happen(1500, "Products Searched", "device-of-bo", query="tält till bo@example.com")
    keep_orders(shop)
    return shop


def anna(shop: Shop) -> PersonRef:
    return find_person(shop, "user_id", "anna")


def visit(viewer: Viewer, person: PersonRef | None = None, **fields: object) -> Visit:
    path = {"person_id": person.person_id} if person else {}
    return Visit(viewer=viewer, path=path, at=1_790_000_000_000_000, **fields)  # type: ignore[arg-type]


def page(reply: Reply, seen: Visit) -> str:
    assert isinstance(reply, Html)
    return render(reply, seen, Frame())


def trail(shop: Shop) -> list[tuple[str, str, str]]:
    """Give what was done, the newest first; not who only looked."""
    done = [(one.actor, one.action, one.subject) for one in read_audit(shop)]
    return [one for one in done if one[1] != "profiles.view"]


def views(shop: Shop) -> list[tuple[str, str]]:
    return [(one.actor, one.subject) for one in read_audit(shop, Wanted(action="profiles.view"))]


def test_who_looks_at_whom_is_written_down_once_an_hour(house: Shop, shop_clock: StandingClock) -> None:
    who = anna(house)
    for _ in range(2):
        show_person(house, visit(EVA, who))
    assert views(house) == [("u1", who.person_id)]
    shop_clock.advance(HOUR + 1)
    show_person(house, visit(EVA, who))
    assert views(house) == [("u1", who.person_id)] * 2


def test_the_same_thing_in_a_row_is_one_row(house: Shop) -> None:
    at = house.clock() - MINUTE
    for number in range(3):
        call = {"type": "identify", "messageId": f"login-{number}", "anonymousId": "device-of-anna",
                "userId": "anna", "timestamp": (at + number) / 1e6 * 1000}  # fmt: skip
        ingest(house, [call_of(call)], SERVER, at + number)
    (session, *_) = timeline(house, anna(house), "en").days[0].sessions
    assert len(session.lines) == 3
    assert [times for _, times in session.rows] == [3]
    seen = visit(EVA, anna(house))
    assert "3 ×" in page(show_timeline(house, seen), seen)


def test_who_sees_a_person_masked_is_not_written_down(house: Shop) -> None:
    show_person(house, visit(IDA, anna(house)))
    assert views(house) == []


@pytest.mark.parametrize(
    "words", ["anna@example.com", " ANNA@example.com ", "anna", "device-of-anna", "1001"]
)
def test_a_person_is_found_by_anything_they_are_known_by(house: Shop, words: str) -> None:
    assert seek(house, words) == (anna(house),)
    found = search_people(house, visit(EVA, form={"words": words}))
    assert found == Redirect(f"/panel/people/{anna(house).person_id}")
    assert find_people(house, EVA, words)[0].href == found.to


def test_nobody_is_found_by_a_part(house: Shop) -> None:
    seen = visit(EVA, form={"words": "ann"})
    assert "Nobody is known by that" in page(search_people(house, seen), seen)
    assert find_people(house, EVA, "an") == []
    assert seek(house, "  ") == ()


def test_the_newest_people_come_first(house: Shop) -> None:
    seen = visit(EVA)
    written = page(show_people(house, seen), seen)
    assert "anna@example.com" in written
    told = show_people(house, seen)
    assert isinstance(told, Html)
    names = [[value for _, value in names] for _, names in told.values["rows"]]
    assert names == [["device-of-bo"], ["anna", "anna@example.com", "device-of-anna"]]


def test_one_person_is_shown_whole(house: Shop) -> None:
    who = anna(house)
    seen = visit(EVA, who)
    written = page(show_person(house, seen), seen)
    for part in (
        "anna@example.com",
        "device-of-anna",
        "1001",
        "Fjäll",
        "Added to the cart",
        "became one person",
    ):
        assert part in written, part
    assert 'style="' not in written


def test_a_device_leads_to_its_person(house: Shop) -> None:
    who = anna(house)
    device = next(one for one in who.subject_ids if one != who.person_id)
    to = show_person(house, visit(EVA, PersonRef(device, (device,))))
    assert to == Redirect(f"/panel/people/{who.person_id}")
    with pytest.raises(NotFound):
        show_person(house, visit(EVA, PersonRef("nobody", ())))


def test_a_viewer_sees_neither_identifiers_nor_what_people_wrote(house: Shop) -> None:
    bo = find_person(house, "anonymous_id", "device-of-bo")
    for who in (anna(house), bo):
        for language in ("en", "sv", "nb"):
            seen = visit(IDA, who, language=language)
            written = page(show_person(house, seen), seen)
            for secret in ("anna@example.com", "device-of", "bo@example.com", "/erase", "/export"):
                assert secret not in written, secret
    assert "anna" not in page(show_people(house, visit(IDA)), visit(IDA))
    assert "anna" not in find_people(house, IDA, "anna@example.com")[0].title


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("email", "anna@mail.example.com", "a…@….com"),
        ("phone", "+46701234567", "…67"),
        ("user_id", "anna", "a…"),
        ("anonymous_id", "", ""),
    ],
)
def test_masking_keeps_little(kind, value: str, shown: str) -> None:
    assert masked(kind, value) == shown


@pytest.mark.parametrize("sealed", [False, True])
def test_the_timeline_goes_by_day_and_session(house: Shop, sealed: bool) -> None:
    if sealed:
        seal(house)
    found = timeline(house, anna(house), "en", limit=2)
    assert [len(session.lines) for day in found.days for session in day.sessions] == [1, 1]
    rest = timeline(house, anna(house), "en", before=found.following)
    assert [[line.title for line in session.lines] for day in rest.days for session in day.sessions] == [
        ["Viewed a product"]
    ]
    assert rest.following == ""
    seen = visit(EVA, anna(house), query={"before": found.following})
    assert "Viewed a product" in page(show_timeline(house, seen), seen)


def test_consent_is_given_with_a_note_and_withdrawn_with_a_click(house: Shop) -> None:
    who = anna(house)
    with pytest.raises(InvalidInput) as wrong:
        act_on_consent(house, visit(EVA, who, form={"purpose": "email", "given": "yes", "note": " "}))
    assert wrong.value.field == "note"
    form = {"purpose": "email", "given": "yes", "note": "by phone, asked anna@example.com"}
    act_on_consent(house, visit(EVA, who, form=form))
    profile = read_profile(house.database, who.person_id)
    assert profile is not None and profile.consents["email"] is True
    house.clock.advance(1)  # type: ignore[attr-defined]
    act_on_consent(house, visit(EVA, who, form={"purpose": "email", "given": "no"}))
    profile = read_profile(house.database, who.person_id)
    assert profile is not None and profile.consents["email"] is False
    said = [one for one in read_events(house) if one.kind == "consent"]
    assert [one.consent for one in said] == [{"email": True}, {"email": False}]
    newest, first = read_audit(house)
    assert (first.action, first.details["given"], first.details["note"]) == (
        "profiles.consent", True, "by phone, asked …"
    )  # fmt: skip
    assert newest.details["given"] is False
    with pytest.raises(InvalidInput):
        say_consent(house, EVA, who, "tea", True, "by mail")


def test_withdrawing_personalization_forgets_what_was_done(house: Shop) -> None:
    say_consent(house, EVA, anna(house), "personalization", False)
    profile = read_profile(house.database, anna(house).person_id)
    assert profile is not None and (profile.recent, profile.purchased) == ((), ())
    seen = visit(EVA, anna(house))
    assert "denied" in page(show_person(house, seen), seen)


def test_a_merge_is_undone_and_taken_back(house: Shop) -> None:
    user = add_user(house, "eva@example.com", "Eva Lind", "merchandiser")
    eva = Viewer(user.id, "Eva Lind", "eva@example.com", "merchandiser")
    who = anna(house)
    told = show_person(house, visit(eva, who))
    assert isinstance(told, Html)
    (mail,) = [one for one in told.values["merges"] if one.outcome == "merged"]
    act_on_merge(house, visit(eva, who, form={"merge": mail.id}))
    assert find_person(house, "email", "anna@example.com").person_id != anna(house).person_id
    seen = visit(eva, anna(house))
    after = show_person(house, seen)
    assert isinstance(after, Html)
    (apart,) = after.values["separations"]
    assert "kept apart by Eva Lind" in page(after, seen)
    act_on_merge(house, visit(eva, anna(house), form={"separation": apart.id}))
    assert find_person(house, "email", "anna@example.com") == anna(house)
    assert [action for _, action, _ in trail(house)] == ["profiles.rejoin", "profiles.undo_merge"]
    with pytest.raises(NotFound):
        take_apart(house, eva, "no such merge")


def test_an_export_holds_every_room(house: Shop) -> None:
    file = export_person(house, visit(EVA, anna(house)))
    assert isinstance(file, Download)
    told = json.loads(file.body)
    assert told["personId"] == anna(house).person_id
    assert told["features"]["orders"]["orders"][0]["id"] == "1001"
    assert len(told["features"]["events"]["events"]) == 3
    assert trail(house) == [("u1", "profiles.export", anna(house).person_id)]


def test_erasing_needs_the_word_and_takes_everything(house: Shop) -> None:
    who = anna(house)
    with pytest.raises(InvalidInput) as wrong:
        erase_person(house, visit(EVA, who, form={"word": "yes"}))
    assert wrong.value.field == "word" and trail(house) == []
    erase_person(house, visit(EVA, who, form={"word": "RADERA"}, language="sv"))
    assert person_of(house.database, who.person_id) is None
    assert [one.subject for one in read_events(house)] == [
        find_person(house, "anonymous_id", "device-of-bo").person_id
    ]
    assert ("u1", "profiles.erase", who.person_id) in trail(house)
    with pytest.raises(NotFound):
        show_person(house, visit(EVA, who))


def test_a_quarantined_identifier_is_shown_and_released(house: Shop) -> None:
    at = house.clock()
    calls = [
        call_of(
            {
                "type": "identify", "messageId": f"till-{n}", "timestamp": (at - 10**9 + n) / 1e3,
                "traits": {"email": f"customer{n}@example.com", "loyaltyId": "TILL-7"},
            }
        )
        for n in range(27)
    ]  # fmt: skip
    ingest(house, calls, SERVER, at)
    ((subject, kind, others),) = quarantined(house.database)
    assert (kind, others) == ("loyalty_id", 27)
    seen = visit(EVA)
    assert "TILL-7" in page(show_quarantine(house, seen), seen)
    assert "TILL-7" not in page(show_quarantine(house, visit(IDA)), visit(IDA))
    act_on_quarantine(house, visit(EVA, form={"subject": subject}))
    assert quarantined(house.database) == ()
    assert len(find_person(house, "loyalty_id", "TILL-7").subject_ids) == 28
    # What comes later leaves it free.
    more = call_of(
        {
            "type": "identify", "messageId": "till-28", "timestamp": at / 1e3,
            "traits": {"email": "customer28@example.com", "loyaltyId": "TILL-7"},
        }
    )  # fmt: skip
    ingest(house, [more], SERVER, at)
    assert quarantined(house.database) == ()
    assert trail(house) == [("u1", "profiles.release", subject)]
    with pytest.raises(Conflict, match="not quarantined"):
        release_identifier(house, EVA, subject)
