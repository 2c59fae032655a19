"""Segment's HTTP tracking API, as raw routes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from expedit.access import Caller, Source, keys
from expedit.core import InvalidInput, NotAllowed, Struct, Unavailable, to_json
from expedit.storage import Shop
from expedit.tracking.calls import CALL_NAMES, Call, Context, Moment, decode_batch, write_key_in
from expedit.tracking.cookie import visitor_of
from expedit.tracking.group_commit import SMALL, committer
from expedit.tracking.model import Draft, Ignored, Outcome
from expedit.tracking.reading import Refused, intake_of, read_raw
from expedit.tracking.recording import Entry
from expedit.web import BUSY, Answer, Gate, RawRequest, RawRoute, admission, pace_refusal

_SINGLE = {
    "track": ("/v1/track", "/v1/t"),
    "identify": ("/v1/identify", "/v1/i"),
    "page": ("/v1/page", "/v1/p"),
    "screen": ("/v1/screen", "/v1/s"),
    "alias": ("/v1/alias", "/v1/a"),
    "group": ("/v1/group", "/v1/g"),
}
_BATCH = ("/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch")
_METRICS = "/v1/m"
_SLICE = 25
"""Calls of a batch read between two turns of the event loop, so that a long batch delays no decision."""

_SUCCESS = to_json({"success": True})


class SingleBody(Call, frozen=True, rename={**CALL_NAMES, "write_key": "writeKey"}):
    """A single call with its key, as the OpenAPI document shows it."""

    write_key: str | None = None


class BatchBody(Struct, frozen=True, rename="camel"):
    """A batch as the OpenAPI document shows it; read, each call is decoded by itself (`Batch`)."""

    batch: list[Call]
    sent_at: Moment = None
    write_key: str | None = None
    context: Context | None = None


class RefusedCall(Struct, frozen=True, omit_defaults=False):
    """One call of a batch that was refused: its place, the field at fault and what is wrong with it."""

    index: int
    field: str
    reason: str


class BatchAnswer(Struct, frozen=True, omit_defaults=False):
    """What became of a batch.

    Parameters
    ----------
    success
        The batch was taken; single events may have been refused.
    accepted, duplicates
        How many events are new, and how many were known already.
    refused
        Those that were not taken.
    ignored
        Identifiers that were left out of events which were taken.
    """

    success: bool
    accepted: int
    duplicates: int
    refused: tuple[RefusedCall, ...]
    ignored: tuple[RefusedCall, ...] = ()


class SingleAnswer(Struct, frozen=True):
    """What became of a single call; `ignored` names identifiers that were left out of it."""

    success: bool
    ignored: tuple[Ignored, ...] = ()


Handle = Callable[[RawRequest], Awaitable[Answer]]


def routes(shop: Shop) -> list[RawRoute]:
    """Return the routes of the tracking API."""
    limits = shop.settings
    one, batch = gates(shop)
    single = [
        RawRoute(
            path,
            partial(_take_one, shop, kind),
            body_limit=limits.max_event_bytes,
            accepts=SingleBody,
            answers=SingleAnswer,
            summary=f"Take in one {kind} call",
            gate=one,
        )
        for kind, paths in _SINGLE.items()
        for path in paths
    ]
    many = [
        RawRoute(
            path,
            partial(_take_many, shop),
            body_limit=limits.max_batch_bytes,
            accepts=BatchBody,
            answers=BatchAnswer,
            summary="Take in many calls",
            gate=batch,
        )
        for path in _BATCH
    ]
    metrics = RawRoute(_METRICS, _ignore_metrics, summary="Take no notice of a library's own metrics")
    return [*single, *many, metrics]


def gates(shop: Shop) -> tuple[Gate, Gate]:
    """Return what lets single events in, and what lets batches in.

    A page waits for a single event, a server that sends a batch can wait longer: each is turned away when
    the queue to the database has grown past its own patience. How many may be inside is bounded, too, since a
    body under way takes memory.
    """
    kept, limits = admission(shop), shop.settings
    if "ingest" in kept.gates:
        return kept.gates["ingest"], kept.gates["ingest-batch"]
    queue = committer(shop)
    most, wait = limits.max_connections, limits.ingest_wait_ms / 1000
    return (
        kept.gate(Gate("ingest", most, wait, queue.small_full)),
        kept.gate(Gate("ingest-batch", most, limits.ingest_batch_wait_ms / 1000, queue.large_full)),
    )


async def _ignore_metrics(request: RawRequest) -> Answer:  # noqa: ARG001  (a route's shape)
    return Answer(_SUCCESS)


async def _take_one(shop: Shop, kind: str, request: RawRequest) -> Answer:
    authorization = request.header(b"authorization")
    caller = keys(shop).caller(authorization, "" if authorization else write_key_in(request.body) or "")
    source = _source(caller)
    visitor = visitor_of(shop, caller, request)
    intake = intake_of(shop, source, shop.clock(), trusted=caller.trusted, visitor=visitor)
    read = read_raw(request.body, intake, shop.settings.max_event_bytes, kind)
    if isinstance(read, Refused):
        await committer(shop).commit((), (read.letter,))
        raise read.error
    outcome = (await committer(shop).commit((Entry(read, source),)))[0]
    if outcome.refusal is not None:
        raise InvalidInput(outcome.refusal.field, outcome.refusal.reason)
    body = to_json(SingleAnswer(True, outcome.ignored)) if outcome.ignored else _SUCCESS
    return Answer(body, headers=visitor.cookie_headers((read,), source) if visitor else ())


async def _take_many(shop: Shop, request: RawRequest) -> Answer:
    batch = decode_batch(request.body, shop.settings.max_batch_events)
    if len(batch.batch) <= SMALL and not gates(shop)[0].admits():
        await pace_refusal()
        raise Unavailable(BUSY)
    held = keys(shop)
    write_key = batch.write_key or held.in_address(request.query("writeKey"))
    caller = held.caller(request.header(b"authorization"), write_key)
    source = _source(caller)
    visitor = visitor_of(shop, caller, request)
    intake = intake_of(
        shop,
        source,
        shop.clock(),
        trusted=caller.trusted,
        sent_at=batch.sent_at,
        context=batch.context,
        visitor=visitor,
    )
    read: list[Draft | Refused] = []
    for place, body in enumerate(batch.batch):
        if place and place % _SLICE == 0:
            await asyncio.sleep(0)
        read.append(read_raw(body, intake, shop.settings.max_event_bytes))
    drafts = [one for one in read if not isinstance(one, Refused)]
    letters = [one.letter for one in read if isinstance(one, Refused)]
    outcomes = await committer(shop).commit([Entry(draft, source) for draft in drafts], letters)
    answer = to_json(_batch_answer(read, outcomes))
    return Answer(answer, headers=visitor.cookie_headers(drafts, source) if visitor else ())


def _source(caller: Caller) -> Source:
    if caller.scopes:
        caller.need("track")
    if caller.source is None:
        raise NotAllowed("this key belongs to no source, and the shop has no source called server")
    return caller.source


def _batch_answer(read: Sequence[Draft | Refused], outcomes: Sequence[Outcome]) -> BatchAnswer:
    refused: list[RefusedCall] = []
    ignored: list[RefusedCall] = []
    accepted = duplicates = 0
    written = iter(outcomes)
    for index, one in enumerate(read):
        if isinstance(one, Refused):
            error = one.error.under(f"batch[{index}]")
            refused.append(RefusedCall(index, error.field, error.reason))
            continue
        outcome = next(written)
        if outcome.refusal is not None:
            refused.append(RefusedCall(index, f"batch[{index}]", outcome.refusal.reason))
        elif outcome.fate == "duplicate":
            duplicates += 1
        else:
            accepted += 1
        ignored += [
            RefusedCall(index, f"batch[{index}].{part.field}", part.reason) for part in outcome.ignored
        ]
    return BatchAnswer(True, accepted, duplicates, tuple(refused), tuple(ignored))
