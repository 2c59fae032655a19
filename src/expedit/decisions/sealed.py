"""Sealed decisions: Parquet files under ``decisions/date=YYYY-MM-DD/``, one row for the decision and one
for each item.

The row at position 0 is the decision itself and carries it whole (``body``, MessagePack); rows from
position 1 are the items shown. So a question reads columns, and nothing that was logged is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.dataset import dataset

from expedit.core import PackDecoder, PackEncoder
from expedit.decisions.record import LoggedDecision

SCHEMA = pa.schema(
    [
        ("decision_id", pa.string()),
        ("ts", pa.timestamp("us", tz="UTC")),
        ("ts_us", pa.int64()),
        ("placement", pa.string()),
        ("subject_id", pa.string()),
        ("experiment", pa.string()),
        ("arm", pa.string()),
        ("personal", pa.bool_()),
        ("explored", pa.bool_()),
        ("market", pa.string()),
        ("channel", pa.string()),
        ("locale", pa.string()),
        ("model", pa.string()),
        ("catalog", pa.int64()),
        ("position", pa.int32()),
        ("product_id", pa.string()),
        ("strategy", pa.string()),
        ("reason", pa.string()),
        ("because", pa.string()),
        ("score", pa.float64()),
        ("propensity", pa.float64()),
        ("body", pa.binary()),
        ("rule", pa.string()),
        ("rule_off", pa.bool_()),
        ("rule_weight", pa.float64()),
        ("rules", pa.string()),
        ("continues", pa.string()),
    ]
)
"""Columns of a sealed file; ``product_id`` to ``propensity`` are null at position 0, ``body`` at all
others. ``rule`` is the one that was measured, null where none was; ``rule_weight`` how many decisions this
one stands for; ``rules`` the fingerprint of those in force; ``continues`` the first page's decision of a
listing's later page. Files sealed by versions without these read as null."""

PORTION = 250
"""Decisions that are objects in memory at a time while they become rows: a busy hour has millions."""

PORTIONS = 16
"""Portions in a row group."""

_encoder = PackEncoder()
_decoder = PackDecoder(LoggedDecision)


def tables_of(decisions: Iterable[LoggedDecision]) -> Iterator[pa.Table]:
    """Yield the rows of `decisions`, a row group at a time, each of portions in the order of time."""
    rest = iter(decisions)
    while parts := list(islice(_portions(rest), PORTIONS)):
        yield pa.concat_tables(parts)


def _portions(rest: Iterator[LoggedDecision]) -> Iterator[pa.Table]:
    while part := list(islice(rest, PORTION)):
        yield table_of(sorted(part, key=lambda decision: decision.at))


def table_of(decisions: Iterable[LoggedDecision]) -> pa.Table:
    """Return the rows of `decisions`, in their order."""
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    adders = [columns[name].append for name in SCHEMA.names]
    for decision in decisions:
        facts = (
            decision.id, decision.at, decision.at, decision.placement, decision.subject, decision.experiment,
            decision.arm, decision.personal, decision.explored, decision.market, decision.channel,
            decision.locale, decision.model, decision.catalog,
        )  # fmt: skip
        coin = (decision.measured, decision.off, decision.stands_for) if decision.measured else (None,) * 3
        last = (*coin, decision.rules or None, decision.continues or None)
        rows: list[tuple[object, ...]] = [
            (*facts, 0, None, None, None, None, None, None, _encoder.encode(decision), *last)
        ]
        rows += [
            (
                *facts, position, item.product, item.strategy, item.reason, item.because, item.score,
                item.propensity, None, *last,
            )
            for position, item in enumerate(decision.items, start=1)
        ]  # fmt: skip
        for row in rows:
            for add, value in zip(adders, row, strict=True):
                add(value)
    return pa.table(columns, schema=SCHEMA)


def write_sealed(path: Path, decisions: Iterable[LoggedDecision]) -> int:
    """Write `decisions` to the file `path`, whole or not at all; return how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".tmp")
    written = 0
    with pq.ParquetWriter(scratch, SCHEMA, compression="zstd") as writer:
        for table in tables_of(decisions):
            writer.write_table(table)
            written += table.num_rows - table.column("body").null_count
    scratch.replace(path)
    pa.default_memory_pool().release_unused()
    return written


def read_sealed(
    path: Path, since: int | None = None, until: int | None = None, subjects: frozenset[str] | None = None
) -> Iterator[LoggedDecision]:
    """Yield the decisions of a sealed file that fall into [since, until) and are of `subjects` (None:
    all)."""
    wanted: list[tuple[str, str, Any]] = [("position", "=", 0)]
    if since is not None:
        wanted.append(("ts_us", ">=", since))
    if until is not None:
        wanted.append(("ts_us", "<", until))
    if subjects is not None:
        wanted.append(("subject_id", "in", list(subjects)))
    yield from _read(path, wanted)


def read_bodies(path: Path, decision_ids: Sequence[str]) -> Iterator[LoggedDecision]:
    """Yield the decisions of a sealed file that have these ids, in the file's order."""
    yield from _read(path, [("position", "=", 0), ("decision_id", "in", list(decision_ids))])


def _read(path: Path, wanted: list[tuple[str, str, Any]]) -> Iterator[LoggedDecision]:
    """Yield what fits, a portion of the file at a time; portions in which nothing can fit are not read."""
    chosen = dataset(path, format="parquet").scanner(
        columns=["body"], filter=pq.filters_to_expression(wanted), batch_readahead=1, use_threads=False
    )
    for batch in chosen.to_batches():
        for body in batch.column("body"):
            yield _decoder.decode(body.as_py())


def sealed_files(folder: Path) -> list[Path]:
    """Return every sealed file of a decisions folder, the oldest hour first."""
    return sorted(folder.glob("date=*/*.parquet"), key=lambda path: path.name)
