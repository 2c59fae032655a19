"""Who a preview is for: a stranger, a kind of customer, somebody of an audience, or one person."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from expedit.audiences import Members, members_like, members_of_audience
from expedit.catalog import WEB
from expedit.core import DAY, NotFound, Struct
from expedit.decisions.askers import PERSONALIZATION, Asker
from expedit.decisions.desk import Desk
from expedit.decisions.lists import popularity_of
from expedit.decisions.preview import Standing, asker_of
from expedit.profiles import Profile, Purchased, RecentProduct
from expedit.storage import Shop

WHO = ("anonymous", "new", "returning", "audience", "person")
"""Who a preview can be for: a stranger, somebody known at their first visit, a customer who has come back, a
member of an audience, one person."""

_BOUGHT_AND_CAME_BACK: dict[str, Any] = {
    "bought": {"$count": {"is": {"$gte": 1}}},
    "visits": {"$count": {"is": {"$gte": 2}}},
}
_CONSENTED = {PERSONALIZATION: True}
_VISITS = tuple(days * DAY for days in (60, 30, 14, 3, 0))
_BOUGHT = 30 * DAY


class Example(Struct, frozen=True):
    """Who stands for many.

    Parameters
    ----------
    person_id
        A person; empty for somebody made up.
    among
        How many they were chosen from; 0 for somebody made up.
    bought
        Product id of what somebody made up has bought; empty when there was nothing to buy.
    """

    person_id: str = ""
    among: int = 0
    bought: str = ""


class Stand(Struct, frozen=True):
    """Who asks in a preview, how they are answered, and for how many they stand.

    Parameters
    ----------
    person_id
        Of the real person that it is; empty for a stranger and for somebody made up.
    """

    asker: Asker
    standing: Standing | Literal["new", "returning"]
    example: Example | None = None
    person_id: str = ""


def stand_for(desk: Desk, who: str, key: str, at: int, market: str, *, anywhere: bool = False) -> Stand:
    """Return who asks in a preview.

    Parameters
    ----------
    who, key
        One of `WHO`, and for ``person`` and ``audience`` their id.
    at
        The moment in which it is asked, microseconds.
    market, anywhere
        Market that is asked in; whether a returning customer may be of any other.

    Raises
    ------
    NotFound
        When there is no such person or audience, or nobody is in it.
    """
    shop = desk.shop
    if who == "person":
        return Stand(*asker_of(shop, key), person_id=key)
    if who == "new":
        return Stand(_made_up(Profile("", "", at, at, consents=_CONSENTED, visits=(at,))), "new")
    if who == "audience":
        return _one_of(shop, members_of_audience(shop, key, at))
    if who != "returning":
        return Stand(*asker_of(shop, ""))
    when = _BOUGHT_AND_CAME_BACK if anywhere else _BOUGHT_AND_CAME_BACK | {"market": market}
    try:
        return _one_of(shop, members_like(shop, when, at))
    except NotFound:
        return _returning(desk, at, market)


def _one_of(shop: Shop, members: Members) -> Stand:
    """Return the most typical member whom a profile may be used of, else the most typical."""
    stands = (stand for one in members.people if (stand := _member(shop, one, members.found)))
    first = next(stands, None)
    if first is None:
        raise NotFound("nobody is in it")
    if first.standing == "personalized":
        return first
    return next((one for one in stands if one.standing == "personalized"), first)


def _member(shop: Shop, person_id: str, among: int) -> Stand | None:
    """Return one of an audience; None when they have been erased since it was counted."""
    try:
        return Stand(*asker_of(shop, person_id), Example(person_id, among), person_id)
    except NotFound:
        return None


def _returning(desk: Desk, at: int, market: str) -> Stand:
    """Return somebody made up who bought the bestseller of the market a month ago and has come back since."""
    snapshot = desk.catalog.current()
    items = np.arange(len(snapshot.ids), dtype=np.int32)
    items = items[snapshot.sellable(items, market, WEB, at)]
    bought: tuple[str, ...] = ()
    if items.size:
        best = items[np.argmax(popularity_of(desk.models.current(), snapshot, items, market))]
        bought = (snapshot.ids[best],)
    then = at - _BOUGHT
    visits = tuple(at - ago for ago in _VISITS)
    profile = Profile(
        "", "", visits[0], at, consents=_CONSENTED, visits=visits, market=market,
        recent=tuple(RecentProduct(one, "purchase", then) for one in bought),
        purchased=tuple(Purchased(one, 1, then) for one in bought),
    )  # fmt: skip
    return Stand(_made_up(profile), "returning", Example(bought="".join(bought)))


def _made_up(profile: Profile) -> Asker:
    return Asker(profile=profile, personal=True, consented=True)
