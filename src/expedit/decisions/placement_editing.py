"""What merchandisers do with placements; each step is an edition with its author, none is ever lost."""

from __future__ import annotations

from collections.abc import Callable

from expedit.access import Arranged
from expedit.core import Conflict, InvalidInput, NotFound, evolve
from expedit.decisions.live_placements import PLACEMENTS, live_placements
from expedit.decisions.placements import Placement
from expedit.decisions.placements_reading import check_name, check_placement
from expedit.decisions.selectors import check_selector
from expedit.features import uses_of
from expedit.storage import Shop, Transaction

MOST_PLACEMENTS = 500

Edition = Arranged[Placement]
Step = Callable[[Transaction, Shop, str, int, str], Edition]
"""What is done to the placement of a name, with the version that the author saw."""


def save_placement(tx: Transaction, shop: Shop, placement: Placement, seen: int, author: str) -> Edition:
    """Keep a placement as a draft; what is in force stays.

    Raises
    ------
    InvalidInput
        Naming the key at fault, or when there are too many placements.
    Conflict
        When somebody else has changed it since, or a new one takes a name that is taken.
    """
    name = placement.name
    if name not in live_placements(shop).of_file():
        check_name(name)
    if seen == 0 and len(PLACEMENTS.every(tx)) >= MOST_PLACEMENTS:
        raise InvalidInput("name", f"there are {MOST_PLACEMENTS} placements already")
    kept = check_placement(evolve(placement, enabled=True))
    check_selector(kept.selector)
    return PLACEMENTS.save_in(tx, name, kept, seen, author, shop.clock())


def publish_placement(tx: Transaction, shop: Shop, name: str, seen: int, author: str) -> Edition:
    """Put the newest edition in force, above what the file says; one that was put away is back."""
    newest = need_placement(tx, name)
    check_selector(check_placement(newest.body).selector)
    if not newest.body.enabled:
        back = evolve(newest.body, enabled=True)
        seen = PLACEMENTS.save_in(tx, name, back, seen, author, shop.clock()).version
    return PLACEMENTS.publish_in(tx, name, seen, author, shop.clock())


def archive_placement(tx: Transaction, shop: Shop, name: str, seen: int, author: str) -> Edition:
    """Take a placement away, also one of the file: who asks for it is told that there is none.

    Raises
    ------
    Conflict
        When a rule in force names it, or somebody else has changed it since.
    """
    known = PLACEMENTS.newest(tx, name)
    body = known.body if known else live_placements(shop).of_file().get(name)
    if body is None:
        raise NotFound(f"no placement is called {name[:60]!r}")
    away = evolve(body, enabled=False)
    edition = PLACEMENTS.retire_in(tx, name, away, seen, author, shop.clock())
    return _unless_named(tx, shop, edition)


def give_back(tx: Transaction, shop: Shop, name: str, seen: int, author: str) -> Edition:
    """Let the file's placement stand again, in place of what the panel had published.

    Raises
    ------
    Conflict
        When the file has none, or somebody else has changed it since.
    """
    if name not in live_placements(shop).of_file():
        raise Conflict("placements.toml has no such placement: archive it instead")
    return PLACEMENTS.archive_in(tx, name, seen, author, shop.clock())


def undo_placement(tx: Transaction, shop: Shop, name: str, seen: int, author: str) -> Edition:
    """Take back the last change, of what is in force as well.

    Raises
    ------
    Conflict
        When there is nothing to go back to, or a rule in force names what would be gone.
    """
    return _unless_named(tx, shop, PLACEMENTS.undo_in(tx, name, seen, author, shop.clock()))


def restore_placement(
    tx: Transaction, shop: Shop, name: str, version: int, seen: int, author: str
) -> Edition:
    """Take what stood in `version` as the next draft."""
    return PLACEMENTS.restore_in(tx, name, version, seen, author, shop.clock())


STEPS: dict[str, Step] = {
    "publish": publish_placement,
    "archive": archive_placement,
    "give_back": give_back,
    "undo": undo_placement,
}


def need_placement(tx: Transaction, name: str) -> Edition:
    """Return the newest edition of a placement.

    Raises
    ------
    NotFound
        When the panel keeps none.
    """
    found = PLACEMENTS.newest(tx, name)
    if found is None:
        raise NotFound(f"the panel keeps no placement called {name[:60]!r}")
    return found


def done_by(edition: Edition) -> str:
    """Return what was done, as `Edition.change` names it, or ``given_back`` to the file."""
    return "given_back" if edition.change == "archived" and not edition.live else edition.change


def stands(tx: Transaction, shop: Shop, edition: Edition) -> bool:
    """Tell whether a placement is answered once `edition` is written."""
    if not edition.live:
        return edition.id in live_placements(shop).of_file()
    if edition.live == edition.version:
        return edition.body.enabled
    return any(one.version == edition.live and one.body.enabled for one in PLACEMENTS.history(tx, edition.id))


def _unless_named(tx: Transaction, shop: Shop, edition: Edition) -> Edition:
    """Refuse what takes away a placement that rules in force name; asked behind the write, which keeps others
    from naming it meanwhile."""
    if not stands(tx, shop, edition):
        named = ", ".join(f"“{one.title}”" for one in uses_of(shop, tx, "placement", edition.id))
        if named:
            raise Conflict(f"it must stay while rules in force name it: {named}")
    return edition
