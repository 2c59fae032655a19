"""The synchronous way in, for imports, demos and tests."""

from __future__ import annotations

from collections.abc import Sequence

from expedit.access import Source
from expedit.storage import Shop
from expedit.tracking.calls import Call
from expedit.tracking.model import Outcome, Refusal
from expedit.tracking.reading import Refused, intake_of, read_call
from expedit.tracking.recording import Entry, write_entries

CHUNK = 500
"""Calls written in one transaction."""


def ingest(
    shop: Shop, calls: Sequence[Call], source: Source, received: int, *, trusted: bool | None = None
) -> list[Outcome]:
    """Take `calls` in, in order; return what became of each once it is durable.

    Parameters
    ----------
    calls
        As `call_of` or `decode_call` give them.
    source
        Where they come from.
    received
        When they came in.
    trusted
        Whether user ids are believed without a signature; as the kind of source says when None.

    Raises
    ------
    Unavailable
        When the database did not take a chunk; the chunks before it are stored.
    """
    intake = intake_of(shop, source, received, trusted=not source.public if trusted is None else trusted)
    outcomes: list[Outcome] = []
    for start in range(0, len(calls), CHUNK):
        read = [read_call(call, intake) for call in calls[start : start + CHUNK]]
        entries = [Entry(one, source) for one in read if not isinstance(one, Refused)]
        letters = [one.letter for one in read if isinstance(one, Refused)]
        with shop.database.writing() as tx:
            written = iter(write_entries(shop, tx, entries, letters))
        for one in read:
            if isinstance(one, Refused):
                refusal = Refusal(one.error.field, one.error.reason)
                outcomes.append(Outcome("refused", refusal=refusal))
            else:
                outcomes.append(next(written))
    return outcomes
