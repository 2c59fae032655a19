"""Every parser that meets bytes from outside, as one list: bytes in, nothing out, only our own complaints.

``tests/security/test_parsers_hold.py`` gives them what hypothesis makes of good input, ``tools/fuzz.py`` what
atheris finds by following the code.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from expedit.catalog.feeds import feed_rows, open_feed
from expedit.catalog.mapping import Columns
from expedit.connections.barcodes import gtin_in, read_barcode
from expedit.connections.feeds.archive import unzip
from expedit.core import (
    ExpeditError,
    Field,
    Vocabulary,
    check_currency,
    format_time,
    from_json,
    load_settings,
    never_both,
    parse_money,
    parse_time,
    read_condition,
    write_condition,
)
from expedit.decisions.paging import read_cursor
from expedit.decisions.wire import DecideBody, ListBody, RecommendBody
from expedit.tracking.calls import decode_batch, decode_call, write_key_in
from expedit.tracking.mapping import draft_of
from expedit.web.raw import read_body
from tests.tracking.intakes import intake


class Parser(NamedTuple):
    """A parser and good inputs to start from."""

    name: str
    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]


def _event(body: bytes) -> None:
    draft_of(decode_call(body, 32_768), intake())


def _batch(body: bytes) -> None:
    write_key_in(body)
    for call in decode_batch(body, 100).batch:
        try:
            draft_of(decode_call(call, 32_768), intake())
        except ExpeditError:  # refused alone, as the server does
            continue


def _packed(body: bytes) -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "headers": [(b"content-encoding", b"gzip")]}
    asyncio.run(read_body(scope, receive, 65_536))  # type: ignore[arg-type]


def _feed(body: bytes) -> None:
    for row in feed_rows(io.BytesIO(body), Columns({})):
        assert row.line >= 0


def _feed_file(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed"
        path.write_bytes(body)
        source = open_feed(path)
        try:
            for _ in feed_rows(source.file, Columns({})):
                pass
        finally:
            source.file.close()
            source.raw.close()


def _zip(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed.zip"
        path.write_bytes(body)
        unzip(path, Path(folder) / "feed", 1_000_000)


def _settings(body: bytes) -> None:
    load_settings(body.decode(errors="replace"), {})


def _money(body: bytes) -> None:
    text = body.decode(errors="replace")
    parse_money(text)
    check_currency(text)


def _time(body: bytes) -> None:
    at = parse_time(body.decode(errors="replace"))
    assert 0 <= at - parse_time(format_time(at)) < 1000, "written with milliseconds"


def _barcode(body: bytes) -> None:
    text = body.decode(errors="replace")
    assert len(gtin_in(text)) in {0, 14}
    read_barcode(text)


def _ask(body: bytes) -> None:
    for kind in (DecideBody, RecommendBody, ListBody):
        try:
            from_json(body, kind)
        except ExpeditError:
            continue


def _condition(body: bytes) -> None:
    items = Vocabulary({"product": Field("text"), "at": Field("moment")})
    words = Vocabulary(
        {
            "stock": Field("number"),
            "tags": Field("texts"),
            "traits.*": Field("scalar"),
            "bought": Field("items", items=items),
        }
    )
    condition = read_condition(from_json(body, object), words)
    assert read_condition(write_condition(condition), words) == condition
    never_both(condition, condition)


def _cursor(body: bytes) -> None:
    read_cursor(body.decode(errors="replace"))


EVENT = (
    b'{"type":"track","event":"Order Completed","messageId":"m-1","anonymousId":"d-1","userId":"u",'
    b'"timestamp":"2026-11-22T12:00:00Z","context":{"consent":{"analytics":true},"locale":"sv-SE"},'
    b'"properties":{"order_id":"O-1","revenue":"1 499,00","currency":"SEK","coupon":"X","products":'
    b'[{"product_id":"A","quantity":2,"price":19.9}]}}'
)
RSS = (
    b'<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><item>'
    b"<g:id>A1</g:id><title>Jacka &amp; hatt</title><g:price>199.00 SEK</g:price>"
    b"<g:gtin>7311271120001</g:gtin></item></channel></rss>"
)
CSV = "id;title;price;availability\nA1;Mössa;199,00 SEK;in stock\n".encode()
JSONL = b'{"id":"A1","title":"Jacka","price":"199.00 SEK","stock":{"web":3}}\n{"id":"A2"}\n'


def _gzipped() -> bytes:
    import gzip

    return gzip.compress(EVENT, mtime=0)


def _zipped() -> bytes:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("feed.csv", CSV)
    return file.getvalue()


def parsers() -> Iterator[Parser]:
    """Give every parser."""
    yield Parser("event", _event, (EVENT,))
    yield Parser("batch", _batch, (b'{"batch":[' + EVENT + b',{"type":"page"}],"writeKey":"wk"}',))
    yield Parser("gzipped body", _packed, (_gzipped(),))
    yield Parser("feed", _feed, (RSS, CSV, JSONL))
    yield Parser("feed file", _feed_file, (RSS, CSV, _gzipped()))
    yield Parser("zip archive", _zip, (_zipped(),))
    yield Parser("settings", _settings, (b'[shop]\nlocale = "sv"\nmarkets = { SE = "SEK" }\n',))
    yield Parser("money", _money, (b"1 499,00 SEK", b"19.99 EUR", b"SEK"))
    yield Parser("time", _time, (b"2026-11-22T12:00:00.123+01:00", b"1790000000"))
    yield Parser("barcode", _barcode, (b"7311271120001", b"2012345678903"))
    yield Parser(
        "question",
        _ask,
        (
            b'{"placement":"home","anonymousId":"d","limit":4,"context":{"productIds":["A"],"cart":["B"]}}',
            b'{"placements":[{"placement":"home"}],"consent":{"personalization":true},"writeKey":"wk"}',
            b'{"category":"Jackor","page":2,"filters":{"brand":["X"],"price":{"from":"1","to":"2"}}}',
        ),
    )
    yield Parser(
        "condition",
        _condition,
        (
            b'{"stock":{"$gte":1,"$not":{"$in":[5,null]}},"$or":[{"tags":{"$all":["a"]}},{"traits.tier":true}]}',
            b'{"bought":{"$count":{"where":{"at":{"$gte":{"$ago":"90d"}}},"is":{"$lt":2}}},"$nor":[{"stock":1}]}',
            b'{"bought":{"$elemMatch":{"at":{"$lt":"2026-11-22"},"product":{"$ne":"A"}}},"tags":{"$size":1}}',
        ),
    )
    yield Parser("page cursor", _cursor, (b"eyJwYWdlIjoyfQ",))
