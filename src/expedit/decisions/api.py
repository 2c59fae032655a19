"""The routes of the way OUT; the first three are raw, since every page of a shop waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from litestar import Request, get
from litestar.params import Parameter

from expedit.access import keys
from expedit.core import InvalidInput, Struct, format_time, from_json, to_builtins, to_json
from expedit.decisions.answers import write_decision
from expedit.decisions.askers import Asker, find_asker
from expedit.decisions.desk import Decision, Desk, desk
from expedit.decisions.landing_answers import write_landed
from expedit.decisions.landing_hosted import hosted_routes
from expedit.decisions.landing_wire import LandingAnswer, LandingBody, read_query
from expedit.decisions.landings import landing_desk
from expedit.decisions.list_answers import write_page
from expedit.decisions.lists import list_desk
from expedit.decisions.log import find_decision
from expedit.decisions.placements import Placement
from expedit.decisions.record import LoggedDecision, LoggedItem
from expedit.decisions.wire import (
    MOST_PLACEMENTS,
    Asking,
    DecideAnswer,
    DecideBody,
    DecisionAnswer,
    ListAnswer,
    ListBody,
    PlacementAsk,
    RecommendBody,
    check_asking,
    check_context,
    check_limit,
)
from expedit.storage import Shop
from expedit.web import Answer, Gate, RawRequest, RawRoute, Route, admission

A_ROUND = 4
"""Decisions that begin in one round of the event loop: each takes a millisecond, and the others wait."""
AT_ONCE = 4
"""Decisions that threads work at side by side, where the state is in PostgreSQL: one interpreter for all."""
BODY_LIMIT = 64_000
LIST_LIMIT = 512_000  # a cursor remembers every product shown before


class Counter:
    """Takes requests at the counter: who asks, what, and may they."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._keys = keys(shop)
        self._inline = shop.database.dialect == "sqlite"
        self._cookie = shop.settings.cookie_name
        limits = shop.settings
        gate = Gate(
            "decide", limits.decide_concurrent, limits.decide_wait_ms / 1000,
            a_round=A_ROUND if self._inline else 0, at_once=0 if self._inline else AT_ONCE,
        )  # fmt: skip
        self.gate = admission(shop).gate(gate)

    @property
    def desk(self) -> Desk:
        """The shop's desk, opened when it is first needed: its catalog takes a while to read."""
        return desk(self.shop)

    def asker(self, request: RawRequest, asking: Asking) -> tuple[Asker, bool]:
        """Return who asks, and whether they want, and may have, an explanation."""
        check_asking(asking)
        caller = self._keys.caller(request.header(b"authorization"), asking.write_key or "")
        explain = bool(request.scope["query_string"]) and request.query("explain") in {"1", "true"}
        if explain or caller.scopes:
            caller.need("decide")
        cookie = request.cookie(self._cookie) if not asking.anonymous_id else ""
        return find_asker(self.shop, caller, asking, cookie), explain

    async def recommend(self, request: RawRequest) -> Answer:
        """Answer ``POST /v1/recommend``."""
        return Answer(await self._run(self._recommend, request), headers=NO_STORE)

    async def decide(self, request: RawRequest) -> Answer:
        """Answer ``POST /v1/decide``."""
        return Answer(await self._run(self._decide, request), headers=NO_STORE)

    async def list(self, request: RawRequest) -> Answer:
        """Answer ``POST /v1/list``."""
        return Answer(await self._run(self._list, request), headers=NO_STORE)

    async def land(self, request: RawRequest) -> Answer:
        """Answer ``/v1/landing``."""
        return Answer(await self._run(self._land, request), headers=NO_STORE)

    async def _run(self, work: Callable[[RawRequest], bytes], request: RawRequest) -> bytes:
        """Do the work here, where a read takes microseconds, or in a thread where it waits for PostgreSQL."""
        if self._inline:
            return work(request)
        return await asyncio.get_running_loop().run_in_executor(None, work, request)

    def _recommend(self, request: RawRequest) -> bytes:
        body = from_json(request.body, RecommendBody)
        asker, explain = self.asker(request, body)
        check_limit(body.limit, "limit")
        placement = self.desk.placement(body.placement, "placement")
        decision = self.desk.decide(
            placement, asker, body.context, limit=body.limit, explain=explain, request=request
        )
        return write_decision(decision, explain)

    def _list(self, request: RawRequest) -> bytes:
        body = from_json(request.body, ListBody)
        asker, explain = self.asker(request, body)
        check_limit(body.limit, "limit")
        page = list_desk(self.shop, self.desk).page(asker, body, explain=explain)
        return write_page(self.desk, page, explain)

    def _land(self, request: RawRequest) -> bytes:
        if request.method == "GET":
            body = read_query(request, self._keys.in_address(request.query("writeKey")) or "")
        else:
            body = from_json(request.body, LandingBody)
        asker, explain = self.asker(request, body)
        check_limit(body.limit, "limit")
        landed = landing_desk(self.shop, list_desk(self.shop, self.desk)).land(asker, body, explain=explain)
        return write_landed(self.desk, landed, explain)

    def _decide(self, request: RawRequest) -> bytes:
        body = from_json(request.body, DecideBody)
        asker, explain = self.asker(request, body)
        if len(body.placements) > MOST_PLACEMENTS:
            raise InvalidInput("placements", f"more than {MOST_PLACEMENTS} at once")
        asks = [self._checked(ask, f"placements[{at}]") for at, ask in enumerate(body.placements)]
        decisions: list[Decision] = []
        taken: list[int] = []
        for placement, ask, field in asks:
            decision = self.desk.decide(
                placement, asker, body.context, ask.context,
                limit=ask.limit, explain=explain, field=field, taken=tuple(taken),
                request=request,
            )  # fmt: skip
            decisions.append(decision)
            if body.distinct:
                taken += [shown.item for shown in decision.outcome.shown]
        return b'{"decisions":[' + b",".join([write_decision(one, explain) for one in decisions]) + b"]}"

    def _checked(self, ask: PlacementAsk, field: str) -> tuple[Placement, PlacementAsk, str]:
        check_limit(ask.limit, f"{field}.limit")
        if ask.context is not None:
            check_context(ask.context, f"{field}.context")
        placement = self.desk.placement(ask.placement, f"{field}.placement")
        own = ask.context is not None and ask.context.market is not None
        return placement, ask, f"{field}.context" if own else "context"


NO_STORE = ((b"cache-control", b"no-store"),)


class SpotAnswer(Struct, frozen=True, rename="camel"):
    """Where the snippet puts a placement by itself."""

    name: str
    selector: str
    position: str
    page_types: tuple[str, ...]


class SnippetConfig(Struct, frozen=True, rename="camel", omit_defaults=False):
    """What the snippet needs to know of the shop."""

    placements: tuple[SpotAnswer, ...]


def routes(shop: Shop) -> Sequence[Route]:
    """Return the routes of `shop`."""
    counter = Counter(shop)

    async def snippet_config(request: RawRequest) -> Answer:
        keys(shop).caller(request.header(b"authorization"), keys(shop).in_address(request.query("writeKey")))
        spots = [
            {
                "name": placement.name,
                "selector": placement.selector,
                "position": placement.position,
                "pageTypes": list(placement.pages),
            }
            for placement in counter.desk.placements.current().values()
            if placement.selector
        ]
        return Answer(to_json({"placements": spots}), headers=((b"cache-control", b"public, max-age=60"),))

    @get("/v1/decisions/{decision_id:str}", summary="One decision, with everything that was logged of it")
    async def logged_decision(
        request: Request[Any, Any, Any],
        decision_id: Annotated[str, Parameter(description="Id from an answer's decisionId")],
    ) -> dict[str, Any]:
        keys(shop).caller(request.headers.get("authorization", "")).need("decide")
        found = await asyncio.get_running_loop().run_in_executor(None, find_decision, shop, decision_id)
        return described(found)

    return [
        RawRoute("/v1/recommend", counter.recommend, body_limit=BODY_LIMIT, accepts=RecommendBody,
                 answers=DecisionAnswer, summary="Answer one placement", gate=counter.gate),
        RawRoute("/v1/decide", counter.decide, body_limit=BODY_LIMIT, accepts=DecideBody,
                 answers=DecideAnswer, summary="Answer several placements in one call",
                 gate=counter.gate),
        RawRoute("/v1/list", counter.list, body_limit=LIST_LIMIT, accepts=ListBody, answers=ListAnswer,
                 summary="A category, or any products, ranked for the person: filtered, counted, paged",
                 gate=counter.gate),
        RawRoute("/v1/landing", counter.land, methods=("GET", "POST"), body_limit=BODY_LIMIT,
                 accepts=LandingBody, answers=LandingAnswer, gate=counter.gate,
                 summary="The landing page that fits an arrival, or that the shop's ordinary page is shown"),
        RawRoute("/v1/snippet-config", snippet_config, methods=("GET",), answers=SnippetConfig,
                 summary="Placements that the snippet puts into pages by itself"),
        logged_decision,
        *hosted_routes(shop),
    ]  # fmt: skip


def described(found: LoggedDecision) -> dict[str, Any]:
    """Return a logged decision under names."""
    return {
        "id": found.id, "at": format_time(found.at), "placement": found.placement,
        "experiment": {"name": found.experiment, "arm": found.arm} if found.arm else None,
        "personal": found.personal, "explored": found.explored, "market": found.market,
        "channel": found.channel, "locale": found.locale, "source": found.source, "model": found.model,
        "catalog": found.catalog, "considered": found.considered,
        "items": [named_item(item) for item in found.items],
        "inputs": {name: to_builtins(getattr(found.inputs, name)) for name in found.inputs.__struct_fields__},
        "candidates": [named_item(item) for item in found.candidates] if found.full else None,
        "removed": [{"product": product, "reason": reason} for product, reason in found.removed]
        if found.full else None,
    }  # fmt: skip


def named_item(item: LoggedItem) -> dict[str, Any]:
    """Return a logged item under names."""
    return {name: getattr(item, name) for name in item.__struct_fields__}
