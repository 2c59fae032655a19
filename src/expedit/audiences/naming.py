"""What other rooms need to name an audience in a condition of theirs."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from expedit.audiences.store import hold_audiences, read_audiences
from expedit.core import InvalidInput
from expedit.storage import Transaction


class UnusableAudience(InvalidInput):
    """A condition names an audience that is not there, or not in force where it must be.

    Parameters
    ----------
    name
        What people call it; its id when there is none of that id.
    """

    def __init__(self, field: str, reason: str, name: str = "") -> None:
        super().__init__(field, reason)
        self.name = name

    def under(self, prefix: str) -> UnusableAudience:
        """Return the same complaint with `prefix` put before the field."""
        return UnusableAudience(super().under(prefix).field, self.reason, self.name)


def need_audiences(tx: Transaction, named: Iterable[tuple[str, str]], *, in_force: bool) -> None:
    """Make sure that audiences are there, and stay as they are until the transaction ends.

    Parameters
    ----------
    named
        Place in the condition, and the id that stands there.
    in_force
        Whether what names them is to be in force: then the audiences must be too.

    Raises
    ------
    UnusableAudience
        Naming the place of the first that is not there.
    """
    places = list(named)
    if not places:
        return
    known = hold_audiences(tx, {audience for _, audience in places})
    for place, audience in places:
        found = known.get(audience)
        if found is None:
            reason = f"there is no audience {audience[:60]!r}{_hint(tx, audience)}"
            raise UnusableAudience(place, reason, audience)
        name = found.audience.name
        if found.state == "archived":
            raise UnusableAudience(place, f"the audience “{name}” is archived: take it back first", name)
        if in_force and not found.live:
            raise UnusableAudience(place, f"the audience “{name}” is a draft: publish it first", name)


def _hint(tx: Transaction, audience: str) -> str:
    near = get_close_matches(audience[:60], [one.audience.id for one in read_audiences(tx)], 3)
    return f"; did you mean {' or '.join(near)}?" if near else ""
