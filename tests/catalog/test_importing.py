"""Files come in whole, row by row: what is good is kept, what is not is named."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from expedit.catalog import ImportReport, Offer, RefusedRow, import_catalog, live_catalog, set_prices
from expedit.catalog.store import changed_since, last_change, read_ledger
from expedit.core import DAY, Conflict, InvalidInput
from expedit.storage import Shop
from tests.conftest import ShopMaker, StandingClock

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0">
<channel>
<title>Fjällbutiken</title><link>https://shop.example</link>
<item>
  <g:id>jkt-1-m</g:id>
  <g:item_group_id>jkt-1</g:item_group_id>
  <title>Skaljacka Storulvån</title>
  <description>Tre lager &amp; tejpade sömmar.</description>
  <link>https://shop.example/jkt-1</link>
  <g:image_link>https://shop.example/jkt-1.jpg</g:image_link>
  <g:additional_image_link>https://shop.example/a.jpg</g:additional_image_link>
  <g:additional_image_link>https://shop.example/b.jpg</g:additional_image_link>
  <g:availability>in stock</g:availability>
  <g:price>2499.00 SEK</g:price>
  <g:sale_price>1999.00 SEK</g:sale_price>
  <g:sale_price_effective_date>2026-11-01T00:00+0100/2026-12-01T00:00+0100</g:sale_price_effective_date>
  <g:brand>Fjällform</g:brand>
  <g:gtin>7312345678909</g:gtin>
  <g:product_type>Jackor &gt; Skaljackor</g:product_type>
  <g:color>blå</g:color><g:size>M</g:size>
  <g:shipping><g:country>SE</g:country><g:price>49 SEK</g:price></g:shipping>
</item>
<item>
  <g:id>jkt-1-l</g:id><g:item_group_id>jkt-1</g:item_group_id>
  <title>Skaljacka Storulvån</title><link>https://shop.example/jkt-1</link>
  <g:availability>out_of_stock</g:availability><g:price>2499.00 SEK</g:price>
  <g:color>blå</g:color><g:size>L</g:size>
</item>
<item><g:id>bad-1</g:id><title>Utan pris</title></item>
</channel></rss>
"""

CSV = (
    "Artnr;Benämning;Pris;Varugrupp;Material;Lager\r\n"
    "100;Fjällkåsa;149,00;Kök > Muggar;rostfritt;12\r\n"
    "101;Pannlampa;499,00;Belysning;aluminium;0\r\n"
    "102;Trasig;gratis;Belysning;;\r\n"
    "103;Saknar kolumn\r\n"
)
MAPPING = {
    "Artnr": "id",
    "Benämning": "title",
    "Pris": "price",
    "Varugrupp": "product_type",
    "Lager": "quantity",
}


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def feed_line(i: int, price: str = "100.00 SEK") -> str:
    return f'{{"id": "p{i}", "title": "Product {i}", "price": "{price}"}}\n'


def test_rss_gives_groups_offers_and_the_reason_of_the_refused(shop: Shop, tmp_path: Path) -> None:
    report = import_catalog(shop, write(tmp_path, "feed.xml", RSS))

    assert report == ImportReport(
        read=3, added=1, changed=0, unchanged=0, retired=0, refused=(RefusedRow(30, "price", "missing"),)
    )
    catalog = live_catalog(shop).current()
    assert catalog.ids == ["jkt-1"]
    product = catalog.product(0)
    assert product.title == "Skaljacka Storulvån"
    assert product.category == ("Jackor", "Skaljackor")
    assert product.images == ("https://shop.example/a.jpg", "https://shop.example/b.jpg")
    assert [variant.size for variant in product.variants] == ["M", "L"]
    assert product.variants[0].gtin == "07312345678909"
    assert product.variants[0].offers == (
        Offer("SE", 249900, "SEK", 199900, 1793487600000000, 1796079600000000),
    )
    assert [variant.availability for variant in product.variants] == ["in_stock", "out_of_stock"]
    assert catalog.descriptions == ["Tre lager & tejpade sömmar."]
    assert "shipping" not in product.attributes


def test_the_same_file_again_changes_nothing(shop: Shop, tmp_path: Path, shop_clock) -> None:
    path = write(tmp_path, "feed.xml", RSS)
    import_catalog(shop, path)
    before = last_change(shop.database)
    with shop.database.reading() as tx:
        ledger = read_ledger(tx, ["jkt-1-m", "jkt-1-l"])
    shop_clock.advance(DAY)

    report = import_catalog(shop, path)

    assert (report.added, report.changed, report.unchanged) == (0, 0, 1)
    assert changed_since(shop.database, before, 10) == []
    with shop.database.reading() as tx:
        assert read_ledger(tx, ["jkt-1-m", "jkt-1-l"]) == ledger


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_with_a_mapping_in_any_encoding(sqlite_shop: Shop, tmp_path: Path, encoding: str) -> None:
    report = import_catalog(sqlite_shop, write(tmp_path, "varor.csv", CSV, encoding), mapping=MAPPING)

    assert (report.read, report.added) == (4, 2)
    assert report.refused == (
        RefusedRow(4, "price", "'gratis' is not an amount"),
        RefusedRow(5, "", "has 2 columns, the header has 6"),
    )
    catalog = live_catalog(sqlite_shop).current()
    assert [catalog.title(i) for i in range(2)] == ["Fjällkåsa", "Pannlampa"]
    assert catalog.product(0).attributes == {"material": "rostfritt"}
    assert catalog.price_minor("SE").tolist() == [14900, 49900]
    assert catalog.sellable([0, 1], "SE").tolist() == [True, False]


def test_a_gzipped_file_is_unpacked(sqlite_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl.gz"
    path.write_bytes(gzip.compress("".join(map(feed_line, range(5))).encode()))

    assert import_catalog(sqlite_shop, path).added == 5


def test_a_group_split_over_batches_is_one_product(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("expedit.catalog.importing._BATCH", 2)
    lines = [
        f'{{"id": "v{i}", "item_group_id": "g{i % 3}", "title": "Title {i}", "price": "10 SEK",'
        f' "fit": "{"slim" if i < 6 else "wide"}"}}\n'
        for i in range(9)
    ]
    path = write(tmp_path, "feed.jsonl", "".join(lines))

    assert import_catalog(shop, path).added == 3
    product = live_catalog(shop).current().product(0)
    assert [variant.id for variant in product.variants] == ["v0", "v3", "v6"]
    assert (product.title, product.attributes) == ("Title 0", {"fit": "slim"})
    assert product.variants[2].title == "Title 6"
    assert product.variants[2].attributes == {"fit": "wide"}
    assert import_catalog(shop, path).unchanged == 3


def everything(shop: Shop) -> list[list[tuple[object, ...]]]:
    """Every row of the catalog but its change numbers."""
    return [
        sorted(tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in rows)
        for rows in (
            shop.database.read_rows("SELECT id, body, texts, created, first_seen FROM products"),
            shop.database.read_rows("SELECT id, product_id, sku, gtin FROM variants"),
            shop.database.read_rows("SELECT variant_id, market, valid_from, valid_until, price FROM prices"),
            shop.database.read_rows("SELECT variant_id, location, quantity FROM stock"),
        )
    ]


def test_however_a_file_is_split_the_catalog_is_the_same(
    make_shop: ShopMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop_clock: StandingClock
) -> None:
    first = [
        f'{{"id": "v{i}", "item_group_id": "g{i * 7 % 11}", "title": "T{i % 4}", "price": "{i}.50 SEK",'
        f' "sale_price": "{i}.00", "stock": {{"web": {i}}}, "fit": "{i % 5}", "gtin": ""}}\n'
        for i in range(40)
    ]
    second = [line.replace(".50 SEK", ".75 SEK").replace('"T1"', '"T2"') for line in first[::-3]]
    begin, results = shop_clock.now, []
    for size in (1, 3, 2_000):
        monkeypatch.setattr("expedit.catalog.importing._BATCH", size)
        shop, shop_clock.now = make_shop("sqlite"), begin
        for lines in (first, second):
            assert not import_catalog(shop, write(tmp_path, "feed.jsonl", "".join(lines))).refused
            shop_clock.advance(DAY)
        results.append(everything(shop))
    assert results[0] == results[1] == results[2]


def test_writers_at_the_same_time_lose_nothing(shop: Shop, tmp_path: Path) -> None:
    row = '{"id": "v%s", "item_group_id": "g", "title": "T", "price": "10 SEK"}\n'
    import_catalog(shop, write(tmp_path, "a.jsonl", "".join(row % i for i in range(8))))

    def change(i: int) -> None:
        for price in range(1, 6):
            set_prices(shop, [{"id": f"v{i}", "market": "SE", "price": 100 * i + price}])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(8)))

    product = live_catalog(shop).current().product(0)
    assert [variant.offers[0].price for variant in product.variants] == [10_000 * i + 500 for i in range(8)]


def test_a_full_feed_retires_what_it_no_longer_lists(shop: Shop, tmp_path: Path) -> None:
    import_catalog(shop, write(tmp_path, "a.jsonl", "".join(map(feed_line, range(4)))))
    live = live_catalog(shop)

    report = import_catalog(shop, write(tmp_path, "b.jsonl", "".join(map(feed_line, range(3)))), full=True)

    assert (report.unchanged, report.retired) == (3, 1)
    live.poll()
    assert live.current().active.tolist() == [True, True, True, False]
    again = import_catalog(shop, write(tmp_path, "a.jsonl", "".join(map(feed_line, range(4)))))
    assert (again.changed, again.unchanged) == (1, 3)


def test_a_full_feed_that_lost_most_is_held_back(shop: Shop, tmp_path: Path) -> None:
    import_catalog(shop, write(tmp_path, "a.jsonl", "".join(map(feed_line, range(5)))))
    small = write(tmp_path, "b.jsonl", feed_line(0) + feed_line(1))

    with pytest.raises(Conflict, match="3 of 5"):
        import_catalog(shop, small, full=True)
    assert live_catalog(shop).current().active.tolist() == [True] * 5
    assert import_catalog(shop, small, full=True, force=True).retired == 3


def test_a_refused_row_does_not_retire_its_product(sqlite_shop: Shop, tmp_path: Path) -> None:
    import_catalog(sqlite_shop, write(tmp_path, "a.jsonl", "".join(map(feed_line, range(3)))))
    broken = feed_line(0) + feed_line(1) + feed_line(2, "-5 SEK")

    report = import_catalog(sqlite_shop, write(tmp_path, "b.jsonl", broken), full=True)

    assert report.retired == 0
    assert report.refused == (RefusedRow(3, "price", "is negative"),)


def test_a_full_feed_drops_variants_too(shop: Shop, tmp_path: Path, shop_clock) -> None:
    rows = [
        f'{{"id": "v{i}", "item_group_id": "g", "title": "T", "price": "10 SEK", "stock": {{"web": 1}}}}\n'
        for i in range(3)
    ]
    import_catalog(shop, write(tmp_path, "a.jsonl", "".join(rows)))
    shop_clock.advance(DAY)

    import_catalog(shop, write(tmp_path, "b.jsonl", "".join(rows[:2])), full=True)

    snapshot = live_catalog(shop).current()
    assert [variant.id for variant in snapshot.product(0).variants] == ["v0", "v1"]
    assert snapshot.stock(0) == {"v0": {"web": 1}, "v1": {"web": 1}}
    assert snapshot.find("v2") == 0, "events that name the old variant still lead to its product"
    with shop.database.reading() as tx:
        steps = read_ledger(tx, ["v2"])["v2", "SE"]
    assert [step.price for step in steps] == [1000, None]


def test_a_variant_that_moves_is_in_one_product_only(shop: Shop, tmp_path: Path) -> None:
    row = '{"id": "%s", "item_group_id": "%s", "title": "T", "price": "10 SEK"}\n'
    import_catalog(shop, write(tmp_path, "a.jsonl", row % ("v0", "g0") + row % ("v1", "g0")))

    report = import_catalog(shop, write(tmp_path, "b.jsonl", row % ("v1", "g1")))

    assert report.added == 1
    snapshot = live_catalog(shop).current()
    assert {one: [v.id for v in snapshot.product(i).variants] for i, one in enumerate(snapshot.ids)} == {
        "g0": ["v0"],
        "g1": ["v1"],
    }
    with shop.database.reading() as tx:
        assert [step.price for step in read_ledger(tx, ["v1"])["v1", "SE"]] == [1000]


def test_a_repeated_id_is_refused(sqlite_shop: Shop, tmp_path: Path) -> None:
    report = import_catalog(sqlite_shop, write(tmp_path, "a.jsonl", feed_line(1) + feed_line(1, "5 SEK")))

    assert report.refused == (RefusedRow(2, "id", "'p1' stood at line 1 already"),)


def test_a_file_that_is_no_feed_says_so(sqlite_shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        import_catalog(sqlite_shop, tmp_path / "none.csv")
    with pytest.raises(InvalidInput, match="no column separator"):
        import_catalog(sqlite_shop, write(tmp_path, "a.csv", "hello\nworld\n"))
    with pytest.raises(InvalidInput, match="no column means id"):
        import_catalog(sqlite_shop, write(tmp_path, "b.csv", "name,price\nx,1\n"))
    with pytest.raises(InvalidInput, match="is empty"):
        import_catalog(sqlite_shop, write(tmp_path, "c.csv", ""))
    with pytest.raises(InvalidInput, match="none of SE, NO, EU"):
        import_catalog(sqlite_shop, write(tmp_path, "d.jsonl", feed_line(1)), market="DK")
