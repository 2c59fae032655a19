"""Refused events are mended and sent through again: once, by the same parser, with a trace in the log."""

from __future__ import annotations

import json

import pytest

from expedit.access import Source, keys, read_audit
from expedit.core import Conflict, InvalidInput, NotFound, from_json
from expedit.events import Event, dead_letter, dead_letters, keep_dead_letter, read_events
from expedit.features import Health
from expedit.storage import Shop
from expedit.tracking import call_of, ingest
from expedit.tracking.panel import act_on_many, act_on_one, examine, show_letter, show_letters
from expedit.tracking.reading import Refused, intake_of, read_raw
from expedit.tracking.replaying import discard_letter, discard_like, replay_letter, replay_like
from expedit.web import Frame, Html, Redirect, Viewer, Visit, render

EVA = Viewer("u1", "Eva", "eva@example.com", "admin")
IDA = Viewer("u2", "Ida", "ida@example.com", "viewer")
TILL = Source("till", "till", "wk_till", {"analytics": True, "personalization": True}, "contract")


def body(number: int, price: object = "1 kr", **more: object) -> str:
    return json.dumps(
        {
            "type": "track", "event": "Product Viewed", "messageId": f"m{number}", "userId": "ana-1",
            "timestamp": "2026-09-20T10:00:00Z",
            "properties": {"product_id": "p1", "price": price, "currency": "SEK"}, **more,
        }
    )  # fmt: skip


@pytest.fixture
def letters(shop: Shop) -> list[int]:
    """Give the ids of three letters with the same complaint but other values."""
    keys(shop).add_source(TILL)
    for number in range(3):
        call = call_of(json.loads(body(number, price=f"dear {number}")))
        (outcome,) = ingest(shop, [call], TILL, shop.clock())
        assert outcome.fate == "refused"
    with shop.database.reading() as tx:
        return [one.id for one in reversed(dead_letters(tx))]


def events(shop: Shop) -> list[Event]:
    return list(read_events(shop))


def actions(shop: Shop) -> list[str]:
    return [entry.action for entry in read_audit(shop)]


def test_a_mended_letter_is_taken_once_and_audited(shop: Shop, letters: list[int]) -> None:
    outcome = replay_letter(shop, EVA, letters[0], body(0, price=499))
    assert (outcome.fate, outcome.message_id) == ("stored", "m0")
    (event,) = events(shop)
    assert (event.kind, event.items[0].price, event.source) == ("view_item", 49900, "till")
    with pytest.raises(Conflict, match="already"):
        replay_letter(shop, EVA, letters[0], body(0, price=499))
    with shop.database.reading() as tx:
        assert dead_letter(tx, letters[0]).replayed == shop.clock()
    (entry,) = read_audit(shop)
    assert (entry.actor, entry.action, entry.subject) == ("u1", "tracking.replay_letter", str(letters[0]))
    assert entry.details["fate"] == "stored" and entry.details["edited"] is True


def test_what_came_in_meanwhile_is_not_counted_twice(shop: Shop, letters: list[int]) -> None:
    ingest(shop, [call_of(json.loads(body(1, price=499)))], TILL, shop.clock())
    assert replay_letter(shop, EVA, letters[1], body(1, price=499)).fate == "duplicate"
    assert len(events(shop)) == 1


def test_what_is_still_wrong_stays_with_its_new_complaint(shop: Shop, letters: list[int]) -> None:
    mended = body(2, price=499, timestamp="yesterday")
    outcome = replay_letter(shop, EVA, letters[2], mended)
    assert outcome.refusal is not None and outcome.refusal.field == "timestamp"
    with shop.database.reading() as tx:
        letter = dead_letter(tx, letters[2])
    assert (letter.field, letter.replayed, letter.body) == ("timestamp", None, mended)
    assert events(shop) == []


def test_all_of_a_complaint_go_at_once(shop: Shop, letters: list[int]) -> None:
    with shop.database.writing() as tx:
        for letter in letters[:2]:  # the sender's fault was mended in the texts
            tx.run("UPDATE dead_letters SET body = ? WHERE id = ?", (body(letter, price=5), letter))
        first = dead_letter(tx, letters[0])
    from expedit.events import shape_of

    done = replay_like(shop, EVA, "till", shape_of(first.field), shape_of(first.reason))
    assert (done.taken, done.refused, len(events(shop))) == (2, 1, 2)
    assert actions(shop) == ["tracking.replay_letters"]
    again = replay_like(shop, EVA, "till", shape_of(first.field), shape_of(first.reason))
    assert (again.taken, again.refused, len(events(shop))) == (0, 1, 2)
    assert discard_like(shop, EVA, "till", shape_of(first.field), shape_of(first.reason)) == 1


def test_letters_that_cannot_be_replayed_say_why(shop: Shop, letters: list[int]) -> None:
    with shop.database.writing() as tx:
        keep_dead_letter(tx, "till", "", "type", "is missing", shop.clock())
        keep_dead_letter(tx, "gone", body(9, price=5), "type", "is missing", shop.clock())
        orphan, bare = (one.id for one in dead_letters(tx, 2))
    with pytest.raises(Conflict, match="no consent"):
        replay_letter(shop, EVA, bare)
    with pytest.raises(NotFound, match="gone"):
        replay_letter(shop, EVA, orphan)
    discard_letter(shop, EVA, bare)
    with pytest.raises(NotFound):
        replay_letter(shop, EVA, bare)


def test_a_call_whose_path_told_the_type_can_be_replayed(shop: Shop) -> None:
    keys(shop).add_source(TILL)
    intake = intake_of(shop, TILL, shop.clock(), trusted=True)
    for raw in (b'{"userId": "ana", "timestamp": "yesterday"}', b' { "timestamp": "?" } '):
        found = read_raw(raw, intake, 1000, "identify")
        assert isinstance(found, Refused)
        assert from_json(found.letter.body, dict)["type"] == "identify"


def test_the_pages_show_complaints_without_values_to_viewers(shop: Shop, letters: list[int]) -> None:
    page = render(show_letters(shop, Visit(viewer=EVA, at=shop.clock())), Visit(viewer=EVA), Frame())
    assert "dear 1" in page
    told = show_letters(shop, Visit(viewer=IDA, at=shop.clock()))
    assert isinstance(told, Html)
    assert [one.letters for one, _ in told.values["complaints"]] == [3]
    hidden = render(told, Visit(viewer=IDA, language="nb"), Frame())
    assert "dear" not in hidden and "Avviste hendelser" in hidden


def test_the_form_mends_refuses_and_discards(shop: Shop, letters: list[int]) -> None:
    where = {"letter": str(letters[0])}
    shown = render(show_letter(shop, Visit(viewer=EVA, path=where)), Visit(viewer=EVA), Frame())
    assert "dear 0" in shown
    with pytest.raises(InvalidInput) as wrong:
        act_on_one(shop, Visit(viewer=EVA, path=where, form={"body": "{", "do": "replay"}))
    assert wrong.value.field == "body"
    done = act_on_one(shop, Visit(viewer=EVA, path=where, form={"body": body(0, price=7), "do": "replay"}))
    assert done == Redirect("/panel/dead-letters", said="The event was taken in.")
    gone = act_on_one(shop, Visit(viewer=EVA, path={"letter": str(letters[1])}, form={"do": "discard"}))
    assert isinstance(gone, Redirect) and "discarded" in gone.said
    with pytest.raises(NotFound):
        show_letter(shop, Visit(viewer=EVA, path={"letter": "x"}))
    with pytest.raises(InvalidInput):
        act_on_many(shop, Visit(viewer=EVA, form={"do": "replay"}))


def test_health_warns_while_fresh_letters_wait(shop: Shop, letters: list[int], shop_clock) -> None:
    (found,) = examine(shop)
    assert found.state == "warning" and "3 refused events" in found.says
    shop_clock.advance(2 * 86_400_000_000)
    assert examine(shop) == [Health("dead letters", "ok", "no event was refused in the last 24 hours")]
