"""Finding products as somebody types."""

from __future__ import annotations

import pytest

from expedit.catalog import Offer, Product, Variant, live_catalog, set_prices, upsert
from expedit.catalog.finding import ProductSearch, brand_choices, category_choices, finder, fold
from expedit.storage import Shop


def product(
    product_id: str,
    title: str,
    *,
    brand: str = "Fjord",
    path: str = "Jackor",
    stock: dict[str, int] | None = None,
    markets: tuple[tuple[str, int, str], ...] = (("SE", 10_000, "SEK"),),
    gtin: str = "",
    retired: int | None = None,
    created: int = 1,
    sale: int | None = None,
) -> Product:
    offers = tuple(Offer(market, price, currency, sale) for market, price, currency in markets)
    variant = Variant(f"{product_id}-v", f"SKU-{product_id}", gtin, offers=offers, stock=stock)
    return Product(
        product_id,
        title,
        brand=brand,
        category=tuple(path.split(" > ")),
        variants=(variant,),
        created=created,
        retired=retired,
    )


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    products = [
        product("hat", "Mössa Åre", brand="Yllet", path="Kläder > Mössor", gtin="07350000000017", created=30),
        product("jacket", "Skaljacka", path="Kläder > Jackor", stock={"web": 0, "are": 2}, created=20),
        product("rain", "Regnjacka gul", path="Kläder > Jackor", stock={"web": 0, "are": 0}, created=10),
        product("no", "Skalljakke", markets=(("NO", 90_000, "NOK"),), created=5),
        product("sale", "Jacka på rea", sale=5_000, created=4),
        product("gone", "Gammal mössa", retired=7, created=3),
    ]
    with shop.database.writing() as tx:
        upsert(tx, products, shop.clock())
    return shop


def found(shop: Shop, **wanted: object) -> list[str]:
    ids = live_catalog(shop).current().ids
    answer = finder(shop).find(ProductSearch(**wanted), shop.clock())  # type: ignore[arg-type]
    assert answer.total == len(answer.items)
    return [ids[i] for i in answer.items]


def test_folding_takes_case_and_accents_away() -> None:
    assert fold("MÖSSA Ærø Łódź") == "mossa aero lodz"


def test_words_are_found_in_titles_ids_codes_and_brands(stocked: Shop) -> None:
    assert found(stocked, words="mossa") == ["hat"]
    assert found(stocked, words="MÖSSA yllet") == ["hat"]
    assert found(stocked, words="7350000000017") == ["hat"]
    assert found(stocked, words="sku-rain") == ["rain"]
    assert found(stocked, words="jacket-v") == ["jacket"]
    assert found(stocked, words="nothing like it") == []


def test_the_best_match_comes_first(stocked: Shop) -> None:
    assert found(stocked, words="jacka") == ["sale", "rain", "jacket"]
    assert found(stocked, words="jacket") == ["jacket"]


def test_without_words_the_newest_come_first_and_other_orders_can_be_had(stocked: Shop) -> None:
    assert found(stocked) == ["hat", "jacket", "rain", "no", "sale"]
    assert found(stocked, order="title") == ["sale", "hat", "rain", "jacket", "no"]
    assert found(stocked, order="cheapest", market="SE") == ["sale", "hat", "rain", "jacket"]
    assert found(stocked, order="dearest")[-1] == "no"  # what has no price in the first market stands last


def test_filters(stocked: Shop) -> None:
    assert found(stocked, market="NO") == ["no"]
    assert found(stocked, category="Kläder > Jackor") == ["jacket", "rain"]
    assert found(stocked, category="Kläder") == ["hat", "jacket", "rain"]
    assert found(stocked, category="Skor") == []
    assert found(stocked, brand="Yllet") == ["hat"]
    assert found(stocked, brand="Nobody") == []
    assert found(stocked, availability="store") == ["jacket"]
    assert found(stocked, availability="nowhere", market="SE") == ["rain"]
    assert found(stocked, availability="web", market="SE") == ["hat", "sale"]
    assert found(stocked, on_sale=True) == ["sale"]
    assert found(stocked, range="retired") == ["gone"]
    assert found(stocked, range="all", words="mossa") == ["hat", "gone"]


def test_a_change_is_found_after_the_next_poll(stocked: Shop) -> None:
    assert found(stocked, words="kajak") == []
    with stocked.database.writing() as tx:
        upsert(tx, [product("boat", "Kajak"), product("hat", "Keps")], stocked.clock())
    set_prices(stocked, [{"id": "jacket-v", "market": "SE", "price": 1}])
    live_catalog(stocked).poll()
    assert found(stocked, words="kajak") == ["boat"]
    assert found(stocked, words="mossa") == []
    assert found(stocked, words="keps") == ["hat"]


def test_pages_follow_each_other(stocked: Shop) -> None:
    ids = live_catalog(stocked).current().ids
    pages = [finder(stocked).find(ProductSearch(), stocked.clock(), start, 2) for start in (0, 2, 4)]
    assert [ids[i] for page in pages for i in page.items] == ["hat", "jacket", "rain", "no", "sale"]
    assert {page.total for page in pages} == {5}


def test_choices_count_what_is_sold(stocked: Shop) -> None:
    snapshot = live_catalog(stocked).current()
    assert [(one.value, one.count) for one in brand_choices(snapshot)] == [("Fjord", 4), ("Yllet", 1)]
    assert [(one.value, one.label, one.count, one.depth) for one in category_choices(snapshot, "sv")] == [
        ("Jackor", "Jackor", 2, 0),
        ("Kläder", "Kläder", 3, 0),
        ("Kläder > Jackor", "Jackor", 2, 1),
        ("Kläder > Mössor", "Mössor", 1, 1),
    ]
