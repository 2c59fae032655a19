"""Till lines become receipts: of every store and register, in local time, with decimal commas and returns."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.access import Source, keys
from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.connections.model import Connection
from expedit.connections.tills import TillFormat, import_till, join_lines
from expedit.connections.tills import store as till_store
from expedit.connections.tills.columns import columns_of, read_moment, read_number
from expedit.connections.tills.kind import TILL_LINES, fetch
from expedit.core import InvalidInput, no_progress, parse_time
from expedit.events import log_tables, read_events, seal
from expedit.orders import find_order, keep_orders, orders_between
from expedit.storage import Shop
from expedit.warehouse import Question, open_warehouse

BOOT = "07310865004703"
HEADER = "Butik;Kassa;Kvittonr;Datum;Tid;EAN;Artikelnr;Benämning;Antal;Belopp;Moms;Medlemsnr;Kortref\n"
FILE = HEADER + (
    "Are;1;5001;2026-07-03;14:05;7310865004703;;Känga;1;1 499,00;299,80;M100200;\n"
    "Are;1;5001;2026-07-03;14:05;;SOCK;Strumpa;2;198,00;39,60;M100200;\n"
    "Are;2;5001;2026-07-03;14:06;7310865004703;;Känga;1;1.499,00;299,80;;tok_77\n"
    "Oslo;1;5001;03.07.2026;14.07;4006381333931;;Penn;3;90,00;18,00;;\n"
    "Are;1;5002;2026-07-04;10:00;7310865004703;;Känga;-1;-1499,00;-299,80;M100200;\n"
)


def product(product_id: str, gtin: str = "", sku: str = "") -> Product:
    variant = Variant(f"{product_id}-42", sku=sku, gtin=gtin, size="42", offers=(Offer("SE", 149900, "SEK"),))
    return Product(product_id, f"Product {product_id}", variants=(variant,))


def fill(shop: Shop, *products: Product) -> None:
    with shop.database.writing() as tx:
        upsert(tx, products, shop.clock())
    live_catalog(shop).poll()


@pytest.fixture
def till(shop: Shop) -> Shop:
    consent = {"analytics": True, "personalization": True}
    keys(shop).add_source(Source("till", "till", "wk_till", consent, "contract"))
    fill(shop, product("boot", BOOT), product("sock", sku="SOCK"))
    return shop


def write(folder: Path, text: str = FILE, name: str = "till.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


FORM = TillFormat(markets={"Oslo": "NO"})


def test_lines_become_receipts_by_store_register_and_day(till: Shop, tmp_path: Path) -> None:
    report = import_till(till, write(tmp_path), form=FORM)
    assert (report.lines, report.receipts, report.purchases, report.refunds) == (5, 4, 3, 1)
    assert (report.unknown, report.with_loyalty, report.with_payment, report.refused) == (1, 2, 1, ())
    keep_orders(till)
    first = find_order(till, "Are-1-2026-07-03-5001")
    assert first is not None
    assert (first.at, first.channel, first.market, first.currency) == (
        parse_time("2026-07-03T12:05:00"),
        "store",
        "SE",
        "SEK",
    )
    assert (first.value, first.tax) == (135760, 33940)
    assert [(line.item, line.product, line.quantity, line.price) for line in first.lines] == [
        (BOOT, "boot", 1, 149900),
        ("SOCK", "sock", 2, 9900),
    ]
    other = find_order(till, "Are-2-2026-07-03-5001")
    oslo = find_order(till, "Oslo-1-2026-07-03-5001")
    back = find_order(till, "Are-1-2026-07-04-5002-return")
    assert other is not None
    assert oslo is not None
    assert back is not None
    assert (oslo.market, oslo.currency, oslo.at) == ("NO", "NOK", parse_time("2026-07-03T12:07:00"))
    assert (back.status, back.refunded) == ("credit", 119920)


def test_store_and_register_stay_with_sales_of_nobody(till: Shop, tmp_path: Path) -> None:
    keys(till).add_source(Source("bare", "till", "wk_bare", {}, "contract"))
    import_till(till, write(tmp_path), source="bare", form=FORM)
    keep_orders(till)
    fill(till, product("pen", "04006381333931"))
    assert join_lines(till) == 1
    keep_orders(till)
    found = orders_between(till, 0, till.clock())
    assert [(one.store, one.register, one.channel, one.subjects) for one in found] == [
        ("Are", "1", "store", ()),
        ("Are", "2", "store", ()),
        ("Oslo", "1", "store", ()),
        ("Are", "1", "store", ()),
    ]
    assert [line.product for line in found[2].lines] == ["pen"]
    seal(till)
    tables = log_tables(till)
    sql = "SELECT kind, store, register, CAST(count(*) AS BIGINT) AS n FROM events"
    sql += " GROUP BY kind, store, register ORDER BY kind, store, register"
    rows = open_warehouse(till).run(Question("stores", sql), tables, {}).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("custom", "Oslo", "1", 1),
        ("purchase", "Are", "1", 1),
        ("purchase", "Are", "2", 1),
        ("purchase", "Oslo", "1", 1),
        ("refund", "Are", "1", 1),
    ]
    assert {event.personal for event in read_events(till)} == {False}


def test_the_same_file_again_adds_nothing(till: Shop, tmp_path: Path) -> None:
    path = write(tmp_path)
    import_till(till, path, form=FORM)
    again = import_till(till, path, form=FORM)
    assert (again.receipts, again.purchases, again.refunds, again.duplicates) == (4, 0, 0, 4)
    with till.database.reading() as tx:
        assert tx.row("SELECT count(*) FROM events") == (4,)


def test_a_member_and_a_card_are_people_but_only_the_member_is_strong(till: Shop, tmp_path: Path) -> None:
    import_till(till, write(tmp_path), form=FORM)
    with till.database.reading() as tx:
        found = tx.rows("SELECT kind, value FROM identifiers ORDER BY kind")
    assert found == [("loyalty_id", "M100200"), ("payment_ref", "tok_77")]


def test_a_return_that_names_its_receipt_belongs_to_it(till: Shop, tmp_path: Path) -> None:
    text = HEADER.replace("Kortref", "Ursprungligt kvitto") + (
        "Are;1;5001;2026-07-03;14:05;7310865004703;;Känga;2;2998,00;599,60;;\n"
        "Are;3;5002;2026-07-04;10:00;7310865004703;;Känga;-1;-1499,00;-299,80;;5001\n"
        "Are;3;5003;2026-07-04;10:00;7310865004703;;Känga;-1;-1499,00;-299,80;;9999\n"
    )
    import_till(till, write(tmp_path, text))
    keep_orders(till)
    found = find_order(till, "Are-1-2026-07-03-5001")
    assert found is not None
    assert (found.status, found.value, found.refunded) == ("partly_refunded", 239840, 119920)
    assert [(line.quantity, line.returned) for line in found.lines] == [(2, 1)]
    assert find_order(till, "Are-3-2026-07-04-5003-return") is not None


def test_an_article_that_appears_later_is_joined(till: Shop, tmp_path: Path) -> None:
    import_till(till, write(tmp_path), form=FORM)
    with till.database.reading() as tx:
        listed = till_store.read_unknown(tx, 9)
    assert [(one.code, one.title, one.why, one.receipts, one.quantity) for one in listed] == [
        ("04006381333931", "Penn", "gtin", 1, 3)
    ]
    assert join_lines(till) == 0
    fill(till, product("pen", "04006381333931"))
    assert join_lines(till) == 0  # the order book has not come to it
    keep_orders(till)
    assert join_lines(till) == 1
    keep_orders(till)
    found = find_order(till, "Oslo-1-2026-07-03-5001")
    assert found is not None
    assert [(line.item, line.product, line.quantity) for line in found.lines] == [
        ("04006381333931", "pen", 3)
    ]
    assert (found.value, found.tax, found.status) == (7200, 1800, "placed")
    assert join_lines(till) == 0
    with till.database.reading() as tx:
        assert till_store.read_unknown(tx, 9) == []


def test_numbers_of_the_shops_own_are_no_gtin(till: Shop, tmp_path: Path) -> None:
    text = (
        "store,receipt,date,barcode,sku,title,quantity,price\n"
        "1,1,2026-07-03,2012345678903,,Cheese by weight,0.732,100.00\n"
        "1,2,2026-07-03,2012345678903,SOCK,Socks,1,99.00\n"
        "1,3,2026-07-03,7310865004704,,Mistyped,1,10.00\n"
        "1,4,2026-07-03,4711,,By its number,1,10.00\n"
    )
    report = import_till(till, write(tmp_path, text))
    assert (report.purchases, report.unknown) == (4, 3)
    with till.database.reading() as tx:
        listed = {one.code: one.why for one in till_store.read_unknown(tx, 9)}
    assert listed == {"2012345678903": "own", "7310865004704": "check", "4711": "own"}
    keep_orders(till)
    cheese, socks = (find_order(till, f"1-2026-07-03-{number}") for number in (1, 2))
    assert cheese is not None
    assert socks is not None
    assert (cheese.value, cheese.lines[0].quantity, cheese.lines[0].price) == (7320, 1, 7320)
    assert socks.lines[0].product == "sock"


@pytest.mark.parametrize("how", ["cp1252", "gzip", "bom", "tabs"])
def test_files_are_read_as_tills_write_them(till: Shop, tmp_path: Path, how: str) -> None:
    data = {
        "cp1252": FILE.encode("cp1252"),
        "gzip": gzip.compress(FILE.encode()),
        "bom": b"\xef\xbb\xbf" + FILE.encode(),
        "tabs": FILE.replace(";", "\t").encode(),
    }[how]
    path = tmp_path / "till.csv"
    path.write_bytes(data)
    assert import_till(till, path, form=FORM).purchases == 3


def test_bad_lines_are_refused_alone_with_their_field(till: Shop, tmp_path: Path) -> None:
    text = (
        "store,receipt,date,barcode,quantity,price,currency\n"
        "1,,2026-07-03,7310865004703,1,10,\n"
        "1,2,yesterday,7310865004703,1,10,\n"
        "1,3,2026-07-03,,1,10,\n"
        "1,4,2026-07-03,7310865004703,x,10,\n"
        "1,5,2026-07-03,7310865004703,0,10,\n"
        "1,6,2026-07-03,7310865004703,1,ten,\n"
        "1,7,2026-07-03,7310865004703,1,10,kronor\n"
        "1,8,2026-07-03,7310865004703,1,10,\n"
    )
    report = import_till(till, write(tmp_path, text))
    assert [(one.line, one.field) for one in report.refused] == [
        (2, "receipt"),
        (3, "timestamp"),
        (4, "gtin"),
        (5, "quantity"),
        (6, "quantity"),
        (7, "price"),
        (8, "currency"),
    ]
    assert (report.purchases, report.refused_lines) == (1, 7)


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("date;ean;price", "no column means the receipt"),
        ("receipt;ean;price", "no column means the time"),
        ("receipt;date;price", "no column means the article"),
        ("receipt;date;ean", "no column means the price"),
    ],
)
def test_a_file_without_what_a_receipt_needs_is_refused(
    till: Shop, tmp_path: Path, header: str, missing: str
) -> None:
    with pytest.raises(InvalidInput, match=missing):
        import_till(till, write(tmp_path, header + "\n1;2;3\n"))


def test_columns_of_any_name_can_be_said() -> None:
    header = ["Blå", "När", "Vad", "Pris (SEK)", "Something"]
    chosen = {"Blå": "receipt", "när": "timestamp", "Vad": "sku", "Pris (SEK)": "price"}
    assert columns_of(header, chosen) == {"receipt": 0, "timestamp": 1, "sku": 2, "price": 3}
    with pytest.raises(InvalidInput, match="has no column"):
        columns_of(header, {"Gone": "gtin", **chosen})
    with pytest.raises(InvalidInput, match="'color' is none of"):
        columns_of(header, {"Blå": "color"})


@given(st.integers(-(10**9), 10**9), st.sampled_from([",", "."]), st.booleans())
def test_amounts_mean_the_same_however_they_are_written(cents: int, mark: str, thousands: bool) -> None:
    whole, part = divmod(abs(cents), 100)
    digits = f"{whole:,}".replace(",", " " if mark == "," else ",") if thousands else str(whole)
    text = f"{'-' if cents < 0 else ''}{digits}{mark}{part:02}"
    assert read_number(text, mark, "amount") * 100 == cents


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 499,00 kr", "1499.00"),
        ("99:-", "99"),
        ("(12.50)", "-12.50"),
        ("12,5-", "-12.5"),
        ("−3", "-3"),
        ("1.234,5", "1234.5"),
    ],
)
def test_amounts_are_read_as_tills_print_them(text: str, number: str) -> None:
    assert str(read_number(text, "", "amount")) == number


@pytest.mark.parametrize(
    ("texts", "moment"),
    [
        (("2026-01-15T10:00:00", "", ""), "2026-01-15T09:00:00"),
        (("2026-07-15 10:00", "", ""), "2026-07-15T08:00:00"),
        (("2026-07-15T10:00:00Z", "", ""), "2026-07-15T10:00:00"),
        (("", "15.07.2026", "10.00"), "2026-07-15T08:00:00"),
        (("", "20260715", "10:00:30"), "2026-07-15T08:00:30"),
        (("", "2026-07-15", ""), "2026-07-14T22:00:00"),
    ],
)
def test_times_are_local_to_the_store(texts: tuple[str, str, str], moment: str) -> None:
    assert read_moment(*texts, TillFormat().zone_of("SE")) == parse_time(moment)


def connect(shop: Shop, folder: Path, **settings: str) -> Connection:
    return Connection("till", "till_lines", "Till", "till", {"folder": str(folder), **settings}, True, 0)


def test_a_watched_folder_is_emptied_file_by_file(till: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    connection = connect(till, folder, markets="Oslo=NO")
    assert fetch(till, connection, no_progress) == "no new file"
    old = time.time() - 60
    for name, text in (("a.csv", FILE), ("b.csv", "nonsense\n1\n")):
        os.utime(write(folder, text, name), (old, old))
    write(folder, FILE, "still-written.csv")
    write(folder, FILE, "notes.pdf")
    (folder / "link.csv").symlink_to(folder / "a.csv")
    with pytest.raises(
        InvalidInput, match=r"1 files could not be used; b\.csv: file: no column means the receipt"
    ):
        fetch(till, connection, no_progress)
    assert sorted(path.name for path in folder.iterdir()) == [
        "done",
        "failed",
        "link.csv",
        "notes.pdf",
        "still-written.csv",
    ]
    assert [path.name for path in (folder / "done").iterdir()] == ["a.csv"]
    assert "no column means the receipt" in (folder / "failed" / "b.csv.txt").read_text()
    os.utime(write(folder, FILE, "a.csv"), (old, old))
    assert fetch(till, connection, no_progress) == "1 files, 5 lines"
    assert sorted(path.name for path in (folder / "done").iterdir()) == ["2-a.csv", "a.csv"]
    with till.database.reading() as tx:
        assert [name for _, _, name, _ in till_store.read_files(tx, 9)] == ["a.csv"]
        assert tx.row("SELECT count(*) FROM events") == (4,)


def test_what_is_asked_for_is_checked() -> None:
    for name, text in (
        ("folder", "relative"),
        ("timezone", "Mars/North"),
        ("columns", "a=b"),
        ("markets", "Oslo"),
    ):
        field = TILL_LINES.field(name)
        assert field is not None
        assert field.check is not None
        with pytest.raises(InvalidInput):
            field.check(text)
