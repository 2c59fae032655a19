"""What a placement would answer now, for somebody, without anybody having been shown it."""

from __future__ import annotations

from typing import Literal

from expedit.core import NotFound, Struct
from expedit.decisions.askers import PERSONALIZATION, Asker
from expedit.decisions.desk import Decision, desk
from expedit.decisions.placements import Placement
from expedit.decisions.wire import AskContext
from expedit.experiments import HOLDOUT, PERSONALIZED, holdout_arm
from expedit.identity import person_of
from expedit.profiles import note_view, read_profile
from expedit.storage import Shop
from expedit.web import Viewer

Standing = Literal["anonymous", "personalized", "held_out", "no_consent"]
"""How somebody is answered: as a stranger, by their profile, by the holdout's rules, or without consent."""


class Preview(Struct, frozen=True):
    """An answer that nobody was shown."""

    decision: Decision
    standing: Standing


def preview(
    shop: Shop, placement: Placement, context: AskContext, person_id: str = "", *, limit: int | None = None
) -> Preview:
    """Return what a placement would answer, fully explained.

    Parameters
    ----------
    person_id
        A person's id; empty = a stranger. What they consented to holds here as well.

    Raises
    ------
    NotFound
        When there is no such person.
    InvalidInput
        When the context names a market that the shop has not.
    """
    asker, standing = asker_of(shop, person_id)
    decision = desk(shop).decide(placement, asker, context, limit=limit, explain=True, keep=False)
    return Preview(decision, standing)


def asker_of(shop: Shop, person_id: str) -> tuple[Asker, Standing]:
    """Return somebody as an asker; an empty id is a stranger.

    Raises
    ------
    NotFound
        When nobody has that id.
    """
    if not person_id:
        return Asker(consented=True, personal=False), "anonymous"
    person = person_of(shop.database, person_id)
    profile = read_profile(shop.database, person.person_id) if person else None
    if person is None or profile is None:
        raise NotFound(f"nobody has the person id {person_id[:60]!r}")
    if not profile.consents.get(PERSONALIZATION):
        return Asker(), "no_consent"
    arm = holdout_arm(shop, profile.bucket_key)
    personal = arm == PERSONALIZED
    asker = Asker(person.person_id, profile, HOLDOUT, arm, personal, True)
    return asker, "personalized" if personal else "held_out"


def note_person(shop: Shop, viewer: Viewer, person_id: str) -> None:
    """Write down who was shown what somebody is answered; an empty id is nobody."""
    person = person_of(shop.database, person_id) if person_id else None
    if person is not None:
        note_view(shop, viewer, person)
