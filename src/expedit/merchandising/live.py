"""The rules in force in this process: looked at every second, so that a published rule holds at once."""

from __future__ import annotations

from expedit.merchandising.book import RuleBook
from expedit.merchandising.store import READ_MARK, read_rules
from expedit.storage import Followed, Shop


class LiveRules(Followed[RuleBook]):
    """The published rules of one shop; see `live_rules`."""

    def mark(self) -> int:
        """Return a number that grows with every change of any rule."""
        found = self._shop.database.read_row(READ_MARK)
        return 0 if found is None else int(found[0])

    def read(self) -> RuleBook:
        """Read the rules in force."""
        with self._shop.database.reading() as tx:
            editions = read_rules(tx, ("published",))
        return RuleBook([one.rule for one in editions])


def live_rules(shop: Shop) -> LiveRules:
    """Return the one live copy of the shop's rules."""
    return shop.part(LiveRules, lambda: LiveRules(shop))
