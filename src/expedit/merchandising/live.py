"""The rules in force in this process: looked at every second, so that a published rule holds at once."""

from __future__ import annotations

from expedit.core import SECOND
from expedit.merchandising.book import NO_RULES, RuleBook
from expedit.merchandising.store import READ_MARK, read_rules
from expedit.storage import Shop


class LiveRules:
    """The published rules of one shop; see `live_rules`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._mark = -1
        self._looked = -SECOND
        self._book = NO_RULES

    def current(self) -> RuleBook:
        """Return the rules in force, a second old at most."""
        now = self._shop.clock()
        if not 0 <= now - self._looked < SECOND:
            self._looked = now
            self.poll()
        return self._book

    def poll(self) -> bool:
        """Look for a change; tell whether there was one."""
        found = self._shop.database.read_row(READ_MARK)
        mark = 0 if found is None else int(found[0])
        if mark == self._mark:
            return False
        with self._shop.database.reading() as tx:
            editions = read_rules(tx, ("published",))
        self._book = RuleBook([one.rule for one in editions])
        self._mark = mark
        return True


def live_rules(shop: Shop) -> LiveRules:
    """Return the one live copy of the shop's rules."""
    return shop.part(LiveRules, lambda: LiveRules(shop))
