"""Whether the server lives, whether it is ready, and what it counts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address

import structlog
from prometheus_client import CollectorRegistry, generate_latest

from expedit.access import keys
from expedit.core import NotAllowed, Struct, to_json
from expedit.features import installed
from expedit.operations.meters import meters
from expedit.operations.model import Reason
from expedit.operations.readiness import readiness
from expedit.operations.states import States
from expedit.storage import Shop
from expedit.web import Answer, FieldError, Problem, RawRequest, RawRoute

_log = structlog.get_logger("health")

_PROBLEM = b"application/problem+json"
_NO_STORE = (b"cache-control", b"no-store")
_RETRY_SECONDS = 2
_TEXT = b"text/plain; version=0.0.4; charset=utf-8"
_FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via")


class Alive(Struct, frozen=True, omit_defaults=False):
    """The server answers."""

    status: str = "ok"


class Ready(Struct, frozen=True):
    """The server takes requests; `weaknesses` names what is wrong without keeping it from that."""

    status: str = "ok"
    weaknesses: tuple[Reason, ...] = ()


_GET = ("GET",)
_LIVES = "Whether the server lives"
_TAKES = "Whether the server takes requests; 503 tells why not"
_ALIVE = Answer(to_json(Alive()), headers=(_NO_STORE,))
_READY = Answer(to_json({"status": "ok"}), headers=(_NO_STORE,))


def routes(shop: Shop) -> Sequence[RawRoute]:
    """Return the routes; all of them answer while the server is busy, since they are how one sees that."""

    async def healthz(_: RawRequest) -> Answer:
        return _ALIVE

    async def readyz(_: RawRequest) -> Answer:
        reasons, weaknesses = await asyncio.to_thread(_look, shop)
        if reasons:
            return _not_ready(reasons)
        if not weaknesses:
            return _READY
        return Answer(to_json(Ready("degraded", weaknesses)), headers=(_NO_STORE,))

    async def metrics(request: RawRequest) -> Answer:
        _check_scraper(shop, request)
        return Answer(await asyncio.to_thread(_exposition, shop), content_type=_TEXT, headers=(_NO_STORE,))

    return [
        RawRoute("/healthz", healthz, methods=_GET, answers=Alive, summary=_LIVES, cors=False),
        RawRoute("/readyz", readyz, methods=_GET, answers=Ready, summary=_TAKES, cors=False),
        RawRoute("/metrics", metrics, methods=_GET, cors=False),
    ]


def _look(shop: Shop) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    state = readiness(shop)
    reasons, weaknesses = list(state.reasons()), list(state.weaknesses())
    if not reasons:  # what the rooms find out about themselves asks the database
        for feature in installed(shop):
            try:
                found = feature.health(shop) if feature.health is not None else ()
            except Exception as error:  # one room's fault must not take the server out of its balancer
                _log.error("health not told", feature=feature.name, exc_info=error)
                weaknesses.append(Reason(feature.name, "cannot tell how it does; the log says why"))
                continue
            for one in found:
                if one.state == "failing":
                    (reasons if one.critical else weaknesses).append(Reason(one.name, one.says))
    return tuple(reasons), tuple(weaknesses)


def _not_ready(reasons: Sequence[Reason]) -> Answer:
    problem = Problem(
        "about:blank",
        "Not ready",
        503,
        "; ".join(reason.says for reason in reasons),
        tuple(FieldError(reason.part, reason.says) for reason in reasons),
    )
    return Answer(
        to_json(problem), 503, _PROBLEM, ((b"retry-after", str(_RETRY_SECONDS).encode()), _NO_STORE)
    )


def _check_scraper(shop: Shop, request: RawRequest) -> None:
    """Raise `NotAllowed` unless the figures may be given to whoever asks."""
    if shop.settings.metrics_open:
        return
    authorization = request.header(b"authorization")
    if authorization:
        keys(shop).caller(authorization).need("metrics")
        return
    # Behind a proxy on this machine everybody seems to come from the loopback address.
    if any(request.header(name) for name in _FORWARDED) or not _is_loopback(request):
        raise NotAllowed("this needs a secret key with the scope metrics (or the setting metrics_open)")


def _is_loopback(request: RawRequest) -> bool:
    client = request.scope.get("client")
    try:
        return client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False


def _exposition(shop: Shop) -> bytes:
    looked_up = CollectorRegistry()
    looked_up.register(_states(shop))
    return generate_latest(meters(shop).gather()) + generate_latest(looked_up)


def _states(shop: Shop) -> States:
    return shop.part(States, lambda: States(shop))
