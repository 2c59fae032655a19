"""The catalog in memory is always fresh, never moves under a reader, and evaluates sales when asked."""

from __future__ import annotations

import time

import numpy as np
import pytest

from expedit.catalog import (
    ItemFacts,
    LiveCatalog,
    Offer,
    Product,
    Swatch,
    Variant,
    import_prices,
    live_catalog,
    set_prices,
    set_stock,
    upsert,
)
from expedit.core import DAY, HOUR, InvalidInput, Settings, evolve, format_time
from expedit.storage import Shop


def jacket(**changes: object) -> Product:
    product = Product(
        id="jkt",
        title="Jacka",
        titles={"nb": "Jakke"},
        url="/jkt",
        image_url="/jkt.jpg",
        brand="Fjällform",
        category=("Jackor", "Skaljackor"),
        categories={"nb": ("Jakker", "Skalljakker")},
        variants=(
            Variant("jkt-m", sku="J-M", gtin="04006381333931", color="blå", size="M", offers=sek(149900)),
            Variant("jkt-l", color="blå", size="L", offers=sek(149900)),
        ),
    )
    return evolve(product, **changes)


def sek(price: int, **sale: int) -> tuple[Offer, ...]:
    return (Offer("SE", price, "SEK", **sale),)


def put(shop: Shop, *products: Product) -> None:
    with shop.database.writing() as tx:
        upsert(tx, products, shop.clock())


def simple(name: str, price: int = 1000, **changes: object) -> Product:
    return evolve(Product(name, name, variants=(Variant(name, offers=sek(price)),)), **changes)


def test_a_product_and_all_names_that_lead_to_it(shop: Shop) -> None:
    put(shop, jacket(), simple("cap", category=("Mössor",)))
    catalog = live_catalog(shop).current()

    assert catalog.ids == ["cap", "jkt"]
    assert [catalog.find(name) for name in ("jkt", "jkt-m", "J-M", "04006381333931", "4006381333931")] == [
        1
    ] * 5
    assert catalog.find("none") is None
    assert "jkt-l" in catalog.index
    assert "none" not in catalog.index
    assert catalog.category_paths == [(), ("Mössor",), ("Jackor",), ("Jackor", "Skaljackor")]
    assert catalog.category_parent.tolist() == [-1, 0, 0, 2]
    assert catalog.category.tolist() == [1, 3]
    assert [catalog.brands[code] for code in catalog.brand] == ["", "Fjällform"]
    assert [catalog.colors[code] for code in catalog.color] == ["", "blå"]
    assert catalog.category.dtype == np.int32
    assert catalog.price_minor("SE").tolist() == [1000, 149900]
    assert catalog.price_minor("NO").tolist() == [-1, -1]
    with pytest.raises(InvalidInput, match="none of SE, NO, EU"):
        catalog.price_minor("DK")


def test_facts_for_events(shop: Shop) -> None:
    put(shop, jacket())
    catalog = live_catalog(shop).current()

    whole = ItemFacts("jkt", "Jackor > Skaljackor", "Fjällform", "blå", "", "1000-2000 SEK")
    assert catalog.describe("jkt") == whole
    assert catalog.describe("4006381333931") == evolve(whole, size="M")
    assert catalog.describe("jkt-l") == evolve(whole, size="L")
    assert catalog.describe("nothing") is None
    assert [catalog.price_bands[code] for code in catalog.price_band] == ["1000-2000 SEK"]


def test_a_snapshot_never_changes(shop: Shop) -> None:
    put(shop, jacket(), simple("cap"))
    live = live_catalog(shop)
    old = live.current()

    put(shop, simple("cap", 2000, brand="Ny"), simple("aaa"))
    set_stock(shop, [{"id": "jkt-m", "quantity": 0}, {"id": "jkt-l", "quantity": 0}])
    assert live.poll() == 3
    new = live.current()

    assert new.version > old.version
    assert new.ids == ["cap", "jkt", "aaa"], "an index is for the life of the process"
    assert (len(old), len(new)) == (2, 3)
    assert old.price_minor("SE").tolist() == [1000, 149900]
    assert new.price_minor("SE").tolist() == [2000, 149900, 1000]
    assert old.sellable([0, 1], "SE").tolist() == [True, True]
    assert new.sellable([0, 1, 2], "SE").tolist() == [True, False, True]
    assert old.product(0).brand == ""
    assert new.product(0).brand == "Ny"
    assert old.index.get("aaa") is None
    assert new.index["aaa"] == 2
    assert old.category is new.category or len(old.category) == 2
    with pytest.raises(ValueError, match="read-only"):
        new.price_minor("SE")[0] = 1


def test_an_untouched_column_is_shared(sqlite_shop: Shop) -> None:
    put(sqlite_shop, jacket(), simple("cap"))
    live = live_catalog(sqlite_shop)
    old = live.current()

    set_stock(sqlite_shop, [{"id": "cap", "quantity": 0}])
    live.poll()

    new = live.current()
    assert new.price_minor("SE") is old.price_minor("SE")
    assert new.brand is old.brand
    assert new.sellable([0], "SE").tolist() == [False]


def test_a_sale_starts_and_ends_without_any_reload(shop: Shop) -> None:
    now = shop.clock()
    offer = {"sale_price": 100000, "sale_from": now + HOUR, "sale_until": now + DAY}
    put(shop, simple("jkt", variants=(Variant("jkt", offers=sek(149900, **offer)),)))
    catalog = live_catalog(shop).current()

    def at(moment: int) -> list[list[int]]:
        return [column.tolist() for column in catalog.selling([0], "SE", moment)]

    assert at(now) == [[149900], [149900], [-1]]
    assert at(now + HOUR) == [[100000], [149900], [-1]], "30 days are not known yet"
    assert at(now + DAY - 1) == [[100000], [149900], [-1]]
    assert at(now + DAY) == [[149900], [149900], [-1]]


def test_the_prior_price_is_shown_once_it_is_known(shop: Shop, shop_clock) -> None:
    put(shop, jacket())
    shop_clock.advance(20 * DAY)
    set_prices(shop, [{"id": name, "market": "SE", "price": 1399} for name in ("jkt-m", "jkt-l")])
    shop_clock.advance(20 * DAY)
    reduced = {"market": "SE", "price": "1499 SEK", "sale_price": "999 SEK"}
    assert set_prices(shop, [{"id": "J-M", **reduced}, {"id": "jkt-l", **reduced}]).changed == 2
    live = live_catalog(shop)
    now = shop_clock.advance(HOUR)

    assert [column.tolist() for column in live.current().selling([0], "SE", now)] == [
        [99900],
        [149900],
        [139900],
    ]
    card = live.current().card(0, "SE", "nb", now)
    assert (card.price, card.sale_price, card.prior_price, card.currency) == (
        "1499.00",
        "999.00",
        "1399.00",
        "SEK",
    )
    assert card.badge == "sale"


def test_variants_of_different_prices_show_the_cheapest(shop: Shop) -> None:
    now = shop.clock()
    put(
        shop,
        simple("a", 500),
        jacket(
            variants=(
                Variant("jkt-m", offers=sek(150000)),
                Variant("jkt-l", offers=sek(160000, sale_price=120000, sale_until=now + DAY)),
            )
        ),
    )
    catalog = live_catalog(shop).current()

    assert [column.tolist() for column in catalog.selling([0, 1], "SE", now)] == [
        [500, 120000],
        [500, 160000],
        [-1, -1],
    ]
    assert catalog.selling([1], "SE", now + DAY)[0].tolist() == [150000]


def test_stock_by_place(shop: Shop) -> None:
    put(shop, jacket(), simple("cap"), simple("out"))
    set_stock(
        shop,
        [
            {"id": "jkt-m", "quantity": 0},
            {"id": "jkt-m", "location": "are", "quantity": 2},
            {"id": "jkt-l", "quantity": 0},
            {"id": "out", "quantity": "0"},
        ],
    )
    live = live_catalog(shop)
    catalog = live.current()
    idx = [catalog.index[name] for name in ("jkt", "cap", "out")]

    assert catalog.locations() == ["web", "are"]
    assert catalog.sellable(idx, "SE").tolist() == [False, True, False]
    assert catalog.sellable(idx, "SE", "are").tolist() == [True, True, False]
    assert catalog.sellable(idx, "SE", "call-center").tolist() == [False, True, False]
    assert catalog.sellable(idx, "NO").tolist() == [False, False, False]
    assert catalog.card(idx[0], "SE", "sv", shop.clock()).sizes == ()
    set_stock(shop, [{"id": "jkt-l", "quantity": 3}, {"id": "out", "quantity": None}])
    live.poll()
    assert live.current().sellable(idx, "SE").tolist() == [True, True, True]
    assert live.current().card(idx[0], "SE", "sv", shop.clock()).sizes == ("L",)


def test_a_new_place_knows_what_was_there_before(sqlite_shop: Shop) -> None:
    put(sqlite_shop, simple("a"), simple("b"), simple("c"))
    set_stock(sqlite_shop, [{"id": "b", "quantity": 1}])
    live = live_catalog(sqlite_shop)

    set_stock(sqlite_shop, [{"id": "c", "location": "are", "quantity": 1}])
    live.poll()

    assert live.current().sellable([0, 1, 2], "SE", "are").tolist() == [True, False, True]


def test_categories_are_asked_for_in_any_language(shop: Shop) -> None:
    put(shop, jacket(), simple("vest", category=("Jackor", "Västar")), simple("cap", category=("Mössor",)))
    live = live_catalog(shop)
    catalog = live.current()

    def names(path: str | tuple[str, ...]) -> set[str]:
        return {live.current().ids[i] for i in live.current().in_category(path)}

    assert names("Jackor") == {"jkt", "vest"}
    assert names("jakker > SKALLJAKKER") == {"jkt"}
    assert names(("Jackor", "Västar")) == {"vest"}
    assert names("Skor") == set()
    assert names("") == {"jkt", "vest", "cap"}
    assert catalog.in_category("Jackor").dtype == np.int32
    assert catalog.category_label(int(catalog.category[catalog.index["jkt"]]), "nb") == "Skalljakker"
    assert catalog.category_label(int(catalog.category[catalog.index["vest"]]), "nb") == "Västar"
    put(shop, evolve(simple("vest", category=("Mössor",))))
    live.poll()
    assert names("Jackor") == {"jkt"}


def test_a_card_in_the_language_of_the_reader(make_shop) -> None:
    shop = make_shop("sqlite", Settings(markets={"SE": "SEK", "NO": "NOK"}, shop_url="https://shop.example/"))
    put(shop, jacket())
    card = live_catalog(shop).current().card(0, "SE", "nb", shop.clock())

    assert card.title == "Jakke"
    assert card.url == "https://shop.example/jkt"
    assert card.category == "Skalljakker"
    assert card.sizes == ("M", "L")
    assert (card.price, card.sale_price, card.badge) == ("1499.00", None, "new")
    shop.clock.advance(31 * DAY)
    assert live_catalog(shop).current().card(0, "SE", "sv", shop.clock()).badge is None


def test_a_card_is_made_anew_when_anything_in_it_changes(shop: Shop, tmp_path) -> None:
    now = shop.clock()
    offers = sek(2000, sale_price=1500, sale_from=now + HOUR, sale_until=now + 2 * HOUR)
    put(shop, simple("cap", variants=(Variant("cap", size="M", offers=offers),)))
    live = live_catalog(shop)

    def card(moment: int) -> tuple[str | None, str | None, tuple[str, ...]]:
        found = live.current().card(0, "SE", "sv", moment)
        return found.sale_price, found.badge, found.sizes

    assert live.current().card(0, "SE", "sv", now) is live.current().card(0, "SE", "sv", now + 1)
    assert card(now) == (None, "new", ("M",))
    assert card(now + HOUR) == ("15.00", "sale", ("M",))
    assert card(now + 2 * HOUR) == (None, "new", ("M",))
    assert card(now + HOUR) == ("15.00", "sale", ("M",))
    assert card(now + 30 * DAY) == (None, None, ("M",))
    set_stock(shop, [{"id": "cap", "quantity": 0}])
    live.poll()
    assert card(now + HOUR) == ("15.00", "sale", ())
    older = tmp_path / "older.csv"
    older.write_text(f"sku,market,price,from,until\ncap,SE,18 SEK,{format_time(now - 40 * DAY)},\n")
    import_prices(shop, older)
    live.poll()
    assert live.current().card(0, "SE", "sv", now + HOUR).prior_price == "18.00"


def test_colors_of_one_style_are_swatches_of_each_other(sqlite_shop: Shop) -> None:
    products = [
        simple(f"cap-{color}", style="cap", image_url=f"/{color}.jpg", attributes={"color": color})
        for color in ("red", "blue")
    ]
    put(sqlite_shop, *products, simple("other"))
    live = live_catalog(sqlite_shop)
    catalog = live.current()

    assert catalog.group[0] == catalog.group[1] >= len(catalog)
    assert catalog.group[2] == 2
    assert catalog.family(0) == (0, 1)
    assert catalog.card(0, "SE", "sv", 0).swatches == (
        Swatch("cap-blue", "blue", "/blue.jpg"),
        Swatch("cap-red", "red", "/red.jpg"),
    )
    put(sqlite_shop, evolve(products[0], style=""), simple("cap-green", style="cap"))
    live.poll()
    assert live.current().family(live.current().index["cap-green"]) == (0, 3)
    assert live.current().family(1) == (1,)
    assert catalog.family(0) == (0, 1)


def test_retired_products_keep_their_place(shop: Shop) -> None:
    put(shop, simple("a"), simple("b"))
    live = live_catalog(shop)
    put(shop, simple("a", retired=shop.clock()))
    live.poll()

    assert live.current().active.tolist() == [False, True]
    assert live.current().sellable([0, 1], "SE").tolist() == [False, True]
    assert live.current().product(0).retired == shop.clock()
    assert LiveCatalog(shop).current().ids == ["a", "b"]


def test_every_snapshot_equals_a_fresh_load(shop: Shop) -> None:
    """What polling arrived at is what a restart would load."""
    live = live_catalog(shop)
    for round_number in range(4):
        put(
            shop,
            *(
                simple(
                    f"p{i}",
                    100 + 10 * i + round_number,
                    brand=f"b{(i + round_number) % 3}",
                    category=(f"c{i % 2}", f"d{(i * round_number) % 3}"),
                    style=f"s{i // 2}" if (i + round_number) % 3 else "",
                    retired=shop.clock() if (i + round_number) % 5 == 4 else None,
                )
                for i in range(round_number, round_number + 6)
            ),
        )
        set_stock(
            shop, [{"id": f"p{round_number}", "location": f"l{round_number}", "quantity": round_number}]
        )
        live.poll()
        polled, fresh = live.current(), LiveCatalog(shop).current()
        assert set(polled.ids) == set(fresh.ids)
        for j, name in enumerate(fresh.ids):
            i = polled.index[name]
            assert polled.product(i) == fresh.product(j)
            assert polled.brands[polled.brand[i]] == fresh.brands[fresh.brand[j]]
            assert polled.category_paths[polled.category[i]] == fresh.category_paths[fresh.category[j]]
            assert {polled.ids[k] for k in polled.family(i)} == {fresh.ids[k] for k in fresh.family(j)}
            for place in ("web", *(f"l{n}" for n in range(4))):
                assert polled.sellable([i], "SE", place) == fresh.sellable([j], "SE", place)
            assert polled.selling([i], "SE", 0)[0] == fresh.selling([j], "SE", 0)[0]


def test_a_running_server_sees_a_change_within_two_seconds(shop: Shop) -> None:
    put(shop, simple("a"))
    live = live_catalog(shop)
    live.start()

    set_prices(shop, [{"id": "a", "market": "SE", "price": 25}])
    deadline = time.monotonic() + 2
    while live.current().price_minor("SE")[0] != 2500:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    live.close()


def test_texts_for_builds(shop: Shop) -> None:
    put(shop, jacket(description="Tät", descriptions={"sv": "Vattentät"}), simple("cap"))
    catalog = live_catalog(shop).current()

    assert catalog.titles == ["cap", "Jacka"]
    assert catalog.descriptions == ["", "Vattentät"]


def test_margins_are_of_the_variant_that_is_cheapest_now(shop: Shop) -> None:
    now = shop.clock()
    cheap = Offer("SE", 1000, "SEK", cost=600)
    reduced = Offer("SE", 1200, "SEK", sale_price=900, sale_until=now + HOUR, cost=200)
    put(
        shop,
        simple("plain", variants=(Variant("plain-1", offers=(Offer("SE", 1000, "SEK", cost=400),)),)),
        simple("two", variants=(Variant("two-1", offers=(cheap,)), Variant("two-2", offers=(reduced,)))),
        simple("untold"),
    )
    snapshot = live_catalog(shop).current()
    places = [snapshot.index[name] for name in ("plain", "two", "untold")]
    margin, known = snapshot.margin_minor(places, "SE", now)
    assert (margin.tolist(), known.tolist()) == ([600, 700, 0], [True, True, False])
    assert snapshot.margin_minor(places, "SE", now + HOUR)[0].tolist() == [600, 400, 0]


def test_what_products_cost_at_a_past_moment(shop: Shop, shop_clock) -> None:
    first = shop_clock.now
    put(shop, simple("a", 1000), simple("b", 2000))
    shop_clock.advance(DAY)
    put(shop, simple("a", 1500))
    shop_clock.advance(DAY)
    put(shop, simple("a", variants=(Variant("a", offers=sek(1500, sale_price=700)),)))
    snapshot = live_catalog(shop).current()
    a, b = snapshot.index["a"], snapshot.index["b"]
    moments = [first - 1, first, first + DAY - 1, first + DAY, first + 2 * DAY, first + 2 * DAY]
    found = snapshot.was_minor([a, a, a, a, a, b], moments, "SE")
    assert found.tolist() == [-1, 1000, 1000, 1500, 700, 2000]
    assert snapshot.was_minor([], [], "SE").tolist() == []


def test_an_epoch_lasts_from_one_start_or_end_of_a_sale_to_the_next(sqlite_shop: Shop) -> None:
    shop = sqlite_shop
    now = shop.clock()

    def epochs(*hours: float) -> list[int]:
        live_catalog(shop).poll()
        snapshot = live_catalog(shop).current()
        return [snapshot.price_epoch("SE", now + int(hour * HOUR)) for hour in hours]

    put(shop, simple("plain"))
    assert epochs(-1, 0, 99) == [0, 0, 0]
    sale = {"sale_price": 700, "sale_from": now + HOUR, "sale_until": now + 3 * HOUR}
    put(shop, simple("a", variants=(Variant("a-1", offers=sek(1500, **sale)),)))
    mixed = {"sale_price": 700, "sale_from": now + 2 * HOUR}
    put(
        shop,
        simple("b", variants=(Variant("b-1", offers=sek(900)), Variant("b-2", offers=sek(1500, **mixed)))),
    )
    assert epochs(0.9, 1, 1.9, 2, 2.9, 3, 99) == [0, 1, 1, 2, 2, 3, 3]
