"""The desk where decisions are asked for: state in, pure decision, log, answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from expedit.audiences import LiveAudiences, live_audiences
from expedit.catalog import CatalogSnapshot, LiveCatalog, live_catalog
from expedit.core import DAY, NotFound, SettingsError, Struct, new_id, to_json
from expedit.decisions.askers import Asker
from expedit.decisions.cards import CardPieces, CardShelf
from expedit.decisions.deciding import Request, decide
from expedit.decisions.ladder import asks_where
from expedit.decisions.live_placements import LivePlacements, live_placements
from expedit.decisions.locating import Locator
from expedit.decisions.log import DecisionLog, decision_log
from expedit.decisions.model import Outcome, Shown, Situation
from expedit.decisions.placements import Placement
from expedit.decisions.proving import Proving, ProvingShelf
from expedit.decisions.reasons import reason_code
from expedit.decisions.record import LoggedDecision, LoggedInputs, LoggedItem
from expedit.decisions.ruling import NOT_MEASURED, Measured, facts_of, lay_rules, throw_coin
from expedit.decisions.situations import Lookup, locale_of, market_of, merged, situation_of
from expedit.decisions.sources import Sources
from expedit.decisions.terms import Terms
from expedit.decisions.wire import AskContext
from expedit.merchandising import NO_RULES, LiveRules, RuleBook, live_rules
from expedit.profiles import Profile
from expedit.proof import live_proof
from expedit.recommendation import ModelHandle, live_model
from expedit.storage import Shop
from expedit.web import RawRequest

NO_TERMS = Terms()
OF_THE_TERMS = frozenset({"cart_addon", "cart_reminder"})
"""Strategies that ask what the shop has set."""

_FULL_RANGE = 1 << 16
_MOST_RECIPES = 1_000


class Decision(Struct, frozen=True, gc=False):
    """A decision made, with everything that its answer is written from.

    Parameters
    ----------
    id
        Its id.
    placement, asker, situation, outcome
        What asked, who, in which situation, and what came out.
    codes
        Reason code of each item.
    model
        Version of the model.
    snapshot, pieces, proving
        Catalog, ready-made cards, and what is said of others, that it was made with.
    title
        Heading in the language asked for.
    limit
        Most items of the answer.
    recipe
        As the log keeps it, see `recipe_of`.
    rules, measured
        The rules in force, and the one that this decision measures.
    """

    id: str
    placement: Placement
    asker: Asker
    situation: Situation
    outcome: Outcome
    codes: tuple[str, ...]
    model: str
    snapshot: CatalogSnapshot
    pieces: CardPieces
    proving: Proving
    title: str
    limit: int
    recipe: str = ""
    rules: RuleBook = NO_RULES
    measured: Measured = NOT_MEASURED


class Trial(Struct, frozen=True):
    """How a decision that nobody is shown is tried: at a moment, under some rules, and never by chance."""

    at: int
    rules: RuleBook


class Desk:
    """Answers placements for one shop; one for the whole process, safe from several threads."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.placements: LivePlacements = live_placements(shop)
        self.catalog: LiveCatalog = live_catalog(shop)
        self.models: ModelHandle = live_model(shop)
        self.log: DecisionLog = decision_log(shop)
        self.shelf = CardShelf()
        self.proof = live_proof(shop)
        self._proving = ProvingShelf()
        self.lookup = Lookup()
        self.terms = Terms.of(shop.settings)
        self.locator = Locator(shop.settings)
        self.sources = Sources(self.terms)
        self.half_life = float(shop.settings.affinity_half_life_days * DAY)
        self.rules: LiveRules = live_rules(shop)
        self.audiences: LiveAudiences = live_audiences(shop)
        self.zone = _zone(shop.settings.time_zone)
        self._recipes: dict[int, tuple[Placement, str]] = {}

    def audiences_among(
        self, situation: Situation, profile: Profile | None, named: Collection[str]
    ) -> Sequence[str]:
        """Return which of the audiences `named` the asker is in; of who may not be known, none."""
        if profile is None or not situation.personal:
            return ()
        return self.audiences.of(profile, situation.at, named)

    def recipe(self, placement: Placement) -> str:
        """Return the fingerprint of how `placement` is answered now; reckoned once for each definition."""
        known = self._recipes.get(id(placement))
        if known is None or known[0] is not placement:
            if len(self._recipes) > _MOST_RECIPES:
                self._recipes.clear()
            known = (placement, recipe_of(placement, self.shop.settings.explore_share, self.terms))
            self._recipes[id(placement)] = known
        return known[1]

    def placement(self, name: str, field: str) -> Placement:
        """Return the placement called `name`.

        Raises
        ------
        NotFound
            When there is none; the text names `field` and the placements there are.
        """
        known = self.placements.current()
        try:
            return known[name]
        except KeyError:
            raise NotFound(
                f"{field}: no placement is called {name[:60]!r}; there are {', '.join(sorted(known))}"
            ) from None

    def proving(
        self, placement: Placement, snapshot: CatalogSnapshot, market: str, locale: str, at: int
    ) -> Proving:
        """Return what may be said of others in an answer of `placement` at a moment."""
        return self._proving.of(snapshot, self.proof.current(at), market, locale, placement)

    def decide(
        self,
        placement: Placement,
        asker: Asker,
        context: AskContext,
        own: AskContext | None = None,
        *,
        limit: int | None = None,
        explain: bool = False,
        field: str = "context",
        keep: bool = True,
        taken: tuple[int, ...] = (),
        request: RawRequest | None = None,
        trial: Trial | None = None,
    ) -> Decision:
        """Make one decision, log it and return it.

        Parameters
        ----------
        context, own
            What the page is about, and what the placement itself says, which goes first.
        keep
            False for a preview: it is in no log, and nobody has been shown it.
        taken
            Products that stand further up on the page already, by catalog index.
        request
            What was asked with, whose headers or address may tell where it comes from.
        trial
            The moment and the rules of a preview, in place of those of now.
        """
        shop, settings = self.shop, self.shop.settings
        at = shop.clock() if trial is None else trial.at
        snapshot, model = self.catalog.current(), self.models.current()
        both = merged(own, context)
        market = market_of(both, snapshot.markets, field)
        locale = locale_of(both, settings.locale)
        pieces = self.shelf.of(snapshot, market, locale, placement.lasting)
        situation = situation_of(
            placement, both, asker, snapshot, at,
            market=market, locale=locale, half_life=self.half_life, lookup=self.lookup, field=field,
            taken=taken, place=self.locator.scopes(both, request) if asks_where(placement) else (),
        )  # fmt: skip
        decision_id = new_id(at)
        full = explain or logs_fully(decision_id, settings.candidate_log_share)
        book = self.rules.current() if trial is None else trial.rules
        laid, measured = lay_rules(
            book, placement.name, situation, snapshot,
            partial(
                facts_of, placement.name, situation, asker.profile, snapshot, both.query or "",
                both.url or "", self.zone,
            ),
            partial(throw_coin, decision_id, settings.rule_off_share if keep else 0.0),
            partial(self.audiences_among, situation, asker.profile),
        )  # fmt: skip
        explore = settings.explore_share if trial is None else 0.0
        wanted = Request(decision_id, limit or placement.size, explore, full, laid)
        outcome = decide(
            placement, situation, snapshot, self.sources.of(model, snapshot), wanted, pieces.sizes
        )
        decision = Decision(
            decision_id, placement, asker, situation, outcome, tuple(map(reason_code, outcome.shown)),
            model.version, snapshot, pieces, self.proving(placement, snapshot, market, locale, at),
            placement.title(locale), wanted.limit,
            self.recipe(placement), book, measured,
        )  # fmt: skip
        if keep:
            self.log.write(logged(decision, both.query or ""))
        return decision


def logs_fully(decision_id: str, share: float) -> bool:
    """Tell whether a decision is logged with all candidates, by 16 random bits of its id.

    They are other bits than those that tell whether it explores, so the two are independent.
    """
    return int(decision_id[-12:-8], 16) < share * _FULL_RANGE


def recipe_of(placement: Placement, explore_share: float, terms: Terms = NO_TERMS) -> str:
    """Return a short fingerprint of all that shapes an answer besides catalog, model and situation.

    Where a placement stands on a page, and what it is called there, is not part of it.
    """
    how = (
        [(step.strategy, step.share, sorted(step.options.items())) for step in placement.ladder],
        placement.fallback, placement.filters, placement.personal, placement.bought_days, explore_share,
        *([terms] if any(step.strategy in OF_THE_TERMS for step in placement.ladder) else []),
    )  # fmt: skip
    return hashlib.sha256(to_json(how)).hexdigest()[:12]


def logged(decision: Decision, query: str = "") -> LoggedDecision:
    """Return what the log keeps of `decision`."""
    ids = decision.snapshot.ids
    situation, outcome, asker = decision.situation, decision.outcome, decision.asker
    name: Callable[[int], str] = ids.__getitem__

    def item(shown: Shown, code: str) -> LoggedItem:
        because = ids[shown.because] if shown.because >= 0 else ""
        return LoggedItem(ids[shown.item], shown.strategy, code, because, shown.score, shown.propensity)

    return LoggedDecision(
        decision.id, situation.at, decision.placement.name, asker.subject, asker.experiment, asker.arm,
        asker.personal, outcome.explored, situation.market, situation.channel, situation.locale, asker.source,
        decision.model, decision.snapshot.version, decision.limit, outcome.considered,
        tuple(map(item, outcome.shown, decision.codes)),
        LoggedInputs(
            tuple(map(name, situation.subjects)), tuple(map(name, situation.cart)),
            tuple(map(name, situation.session)),
            " > ".join(decision.snapshot.category_paths[situation.category]), query,
            situation.cart_value.known, tuple(map(name, situation.taken)), situation.place, situation.arrival,
        ),
        tuple(item(one, reason_code(one)) for one in outcome.candidates),
        tuple((ids[removed.item], removed.reason) for removed in outcome.removed),
        bool(outcome.candidates or outcome.removed), decision.recipe, decision.rules.version,
        decision.measured.rule, decision.measured.off, decision.measured.among, decision.measured.share,
    )  # fmt: skip


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"time_zone: there is no time zone {name[:40]!r}") from None


def desk(shop: Shop) -> Desk:
    """Return the one desk of `shop`."""
    return shop.part(Desk, lambda: Desk(shop))
