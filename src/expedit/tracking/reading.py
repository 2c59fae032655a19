"""From bytes to drafts: each call is read by itself, and a bad one becomes a letter that says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from expedit.access import Source, check_user_hash
from expedit.catalog import live_catalog
from expedit.core import MINUTE, InvalidInput, Raw, evolve, to_json
from expedit.events import IdentifierKind
from expedit.identity import identify
from expedit.storage import Shop
from expedit.tracking.calls import Batch, Call, Context, Moment, decode_call
from expedit.tracking.consent import allowed, read_consent
from expedit.tracking.cookie import Visitor
from expedit.tracking.mapping import Intake, draft_of
from expedit.tracking.model import Draft
from expedit.tracking.recording import Letter

_LONGEST_LETTER = 40_000


class Refused(NamedTuple):
    """A call that was refused.

    Parameters
    ----------
    error
        The complaint, its field relative to the call.
    letter
        What goes to the dead letters.
    """

    error: InvalidInput
    letter: Letter


def intake_of(
    shop: Shop,
    source: Source,
    received: int,
    *,
    trusted: bool,
    sent_at: Moment = None,
    context: Context | list[Any] | None = None,
    visitor: Visitor | None = None,
) -> Intake:
    """Return what the calls of one request are read against; see `Intake`."""

    def check_hash(value: str, signature: str) -> None:
        check_user_hash(shop, value, signature)

    return Intake(
        shop.secret,
        shop.settings.markets,
        source,
        received,
        live_catalog(shop).current().describe,
        None if trusted else check_hash,
        shop.settings.future_tolerance_minutes * MINUTE,
        sent_at,
        context,
        visitor.id if visitor else None,
        shop.settings.postal_characters,
    )


def read_raw(body: bytes | Raw, intake: Intake, limit: int, kind: str | None = None) -> Draft | Refused:
    """Read one call from JSON.

    Parameters
    ----------
    body
        The call's JSON text.
    intake
        What it is read against.
    limit
        Most bytes of it.
    kind
        The call type that the path says, which needs not stand in the call.
    """
    try:
        call = decode_call(body, limit)
    except InvalidInput as error:
        return Refused(error, _letter(bytes(body), None, error, intake))
    if kind is None:
        return read_call(call, intake, body)
    found = read_call(evolve(call, type=kind), intake, body)
    if isinstance(found, Refused) and call.type is None and found.letter.body:
        # Only the path told the type: the letter has to tell it by itself to be replayed.
        return found._replace(letter=found.letter._replace(body=_with_type(found.letter.body, kind)))
    return found


def read_call(call: Call, intake: Intake, body: bytes | Raw | None = None) -> Draft | Refused:
    """Read one decoded call; `body` is what it was decoded from, for the dead letters."""
    try:
        return draft_of(call, intake)
    except InvalidInput as error:
        return Refused(error, _letter(to_json(call) if body is None else bytes(body), call, error, intake))


def _with_type(body: str, kind: str) -> str:
    rest = body.lstrip().removeprefix("{").lstrip()
    return f'{{"type":"{kind}"{"" if rest.startswith("}") else ","}{rest}'


def read_batch(batch: Batch, intake: Intake, limit: int) -> Sequence[Draft | Refused]:
    """Read every call of a batch, in order."""
    return [read_raw(body, intake, limit) for body in batch.batch]


def _letter(body: bytes, call: Call | None, error: InvalidInput, intake: Intake) -> Letter:
    """Keep what was sent where its sender may have it kept; the complaint is kept always."""
    context = call.context if call is not None and isinstance(call.context, Context) else None
    own = None
    if context is not None and isinstance(context.consent, dict):
        try:
            own = read_consent(context.consent, "context.consent")
        except InvalidInput:  # the very thing that is wrong with it
            own = None
    source = intake.source
    keep = allowed("analytics", own, None, source.consent)
    text = body[:_LONGEST_LETTER].decode(errors="replace") if keep else ""
    return Letter(
        source.id, text, error.field, error.reason, intake.received, _named(call, intake) if keep else ()
    )


def _named(call: Call | None, intake: Intake) -> tuple[str, ...]:
    """Return the subjects that a refused call names, as far as they can be read."""
    if call is None:
        return ()
    traits = call.traits if isinstance(call.traits, dict) else {}
    found = []
    named: tuple[tuple[IdentifierKind, object], ...] = (
        ("anonymous_id", call.anonymous_id),
        ("user_id", call.user_id),
        ("email", traits.get("email")),
        ("phone", traits.get("phone")),
    )
    for kind, raw in named:
        try:
            found.append(identify(intake.secret, kind, raw).subject_id)
        except InvalidInput:  # names nobody
            continue
    return tuple(found)
