"""The rules in force, ready to be applied: which hold in a moment, and what they then do together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from expedit.catalog import CatalogSnapshot
from expedit.core import Condition, Matcher, compile_matcher, fields_of, to_json
from expedit.merchandising.fittings import Fittings
from expedit.merchandising.model import Rule
from expedit.merchandising.numbering import number
from expedit.merchandising.plan import Plan
from expedit.merchandising.predicates import SALES_FIELD, Fitting
from expedit.merchandising.reading import audiences_named, when_of

_MOST_PLANS = 1_000
_ALWAYS = "{}"


class Ask(NamedTuple):
    """A condition on the moment, the function that answers it, and the audiences that it names."""

    text: str
    matches: Matcher
    audiences: frozenset[str] = frozenset()


class _Scope(NamedTuple):
    """The rules that may hold in one place.

    Which of them do follows from a few answers: what the conditions say, each asked once, and which rules
    with a begin or an end run. The same answers find the same plan.
    """

    rules: list[tuple[int, Rule, Ask | None]]
    asks: tuple[Ask, ...]
    timed: tuple[Rule, ...]
    audiences: frozenset[str]
    plans: dict[tuple[object, ...], tuple[Plan | None]]


class RuleBook:
    """A set of rules that is in force; never changes.

    Attributes
    ----------
    rules
        By priority.
    version
        Fingerprint of them all; empty when there are none.
    asks_sales
        Whether any of them follows what was sold.
    asks_url
        Whether any of them asks for the page's address, which no log keeps.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: (rule.priority, rule.id)))
        self.version = blake2b(to_json(self.rules), digest_size=6).hexdigest() if rules else ""
        self._numbered = number(self.rules)
        self._plans: dict[tuple[int, ...], Plan] = {}
        self._scopes: dict[tuple[str, str, str], _Scope] = {}
        self._fittings = Fittings(self._numbered.predicates)
        whens = [when_of(rule) for rule in self.rules]
        self.asks_sales = self._numbered.predicates.asks_sales or any(
            f"page.product.{SALES_FIELD}" in fields_of(when) for when in whens
        )
        self.asks_url = any("page.url" in fields_of(when) for when in whens)
        # Rules often share a condition: each is asked once in a moment.
        asks = {when.text: _ask(when) for when in whens}
        self._asks = [None if when.text == _ALWAYS else asks[when.text] for when in whens]

    def __bool__(self) -> bool:
        return bool(self.rules)

    def name_of(self, rule_id: str) -> str:
        """Return what a rule is called; its id when it is not in force any more."""
        return next((rule.name for rule in self.rules if rule.id == rule_id), rule_id)

    def scope(self, placement: str, channel: str, market: str) -> list[tuple[int, Rule, Ask | None]]:
        """Return the rules that may hold there, with what still has to be asked of the moment."""
        return self._scope(placement, channel, market).rules

    def asked(self, placement: str, channel: str, market: str) -> tuple[bool, frozenset[str]] | None:
        """Return whether rules there ask anything of the moment, and the audiences that they name; None when
        there are no rules."""
        scope = self._scope(placement, channel, market)
        return (bool(scope.asks), scope.audiences) if scope.rules else None

    def holding(
        self,
        placement: str,
        channel: str,
        market: str,
        facts: Mapping[str, Any],
        at: int,
        without: str = "",
    ) -> Plan | None:
        """Return the rules that hold in a moment, put together; None when there are none.

        Parameters
        ----------
        facts
            What the rules' conditions may ask, see `vocabulary.SITUATION`.
        at
            The moment, microseconds.
        without
            Id of a rule that is left out, to measure what it does.
        """
        scope = self._scope(placement, channel, market)
        told = tuple([ask.matches(facts, at) for ask in scope.asks])
        running = tuple([runs(rule, at) for rule in scope.timed])
        known = scope.plans.get((told, running, without))
        if known is None:
            holds = {ask.text for ask, yes in zip(scope.asks, told, strict=True) if yes}
            places = tuple(
                place
                for place, rule, ask in scope.rules
                if rule.id != without and runs(rule, at) and (ask is None or ask.text in holds)
            )
            if len(scope.plans) >= _MOST_PLANS:
                scope.plans.clear()
            known = scope.plans[told, running, without] = (self._plan(places),)
        return known[0]

    def _scope(self, placement: str, channel: str, market: str) -> _Scope:
        key = placement, channel, market
        found = self._scopes.get(key)
        if found is None:
            rules = [
                (place, rule, self._asks[place])
                for place, rule in enumerate(self.rules)
                if placement in (rule.placements or (placement,))
                and channel in (rule.channels or (channel,))
                and market in (rule.markets or (market,))
            ]
            asks = {ask.text: ask for _, _, ask in rules if ask is not None}
            timed = tuple(rule for _, rule, _ in rules if rule.starts is not None or rule.ends is not None)
            if len(self._scopes) > _MOST_PLANS:
                self._scopes.clear()
            found = self._scopes[key] = _Scope(
                rules, tuple(asks.values()), timed,
                frozenset().union(*(ask.audiences for ask in asks.values())), {},
            )  # fmt: skip
        return found

    def _plan(self, places: tuple[int, ...]) -> Plan | None:
        """Return the plan of the rules at `places`; None when there are none."""
        if not places:
            return None
        plan = self._plans.get(places)
        if plan is None:
            plan = Plan([self.rules[place] for place in places], self._numbered)
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            self._plans[places] = plan
        return plan

    def fitting(self, snapshot: CatalogSnapshot, market: str, at: int) -> Fitting:
        """Return which products fit the conditions of the rules, in one state of the catalog."""
        return self._fittings.of(snapshot, market, at)

    def prepare(self, snapshot: CatalogSnapshot, at: int) -> None:
        """Find ahead, in every market, what a first decision would have to wait for."""
        self._fittings.prepare(snapshot, at)

    def number_of(self, condition: Condition) -> int:
        """Return the number of a product condition of one of the rules."""
        return self._numbered.places[condition.text]


def runs(rule: Rule, at: int) -> bool:
    """Tell whether a rule's time has begun and not ended."""
    return (rule.starts is None or rule.starts <= at) and (rule.ends is None or at < rule.ends)


def _ask(when: Condition) -> Ask:
    named = frozenset(audience for _, audience in audiences_named(when))
    return Ask(when.text, compile_matcher(when), named)


NO_RULES = RuleBook(())
