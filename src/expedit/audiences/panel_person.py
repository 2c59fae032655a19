"""The card on a person's page: which audiences they are in at this moment, and since when."""

from __future__ import annotations

from expedit.audiences.live import live_audiences, may_be_in
from expedit.audiences.store import since_of
from expedit.core import PersonRef
from expedit.features import PersonPanel
from expedit.profiles import read_profile
from expedit.storage import Shop
from expedit.web import Html, Visit


def show_card(shop: Shop, person: PersonRef, visit: Visit) -> Html:
    """Show the audiences of a person."""
    profile = read_profile(shop.database, person.person_id)
    audiences = live_audiences(shop)
    ids = [] if profile is None else audiences.of(profile, visit.at)
    book = audiences.current()
    with shop.database.reading() as tx:
        since = since_of(tx, person.person_id)
    return Html(
        "audiences/_person.html",
        {
            "audiences": [(book[one].audience, since.get(one)) for one in ids],
            "any": bool(book),
            "denied": profile is not None and not may_be_in(profile.consents),
        },
    )


PERSON_CARDS = (PersonPanel("audiences.card.title", order=40, show=show_card),)
