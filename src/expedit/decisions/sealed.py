"""Sealed decisions: Parquet files under ``decisions/date=YYYY-MM-DD/``, one row for the decision and one
for each item.

The row at position 0 is the decision itself and carries it whole (``body``, MessagePack); rows from
position 1 are the items shown. So a question reads columns, and nothing that was logged is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

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
    ]
)
"""Columns of a sealed file; ``product_id`` to ``propensity`` are null at position 0, ``body`` at all
others. ``rule`` is the one that was measured, null where none was; ``rule_weight`` how many decisions this
one stands for. Files sealed by versions without these three read as null."""

_encoder = PackEncoder()
_decoder = PackDecoder(LoggedDecision)


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
        rows: list[tuple[object, ...]] = [
            (*facts, 0, None, None, None, None, None, None, _encoder.encode(decision), *coin)
        ]
        rows += [
            (
                *facts, position, item.product, item.strategy, item.reason, item.because, item.score,
                item.propensity, None, *coin,
            )
            for position, item in enumerate(decision.items, start=1)
        ]  # fmt: skip
        for row in rows:
            for add, value in zip(adders, row, strict=True):
                add(value)
    return pa.table(columns, schema=SCHEMA)


def write_sealed(path: Path, decisions: Iterable[LoggedDecision]) -> None:
    """Write `decisions` to the file `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".tmp")
    pq.write_table(table_of(decisions), scratch, compression="zstd")
    scratch.replace(path)


def read_sealed(
    path: Path, since: int | None = None, until: int | None = None, subjects: frozenset[str] | None = None
) -> Iterator[LoggedDecision]:
    """Yield the decisions of a sealed file that fall into [since, until) and are of `subjects` (None:
    all)."""
    wanted = [("position", "=", 0)]
    if since is not None:
        wanted.append(("ts_us", ">=", since))
    if until is not None:
        wanted.append(("ts_us", "<", until))
    if subjects is not None:
        wanted.append(("subject_id", "in", subjects))  # type: ignore[arg-type]
    table = pq.read_table(path, columns=["body"], filters=wanted, partitioning=None)
    for body in table.column("body"):
        yield _decoder.decode(body.as_py())


def read_bodies(path: Path, decision_ids: Sequence[str]) -> Iterator[LoggedDecision]:
    """Yield the decisions of a sealed file that have these ids, in the file's order."""
    wanted = [("position", "=", 0), ("decision_id", "in", decision_ids)]
    table = pq.read_table(path, columns=["body"], filters=wanted, partitioning=None)
    for body in table.column("body"):
        yield _decoder.decode(body.as_py())


def sealed_files(folder: Path) -> list[Path]:
    """Return every sealed file of a decisions folder, the oldest hour first."""
    return sorted(folder.glob("date=*/*.parquet"), key=lambda path: path.name)
