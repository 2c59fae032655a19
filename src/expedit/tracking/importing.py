"""Importing history: events in Segment's envelope, one a line, or somebody's own table."""

from __future__ import annotations

import csv
import gzip
import io
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

from expedit.access import LegalBasis, Source, keys
from expedit.core import InvalidInput, Progress, Struct, evolve, no_progress
from expedit.events import EventItem
from expedit.storage import Shop
from expedit.tracking.calls import Call, decode_call
from expedit.tracking.columns import EventMapping, FileMapping, read_mapping
from expedit.tracking.mapping import Intake, draft_of
from expedit.tracking.order_lines import Gathered, OrderLines
from expedit.tracking.reading import intake_of
from expedit.tracking.recording import Entry, write_entries
from expedit.tracking.single_lines import SingleLines

_GROUP = 250
"""Events written in one transaction: a server that serves meanwhile waits for no longer one."""
_PAUSE = 0.001
"""Seconds between two transactions, for whoever waits for the database: a lock is not given in turn."""
_MOST_LISTED = 10_000
_LONGEST_LINE = 4 * 1024 * 1024
_TELL_EVERY = 2_000


class RefusedLine(Struct, frozen=True):
    """A line that was left out: its number (1 = the first), the field at fault and what is wrong with it."""

    line: int
    field: str
    reason: str


class ImportReport(Struct, frozen=True, omit_defaults=False):
    """What an import did.

    Parameters
    ----------
    read
        Lines with data; a header is none.
    stored
        Events that are new, with their person.
    anonymous
        Events that are new, without a person.
    duplicates
        Events that were known: reading a file again adds nothing.
    declined
        Events dropped, for there is no consent to analytics.
    credit_lines
        Lines of what went back.
    lines_without_person
        Order lines that name nobody.
    refused_lines
        How many lines were refused; `refused` lists the first ten thousand.
    """

    read: int = 0
    stored: int = 0
    anonymous: int = 0
    duplicates: int = 0
    declined: int = 0
    credit_lines: int = 0
    lines_without_person: int = 0
    refused_lines: int = 0
    refused: tuple[RefusedLine, ...] = ()


def import_events(
    shop: Shop,
    path: Path | str,
    *,
    source: str = "server",
    format: str | None = None,  # noqa: A002 - the word of the command line and the docs
    mapping: EventMapping | None = None,
    progress: Progress = no_progress,
) -> ImportReport:
    """Read a file of events into the shop; doing it again adds nothing.

    Parameters
    ----------
    path
        JSONL in Segment's envelope, or CSV; gzip of either.
    source
        Id of the source: its default consent and legal basis hold, unless the mapping states the file's own.
    format
        ``jsonl`` or ``csv``; None = told from the first character.
    mapping
        What the columns of a CSV file mean; see `FileMapping`.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used; a single bad line is only reported.
    NotFound
        When there is no such source.
    Unavailable
        When the database did not take a group; what came before it is stored.
    """
    if format not in {None, "jsonl", "csv"}:
        raise InvalidInput("format", f"must be jsonl or csv, not {format!r}")
    chosen = read_mapping(mapping)
    run = _Run(shop, _source(keys(shop).source(source), chosen))
    try:
        raw = Path(path).open("rb")  # noqa: SIM115 - closed below, with what wraps it
    except OSError as error:
        raise InvalidInput("file", f"cannot be opened: {error.strerror}") from None
    with raw:
        size = Path(path).stat().st_size
        try:
            lines = _opened(raw)
            kind = format or ("jsonl" if lines.peek(1)[:1] in {b"{", b""} else "csv")
            for _ in run.read_jsonl(lines) if kind == "jsonl" else run.read_csv(lines, chosen):
                progress("importing events", raw.tell(), size)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InvalidInput("file", f"the gzip data is broken: {error}") from None
        progress("importing events", size, size)
    return run.report()


def _source(source: Source, mapping: FileMapping) -> Source:
    basis = source.legal_basis
    if mapping.legal_basis:
        if mapping.legal_basis not in {"consent", "contract", "legitimate_interest", "legal_obligation"}:
            raise InvalidInput("legal_basis", f"{mapping.legal_basis!r} is no basis of GDPR art. 6")
        basis = cast("LegalBasis", mapping.legal_basis)
    consent = source.consent if mapping.consent is None else mapping.consent
    return evolve(source, consent=consent, legal_basis=basis)


def _opened(raw: IO[bytes]) -> io.BufferedReader:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    if packed:
        return io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=raw)), 1 << 18)
    return cast("io.BufferedReader", raw)


class _Run:
    """One import under way."""

    def __init__(self, shop: Shop, source: Source) -> None:
        self._shop = shop
        self._source = source
        self._intake: Intake = intake_of(shop, source, shop.clock(), trusted=True)
        self._entries: list[Entry] = []
        self._fates: Counter[str] = Counter()
        self._refused: list[RefusedLine] = []
        self._refused_lines = 0
        self._read = 0
        self._credit_lines = 0
        self._lines_without_person = 0

    def read_jsonl(self, lines: IO[bytes]) -> Iterator[None]:
        """Take one call from each line; give control back now and then."""
        number = 0
        while body := lines.readline(_LONGEST_LINE):
            number += 1
            if len(body) == _LONGEST_LINE and not body.endswith(b"\n"):
                while body and not body.endswith(b"\n"):
                    body = lines.readline(_LONGEST_LINE)
                self._read += 1
                self._refuse(number, InvalidInput("", f"is longer than {_LONGEST_LINE} bytes"))
                continue
            if not body.strip():
                continue
            self._read += 1
            try:
                call = decode_call(body.lstrip(b"\xef\xbb\xbf"), _LONGEST_LINE)
            except InvalidInput as error:
                self._refuse(number, error)
            else:
                self._take(number, call)
            if number % _TELL_EVERY == 0:
                yield
        self._write()

    def read_csv(self, lines: io.BufferedReader, mapping: FileMapping) -> Iterator[None]:
        """Take rows, each an order line or an event; give control back now and then."""
        text = io.TextIOWrapper(lines, "utf-8-sig", errors="replace", newline="")
        first = text.readline()
        if not first.strip():
            raise InvalidInput("file", "has no header")
        delimiter = max(",;\t|", key=first.count)
        header = next(csv.reader([first], delimiter=delimiter))
        if "event" in mapping.fixed or "event" in mapping.columns.values() or "event" in header:
            single = SingleLines(mapping, header)
            for number, row in self._rows(csv.reader(text, delimiter=delimiter), len(header)):
                try:
                    call = single.call(row)
                except InvalidInput as error:
                    self._refuse(number, error)
                else:
                    self._take(number, call)
                if number % _TELL_EVERY == 0:
                    yield
        else:
            orders = OrderLines(mapping, header, self._intake.describe, self._shop.settings.markets)
            for number, row in self._rows(csv.reader(text, delimiter=delimiter), len(header)):
                try:
                    kind = orders.take(number, row)
                except InvalidInput as error:
                    self._refuse(number, error)
                else:
                    self._credit_lines += kind == "refund"
                if number % _TELL_EVERY == 0:
                    self._take_orders(orders.ready())
                    yield
            self._take_orders(orders.ready(everything=True))
        self._write()

    def report(self) -> ImportReport:
        """Return what was done."""
        return ImportReport(
            self._read,
            self._fates["stored"],
            self._fates["anonymous"],
            self._fates["duplicate"],
            self._fates["declined"],
            self._credit_lines,
            self._lines_without_person,
            self._refused_lines,
            tuple(sorted(self._refused, key=_line)),
        )

    def _rows(self, rows: Any, width: int) -> Iterator[tuple[int, Sequence[str]]]:
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                self._read += 1
                self._refuse(rows.line_num + 1, InvalidInput("", f"is no CSV: {error}"))
                continue
            if not row:
                continue
            self._read += 1
            number = rows.line_num + 1
            if len(row) != width:
                self._refuse(number, InvalidInput("", f"has {len(row)} columns, the header has {width}"))
                continue
            yield number, row

    def _take_orders(self, orders: Iterator[Gathered]) -> None:
        for order in orders:
            if not order.known:
                self._lines_without_person += len(order.items)
            self._take(order.line, order.call(), tuple(order.items))

    def _take(self, number: int, call: Call, items: tuple[EventItem, ...] | None = None) -> None:
        try:
            if call.timestamp is None and call.original_timestamp is None:
                raise InvalidInput("timestamp", "is missing: history without a time says nothing")
            if call.sent_at is not None and call.received_at is None:
                call = evolve(call, sent_at=None)  # an archive was not sent now: its clock cannot be compared
            draft = draft_of(call, self._intake, items)
        except InvalidInput as error:
            self._refuse(number, error, lines=len(items) if items else 1)
            return
        self._entries.append(Entry(draft, self._source))
        if len(self._entries) >= _GROUP:
            self._write()

    def _write(self) -> None:
        if self._entries:
            with self._shop.database.writing() as tx:
                outcomes = write_entries(self._shop, tx, self._entries)
            self._fates.update(outcome.fate for outcome in outcomes)
            self._entries.clear()
            time.sleep(_PAUSE)

    def _refuse(self, number: int, error: InvalidInput, lines: int = 1) -> None:
        self._refused_lines += lines
        if len(self._refused) < _MOST_LISTED:
            self._refused.append(RefusedLine(number, error.field, error.reason))


def _line(refused: RefusedLine) -> int:
    return refused.line
