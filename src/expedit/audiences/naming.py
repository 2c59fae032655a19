"""What other rooms need to name an audience in a condition of theirs."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from expedit.audiences.store import hold_states, read_audiences
from expedit.core import InvalidInput
from expedit.storage import Transaction


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
    InvalidInput
        Naming the place of the first that is not there.
    """
    places = list(named)
    if not places:
        return
    states = hold_states(tx, {audience for _, audience in places})
    for place, audience in places:
        state = states.get(audience)
        if state is None or state == "archived":
            known = [one.audience.id for one in read_audiences(tx)]
            near = get_close_matches(audience[:60], known, 3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise InvalidInput(place, f"there is no audience {audience[:60]!r}{hint}")
        if in_force and state != "published":
            raise InvalidInput(place, f"the audience {audience!r} is a draft: publish it first")
