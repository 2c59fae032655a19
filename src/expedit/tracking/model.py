"""What happens to a call on its way in, as values."""

from __future__ import annotations

from typing import Literal

from expedit.core import Struct
from expedit.events import Event
from expedit.identity import Identifier


class Ignored(Struct, frozen=True):
    """A part of an event that was dropped, while the event itself was taken."""

    field: str
    reason: str


class Draft(Struct, frozen=True):
    """An event that has passed every check but consent, which only its person's state can answer.

    Parameters
    ----------
    event
        The event as it is if personalization is allowed.
    identifiers
        The identifiers behind `event.ids`.
    acting
        The device, person or order that acts, from which a rotating session key is made if it is not.
    own_consent
        What the event itself says of consent.
    explicit
        Whether a person gave that answer with this event, rather than it being their standing choice.
    ignored
        Identifiers that were dropped, each with the reason.
    """

    event: Event
    identifiers: tuple[Identifier, ...]
    acting: str
    own_consent: dict[str, bool] | None = None
    explicit: bool = False
    ignored: tuple[Ignored, ...] = ()


class Refusal(Struct, frozen=True):
    """An event that was not taken: the field at fault and what is wrong with it."""

    field: str
    reason: str


Fate = Literal["stored", "anonymous", "duplicate", "declined", "refused"]
"""What became of a call: stored with its person; stored without; known already; dropped for want of consent;
refused."""


class Outcome(Struct, frozen=True):
    """What became of one call.

    Parameters
    ----------
    fate
        See `Fate`.
    message_id
        Id of the event, empty when it was refused.
    refusal
        Why it was refused.
    ignored
        What of it was dropped.
    """

    fate: Fate
    message_id: str = ""
    refusal: Refusal | None = None
    ignored: tuple[Ignored, ...] = ()
