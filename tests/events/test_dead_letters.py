"""Refused events are kept, bounded, replayable and erasable."""

from __future__ import annotations

import pytest

from expedit.core import DAY, NotFound
from expedit.events import (
    Complaint,
    DeadLetter,
    amend_letter,
    count_complaints,
    dead_letter,
    dead_letters,
    discard_letters,
    erase_subjects,
    keep_dead_letter,
    mark_replayed,
    prune_dead_letters,
)
from expedit.storage import Shop

AT = 1_790_000_000_000_000


def test_letters_come_newest_first_by_page_and_source(shop: Shop) -> None:
    with shop.database.writing() as tx:
        for number in range(4):
            source = "till" if number == 2 else "web"
            keep_dead_letter(tx, source, f'{{"n": {number}}}', "type", "missing", AT + number)
    with shop.database.reading() as tx:
        assert [letter.body for letter in dead_letters(tx, limit=2)] == ['{"n": 3}', '{"n": 2}']
        second = dead_letters(tx, limit=2, before=dead_letters(tx, limit=2)[-1].id)
        assert [letter.at for letter in second] == [AT + 1, AT]
        assert [letter.at for letter in dead_letters(tx, source="till")] == [AT + 2]
    first = second[-1]
    assert first == DeadLetter(first.id, AT, "web", '{"n": 0}', "type", "missing", None)


def test_a_replayed_letter_says_when(shop: Shop) -> None:
    with shop.database.writing() as tx:
        keep_dead_letter(tx, "web", "{}", "type", "missing", AT)
        keep_dead_letter(tx, "web", "{}", "type", "missing", AT + 1)
        newest = dead_letters(tx)[0]
        mark_replayed(tx, [newest.id], AT + 7)
        assert [letter.replayed for letter in dead_letters(tx)] == [AT + 7, None]


def test_too_many_and_too_old_letters_are_deleted_oldest_first(shop: Shop) -> None:
    with shop.database.writing() as tx:
        for number in range(6):
            keep_dead_letter(tx, "web", str(number), "type", "missing", AT + number * DAY)
        assert prune_dead_letters(tx, AT + 6 * DAY, most=4) == 2
        assert [letter.body for letter in dead_letters(tx)] == ["5", "4", "3", "2"]
        assert prune_dead_letters(tx, AT + 33 * DAY + 1, most=4) == 2
        assert [letter.body for letter in dead_letters(tx)] == ["5", "4"]


def test_erasure_takes_the_letters_that_name_the_subject(shop: Shop) -> None:
    with shop.database.writing() as tx:
        keep_dead_letter(tx, "web", "hers", "type", "missing", AT, subjects=("aa", "bb"))
        keep_dead_letter(tx, "web", "theirs", "type", "missing", AT, subjects=("bbb",))
        keep_dead_letter(tx, "web", "nobody's", "type", "missing", AT)
        erase_subjects(tx, ("bb",), AT + 1)
        assert [letter.body for letter in dead_letters(tx)] == ["nobody's", "theirs"]


def test_a_letter_with_a_nul_is_kept(shop: Shop) -> None:
    with shop.database.writing() as tx:
        keep_dead_letter(tx, "web", "a\0b", "type", "missing", AT)
        assert dead_letters(tx)[0].body == "a\ufffdb"


def test_a_flood_of_letters_does_not_wait_for_the_night(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expedit.events.letters.MOST_LETTERS", 150)
    with shop.database.writing() as tx:
        for number in range(430):
            keep_dead_letter(tx, "web", str(number), "type", "missing", AT)
        kept = [int(letter.body) for letter in dead_letters(tx, limit=1000)]
    assert 150 <= len(kept) <= 250
    assert kept == sorted(range(430 - len(kept), 430), reverse=True)


def test_complaints_are_counted_and_looked_up(shop: Shop) -> None:
    with shop.database.writing() as tx:
        for number in range(3):
            keep_dead_letter(tx, "web", "{}", "type", "missing", AT + number)
        keep_dead_letter(tx, "till", "{}", "type", "missing", AT + 5)
        keep_dead_letter(tx, "web", "{}", "properties.price", "is no number", AT + 6)
        ids = [letter.id for letter in dead_letters(tx)]
        mark_replayed(tx, [ids[-1]], AT + 9)
    with shop.database.reading() as tx:
        assert count_complaints(tx) == [
            Complaint("web", "type", "missing", 2, AT + 2, ids[2]),
            Complaint("till", "type", "missing", 1, AT + 5, ids[1]),
            Complaint("web", "properties.price", "is no number", 1, AT + 6, ids[0]),
        ]
        same = dead_letters(tx, complaint=("type", "missing"), source="web")
        assert [letter.id for letter in same] == ids[2:]
        assert [one.id for one in dead_letters(tx, waiting=True)] == ids[:-1]
        assert dead_letter(tx, ids[0]).field == "properties.price"


def test_like_complaints_are_one_and_tell_no_value(shop: Shop) -> None:
    with shop.database.writing() as tx:
        for number, value in enumerate(("a_b@x.se", "c@y.se", "50% off")):
            keep_dead_letter(
                tx, "web", "{}", f"batch[{number}].email", f"'{value}' is no e-mail address", AT + number
            )
        keep_dead_letter(tx, "web", "{}", "email", "is empty", AT)
    with shop.database.reading() as tx:
        first, second = count_complaints(tx)
        assert (first.field, first.reason, first.letters) == ("batch[…].email", "… is no e-mail address", 3)
        assert second.letters == 1
        assert len(dead_letters(tx, complaint=(first.field, first.reason))) == 3
        assert len(dead_letters(tx, complaint=("email", "is empty"))) == 1
        assert dead_letters(tx, complaint=("batch[…].email", "is empty")) == []


def test_a_letter_is_amended_or_discarded(shop: Shop) -> None:
    with shop.database.writing() as tx:
        keep_dead_letter(tx, "web", "{}", "type", "missing", AT)
        keep_dead_letter(tx, "web", "[]", "type", "missing", AT)
        newest, oldest = (letter.id for letter in dead_letters(tx))
        amend_letter(tx, oldest, '{"type":"track"}', "event", "missing")
        discard_letters(tx, [newest])
        assert [(one.body, one.field) for one in dead_letters(tx)] == [('{"type":"track"}', "event")]
        with pytest.raises(NotFound, match="discarded"):
            dead_letter(tx, newest)
