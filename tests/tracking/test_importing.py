from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expedit.access import Source, keys
from expedit.core import DAY, HOUR, SECOND, InvalidInput, NotFound, parse_time
from expedit.events import Event, EventItem
from expedit.identity import subject_of
from expedit.orders import find_order, keep_orders
from expedit.orders.store import totals
from expedit.profiles import read_profile
from expedit.storage import Shop
from expedit.tracking import RefusedLine, import_events
from expedit.tracking.columns import read_mapping
from expedit.tracking.order_lines import read_amount

Stored = Callable[[Shop], list[Event]]

RETAIL = {
    "columns": {
        "InvoiceNo": "order_id",
        "StockCode": "item_id",
        "Quantity": "quantity",
        "UnitPrice": "price",
        "InvoiceDate": "timestamp",
        "CustomerID": "user_id",
    },
    "fixed": {"currency": "GBP"},
    "credit_prefix": "C",
    "consent": {"analytics": True, "personalization": True},
}
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ROWS = """536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,"LANTERN, WHITE",2,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
536366,22633,HAND WARMER,1,2010-12-01 08:28:00,1.85,,France
C536379,71053,Discount,-1,2010-12-01 09:41:00,3.39,17850.0,United Kingdom
536365,22752,NESTING BOXES,1,2010-12-01 08:27:00,7.65,17850.0,United Kingdom
"""


@pytest.fixture
def open_for_import(shop: Shop) -> Shop:
    known = keys(shop)
    known.add_source(Source("server", "server", "wk_server", {"analytics": True}, "contract"))
    known.add_source(
        Source("old-shop", "import", "wk_import", {"analytics": True, "personalization": True}, "consent")
    )
    return shop


def written(tmp_path: Path, text: str | bytes, name: str = "events.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_order_lines_become_orders(open_for_import: Shop, stored: Stored, tmp_path: Path) -> None:
    shop = open_for_import
    report = import_events(shop, written(tmp_path, HEADER + ROWS), mapping=RETAIL)
    assert (report.read, report.stored, report.anonymous, report.credit_lines) == (5, 2, 1, 1)
    assert (report.lines_without_person, report.refused_lines, report.refused) == (1, 0, ())
    events = stored(shop)
    assert [(event.kind, event.order_id, event.message_id) for event in events] == [
        ("purchase", "536365", "purchase:536365"),
        ("purchase", "536366", "purchase:536366"),
        ("refund", "C536379", "refund:C536379"),
    ]
    customer = subject_of(shop.secret, "user_id", "17850")
    assert [event.subject for event in events] == [customer, "", customer]
    assert events[0].items == (
        EventItem("85123A", None, 6, 255),
        EventItem("71053", None, 2, 339),
        EventItem("22752", None, 1, 765),
    )
    assert events[0].at == parse_time("2010-12-01 08:26:00")
    keep_orders(shop)
    order = find_order(shop, "536365")
    assert order is not None
    assert (order.value, order.currency) == (6 * 255 + 2 * 339 + 765, "GBP")


def test_reading_a_file_again_adds_nothing(open_for_import: Shop, stored: Stored, tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress((HEADER + ROWS).encode()), "events.csv.gz")
    import_events(open_for_import, path, mapping=RETAIL)
    again = import_events(open_for_import, path, mapping=RETAIL)
    assert (again.read, again.stored, again.anonymous, again.duplicates) == (5, 0, 0, 3)
    assert len(stored(open_for_import)) == 3


def test_bad_lines_are_told_and_stop_nothing(open_for_import: Shop, tmp_path: Path) -> None:
    bad = (
        "536370,A,x,many,2010-12-01 09:00:00,1,1,UK\n"
        "536370,A,x,1,yesterday,1,1,UK\n"
        "536370,A,x,1,2010-12-01 09:00:00,-2.5,1,UK\n"
        "536370,A,x,1,2010-12-01 09:00:00\n"
        ",A,x,1,2010-12-01 09:00:00,1,1,UK\n"
        "536371,A,x,0,2010-12-01 09:00:00,1,1,UK\n"
        "536372,\ufffd,x,1,2010-12-01 09:00:00,1,1,UK\n"
        "536373,A,x,1,1890-12-01 09:00:00,1,1,UK\n"
        "536374,A,x,1,2010-12-01 09:00:00,1 EUR,1,UK\n"
    )
    report = import_events(open_for_import, written(tmp_path, HEADER + bad + ROWS), mapping=RETAIL)
    assert report.refused == (
        RefusedLine(2, "quantity", "'many' is no whole number"),
        RefusedLine(3, "timestamp", "'yesterday' is not an ISO 8601 time"),
        RefusedLine(4, "price", "-2.5 is negative"),
        RefusedLine(5, "", "has 5 columns, the header has 8"),
        RefusedLine(6, "order_id", "is missing"),
        RefusedLine(7, "quantity", "must be 1 to 10000000, or negative for what went back"),
        RefusedLine(8, "item_id", "'\ufffd' is too long, or holds what is no text"),
        RefusedLine(9, "timestamp", "lies before the year 2000"),
        RefusedLine(10, "price", "is in EUR, the order in GBP"),
    )
    assert (report.read, report.refused_lines, report.stored) == (14, 9, 2)


def test_a_file_states_its_own_consent_and_basis(
    open_for_import: Shop, stored: Stored, tmp_path: Path
) -> None:
    silent = {**RETAIL, "consent": {}}
    path = written(tmp_path, HEADER + ROWS)
    assert import_events(open_for_import, path, mapping={**silent, "legal_basis": "consent"}).declined == 3
    report = import_events(
        open_for_import, written(tmp_path, HEADER + ROWS.replace("5363", "5364")), mapping=silent
    )
    assert (report.anonymous, report.stored) == (3, 0)
    assert all(event.subject == "" for event in stored(open_for_import))
    assert open_for_import.database.read_rows("SELECT 1 FROM identifiers") == []


def test_european_numbers_times_and_names(open_for_import: Shop, stored: Stored, tmp_path: Path) -> None:
    text = (
        "\ufeffOrder;Vara;Antal;Pris;Tid;Marknad;Kund\r\n"
        "A-1;J1;2;1.499,50;03.07.2026 10:15;se;Anna@Butik.se\r\n"
    )
    mapping = tmp_path / "shop.toml"
    mapping.write_text(
        'time_format = "%d.%m.%Y %H:%M"\ntimezone = "Europe/Stockholm"\ndecimal = ","\n'
        '[columns]\nOrder = "order_id"\nVara = "item_id"\nAntal = "quantity"\nPris = "price"\n'
        'Tid = "timestamp"\nMarknad = "market"\nKund = "email"\n'
    )
    report = import_events(open_for_import, written(tmp_path, text), source="old-shop", mapping=str(mapping))
    assert report.stored == 1
    (event,) = stored(open_for_import)
    assert (event.at, event.market, event.currency) == (parse_time("2026-07-03T08:15:00Z"), "SE", "SEK")
    assert event.items == (EventItem("J1", None, 2, 149_950),)
    assert event.ids == (("email", subject_of(open_for_import.secret, "email", "anna@butik.se")),)


def test_a_row_may_be_an_event(open_for_import: Shop, stored: Stored, tmp_path: Path) -> None:
    text = (
        "event,timestamp,anonymous_id,item_id,price,currency,query,shelf\n"
        "view_item,2026-07-01T10:00:00Z,device-1,J1,1499.00,SEK,,\n"
        "Products Searched,2026-07-01T10:01:00Z,device-1,,,,skaljacka,\n"
        ",2026-07-01T10:02:00Z,device-1,,,,,\n"
        "view_item,2026-07-01T10:03:00Z,device-1,,,,,\n"
    )
    path = written(tmp_path, text)
    report = import_events(open_for_import, path, source="old-shop")
    assert report.refused == (
        RefusedLine(4, "event", "is missing"),
        RefusedLine(5, "properties.product_id", "is missing"),
    )
    view, search = stored(open_for_import)
    assert (view.kind, view.items, search.query) == (
        "view_item",
        (EventItem("J1", None, 1, 149_900),),
        "skaljacka",
    )
    assert import_events(open_for_import, path, source="old-shop").duplicates == 2


def test_jsonl_in_segments_envelope(open_for_import: Shop, stored: Stored, tmp_path: Path) -> None:
    shop = open_for_import
    now = shop.clock()
    calls: list[Any] = [
        {"type": "track", "event": "Product Viewed", "anonymousId": "device-1", "messageId": "m-1",
         "timestamp": (now - 3 * DAY) // SECOND, "properties": {"product_id": "P1"}},
        {"type": "identify", "anonymousId": "device-1", "userId": "u-17", "messageId": "m-2",
         "timestamp": (now - 2 * DAY) // SECOND, "sentAt": "2015-01-01T00:00:00Z"},
        {"type": "track", "event": "view_cart", "messageId": "m-3"},
        {"type": "track", "event": "view_cart", "messageId": "m-1", "timestamp": (now - HOUR) // SECOND},
    ]  # fmt: skip
    lines = "\n".join(json.dumps(call) for call in calls)
    path = written(tmp_path, lines + '\n\n{"type": \n5\n' + "x" * 100, "events.jsonl")
    steps: list[tuple[str, int, int | None]] = []
    report = import_events(shop, path, source="old-shop", progress=lambda *step: steps.append(step))
    assert (report.read, report.stored, report.duplicates, report.refused_lines) == (7, 2, 1, 4)
    assert [(one.line, one.field) for one in report.refused] == [(3, "timestamp"), (6, ""), (7, ""), (8, "")]
    assert steps[-1] == ("importing events", path.stat().st_size, path.stat().st_size)
    assert [event.at for event in stored(shop)] == [now - 3 * DAY, now - 2 * DAY]
    profile = read_profile(shop.database, subject_of(shop.secret, "anonymous_id", "device-1"))
    assert profile is not None
    assert [one.product for one in profile.recent] == ["P1"]


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        ({"InvoiceNo": "invoice"}, "mapping"),
        ({"columns": {"Nowhere": "order_id"}}, "mapping"),
        ({"columns": {"InvoiceNo": "order_id"}}, "mapping"),
        ({"columns": {}, "colums": {}}, ""),
        ({**RETAIL, "timezone": "Mars/Olympus"}, "timezone"),
        ({**RETAIL, "consent": {"cookies": True}}, "consent"),
        ({**RETAIL, "decimal": "x"}, "decimal"),
        ({**RETAIL, "legal_basis": "because"}, "legal_basis"),
        ({**RETAIL, "fixed": {"currency": "pounds"}}, "fixed.currency"),
        ("InvoiceNo", "mapping"),
        ("missing.toml", "mapping"),
    ],
)
def test_a_mapping_that_means_nothing_is_refused(
    open_for_import: Shop, tmp_path: Path, mapping: Any, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        import_events(open_for_import, written(tmp_path, HEADER + ROWS), mapping=mapping)
    assert caught.value.field == field


def test_pairs_are_a_mapping_too() -> None:
    found = read_mapping("InvoiceNo=order_id, StockCode = item_id")
    assert found.columns == {"InvoiceNo": "order_id", "StockCode": "item_id"}


def test_files_that_cannot_be_used(open_for_import: Shop, tmp_path: Path) -> None:
    shop = open_for_import
    with pytest.raises(InvalidInput, match=r"^file: cannot be opened: No such file"):
        import_events(shop, tmp_path / "nowhere.csv")
    with pytest.raises(NotFound, match="no source is called 'nobody'"):
        import_events(shop, written(tmp_path, HEADER), source="nobody")
    with pytest.raises(InvalidInput, match=r"^format: must be jsonl or csv"):
        import_events(shop, written(tmp_path, HEADER), format="xml")
    packed = gzip.compress((HEADER + ROWS * 50).encode())
    with pytest.raises(InvalidInput, match=r"^file: the gzip data is broken"):
        import_events(shop, written(tmp_path, packed[:-30]), mapping=RETAIL)
    assert import_events(shop, written(tmp_path, "", "empty.jsonl")).read == 0


def test_amounts() -> None:
    assert read_amount("1499.5", "SEK", "") == 149_950
    assert read_amount("1 499,50", "SEK", "") == 149_950
    assert read_amount("1.499,50", "SEK", ",") == 149_950
    assert read_amount("1,499.50", "SEK", ".") == 149_950
    assert read_amount("-3", "JPY", "") == -3


@pytest.mark.slow
def test_a_real_year_of_invoices_is_conserved(make_shop: Any, data_folder: Path) -> None:
    shop = make_shop("sqlite")
    keys(shop).add_source(Source("server", "server", "wk_server", {"analytics": True}, "contract"))
    path = data_folder / "online_retail" / "transactions.csv.gz"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    report = import_events(shop, path, mapping=RETAIL)
    assert (report.read, report.refused_lines) == (541_909, 2)
    assert [(one.field, one.reason) for one in report.refused] == [("price", "-11062.06 is negative")] * 2
    # 9,288 lines of credit notes, and 1,336 of invoices that take stock off the books.
    assert report.credit_lines == 9_288 + 1_336
    assert report.lines_without_person + 2 == 135_080
    keep_orders(shop)
    with shop.database.reading() as tx:
        net = sum(value - refunded for _, _, _, value, refunded in totals(tx))
    assert net - 2 * 1_106_206 == 974_774_793
    customer = read_profile(shop.database, subject_of(shop.secret, "user_id", "17850"))
    assert customer is not None
