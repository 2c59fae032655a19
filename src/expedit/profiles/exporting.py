"""People as files: every profile with its identifiers, as JSON lines or Parquet."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from expedit.core import InvalidInput, Progress, no_progress, to_json
from expedit.identity import Identifier, identifiers_in, people, subjects_now
from expedit.profiles import store
from expedit.profiles.model import Profile
from expedit.profiles.read import profile_of
from expedit.profiles.telling import tell_profile
from expedit.storage import Shop

_SCHEMA = pa.schema(
    [
        pa.field("person_id", pa.string(), nullable=False),
        pa.field("bucket_key", pa.string(), nullable=False),
        pa.field("first_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("last_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("events", pa.int64(), nullable=False),
        pa.field("market", pa.string()),
        pa.field("step", pa.string(), nullable=False),
        pa.field("identifiers", pa.list_(pa.struct([("kind", pa.string()), ("value", pa.string())]))),
        pa.field("consents", pa.list_(pa.struct([("purpose", pa.string()), ("given", pa.bool_())]))),
        pa.field("profile", pa.string(), nullable=False),
    ]
)


class _Person:
    """One person on the way to a file."""

    def __init__(self, profile: Profile, identifiers: tuple[Identifier, ...]) -> None:
        self.profile = profile
        self.identifiers = [{"kind": one.kind, "value": one.value} for one in identifiers]

    def line(self) -> dict[str, Any]:
        """Return the person as a JSON object."""
        return tell_profile(self.profile) | {"identifiers": self.identifiers}

    def row(self) -> dict[str, Any]:
        """Return the person as a row of the Parquet file."""
        profile = self.profile
        return {
            "person_id": profile.person_id,
            "bucket_key": profile.bucket_key,
            "first_at": profile.first_at,
            "last_at": profile.last_at,
            "events": profile.events,
            "market": profile.market,
            "step": profile.intent.step,
            "identifiers": self.identifiers,
            "consents": [{"purpose": name, "given": given} for name, given in profile.consents.items()],
            "profile": to_json(tell_profile(profile)).decode(),
        }


def export_people(
    shop: Shop,
    path: Path,
    format: str = "jsonl",  # noqa: A002  (the word that the command line uses)
    progress: Progress = no_progress,
) -> int:
    """Write every person that has a profile to a file; return how many.

    Parameters
    ----------
    path
        Where to write, whole or not at all; a name that ends in ``.gz`` is compressed (JSON lines only).
    format
        ``jsonl`` or ``parquet``.

    Raises
    ------
    InvalidInput
        When the format is another one.
    """
    if format not in {"jsonl", "parquet"}:
        raise InvalidInput("format", f"must be jsonl or parquet, not {format!r}")
    partial = path.with_name(path.name + ".partial")
    try:
        with ExitStack() as stack:
            file: Any = stack.enter_context(partial.open("wb"))
            if format == "jsonl" and path.suffix == ".gz":
                file = stack.enter_context(gzip.open(file, "wb", compresslevel=6))
            write = _write_lines if format == "jsonl" else _write_parquet
            done = write(_portions(shop), file, progress)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return done


def _portions(shop: Shop) -> Iterator[list[_Person]]:
    for part in people(shop.database):
        with shop.database.reading() as tx:
            rows = store.read_rows(tx, part)
            owners = subjects_now(tx, rows)
            by_person: dict[str, list[Identifier]] = defaultdict(list)
            for one in identifiers_in(tx, owners):
                by_person[owners[one.subject_id]].append(one)
        yield [
            _Person(
                profile_of(*row[:4], row.state, row.consents, row.traits), tuple(by_person[row.person_id])
            )
            for row in rows.values()
        ]


def _write_lines(portions: Iterator[list[_Person]], file: IO[bytes], progress: Progress) -> int:
    done = 0
    for portion in portions:
        for person in portion:
            file.write(to_json(person.line()) + b"\n")
        done += len(portion)
        progress("people", done, None)
    return done


def _write_parquet(portions: Iterator[list[_Person]], file: IO[bytes], progress: Progress) -> int:
    done = 0
    with pq.ParquetWriter(file, _SCHEMA, compression="zstd") as writer:
        for portion in portions:
            rows = [person.row() for person in portion]
            writer.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA))
            done += len(portion)
            progress("people", done, None)
    return done
