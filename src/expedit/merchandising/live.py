"""The rules in force in this process: looked at every second, so that a published rule holds at once."""

from __future__ import annotations

from contextlib import suppress

from expedit.catalog import live_catalog
from expedit.core import Unavailable
from expedit.merchandising.book import RuleBook
from expedit.merchandising.store import ORDER, RULES, read_in_force
from expedit.storage import Followed, Repeating, Shop

_LOOK_EVERY = 0.5


class LiveRules(Followed[RuleBook]):
    """The published rules of one shop; see `live_rules`."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self._preparing = Repeating("rules", self._follow, _LOOK_EVERY)
        self._ahead = False
        """Whether rules are prepared before they hold: where decisions are made."""

    def start(self) -> None:
        """Look for new rules in a thread, and find ahead what a first decision would have to wait for."""
        self._ahead = True
        self.prepare()
        self._preparing.start()

    def close(self) -> None:
        """Stop looking."""
        self._preparing.close()

    def prepare(self) -> None:
        """Look for new rules now, and find ahead what the catalog as it is makes of them."""
        self.newest().prepare(live_catalog(self._shop).current(), self._shop.clock())

    def _follow(self) -> None:
        with suppress(Unavailable):  # what is known stays, and readiness tells of it
            self.prepare()

    def mark(self) -> object:
        """Return numbers that grow with every change of any rule, and of their order."""
        return RULES.mark(self._shop), ORDER.mark(self._shop)

    def read(self) -> RuleBook:
        """Read the rules in force."""
        with self._shop.database.reading() as tx:
            editions = read_in_force(tx)
        book = RuleBook([one.rule for one in editions])
        if self._ahead:
            book.prepare(live_catalog(self._shop).current(), self._shop.clock())
        return book


def live_rules(shop: Shop) -> LiveRules:
    """Return the one live copy of the shop's rules."""
    return shop.part(LiveRules, lambda: LiveRules(shop))
