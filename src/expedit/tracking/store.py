"""How much came in, by day, source and fate; the only table of this room."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from expedit.core import Struct, day_of
from expedit.storage import Transaction, metadata

tracking_counts = sa.Table(
    "tracking_counts",
    metadata,
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("fate", sa.Text, primary_key=True),
    sa.Column("events", sa.BigInteger, nullable=False),
)


class Count(Struct, frozen=True):
    """How many events of a source met a fate on a day.

    Parameters
    ----------
    day
        UTC date on which they came in.
    source
        Id of the source.
    fate
        ``stored``, ``anonymous``, ``duplicate``, ``declined`` (no consent to analytics), ``refused``; or
        ``ignored``, which counts identifiers that were dropped from events.
    events
        How many.
    """

    day: str
    source: str
    fate: str
    events: int


def add_counts(tx: Transaction, at: int, counts: Mapping[tuple[str, str], int]) -> None:
    """Add `counts`, by source and fate, to the day of `at`."""
    day = day_of(at)
    tx.insert(
        "INSERT INTO tracking_counts (day, source, fate, events) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (day, source, fate) DO UPDATE SET events = tracking_counts.events + excluded.events",
        ("text", "text", "text", "bigint"),
        # In one order everywhere: two groups that add to the same rows must not wait for each other.
        [(day, source, fate, events) for (source, fate), events in sorted(counts.items())],
    )


def read_counts(tx: Transaction, since: str, until: str) -> list[Count]:
    """Return the counts of the days `since` to `until`, both included."""
    found = tx.rows(
        "SELECT day, source, fate, events FROM tracking_counts WHERE day >= ? AND day <= ?"
        " ORDER BY day, source, fate",
        (since, until),
    )
    return [Count(*row) for row in found]
