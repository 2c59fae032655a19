"""Who is who: a known answer for each rule."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from expedit.core import DAY, HOUR
from expedit.events import IdentifierKind
from expedit.identity import BEGINNING, Limits, Link, Owner, Resolution, Separation, owner_at, resolve

KIND: dict[str, IdentifierKind] = {
    "d": "anonymous_id", "u": "user_id", "e": "email", "t": "phone", "l": "loyalty_id", "c": "payment_ref",
}  # fmt: skip


def link(at: int, *names: str) -> Link:
    """Say that these stood together: ``d1`` is a device, ``u1`` a user, ``e`` an e-mail, ``l`` a card, …"""
    return Link(at, f"m{at:03}", tuple((KIND[name[0]], name) for name in names))


def person(found: Resolution, name: str, at: int = 10**6) -> str:
    return owner_at(found.timeline(name), at)


def outcomes(found: Resolution) -> list[tuple[str, str, str, int]]:
    return [(one.a, one.b, one.outcome, one.at) for one in found.merges]


def test_strong_identifiers_merge_and_the_user_stands_for_them() -> None:
    found = resolve([link(1, "e1", "t1"), link(2, "l1", "t1"), link(3, "u1", "e1")])
    assert {person(found, name) for name in ("e1", "t1", "l1", "u1")} == {"u1"}
    assert outcomes(found) == [
        ("t1", "e1", "merged", 1),
        ("t1", "l1", "merged", 2),
        ("e1", "u1", "merged", 3),
    ]


def test_without_a_user_the_earliest_strong_identifier_stands_for_the_person() -> None:
    found = resolve([link(5, "l1", "t1"), link(2, "e1", "t1")])
    assert {person(found, name) for name in ("e1", "t1", "l1")} == {"e1"}


def test_a_device_attaches_and_the_time_before_its_first_login_belongs_to_the_first_user() -> None:
    found = resolve([link(10, "d1", "u1"), link(20, "d1", "u2"), link(30, "d1", "u1")])
    assert found.timeline("d1") == (Owner(BEGINNING, "u1"), Owner(20, "u2"), Owner(30, "u1"))
    assert [person(found, "d1", at) for at in (1, 19, 20, 29, 30)] == ["u1", "u1", "u2", "u2", "u1"]
    assert person(found, "u1") == "u1"
    assert person(found, "u2") == "u2"


def test_devices_and_cards_never_merge_people_by_themselves() -> None:
    found = resolve([link(1, "d1", "d2"), link(2, "d1", "c1"), link(3, "d2", "c1")])
    assert person(found, "d1") == "d1"
    assert person(found, "d2") == "d2"
    assert found.timeline("c1") == (Owner(BEGINNING, "d1"), Owner(3, "d2"))


def test_one_device_and_two_users_stay_two_people() -> None:
    found = resolve([link(1, "d1", "u1"), link(2, "d1", "u2"), link(3, "c1", "u1"), link(4, "c1", "u2")])
    assert (person(found, "u1"), person(found, "u2")) == ("u1", "u2")
    assert found.timeline("c1") == (Owner(BEGINNING, "u1"), Owner(4, "u2"))


def test_a_payment_reference_follows_whoever_owned_the_device() -> None:
    found = resolve([link(5, "d1", "c1"), link(9, "d1", "u2"), link(3, "d1", "u1"), link(12, "d1", "c1")])
    assert found.timeline("d1") == (Owner(BEGINNING, "u1"), Owner(9, "u2"))
    assert found.timeline("c1") == (Owner(BEGINNING, "u1"), Owner(12, "u2"))


def test_an_email_claimed_by_two_users_stays_with_the_earlier_claim_however_late_it_comes_in() -> None:
    links = [link(7, "u2", "e1"), link(3, "u1", "e1"), link(8, "u2", "e1")]
    for order in (links, links[::-1]):
        found = resolve(order)
        assert person(found, "e1") == "u1"
        assert person(found, "u2") == "u2"
        assert outcomes(found) == [("e1", "u1", "merged", 3), ("e1", "u2", "conflict", 7)]


def test_two_users_are_never_merged_through_a_chain() -> None:
    found = resolve([link(1, "u1", "e1"), link(2, "e1", "l1"), link(3, "l1", "t1"), link(4, "t1", "u2")])
    assert {person(found, name) for name in ("u1", "e1", "l1", "t1")} == {"u1"}
    assert person(found, "u2") == "u2"
    assert outcomes(found)[-1] == ("t1", "u2", "conflict", 4)


def test_an_alias_of_two_users_is_a_conflict() -> None:
    found = resolve([link(1, "u1", "u2")])
    assert (person(found, "u1"), person(found, "u2")) == ("u1", "u2")
    assert outcomes(found) == [("u2", "u1", "conflict", 1)]


def test_the_cashiers_card_is_quarantined_and_merges_nobody() -> None:
    links = [link(HOUR * n // 2, "l1", f"e{n}") for n in range(26)] + [link(10 * DAY, "e3", "t3", "l1")]
    found = resolve(links, (), Limits.of(25))
    assert found.quarantined == {"l1"}
    assert person(found, "l1") == "l1"
    assert {person(found, f"e{n}") for n in range(26)} == {f"e{n}" for n in range(26)}
    assert person(found, "t3") == "e3"


def test_what_somebody_released_is_one_persons_again() -> None:
    links = [link(HOUR * n // 2, "l1", f"e{n}") for n in range(26)]
    found = resolve(links, (), Limits.of(25), released={"l1"})
    assert found.quarantined == frozenset()
    assert len({person(found, f"e{n}") for n in range(26)}) == 1


def test_the_same_number_of_others_over_a_longer_time_is_no_quarantine() -> None:
    found = resolve([link(HOUR * n, "u1", f"d{n}") for n in range(26)], (), Limits.of(25))
    assert found.quarantined == frozenset()
    assert {person(found, f"d{n}") for n in range(26)} == {"u1"}
    slowly = resolve([link(DAY * n, "l1", f"e{n}") for n in range(501)], (), Limits.of(25))
    assert slowly.quarantined == {"l1"}


def test_repeating_a_pair_gathers_nothing() -> None:
    found = resolve([link(n, "d1", "u1") for n in range(1000)], (), Limits.of(3))
    assert found.quarantined == frozenset()


def test_a_separation_undoes_a_merge_whatever_else_ties_the_two() -> None:
    links = [
        link(1, "u1", "e1"),
        link(2, "u1", "e1"),
        link(3, "e1", "t1"),
        link(4, "u1", "t1"),
        link(5, "d1", "e1"),
    ]
    apart = Separation("s", "e1", "u1", 9, "staff")
    found = resolve(links, [apart])
    assert person(found, "e1") == "e1"
    assert person(found, "t1") == "e1"
    assert person(found, "d1") == "e1"
    assert person(found, "u1") == "u1"
    assert ("e1", "u1", "separated", 1) in outcomes(found)
    again = resolve(links, [Separation("s", "e1", "u1", 9, "staff", undone=10)])
    assert {person(again, name) for name in ("u1", "e1", "t1", "d1")} == {"u1"}


def test_a_separated_device_is_not_claimed_through_the_persons_other_identifiers() -> None:
    links = [link(1, "u1", "e1"), link(2, "d1", "u1"), link(3, "d1", "e1"), link(4, "d1", "u2")]
    found = resolve(links, [Separation("s", "d1", "u1", 9, "staff")])
    assert found.timeline("d1") == (Owner(BEGINNING, "u2"),)


def test_claims_at_one_moment_go_by_message_id() -> None:
    both = [
        Link(5, "a", (("anonymous_id", "d1"), ("user_id", "u1"))),
        Link(5, "b", (("anonymous_id", "d1"), ("user_id", "u2"))),
        Link(1, "z", (("anonymous_id", "d1"), ("user_id", "u3"))),
    ]
    for order in (both, both[::-1]):
        assert resolve(order).timeline("d1") == (Owner(BEGINNING, "u3"), Owner(5, "u2"))


NAMES = ["d1", "d2", "d3", "u1", "u2", "u3", "e1", "e2", "t1", "l1", "c1", "c2"]
LINKS = st.lists(
    st.tuples(st.integers(0, 30), st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True)),
    max_size=25,
)


@given(LINKS, st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=2), st.randoms())
def test_the_order_of_arrival_never_matters(
    raw: list[tuple[int, list[str]]], pairs: list[tuple[str, str]], rng: random.Random
) -> None:
    links = [
        Link(at, f"m{number}", tuple((KIND[name[0]], name) for name in names))
        for number, (at, names) in enumerate(raw)
    ]
    apart = [Separation(f"s{n}", min(a, b), max(a, b), 0, "x") for n, (a, b) in enumerate(pairs) if a != b]
    first = resolve(links, apart, Limits.of(5))
    shuffled = [Link(one.at, one.message_id, tuple(rng.sample(one.ids, len(one.ids)))) for one in links]
    rng.shuffle(shuffled)
    assert resolve(shuffled, apart[::-1], Limits.of(5)) == first
    owners = {person(first, name, at) for name in NAMES for at in (0, 10, 40)}
    for name in ("u1", "u2", "u3"):
        assert person(first, name) == name  # a user is always their own person
    for one in apart:
        if "u" in one.a and "u" in one.b:
            assert person(first, one.a) != person(first, one.b)
    assert all(first.timeline(name)[0].since == BEGINNING for name in NAMES)
    assert owners <= set(NAMES)
