"""Writing the whole log to one file that others, or another expedit, can read."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

import pyarrow.parquet as pq

from expedit.core import InvalidInput, Progress, no_progress, to_json
from expedit.events.columns import EVENTS, event_table
from expedit.events.model import Event, pack_event
from expedit.events.reading import count_events, read_events
from expedit.events.store import HeadRow
from expedit.storage import Shop

_PORTION = 20_000


def export_events(
    shop: Shop,
    path: Path,
    format: Literal["jsonl", "parquet"] = "jsonl",  # noqa: A002 - the word that the command line uses
    progress: Progress = no_progress,
) -> int:
    """Write every event, sealed or not, in order of time; return how many.

    JSONL has one `Event` a line, with the fields that differ from their default (``import events`` reads it
    again); a name that ends in ``.gz`` is compressed. Parquet has the columns of the sealed log. The file
    appears under its name when it is whole.

    Raises
    ------
    InvalidInput
        When `format` is another one.
    """
    if format not in {"jsonl", "parquet"}:
        raise InvalidInput("format", f"must be jsonl or parquet, not {format!r}")
    total = count_events(shop)
    events = read_events(shop)
    partial = path.with_name(path.name + ".partial")
    written = 0
    try:
        with partial.open("wb") as file:
            portions = _write_jsonl if format == "jsonl" else _write_parquet
            for count in portions(events, file, path.suffix == ".gz"):
                written += count
                progress("export", written, total)
        partial.replace(path)
    finally:
        events.close()
        partial.unlink(missing_ok=True)
    return written


def _portions(events: Iterator[Event]) -> Iterator[list[Event]]:
    while portion := list(islice(events, _PORTION)):
        yield portion


def _write_jsonl(events: Iterator[Event], file: IO[bytes], compress: bool) -> Iterator[int]:
    with ExitStack() as stack:
        out: Any = stack.enter_context(gzip.open(file, "wb", compresslevel=6)) if compress else file
        for portion in _portions(events):
            out.write(b"".join(to_json(event) + b"\n" for event in portion))
            yield len(portion)


def _write_parquet(events: Iterator[Event], file: IO[bytes], _: bool) -> Iterator[int]:
    # Places are this log's own business.
    schema = EVENTS.remove(EVENTS.get_field_index("xid"))
    schema = schema.remove(schema.get_field_index("seq"))
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for portion in _portions(events):
            writer.write_table(
                event_table([HeadRow(0, 0, event, pack_event(event)) for event in portion]).select(
                    schema.names
                )
            )
            yield len(portion)
