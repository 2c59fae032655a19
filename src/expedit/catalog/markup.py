"""Reading Merchant feeds in XML: RSS 2.0 (``item``) and Atom (``entry``), as a stream.

A document type declaration is refused, and with it every entity that a file could define (expansion bombs,
external files): DTDs have no use in a feed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any
from xml.parsers import expat

from expedit.catalog.mapping import Columns
from expedit.core import InvalidInput

_MERCHANT = "http://base.google.com/ns/1.0"
_PLAIN = {
    "summary": "description",
    "content": "description",
    **dict.fromkeys(("updated", "published", "guid", "pubdate", "author"), ""),
}
"""What elements outside Merchant's namespace mean, where that is not their name."""
_CHUNK = 1 << 16
_LARGEST_ITEM = 1 << 20
_DEEPEST = 32

Found = tuple[int, dict[str, Any], str]


class _Collector:
    """Gathers the children of each item while expat walks through the document."""

    def __init__(self, columns: Columns) -> None:
        self.rows: list[Found] = []
        self.root = ""
        self._columns = columns
        self._names: dict[str, tuple[str, bool]] = {}
        self._depth = 0
        self._item_depth = 0
        self._line = 0
        self._values: dict[str, Any] = {}
        self._merchant: set[str] = set()
        self._text: list[str] = []
        self._size = 0
        # The document is walked in one thread of control; expat calls back into these.
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, part: bytes, final: bool) -> None:
        """Parse the next part.

        Raises
        ------
        InvalidInput
            When the document is not well-formed, or declares a document type.
        """
        try:
            self._parser.Parse(part, final)
        except expat.ExpatError as error:
            reason = expat.errors.messages.get(error.code, expat.ErrorString(error.code))
            raise InvalidInput("file", f"the XML breaks at line {error.lineno}: {reason}") from None

    def _doctype(self, *_: object) -> None:
        raise InvalidInput("file", "declares a document type (DTD), which no feed needs; refused")

    def _name(self, name: str) -> tuple[str, bool]:
        namespace, _, local = name.rpartition(" ")
        attribute = self._columns.attribute(local)
        if namespace != _MERCHANT:
            attribute = _PLAIN.get(attribute, attribute)
        found = self._names[name] = (attribute, namespace == _MERCHANT)
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise InvalidInput("file", f"nests deeper than {_DEEPEST} elements")
        if self._depth == 1:
            self.root = name.rpartition(" ")[2]
        if not self._item_depth:
            if name.rpartition(" ")[2] in {"item", "entry"}:
                self._item_depth = self._depth
                self._line = self._parser.CurrentLineNumber
                self._values, self._merchant, self._size = {}, set(), 0
        elif self._depth == self._item_depth + 1:
            self._text = []
            href = attributes.get("href")
            if href and attributes.get("rel", "alternate") == "alternate":
                self._text.append(href)

    def _data(self, text: str) -> None:
        if self._item_depth and self._depth == self._item_depth + 1:
            self._size += len(text)
            if self._size <= _LARGEST_ITEM:
                self._text.append(text)

    def _end(self, name: str) -> None:
        if self._item_depth:
            if self._depth == self._item_depth + 1:
                self._child(name)
            elif self._depth == self._item_depth:
                problem = "" if self._size <= _LARGEST_ITEM else f"is longer than {_LARGEST_ITEM} characters"
                self.rows.append((self._line, {} if problem else self._values, problem))
                self._item_depth = 0
        self._depth -= 1

    def _child(self, name: str) -> None:
        attribute, merchant = self._names.get(name) or self._name(name)
        text = "".join(self._text).strip()
        if not text or not attribute:
            return
        values = self._values
        if attribute not in values or (merchant and attribute not in self._merchant):
            values[attribute] = text  # Merchant's own id wins over the entry's
        elif merchant is (attribute in self._merchant):
            before = values[attribute]
            values[attribute] = [*before, text] if isinstance(before, list) else [before, text]
        if merchant:
            self._merchant.add(attribute)


def markup_rows(file: IO[bytes], columns: Columns) -> Iterator[Found]:
    """Return (line, values, problem) of every item of an RSS or Atom file.

    Elements inside an item's elements (``shipping``) are left out; one that comes several times gives a list.

    Raises
    ------
    InvalidInput
        When the document is not well-formed, declares a document type, or is neither RSS nor Atom.
    """
    collector = _Collector(columns)
    while part := file.read(_CHUNK):
        collector.feed(part, final=False)
        if collector.root and collector.root not in {"rss", "feed", "RDF"}:
            raise InvalidInput("file", f"its root element is {collector.root[:40]!r}, not rss or feed")
        yield from collector.rows
        collector.rows.clear()
    collector.feed(b"", final=True)
    yield from collector.rows
