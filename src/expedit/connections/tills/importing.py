"""Importing a till's file: receipts become purchases and refunds, unknown articles are kept and listed."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from expedit.access import Source, keys
from expedit.catalog import live_catalog
from expedit.connections.tills import store
from expedit.connections.tills.columns import TillFormat
from expedit.connections.tills.receipts import Reader, Receipt, calls_of
from expedit.core import (
    InvalidInput,
    Progress,
    Struct,
    TooLarge,
    ValidationError,
    convert,
    no_progress,
    to_json,
)
from expedit.storage import Shop
from expedit.tracking import Call, ingest

_AT_ONCE = 200
_MOST_LISTED = 1_000
_LARGEST_RATIO = 200
_FREE_BYTES = 16 << 20
_LONGEST_LINE = 1 << 20


class RefusedLine(Struct, frozen=True):
    """A line that was left out: its number (1 = the header), the attribute at fault and what is wrong."""

    line: int
    field: str
    reason: str


class TillReport(Struct, frozen=True, omit_defaults=False):
    """What an import of till lines did.

    Parameters
    ----------
    lines, receipts
        Lines with data, and the receipts that they make.
    purchases, refunds, duplicates
        Events that are new, by kind; and those that were known: the same file again adds nothing.
    unknown
        Lines whose article is not in the catalog (yet).
    with_loyalty, with_payment
        Receipts that name a member, or only a means of payment.
    refused_lines
        How many lines were refused; `refused` lists the first thousand.
    """

    lines: int = 0
    receipts: int = 0
    purchases: int = 0
    refunds: int = 0
    duplicates: int = 0
    unknown: int = 0
    with_loyalty: int = 0
    with_payment: int = 0
    refused_lines: int = 0
    refused: tuple[RefusedLine, ...] = ()


def import_till(
    shop: Shop,
    path: Path | str,
    *,
    source: str = "till",
    form: TillFormat | Mapping[str, Any] | None = None,
    name: str = "",
    progress: Progress = no_progress,
) -> TillReport:
    """Read a file of till lines; doing it again adds nothing.

    Parameters
    ----------
    path
        CSV with a header, separated by comma, semicolon, tab or bar; UTF-8 or Windows-1252; gzip of either.
    source
        Id of the source: its consent default and legal basis hold.
    form
        How the file is written; None = by the names of its columns.
    name
        What the file is called in the list of files; None = its own name.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used; a single bad line is only reported.
    NotFound
        When there is no such source.
    """
    chosen = form if isinstance(form, TillFormat) else _form(form or {})
    run = _Run(shop, keys(shop).source(source), chosen)
    try:
        raw = Path(path).open("rb")  # noqa: SIM115 - closed below, with what wraps it
    except OSError as error:
        raise InvalidInput("file", f"cannot be opened: {error.strerror}") from None
    with raw:
        size = Path(path).stat().st_size
        for _ in run.read(_text_of(raw)):
            progress("till lines", raw.tell(), size)
    report = run.report()
    with shop.database.writing() as tx:
        store.note_file(tx, source, shop.clock(), name or Path(path).name, to_json(report))
    return report


class _Run:
    """One import under way."""

    def __init__(self, shop: Shop, source: Source, form: TillFormat) -> None:
        self._shop = shop
        self._source = source
        self._form = form
        self._counts: Counter[str] = Counter()
        self._refused: list[RefusedLine] = []

    def read(self, text: Iterator[str]) -> Iterator[None]:
        """Take the lines in; give control back now and then."""
        first = next((line for line in text if line.strip()), "")
        if not first:
            raise InvalidInput("file", "is empty")
        delimiter = max(",;\t|", key=first.count)
        header = next(csv.reader([first], delimiter=delimiter))
        describe = live_catalog(self._shop).current().describe
        reader = Reader(self._form, header, self._shop.settings.markets, describe)
        rows = csv.reader(text, delimiter=delimiter)
        while True:
            number = rows.line_num + 2
            try:
                row = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                self._refuse(number, InvalidInput("", f"is no CSV: {error}"))
                continue
            if not any(cell.strip() for cell in row):
                continue
            self._counts["lines"] += 1
            try:
                reader.take(number, row)
            except InvalidInput as error:
                self._refuse(number, error)
            if self._counts["lines"] % 1_000 == 0:
                self._write(list(reader.ready()))
                yield
        self._write(list(reader.ready(everything=True)))

    def report(self) -> TillReport:
        """Return what was done."""
        return TillReport(
            refused=tuple(self._refused),
            **{name: self._counts[name] for name in TillReport.__struct_fields__ if name != "refused"},
        )

    def _write(self, receipts: list[Receipt]) -> None:
        # Sales before returns: a return may belong to a receipt of the same file.
        receipts.sort(key=lambda one: (one.at, one.order_id))
        for start in range(0, len(receipts), _AT_ONCE):
            self._write_part(receipts[start : start + _AT_ONCE])

    def _write_part(self, receipts: list[Receipt]) -> None:
        calls: list[tuple[Receipt, Call]] = []
        with self._shop.database.writing() as tx:
            store.note_receipts(
                tx, [(one.store, one.number, one.order_id, one.at) for one in receipts if one.sold]
            )
            for one in receipts:
                order = store.receipt_before(tx, one.store, one.returned, one.at) if one.returned else None
                calls += [(one, call) for call in calls_of(one, order)]
            waiting = {}
            for one in receipts:
                for line in one.sold:
                    if not line.known:
                        waiting[line.code, one.order_id] = (
                            line.code,
                            one.order_id,
                            self._source.id,
                            line.title,
                            line.why,
                            line.quantity,
                            one.at,
                        )
            store.note_waiting(tx, list(waiting.values()))
        outcomes = ingest(
            self._shop, [call for _, call in calls], self._source, self._shop.clock(), trusted=True
        )
        for (receipt, call), outcome in zip(calls, outcomes, strict=True):
            if outcome.refusal is not None:
                refusal = InvalidInput(outcome.refusal.field, outcome.refusal.reason)
                self._refuse(receipt.line, refusal, len(receipt.sold) + len(receipt.back))
            elif outcome.fate == "duplicate":
                self._counts["duplicates"] += 1
            else:
                self._counts["purchases" if call.event == "purchase" else "refunds"] += 1
        for one in receipts:
            self._counts["receipts"] += 1
            self._counts["with_loyalty"] += bool(one.loyalty)
            self._counts["with_payment"] += bool(one.payment and not one.loyalty)
            self._counts["unknown"] += sum(not line.known for line in (*one.sold, *one.back))

    def _refuse(self, number: int, error: InvalidInput, lines: int = 1) -> None:
        self._counts["refused_lines"] += lines
        if len(self._refused) < _MOST_LISTED:
            self._refused.append(RefusedLine(number, error.field, error.reason))


def _form(given: Mapping[str, Any]) -> TillFormat:
    try:
        return convert(dict(given), TillFormat)
    except ValidationError as error:
        raise InvalidInput("form", str(error)) from None


def _text_of(raw: IO[bytes]) -> Iterator[str]:
    """Give the lines of a file as text, unpacked within limits; Windows-1252 where it is not UTF-8."""
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    lines = cast("io.BufferedReader", raw)
    if packed:
        lines = io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=raw)), 1 << 18)
    given = 0
    first = True
    try:
        while line := lines.readline(_LONGEST_LINE + 1):
            given += len(line)
            if len(line) > _LONGEST_LINE:
                raise TooLarge("file", f"has a line longer than {_LONGEST_LINE} bytes")
            if packed and given > max(_FREE_BYTES, _LARGEST_RATIO * max(1, raw.tell())):
                raise TooLarge("file", f"unpacks to more than {_LARGEST_RATIO} times its size")
            if first:
                line = line.removeprefix(b"\xef\xbb\xbf")
                first = False
            try:
                yield line.decode()
            except UnicodeDecodeError:
                yield line.decode("cp1252", "replace")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidInput("file", f"the gzip data is broken: {error}") from None
