"""Decisions put into what a page shows: products with pictures, reasons in words, what became of each
candidate."""

from __future__ import annotations

from typing import Literal

from expedit.catalog import Card, CatalogSnapshot, product_address
from expedit.core import Struct, evolve
from expedit.decisions.again import Again
from expedit.decisions.answers import REMOVED_TEXTS, part_text, plain_code, spoken
from expedit.decisions.askers import Asker
from expedit.decisions.deciding import PINNED
from expedit.decisions.desk import Decision, Desk
from expedit.decisions.model import Shown
from expedit.decisions.placements import Placement
from expedit.decisions.reasons import reason_code, reason_text
from expedit.decisions.record import LoggedDecision, LoggedItem

Fate = Literal["shown", "below", "removed"]


class Goods(Struct, frozen=True):
    """A product as a page shows it; `card` is None for one that the catalog no longer knows."""

    id: str
    href: str
    card: Card | None

    @property
    def title(self) -> str:
        """Its title, or its id."""
        return self.card.title if self.card else self.id


class Bar(Struct, frozen=True):
    """One part of a score: what it is, how much it adds, and that as a share of the whole."""

    text: str
    value: float
    share: float


class Told(Struct, frozen=True):
    """A candidate and what became of it.

    Parameters
    ----------
    fate, rank
        ``shown`` at `rank` (from 1), ``below`` the cut, or ``removed``.
    why
        The sentence shown, or why it was left out.
    step
        Step of the ladder, from 1; 0 when unknown.
    rules
        Ids and names of the rules that moved, put in, pinned or removed it.
    """

    goods: Goods
    fate: Fate
    rank: int
    strategy: str
    why: str
    step: int = 0
    fallback: bool = False
    score: float | None = None
    propensity: float = 1.0
    bars: tuple[Bar, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()


class Teller:
    """Tells of products in one market and language."""

    def __init__(self, snapshot: CatalogSnapshot, market: str, language: str, now: int) -> None:
        self.snapshot = snapshot
        self.market = market if market in snapshot.markets else next(iter(snapshot.markets))
        self.language = language
        self.now = now

    def goods(self, product_id: str) -> Goods:
        """Return a product by its id."""
        place = self.snapshot.index.get(product_id)
        card = None if place is None else self.snapshot.card(place, self.market, self.language, self.now)
        return Goods(product_id, product_address(product_id), card)

    def item(self, item: LoggedItem, rank: int, fate: Fate = "shown") -> Told:
        """Return a logged item."""
        place = self.snapshot.index.get(item.product)
        category = brand = ""
        if place is not None:
            code = int(self.snapshot.category[place])
            category = self.snapshot.category_label(code, self.language) if code > 0 else ""
            brand = self.snapshot.brands[self.snapshot.brand[place]]
        because = self.goods(item.because).title if item.because else ""
        why = reason_text(item.reason, self.language, because=because, category=category, brand=brand)
        return Told(
            self.goods(item.product), fate, rank, item.strategy, why,
            score=item.score, propensity=item.propensity,
        )  # fmt: skip

    def removed(
        self,
        product_id: str,
        reason: str,
        strategy: str = "",
        step: int = 0,
        rules: tuple[tuple[str, str], ...] = (),
    ) -> Told:
        """Return a candidate that was left out, perhaps by rules of these ids and names."""
        why = spoken(REMOVED_TEXTS, reason, self.language)
        return Told(self.goods(product_id), "removed", 0, strategy, why, step, rules=rules)


def as_logged(teller: Teller, logged: LoggedDecision) -> list[Told]:
    """Return every candidate of a fully logged decision, as it was logged."""
    return [
        *(teller.item(item, rank) for rank, item in enumerate(logged.items, 1)),
        *(teller.item(item, 0, "below") for item in logged.candidates),
        *(teller.removed(product, reason) for product, reason in logged.removed),
    ]


def as_decided(teller: Teller, decision: Decision) -> list[Told]:
    """Return every candidate of a decision that was made with all its explanation."""
    ids = decision.snapshot.ids
    outcome = decision.outcome
    return [
        *(_told(teller, decision, one, "shown", rank) for rank, one in enumerate(outcome.shown, 1)),
        *(_told(teller, decision, one, "below", 0) for one in outcome.candidates),
        *(
            teller.removed(
                ids[one.item],
                one.reason,
                one.strategy,
                one.step + 1,
                ((one.rule, decision.rules.name_of(one.rule)),) if one.rule else (),
            )
            for one in outcome.removed
        ),
    ]


def _told(teller: Teller, decision: Decision, one: Shown, fate: Fate, rank: int) -> Told:
    code, page = reason_code(one), decision.situation.category
    pieces = decision.pieces
    whole = sum(abs(part.value) for part in one.parts) or 1.0
    bars = tuple(
        Bar(
            pieces.text(plain_code(code), one.because, one.item, page)
            if part.code == "strategy"
            else part_text(decision, part, one.item),
            part.value,
            abs(part.value) / whole,
        )
        for part in one.parts
    )
    return Told(
        teller.goods(decision.snapshot.ids[one.item]), fate, rank, one.strategy,
        pieces.text(code, one.because, one.item, page), one.step + 1, one.fallback, one.score,
        one.propensity, bars, _rules(decision, one),
    )  # fmt: skip


def _rules(decision: Decision, one: Shown) -> tuple[tuple[str, str], ...]:
    """Return the rules that did something to an item."""
    acted = [
        part.code.removeprefix("rule:")
        for part in one.parts
        if part.code.startswith("rule:") and (part.value or one.strategy == PINNED)
    ]
    return tuple((rule, decision.rules.name_of(rule)) for rule in acted)


def decision_again(
    at_desk: Desk, placement: Placement, logged: LoggedDecision, again: Again, language: str
) -> Decision:
    """Return a new execution as a decision, told in `language`."""
    pieces = at_desk.shelf.of(again.snapshot, again.situation.market, language)
    situation = again.situation
    proving = at_desk.proving(placement, again.snapshot, situation.market, language, situation.at)
    asker = Asker(logged.subject, None, logged.experiment, logged.arm, logged.personal)
    return Decision(
        logged.id, placement, asker, evolve(situation, locale=language), again.outcome, again.codes,
        again.model, again.snapshot, pieces, proving, placement.title(language), logged.limit,
        rules=at_desk.rules.current(),
    )  # fmt: skip


def counted(told: list[Told]) -> dict[str, int]:
    """Return how many candidates were left out, by the words for why, the most first."""
    counts: dict[str, int] = {}
    for one in told:
        if one.fate == "removed":
            counts[one.why] = counts.get(one.why, 0) + 1
    return dict(sorted(counts.items(), key=lambda entry: -entry[1]))


def reasons_in_words(counts: dict[str, int], language: str) -> list[tuple[str, int]]:
    """Return counts by reason with the reasons in words."""
    return [(spoken(REMOVED_TEXTS, reason, language), count) for reason, count in counts.items()]
