"""Older prices that the shop brings along, and what the ledger knows of an offer."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from expedit.catalog.feeds import FeedRow, feed_rows, open_feed
from expedit.catalog.ledger import FOREVER, Interval, with_older
from expedit.catalog.mapping import ColumnMapping, Columns, read_mapping
from expedit.catalog.merchant import parse_offer
from expedit.catalog.model import ImportReport, RefusedRow
from expedit.catalog.notes import PRICE
from expedit.catalog.store import (
    OfferKey,
    add_intervals,
    drop_intervals,
    mark_changed,
    next_change,
    note_changes,
    read_ledger,
    variants_of,
)
from expedit.catalog.values import read_id
from expedit.core import InvalidInput, Progress, Struct, no_progress, parse_time
from expedit.storage import Shop, Transaction

_ALIASES = {
    "sku": "id",
    "variant": "id",
    "variant_id": "id",
    "valid_from": "from",
    "valid_until": "until",
    "to": "until",
}
_BATCH = 500


class _Older(Struct, frozen=True):
    """One row of older history; an `until` of None reaches to the next known price."""

    line: int
    start: int
    until: int | None
    price: int
    sale_price: int | None
    currency: str


def import_prices(
    shop: Shop,
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line and the docs
    mapping: ColumnMapping | None = None,
    progress: Progress = no_progress,
) -> ImportReport:
    """Read the prices from before expedit: columns id (or sku), market, price, from, until, sale_price.

    The history only fills what the ledger does not know; it never changes a price that expedit recorded
    itself. Doing it again changes nothing.

    Parameters
    ----------
    path
        CSV, TSV or JSONL; gzip of any. ``until`` may be left out: then a price holds until the next one.

    Returns
    -------
    ImportReport
        `added` and `unchanged` count rows.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used; a single bad row is only reported.
    """
    source = open_feed(Path(path))
    run = _HistoryRun(shop, f"file:{Path(path).name}")
    with source.raw, source.file:
        columns = Columns(_ALIASES) if mapping is None else read_mapping(mapping)
        for row in feed_rows(source.file, columns, format):
            run.take(row)
    progress("reading", source.size, source.size)
    run.write(progress)
    return run.report()


class _HistoryRun:
    """One import of older prices; rows are held until all are read, since any may end another."""

    def __init__(self, shop: Shop, source: str) -> None:
        self._shop = shop
        self._source = source
        self._rows: dict[OfferKey, list[_Older]] = {}
        self._refused: list[RefusedRow] = []
        self._read = 0
        self._added = 0

    def take(self, row: FeedRow) -> None:
        """Take one row."""
        self._read += 1
        try:
            if row.problem:
                raise InvalidInput("", row.problem)
            key, older = self._parse(row.line, row.values)
            self._rows.setdefault(key, []).append(older)
        except InvalidInput as error:
            self._refused.append(RefusedRow(row.line, error.field, error.reason))

    def write(self, progress: Progress) -> None:
        """Write every row, some hundred offers in a transaction."""
        offers = iter(sorted(self._rows))
        done = 0
        while keys := list(islice(offers, _BATCH)):
            with self._shop.database.writing() as tx:
                self._write(tx, keys)
            done += len(keys)
            progress("writing", done, len(self._rows))

    def report(self) -> ImportReport:
        """Return what happened."""
        self._refused.sort(key=lambda row: row.line)
        return ImportReport(
            read=self._read,
            added=self._added,
            unchanged=self._read - self._added - len(self._refused),
            refused=tuple(self._refused),
        )

    def _parse(self, line: int, values: dict[str, Any]) -> tuple[OfferKey, _Older]:
        name = read_id(str(values.get("id") or ""), "id")
        markets = self._shop.settings.markets
        market = str(values.get("market") or (next(iter(markets)) if len(markets) == 1 else ""))
        if market not in markets:
            raise InvalidInput("market", f"{market[:20]!r} is none of {', '.join(markets)}")
        terms = {attribute: values.get(attribute) for attribute in ("price", "sale_price")}
        offer = parse_offer(terms, market, markets[market])
        if not values.get("from"):
            raise InvalidInput("from", "missing")
        start = parse_time(str(values["from"]), "from")
        until = parse_time(str(values["until"]), "until") if values.get("until") else None
        if until is not None and until <= start:
            raise InvalidInput("until", "is not after from")
        return (name, market), _Older(line, start, until, offer.price, offer.sale_price, offer.currency)

    def _write(self, tx: Transaction, keys: list[OfferKey]) -> None:
        change = next_change(tx)
        known = variants_of(tx, sorted({name for name, _ in keys}))
        ledger = read_ledger(tx, sorted({variant_id for variant_id, _ in known.values()}))
        touched = set()
        drop: list[tuple[OfferKey, Interval]] = []
        add: list[tuple[OfferKey, Interval]] = []
        for name, market in keys:
            rows = self._rows[name, market]
            if name not in known:
                reason = f"no variant is called {name!r}"
                self._refused += [RefusedRow(row.line, "id", reason) for row in rows]
                continue
            variant_id, product_id = known[name]
            key = (variant_id, market)
            before = ledger.get(key, [])
            after = self._lay(before, sorted(rows, key=lambda row: row.start))
            if after != before:
                drop += [(key, step) for step in before if step not in after]
                add += [(key, step) for step in after if step not in before]
                ledger[key] = after
                touched.add(product_id)
        drop_intervals(tx, drop)
        add_intervals(tx, add)
        mark_changed(tx, sorted(touched), change)
        note_changes(tx, change, self._shop.clock(), self._source, dict.fromkeys(touched, PRICE))

    def _lay(self, history: list[Interval], rows: list[_Older]) -> list[Interval]:
        """Lay rows, in order of their start, under a history."""
        recorded = next((step.valid_from for step in history if not step.imported), None)
        for position, row in enumerate(rows):
            following = rows[position + 1].start if position + 1 < len(rows) else recorded
            until = row.until if row.until is not None else following
            try:
                if until is None:
                    raise InvalidInput("until", "missing, and no later price is known")
                older = Interval(row.start, min(until, FOREVER), row.price, row.sale_price, row.currency)
                longer = with_older(history, older)
            except InvalidInput as error:
                self._refused.append(RefusedRow(row.line, error.field, error.reason))
                continue
            self._added += longer != history
            history = longer
        return history


def price_history(shop: Shop, variant_id: str) -> dict[str, list[Interval]]:
    """Return all that the ledger knows of a variant, by market."""
    with shop.database.reading() as tx:
        return {market: steps for (_, market), steps in sorted(read_ledger(tx, [variant_id]).items())}
