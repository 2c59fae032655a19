"""What consent makes of a draft: the event with its person, without, or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from expedit.access import Source
from expedit.core import day_of, evolve, keyed_hash
from expedit.events import Event
from expedit.tracking.consent import allowed
from expedit.tracking.model import Draft, Fate

_ABOUT_SOMEBODY = frozenset({"identify", "alias", "group", "consent"})


def settle(
    draft: Draft, person: Mapping[str, bool] | None, source: Source, secret: bytes
) -> tuple[Fate, tuple[Event, ...]]:
    """Return what becomes of `draft` and the events to store for it.

    Parameters
    ----------
    draft
        The event with everything it carried.
    person
        What its person has allowed, by purpose; None when nothing is known.
    source
        Its default holds where neither event nor person says; its legal basis decides on orders.
    secret
        The shop's secret, which names sessions.

    Notes
    -----
    - An answer that a person gives about consent is kept with the person even when it is no: the refusal has
      to be remembered, and a withdrawal has to reach the profile. It is then stripped to just that.
    - Without personalization the event carries no identifier, no traits and a session key that rotates daily.
      A call that is only about a person says nothing any more and is dropped.
    - Without analytics nothing is kept. The exception is an order of a source whose legal basis is the
      ``contract`` with the customer (GDPR art. 6(1)(b)): the shop must keep its books. No person is kept.
    """
    event = draft.event
    own = draft.own_consent
    if allowed("analytics", own, person, source.consent):
        if allowed("personalization", own, person, source.consent) and draft.identifiers:
            return "stored", (event,)
        kept = () if event.kind in _ABOUT_SOMEBODY else (without_person(draft, session_of(draft, secret)),)
    elif event.about_order and source.legal_basis == "contract":
        kept = (without_person(draft, None),)
    else:
        kept = ()
    answer = (answer_of(draft),) if draft.explicit and draft.identifiers else ()
    fate: Fate = "anonymous" if kept else "stored" if answer else "declined"
    return fate, kept + answer


def session_of(draft: Draft, secret: bytes) -> str:
    """Return the key that stands for who acted, for one day: nobody can join two days by it."""
    return keyed_hash(secret, "session", day_of(draft.event.at), draft.acting)


def without_person(draft: Draft, session: str | None) -> Event:
    """Return the event without anything that tells, or might tell, who it was."""
    where = draft.event.whereabouts
    return evolve(
        draft.event,
        whereabouts=None if where is None else evolve(where, postal=""),
        subject="",
        session=session,
        ids=(),
        traits=None,
        consent=None,
        properties=None,
        url=_bare(draft.event.url),
        referrer=_bare(draft.event.referrer),
        personal=False,
    )


def answer_of(draft: Draft) -> Event:
    """Return the consent event that records the answer that `draft` brought, and nothing else of it."""
    event = draft.event
    return Event(
        message_id=event.message_id if event.kind == "consent" else f"{event.message_id}:consent",
        source=event.source,
        kind="consent",
        at=event.at,
        received=event.received,
        subject=event.subject,
        ids=event.ids,
        channel=event.channel,
        market=event.market,
        consent=draft.own_consent,
    )


def _bare(address: str | None) -> str | None:
    """Return the address without its query, which may name a person (``?email=…``)."""
    return address if address is None else address.partition("?")[0].partition("#")[0]
