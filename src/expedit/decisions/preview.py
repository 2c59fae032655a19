"""As whom a preview is answered, and who is noted as looked at."""

from __future__ import annotations

from typing import Literal

from expedit.core import NotFound
from expedit.decisions.askers import PERSONALIZATION, Asker
from expedit.experiments import HOLDOUT, PERSONALIZED, holdout_arm
from expedit.identity import person_of
from expedit.profiles import note_view, read_profile
from expedit.storage import Shop
from expedit.web import Viewer

Standing = Literal["anonymous", "personalized", "held_out", "no_consent"]
"""How somebody is answered: as a stranger, by their profile, by the holdout's rules, or without consent."""


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
