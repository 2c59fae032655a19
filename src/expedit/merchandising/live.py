"""The rules in force in this process: looked at every second, so that a published rule holds at once."""

from __future__ import annotations

from expedit.merchandising.book import RuleBook
from expedit.merchandising.store import ORDER, RULES, read_in_force
from expedit.storage import Followed, Shop


class LiveRules(Followed[RuleBook]):
    """The published rules of one shop; see `live_rules`."""

    def mark(self) -> object:
        """Return numbers that grow with every change of any rule, and of their order."""
        return RULES.mark(self._shop), ORDER.mark(self._shop)

    def read(self) -> RuleBook:
        """Read the rules in force."""
        with self._shop.database.reading() as tx:
            editions = read_in_force(tx)
        return RuleBook([one.rule for one in editions])


def live_rules(shop: Shop) -> LiveRules:
    """Return the one live copy of the shop's rules."""
    return shop.part(LiveRules, lambda: LiveRules(shop))
