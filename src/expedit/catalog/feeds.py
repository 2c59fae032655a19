"""Opening a catalog file, whatever it is: gzip or plain, XML, TSV, CSV or JSON, in any common encoding.

Every reader is a generator of `FeedRow`s and holds one row at a time.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal

from expedit.catalog.mapping import Columns
from expedit.catalog.markup import markup_rows
from expedit.core import InvalidInput, JsonDecoder, Struct, ValidationError

FeedFormat = Literal["xml", "tsv", "csv", "jsonl"]
FORMATS: tuple[FeedFormat, ...] = ("xml", "tsv", "csv", "jsonl")
_XML_NAMES = {"merchant-xml", "rss", "atom"}

_HEAD = 65_536
_LARGEST_LINE = 4 * 1024 * 1024
_LARGEST_LIST = 256 * 1024 * 1024
_LARGEST_RATIO = 200
_FREE_BYTES = 16 * 1024 * 1024
_DELIMITERS = "\t;,|"
_rows_decoder = JsonDecoder(list[dict[str, Any]])
_row_decoder = JsonDecoder(dict[str, Any])


class FeedRow(Struct, frozen=True, gc=False):
    """One row of a file.

    Parameters
    ----------
    line
        Where it starts, counted from 1.
    values
        Attribute → text or JSON value.
    problem
        Why the row could not even be taken apart; empty = it could.
    """

    line: int
    values: dict[str, Any]
    problem: str = ""


class Source(Struct, frozen=True):
    """An opened file: its bytes after gunzip, and a way to see how much of it on disk is read."""

    file: IO[bytes]
    raw: IO[bytes]
    size: int


class _Gunzip(io.RawIOBase):
    """Unpacks gzip, refusing a file that grows out of proportion (a "zip bomb")."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._gzip = gzip.GzipFile(fileobj=raw)
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            part = self._gzip.read1(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InvalidInput("file", f"the gzip data is broken: {error}") from None
        self._given += len(part)
        if self._given > max(_FREE_BYTES, _LARGEST_RATIO * self._raw.tell()):
            raise InvalidInput("file", f"unpacks to more than {_LARGEST_RATIO} times its size")
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._gzip.close()
        super().close()


def open_feed(path: Path) -> Source:
    """Open the file at `path`, gunzipped when it is gzip.

    Raises
    ------
    InvalidInput
        When it cannot be read or is empty.
    """
    try:
        raw: IO[bytes] = path.open("rb")
    except OSError as error:
        raise InvalidInput("file", f"{path} cannot be read: {error.strerror}") from None
    size = path.stat().st_size
    if not size:
        raw.close()
        raise InvalidInput("file", f"{path} is empty")
    magic = raw.read(2)
    raw.seek(0)
    file: IO[bytes] = io.BufferedReader(_Gunzip(raw), 1 << 18) if magic == b"\x1f\x8b" else raw
    return Source(file, raw, size)


def feed_rows(file: IO[bytes], columns: Columns, chosen: str | None = None) -> Iterator[FeedRow]:
    """Return the rows of an opened file.

    Parameters
    ----------
    chosen
        One of `FORMATS` (``merchant-xml``, ``rss`` and ``atom`` are xml); None = told from the first bytes.

    Raises
    ------
    InvalidInput
        When the format is unknown or the file is not what it says.
    """
    if chosen in _XML_NAMES:
        chosen = "xml"
    if chosen is not None and chosen not in FORMATS:
        raise InvalidInput("format", f"{chosen!r} is none of {', '.join(FORMATS)}")
    buffered: io.BufferedReader[Any] = (
        file if isinstance(file, io.BufferedReader) else io.BufferedReader(file, 1 << 18)
    )
    head = buffered.peek(_HEAD)[:_HEAD]
    encoding = _encoding_of(head)
    text = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n") if chosen is None else ""
    if chosen == "xml" or text.startswith("<"):
        return (FeedRow(line, values, problem) for line, values, problem in markup_rows(buffered, columns))
    if chosen == "jsonl" or text.startswith(("{", "[")):
        return _json_rows(buffered, encoding, columns)
    return _table_rows(buffered, encoding, columns, "\t" if chosen == "tsv" else None)


def _encoding_of(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


class _Lines:
    """Lines as text; one that is not in the file's encoding is remembered, not fatal."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self.number = 0
        self.broken = 0
        self.encoding = encoding
        self._source = self._wide(file) if encoding == "utf-16" else self._narrow(file)

    def __iter__(self) -> Iterator[str]:
        return self._source

    def _narrow(self, file: IO[bytes]) -> Iterator[str]:
        encoding = "utf-8" if self.encoding == "utf-8-sig" else self.encoding
        while raw := file.readline(_LARGEST_LINE + 1):
            self.number += 1
            if len(raw) > _LARGEST_LINE:
                raise InvalidInput("file", f"line {self.number} is longer than {_LARGEST_LINE} bytes")
            try:
                line = raw.decode(encoding)
            except UnicodeDecodeError:
                self.broken = self.number
                line = raw.decode(encoding, "replace")
            yield line.removeprefix("\ufeff") if self.number == 1 else line

    def _wide(self, file: IO[bytes]) -> Iterator[str]:
        for line in io.TextIOWrapper(file, "utf-16", errors="replace", newline=""):
            self.number += 1
            if "\ufffd" in line:
                self.broken = self.number
            yield line


def _json_rows(file: io.BufferedReader[Any], encoding: str, columns: Columns) -> Iterator[FeedRow]:
    if encoding.startswith("utf-8") and file.peek(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        yield from _json_list(file, columns)
        return
    lines = _Lines(file, encoding)
    for line in lines:
        if not line.strip():
            continue
        if lines.broken == lines.number:
            yield FeedRow(lines.number, {}, f"is not valid {lines.encoding}")
            continue
        try:
            values = _row_decoder.decode(line)
        except ValidationError as error:
            yield FeedRow(lines.number, {}, str(error))
        except ValueError as error:
            yield FeedRow(lines.number, {}, f"is not JSON: {error}")
        except RecursionError:
            yield FeedRow(lines.number, {}, "is nested too deeply")
        else:
            yield FeedRow(lines.number, columns.renamed(values))


def _json_list(file: IO[bytes], columns: Columns) -> Iterator[FeedRow]:
    data = file.read(_LARGEST_LIST + 1)
    if len(data) > _LARGEST_LIST:
        raise InvalidInput("file", "is too large for one JSON list; give one object a line (JSONL)")
    try:
        rows = _rows_decoder.decode(data.removeprefix(codecs.BOM_UTF8))
    except ValueError as error:
        raise InvalidInput("file", f"is not a JSON list of objects: {error}") from None
    except RecursionError:
        raise InvalidInput("file", "is nested too deeply") from None
    for number, values in enumerate(rows, 1):
        yield FeedRow(number, columns.renamed(values))


def _table_rows(file: IO[bytes], encoding: str, columns: Columns, delimiter: str | None) -> Iterator[FeedRow]:
    lines = _Lines(file, encoding)
    source = iter(lines)
    header = next((line for line in source if line.strip()), "")
    if delimiter is None:
        delimiter = max(_DELIMITERS, key=header.count)
        if not header.count(delimiter):
            raise InvalidInput("file", "is neither XML nor JSON, and its first line has no column separator")
    csv.field_size_limit(_LARGEST_LINE)
    try:
        names = [columns.attribute(name) for name in next(csv.reader([header], delimiter=delimiter))]
    except csv.Error as error:
        raise InvalidInput("file", f"its first line cannot be read: {error}") from None
    if "id" not in names:
        raise InvalidInput("file", f"no column means id; its columns are: {', '.join(names)[:300]}")
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise InvalidInput("file", f"two columns mean {', '.join(repeated)}")
    reader = csv.reader(source, delimiter=delimiter)
    while True:
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield FeedRow(start, {}, str(error))
            continue
        if not any(cells):
            continue
        if lines.broken >= start:
            yield FeedRow(start, {}, f"is not valid {lines.encoding}")
        elif len(cells) != len(names):
            yield FeedRow(start, {}, f"has {len(cells)} columns, the header has {len(names)}")
        else:
            values = dict(zip(names, cells, strict=True))
            values.pop("", None)
            yield FeedRow(start, values)
