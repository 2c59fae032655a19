"""How rooms point at a person without knowing more about them."""

from __future__ import annotations

from expedit.core.codec import Struct


class PersonRef(Struct, frozen=True):
    """A person and the subjects (devices and identifiers) that are theirs now.

    Parameters
    ----------
    person_id
        Id of the person, itself the subject id of their representative identifier.
    subject_ids
        Every subject of the person, sorted.
    """

    person_id: str
    subject_ids: tuple[str, ...]
