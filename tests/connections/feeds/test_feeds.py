"""A feed is asked for only if it changed, and imported as a whole or not at all."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from expedit.access import Source, keys
from expedit.catalog import live_catalog
from expedit.connections import store
from expedit.connections.addresses import FetchFailed
from expedit.connections.feeds.archive import unzip
from expedit.connections.feeds.kind import fetch, retire_anyway
from expedit.connections.feeds.store import read_imports, read_refusals
from expedit.connections.model import Connection
from expedit.core import Conflict, InvalidInput, Settings, TooLarge, no_progress
from expedit.storage import Shop
from tests.conftest import ShopMaker
from tests.support.small_server import Asked, Reply, SmallServer, small_server

SETTINGS = Settings(markets={"SE": "SEK"}, allow_private_addresses=["127.0.0.1"])


def feed(*ids: int, price: str = "100.00 SEK") -> bytes:
    items = "".join(
        f"<item><g:id>{one}</g:id><g:title>Product {one}</g:title><g:price>{price}</g:price></item>"
        for one in ids
    )
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">'
        f"<channel>{items}</channel></rss>"
    ).encode()


class Feeds:
    """A server with one feed, which knows its ETag if it has one."""

    def __init__(self) -> None:
        self.body = feed(*range(1, 21))
        self.etag = '"1"'
        self.reply: Reply | None = None

    def answer(self, asked: Asked) -> Reply:
        if self.reply is not None:
            return self.reply
        if self.etag and asked.headers.get("if-none-match") == self.etag:
            return Reply(status=304)
        return Reply(self.body, headers=(("ETag", self.etag),) if self.etag else ())


@pytest.fixture
def feeds() -> Feeds:
    return Feeds()


@pytest.fixture
def server(feeds: Feeds) -> Iterator[SmallServer]:
    with small_server(feeds.answer) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def feed_shop(request: pytest.FixtureRequest, make_shop: ShopMaker) -> Shop:
    return make_shop(request.param, SETTINGS)


def connect(shop: Shop, server: SmallServer, **settings: str) -> Connection:
    keys(shop).add_source(Source("feed", "import", "wk_feed", {}, "contract"))
    one = Connection(
        "feed", "merchant_feed", "Feed", "feed", {"url": f"{server.url}/f.xml?key=k", **settings}, True, 0
    )
    with shop.database.writing() as tx:
        store.put_connection(tx, one)
    return one


def sold(shop: Shop) -> set[str]:
    live = live_catalog(shop)
    live.poll()
    snapshot = live.current()
    return {one for one in snapshot.ids if snapshot.active[snapshot.index[one]]}


def test_a_feed_is_imported_once_and_then_only_asked_whether_it_changed(
    feed_shop: Shop, feeds: Feeds, server: SmallServer
) -> None:
    one = connect(feed_shop, server)
    assert fetch(feed_shop, one, no_progress) == "20 rows: 20 added, 0 changed, 0 retired, 0 refused"
    assert fetch(feed_shop, one, no_progress) == "not changed"
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, '"1"']
    feeds.body, feeds.etag = feed(*range(1, 22), price="90.00 SEK"), '"2"'
    assert fetch(feed_shop, one, no_progress) == "21 rows: 1 added, 20 changed, 0 retired, 0 refused"
    assert len(sold(feed_shop)) == 21
    assert list(feed_shop.home.run.glob("feed-*")) == []


def test_a_server_without_validators_is_told_by_the_content(
    feed_shop: Shop, feeds: Feeds, server: SmallServer
) -> None:
    feeds.etag = ""
    one = connect(feed_shop, server)
    fetch(feed_shop, one, no_progress)
    assert fetch(feed_shop, one, no_progress) == "not changed"


def test_a_whole_feed_retires_what_is_gone_but_not_too_much_at_once(
    feed_shop: Shop, feeds: Feeds, server: SmallServer
) -> None:
    one = connect(feed_shop, server, whole="yes", most_retired="10")
    fetch(feed_shop, one, no_progress)
    feeds.body, feeds.etag = feed(*range(1, 19)), '"2"'
    assert fetch(feed_shop, one, no_progress) == "18 rows: 0 added, 0 changed, 2 retired, 0 refused"
    assert len(sold(feed_shop)) == 18
    feeds.body, feeds.etag = feed(*range(1, 11), price="80.00 SEK"), '"3"'
    with pytest.raises(Conflict, match=r"8 of 18 products .* more than 10 %"):
        fetch(feed_shop, one, no_progress)
    assert len(sold(feed_shop)) == 18
    live = live_catalog(feed_shop).current()
    assert live.price_minor("SE")[live.index["1"]] == 8000  # what it lists is taken in all the same
    with pytest.raises(Conflict, match="8 of 18"):  # and it stays said until somebody settles it
        fetch(feed_shop, one, no_progress)
    retire_anyway(feed_shop, "feed")
    assert fetch(feed_shop, one, no_progress) == "10 rows: 0 added, 0 changed, 8 retired, 0 refused"
    assert len(sold(feed_shop)) == 10
    assert fetch(feed_shop, one, no_progress) == "not changed"


def test_a_feed_that_breaks_in_the_middle_changes_nothing(
    feed_shop: Shop, feeds: Feeds, server: SmallServer
) -> None:
    one = connect(feed_shop, server, whole="yes")
    fetch(feed_shop, one, no_progress)
    good = feed(*range(1, 3000), price="1.00 SEK")
    for broken in (good[:-40], good[: len(good) // 2], b"<html>Maintenance</html>", feed()):
        feeds.body, feeds.etag = broken, ""
        with pytest.raises(InvalidInput):
            fetch(feed_shop, one, no_progress)
    live = live_catalog(feed_shop)
    live.poll()
    snapshot = live.current()
    assert len(sold(feed_shop)) == 20
    assert snapshot.price_minor("SE")[snapshot.index["1"]] == 10000
    with feed_shop.database.reading() as tx:
        newest = read_imports(tx, "feed", 1)[0]
    assert newest.outcome == "refused"
    assert newest.reason


def test_a_feed_cut_off_on_the_way_is_a_failure_and_no_short_feed(
    feed_shop: Shop, feeds: Feeds, server: SmallServer
) -> None:
    one = connect(feed_shop, server, whole="yes")
    fetch(feed_shop, one, no_progress)
    feeds.reply = Reply(feed(1), cut=60)
    with pytest.raises(FetchFailed, match="broke off"):
        fetch(feed_shop, one, no_progress)
    feeds.reply = Reply(b"later", 503, (("Retry-After", "90"),))
    with pytest.raises(FetchFailed, match="answered 503") as told:
        fetch(feed_shop, one, no_progress)
    assert told.value.retry_after == 90.0
    assert "key" not in str(told.value)
    assert len(sold(feed_shop)) == 20


def test_refused_rows_are_listed_with_their_line(feed_shop: Shop, feeds: Feeds, server: SmallServer) -> None:
    one = connect(feed_shop, server, whole="yes", most_retired="50")
    fetch(feed_shop, one, no_progress)
    feeds.body = b"id\ttitle\tprice\n1\tOne\t10.00 SEK\n2\t\t10.00 SEK\n3\tThree\tfree\n" + b"".join(
        b"%d\tMore\t1.00 SEK\n" % number for number in range(4, 21)
    )
    feeds.etag = '"2"'
    assert fetch(feed_shop, one, no_progress) == "20 rows: 0 added, 18 changed, 0 retired, 2 refused"
    with feed_shop.database.reading() as tx:
        assert [(row.line, row.field) for row in read_refusals(tx, "feed", 0, 9)] == [
            (3, "title"),
            (4, "price"),
        ]
        assert [row.line for row in read_refusals(tx, "feed", 3, 9)] == [4]
    assert {"2", "3"} <= sold(feed_shop)  # listed, though unreadable: not retired


@pytest.mark.parametrize("packing", ["gzip", "zip"])
def test_packed_feeds_are_unpacked(
    make_shop: ShopMaker, feeds: Feeds, server: SmallServer, packing: str
) -> None:
    shop = make_shop("sqlite", SETTINGS)
    if packing == "gzip":
        feeds.body = gzip.compress(feeds.body)
    else:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("feeds/google.xml", feeds.body)
            archive.writestr("__MACOSX/google.xml", b"junk")
        feeds.body = whole.getvalue()
    assert (
        fetch(shop, connect(shop, server), no_progress)
        == "20 rows: 20 added, 0 changed, 0 retired, 0 refused"
    )


def test_bombs_of_every_make_are_refused(make_shop: ShopMaker, feeds: Feeds, server: SmallServer) -> None:
    shop = make_shop("sqlite", SETTINGS)
    one = connect(shop, server)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("feed.xml", bytes(64 << 20))
    entities = (
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        b"<rss><channel><item><title>&b;</title></item></channel></rss>"
    )
    outside = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel>&x;</channel></rss>'
    deep = b"<rss>" + b"<a>" * 10_000
    for body in (zipped.getvalue(), gzip.compress(bytes(64 << 20)), entities, outside, deep):
        feeds.body, feeds.etag = body, ""
        with pytest.raises(InvalidInput):
            fetch(shop, one, no_progress)
    assert sold(shop) == set()
    assert list(shop.home.run.glob("feed-*")) == []


def test_an_archive_must_hold_one_feed(tmp_path: Path) -> None:
    folder = tmp_path
    for names in ((), ("a.xml", "b.xml"), ("readme.md",)):
        with zipfile.ZipFile(folder / "f.zip", "w") as archive:
            for name in names:
                archive.writestr(name, b"x")
        with pytest.raises(InvalidInput, match="must hold one feed"):
            unzip(folder / "f.zip", folder / "f", 100)
    with zipfile.ZipFile(folder / "f.zip", "w") as archive:
        archive.writestr("feed.xml", bytes(200))
    with pytest.raises(TooLarge):
        unzip(folder / "f.zip", folder / "f", 100)
    (folder / "f.zip").write_bytes((folder / "f.zip").read_bytes()[:60])
    with pytest.raises(InvalidInput, match="broken"):
        unzip(folder / "f.zip", folder / "f", 100)


def test_a_feed_behind_a_password_gets_it(make_shop: ShopMaker, feeds: Feeds, server: SmallServer) -> None:
    shop = make_shop("sqlite", SETTINGS)
    fetch(shop, connect(shop, server, user="eva"), no_progress)
    assert server.asked[0].headers["authorization"].startswith("Basic ")
