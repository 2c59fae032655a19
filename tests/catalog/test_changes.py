"""Small changes, older history and exports."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from expedit.catalog import (
    ImportReport,
    Interval,
    Offer,
    Product,
    RefusedRow,
    Variant,
    export_catalog,
    import_catalog,
    import_prices,
    live_catalog,
    price_history,
    set_prices,
    set_stock,
    upsert,
)
from expedit.catalog.ledger import FOREVER
from expedit.catalog.store import changed_since, last_change, read_stock, read_stored
from expedit.core import DAY, HOUR, InvalidInput, evolve, format_time
from expedit.storage import Shop


def put(shop: Shop, *products: Product) -> None:
    with shop.database.writing() as tx:
        upsert(tx, products, shop.clock())


def cap(price: int = 10000) -> Product:
    return Product("cap", "Keps", variants=(Variant("cap-1", sku="C1", offers=(Offer("SE", price, "SEK"),)),))


def test_prices_change_one_offer_and_the_ledger_keeps_the_old(shop: Shop, shop_clock) -> None:
    put(shop, cap())
    start = shop_clock.now
    later = shop_clock.advance(DAY)

    report = set_prices(
        shop,
        [
            {"id": "C1", "market": "SE", "price": "90.00"},
            {"id": "cap-1", "market": "NO", "price": "95 NOK", "sale_price": 80},
            {"id": "none", "market": "SE", "price": 1},
            {"id": "cap-1", "market": "DK", "price": 1},
            {"id": "cap-1", "market": "SE"},
        ],
    )

    assert report == ImportReport(
        read=5,
        changed=2,
        refused=(
            RefusedRow(3, "id", "no variant is called 'none'"),
            RefusedRow(4, "market", "'DK' is none of SE, NO, EU"),
            RefusedRow(5, "price", "missing"),
        ),
    )
    assert price_history(shop, "cap-1") == {
        "NO": [Interval(later, FOREVER, 9500, 8000, "NOK")],
        "SE": [Interval(start, later, 10000, None, "SEK"), Interval(later, FOREVER, 9000, None, "SEK")],
    }
    again = set_prices(shop, [{"id": "C1", "market": "SE", "price": "90.00"}])
    assert (again.changed, again.unchanged) == (0, 1)


def test_a_withdrawn_offer_is_known_as_not_sold(shop: Shop, shop_clock) -> None:
    put(shop, cap())
    later = shop_clock.advance(HOUR)

    set_prices(shop, [{"id": "cap-1", "market": "SE", "price": None}])

    assert price_history(shop, "cap-1")["SE"][-1] == Interval(later, FOREVER, None, None, "SEK")
    assert live_catalog(shop).current().price_minor("SE").tolist() == [-1]


def test_stock_that_is_the_same_is_no_change(shop: Shop) -> None:
    put(shop, cap())
    rows = [{"id": "C1", "quantity": 3}, {"id": "cap-1", "location": "are", "quantity": "x"}, {"id": "cap-1"}]

    report = set_stock(shop, rows)

    assert (report.changed, [row.field for row in report.refused]) == (1, ["quantity", "quantity"])
    before = last_change(shop.database)
    assert set_stock(shop, rows[:1]).unchanged == 1
    assert changed_since(shop.database, before, 10) == []


def test_older_prices_make_the_prior_price_known(shop: Shop, tmp_path: Path, shop_clock) -> None:
    start = shop_clock.now
    put(
        shop,
        Product(
            "cap", "Keps", variants=(Variant("cap-1", sku="C1", offers=(Offer("SE", 10000, "SEK", 7000),)),)
        ),
    )
    live = live_catalog(shop)
    assert live.current().selling([0], "SE", start)[2].tolist() == [-1]
    path = tmp_path / "history.csv"
    lines = [
        "sku,market,price,from,until",
        f"C1,SE,100.00 SEK,{format_time(start - 60 * DAY)},",
        f"C1,SE,85.00 SEK,{format_time(start - 20 * DAY)},{format_time(start + DAY)}",
        f"C1,SE,cheap,{format_time(start - 9 * DAY)},",
        f"C2,SE,10 SEK,{format_time(start - 9 * DAY)},{format_time(start)}",
        "C1,SE,10 SEK,,",
    ]
    path.write_text("\n".join(lines))

    report = import_prices(shop, path)

    assert (report.read, report.added, report.unchanged) == (5, 2, 0)
    assert report.refused == (
        RefusedRow(4, "price", "'cheap' is not an amount"),
        RefusedRow(5, "id", "no variant is called 'C2'"),
        RefusedRow(6, "from", "missing"),
    )
    live.poll()
    assert live.current().selling([0], "SE", start)[2].tolist() == [8500]
    assert price_history(shop, "cap-1")["SE"] == [
        Interval(start - 60 * DAY, start - 20 * DAY, 10000, None, "SEK", imported=True),
        Interval(start - 20 * DAY, start, 8500, None, "SEK", imported=True),
        Interval(start, FOREVER, 10000, 7000, "SEK"),
    ]
    before = last_change(shop.database)
    assert import_prices(shop, path).unchanged == 2
    assert changed_since(shop.database, before, 10) == []


FEED = [
    {
        "id": "j-m",
        "item_group_id": "j",
        "title": "Jacka M",
        "item_group_title": "Jacka",
        "description": "Tät",
        "link": "/j",
        "image_link": "/j.jpg",
        "additional_image_link": ["/a.jpg", "/b.jpg"],
        "titles": {"nb": "Jakke"},
        "categories": {"nb": "Jakker > Skall"},
        "product_type": "Jackor > Skal",
        "prices": {
            "SE": {
                "price": "1499.00 SEK",
                "sale_price": "999.50 SEK",
                "sale_price_effective_date": "2026-11-01T08:30:00.000001/",
                "cost": 400,
            },
            "NO": {"price": "1599 NOK"},
        },
        "stock": {"web": 3, "are": 0},
        "gtin": "4006381333931",
        "color": "blå",
        "size": "M",
        "material": "nylon",
        "fit": "slim",
        "style_id": "style-j",
        "created": "2025-01-01",
    },
    {
        "id": "j-l",
        "item_group_id": "j",
        "title": "Jacka L",
        "item_group_title": "Jacka",
        "link": "/j?l",
        "prices": {},
        "fit": "wide",
        "availability": "backorder",
    },
    {"id": "cap", "title": "Keps", "price": "99 SEK"},
]


def test_an_exported_catalog_comes_back_unchanged(shop: Shop, tmp_path: Path, make_shop) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_text("".join(json.dumps(row) + "\n" for row in FEED))
    assert import_catalog(shop, feed) == ImportReport(read=3, added=2)
    out = tmp_path / "out.jsonl"

    assert export_catalog(shop, out) == 3
    report = import_catalog(shop, out, full=True)

    assert report == ImportReport(read=3, unchanged=2)
    assert not list(tmp_path.glob("*.partial"))
    other = make_shop("sqlite")
    assert import_catalog(other, out).added == 2
    export_catalog(other, tmp_path / "again.jsonl")
    assert sorted((tmp_path / "again.jsonl").read_text().splitlines()) == sorted(out.read_text().splitlines())


def test_an_export_for_analysis(sqlite_shop: Shop, tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_text("".join(json.dumps(row) + "\n" for row in FEED))
    import_catalog(sqlite_shop, feed)

    assert export_catalog(sqlite_shop, tmp_path / "out.parquet", "parquet") == 3
    table = pq.read_table(tmp_path / "out.parquet")

    assert sorted(table["id"].to_pylist()) == ["cap", "j-l", "j-m"]
    row = table.to_pylist()[table["id"].to_pylist().index("j-m")]
    assert json.loads(row["prices"])["NO"] == {"price": "1599.00 NOK"}
    assert row["gtin"] == "04006381333931"
    with pytest.raises(InvalidInput, match="jsonl, parquet"):
        export_catalog(sqlite_shop, tmp_path / "out.xls", "xls")


def test_a_product_told_of_in_one_market_leaves_the_others(shop: Shop, shop_clock) -> None:
    norway = Offer("NO", 9500, "NOK")
    both = Variant("cap-1", offers=(norway, Offer("SE", 10000, "SEK")), stock={"web": 3, "are": 2})
    abroad = Variant("cap-2", offers=(norway,))
    put(shop, Product("cap", "Keps", variants=(both, abroad)))
    change = last_change(shop.database)
    shop_clock.advance(DAY)

    def tell(product: Product, *unstocked: tuple[str, str]) -> str:
        with shop.database.writing() as tx:
            found = upsert(tx, [product], shop.clock(), markets={"cap": {"SE"}}, unstocked=unstocked)
        return found["cap"]

    assert tell(cap(), ("cap-1", "oslo"), ("other", "web")) == "changed"  # the SKU is new
    assert tell(cap()) == "unchanged"
    assert [one for one, _ in changed_since(shop.database, change, 9)] == ["cap"]
    assert tell(cap(9000), ("cap-1", "are")) == "changed"
    assert tell(cap(9000), ("cap-1", "are")) == "unchanged"
    with shop.database.reading() as tx:
        product = read_stored(tx, ["cap"])["cap"].product()
        assert read_stock(tx, ["cap-1", "cap-2"]) == {"cap-1": {"web": 3}}
    assert {one.id: one.offers for one in product.variants} == {
        "cap-1": (norway, Offer("SE", 9000, "SEK")),
        "cap-2": (norway,),
    }
    assert tell(evolve(cap(), retired=1)) == "changed"
    with shop.database.reading() as tx:
        product = read_stored(tx, ["cap"])["cap"].product()
    assert (product.retired, [one.offers for one in product.variants]) == (None, [(norway,), (norway,)])
    history = price_history(shop, "cap-1")
    assert {market: steps[-1].price for market, steps in history.items()} == {"NO": 9500, "SE": None}
    put(shop, evolve(cap(), retired=1))
    assert tell(cap()) == "changed"
    with shop.database.reading() as tx:
        product = read_stored(tx, ["cap"])["cap"].product()
    assert [one.offers for one in product.variants] == [(Offer("SE", 10000, "SEK"),)]
