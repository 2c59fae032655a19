"""Members to look at something through: real people, from the middle of all that there are."""

from __future__ import annotations

from typing import Final

from expedit.audiences import store
from expedit.audiences.columns import PersonColumns
from expedit.audiences.counting import members_of, surroundings
from expedit.audiences.estimating import estimator
from expedit.audiences.live import PERSONALIZATION, InForce, in_force
from expedit.audiences.model import Audience, RawCondition
from expedit.core import Struct
from expedit.profiles import Crowd, crowd_of
from expedit.storage import Shop

MOST_NAMED: Final = 50
"""Most members that are named."""

_MOST_NOTED: Final = 1_000
"""Most noted members that are looked at, where the sample has none."""


class Members(Struct, frozen=True):
    """Some members, the most typical first.

    Parameters
    ----------
    people
        Person ids: those who agreed to personalization go first, each lot from its middle outwards.
    found
        How many members they were chosen from.
    """

    people: tuple[str, ...] = ()
    found: int = 0


def members_like(shop: Shop, when: RawCondition, at: int) -> Members:
    """Return typical people among those of an even sample who fulfill `when` at the moment `at`.

    Raises
    ------
    InvalidInput
        When it is no condition over a person.
    """
    asked = in_force(Audience("example", "example", when), 0)
    return _members(shop, estimator(shop).crowd(), asked, at)


def members_of_audience(shop: Shop, audience_id: str, at: int) -> Members:
    """Return typical members of an audience at the moment `at`: as it is in force, else as its draft says.

    An even sample of everybody is looked at, and where none of them is in it, those who are noted as members.

    Raises
    ------
    NotFound
        When there is no such audience.
    """
    with shop.database.reading() as tx:
        edition = store.read_one(tx, audience_id).shown
    asked = in_force(edition.audience, edition.version)
    found = _members(shop, estimator(shop).crowd(), asked, at)
    if found.people:
        return found
    with shop.database.reading() as tx:
        noted = [one.person_id for one in store.read_members(tx, audience_id, "", _MOST_NOTED)]
        crowd = crowd_of(tx, noted)
    return _members(shop, crowd, asked, at)


def _members(shop: Shop, crowd: Crowd, asked: InForce, at: int) -> Members:
    columns = PersonColumns(crowd, surroundings(shop), at)
    inside = {person for _, person in members_of(columns, [asked])}
    rows = [row for row, person in enumerate(crowd.person_ids) if person in inside]
    agreed = [row for row in rows if crowd.consents[row].get(PERSONALIZATION)]
    others = sorted(set(rows) - set(agreed))
    people = [crowd.person_ids[row] for lot in (agreed, others) for row in _from_the_middle(crowd, lot)]
    return Members(tuple(people[:MOST_NAMED]), len(rows))


def _from_the_middle(crowd: Crowd, rows: list[int]) -> list[int]:
    """Return rows by how near they are to the middle, in the order of what each bought, then looked at."""

    def much(row: int) -> tuple[int, int, str]:
        pieces = sum(one.quantity for one in crowd.purchased[row])
        return pieces, len(crowd.recent[row]), crowd.person_ids[row]

    ordered = sorted(rows, key=much)
    middle = (len(ordered) - 1) / 2
    places = sorted(range(len(ordered)), key=lambda place: (abs(place - middle), place))
    return [ordered[place] for place in places]
