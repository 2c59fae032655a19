"""The audit log: only added to, without personal data, and what a customer may ask of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import expedit
from expedit.access import SYSTEM, Wanted, all_audit, audit, audit_in, forget_audit, read_audit
from expedit.access.rights import erase_person, export_person
from expedit.core import DAY, PersonRef
from expedit.storage import Shop
from tests.conftest import StandingClock

PERSON = PersonRef("ab" * 12, ("ab" * 12, "cd" * 12))


def test_entries_come_newest_first_and_go_with_their_transaction(shop: Shop) -> None:
    audit(shop, "u1", "rules.add", "r1", {"boost": 2, "ids": ["a", "b"], "on": True, "off": None})
    with pytest.raises(RuntimeError), shop.database.writing() as tx:
        audit_in(tx, shop, "u1", "rules.drop", "r1")
        raise RuntimeError
    audit(shop, None, "rules.add", "r2")
    second, first = read_audit(shop)
    assert (first.actor, first.details) == ("u1", {"boost": 2, "ids": ["a", "b"], "on": True, "off": None})
    assert (second.actor, second.subject, second.details) == ("command line", "r2", {})
    assert first.seq < second.seq


def test_addresses_are_struck_out(shop: Shop) -> None:
    audit(shop, "u1", "people.find", "x", {"typed": "kari@example.com og ola@example.no", "all": ["a@b.se"]})
    (entry,) = read_audit(shop)
    assert entry.details == {"typed": "… og …", "all": ["…"]}


def test_reading_all_of_it_pages_by_itself(sqlite_shop: Shop) -> None:
    with sqlite_shop.database.writing() as tx:
        for count in range(2500):
            audit_in(tx, sqlite_shop, "u1", "x.y", str(count))
    assert [entry.subject for entry in all_audit(sqlite_shop, Wanted())] == [
        str(count) for count in reversed(range(2500))
    ]


def test_a_person_sees_who_handled_their_data_and_erasing_them_is_written_down(shop: Shop) -> None:
    audit(shop, "u1", "people.export", PERSON.person_id)
    audit(shop, "u1", "people.export", "ef" * 12)
    (told,) = export_person(shop, PERSON)["audit"]  # type: ignore[misc]
    assert told["action"] == "people.export" and "u1" not in str(told)
    with shop.database.writing() as tx:
        erase_person(shop, tx, PERSON)
    newest = read_audit(shop, Wanted(subject=PERSON.person_id))[0]
    assert (newest.actor, newest.action, newest.details) == (SYSTEM, "person.erased", {"identifiers": 2})


def test_the_shops_own_retention_is_the_only_thing_that_drops_entries(
    shop: Shop, shop_clock: StandingClock
) -> None:
    audit(shop, "u1", "a.b", "1")
    shop_clock.advance(DAY)
    audit(shop, "u1", "a.b", "2")
    with shop.database.writing() as tx:
        assert forget_audit(tx, shop_clock()) == 1
    assert [entry.subject for entry in read_audit(shop)] == ["2"]


def test_no_statement_in_the_code_changes_the_log() -> None:
    found = []
    for path in Path(expedit.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "audit_log" in node.value:
                words = " ".join(node.value.split()).upper()
                if words.startswith(("UPDATE", "DELETE", "INSERT", "DROP", "ALTER", "REPLACE", "TRUNCATE")):
                    found.append((path.name, words.split(" (")[0]))
    assert sorted(found) == [
        ("audit.py", "DELETE FROM AUDIT_LOG WHERE AT < ?"),
        ("audit.py", "INSERT INTO AUDIT_LOG"),
    ]
