"""Reading the CSV files that Shopify's admin exports: rows by column name, each with its line."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from expedit.core import InvalidInput, Progress, Struct

LONGEST_CELL = 4_000_000
_MOST_LISTED = 10_000


class RefusedRow(Struct, frozen=True):
    """A row that was left out: its line (1 = the header), the column at fault and what is wrong with it."""

    line: int
    field: str
    reason: str


class Row(Struct, frozen=True):
    """A row: its line, and its cells by column, stripped."""

    line: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """Return the first cell of `names` that holds something, else an empty text."""
        return next((cell for name in names if (cell := self.cells.get(name, ""))), "")


class Refusals:
    """Rows that were refused: all counted, the first ten thousand listed."""

    def __init__(self) -> None:
        self.count = 0
        self.rows: list[RefusedRow] = []

    def add(self, line: int, error: InvalidInput) -> None:
        """Note one."""
        self.count += 1
        if len(self.rows) < _MOST_LISTED:
            self.rows.append(RefusedRow(line, error.field, error.reason))


def read_rows(path: Path, needed: str, progress: Progress, refusals: Refusals) -> Iterator[Row]:
    """Give the rows of a file, plain or gzipped.

    Parameters
    ----------
    needed
        A column that tells the kind of export.

    Raises
    ------
    InvalidInput
        When the file is not such an export.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise InvalidInput("file", f"cannot be opened: {error.strerror}") from None
    with raw:
        size = path.stat().st_size
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        data = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
        csv.field_size_limit(LONGEST_CELL)
        rows = csv.reader(io.TextIOWrapper(data, "utf-8-sig", errors="replace", newline=""), strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
            if needed not in header:
                raise InvalidInput("file", f"is no such export of Shopify: it has no column {needed!r}")
            for row in rows:
                if len(row) != len(header):
                    if row:
                        reason = f"has {len(row)} cells, the header has {len(header)}"
                        refusals.add(rows.line_num, InvalidInput("", reason))
                    continue
                yield Row(rows.line_num, {name: cell.strip() for name, cell in zip(header, row, strict=True)})
                progress("reading", raw.tell(), size)
        except (csv.Error, EOFError, gzip.BadGzipFile) as error:
            raise InvalidInput("file", f"is no CSV at line {rows.line_num}: {error}") from None
        progress("reading", size, size)
