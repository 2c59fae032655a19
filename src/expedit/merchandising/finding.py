"""One rule as it stands now, for other rooms."""

from __future__ import annotations

from expedit.merchandising.model import Edition
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
