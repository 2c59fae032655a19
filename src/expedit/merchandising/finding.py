"""One rule as it stands now, for other rooms."""

from __future__ import annotations

from expedit.merchandising.model import Edition
from expedit.merchandising.standing import Kept, read_one
from expedit.merchandising.store import read_newest
from expedit.storage import Shop


def find_rule(shop: Shop, rule_id: str) -> Edition:
    """Return the newest edition of a rule, whatever its state.

    Raises
    ------
    NotFound
        When there is no such rule.
    """
    with shop.database.reading() as tx:
        return read_newest(tx, rule_id)


def find_kept(shop: Shop, rule_id: str) -> Kept:
    """Return a rule as it is kept: its newest edition, and the one in force.

    Raises
    ------
    NotFound
        When there is no such rule.
    """
    with shop.database.reading() as tx:
        return read_one(tx, rule_id)
