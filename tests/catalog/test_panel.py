"""The catalog's pages: what they say of a product, and files given to them."""

from __future__ import annotations

import gzip
import time

import pytest

from expedit.access import read_audit
from expedit.catalog import (
    Offer,
    Product,
    Variant,
    live_catalog,
    price_history,
    product_address,
    product_at,
    upsert,
)
from expedit.catalog.panel import find_products, show_catalog, show_product
from expedit.catalog.panel_import import give_file, import_upload, show_import, show_upload
from expedit.catalog.sheet import product_sheet
from expedit.catalog.store import forget_notes
from expedit.catalog.uploads import CatalogUpload, uploads
from expedit.core import DAY, MINUTE, Conflict, InvalidInput, NotFound, evolve, new_id
from expedit.storage import Shop
from expedit.web import Frame, Html, Redirect, Upload, Viewer, Visit, render

EVA = Viewer("u1", "Eva", "eva@example.com", "admin")
HEADER = "id,title,price,availability\n"


def visit(shop: Shop, language: str = "en", **more: object) -> Visit:
    return Visit(viewer=EVA, language=language, at=shop.clock(), **more)  # type: ignore[arg-type]


def page(reply: object, language: str = "en", **more: object) -> str:
    assert isinstance(reply, Html)
    return str(render(reply, Visit(viewer=EVA, language=language, **more), Frame()))  # type: ignore[arg-type]


def hat(
    price: int = 10_000, *, sale: int | None = None, starts: int | None = None, **more: object
) -> Product:
    offer = Offer("SE", price, "SEK", sale, starts)
    variant = Variant("hat-m", "H-M", "07350000000017", size="M", offers=(offer,), stock={"web": 3, "are": 1})
    return Product("hat", "Mössa", variants=(variant,), brand="Yllet", category=("Kläder", "Mössor"), **more)  # type: ignore[arg-type]


def put(shop: Shop, *products: Product, source: str = "") -> None:
    with shop.database.writing() as tx:
        upsert(tx, products, shop.clock(), source=source)
    live_catalog(shop).poll()


def wait(shop: Shop, upload: CatalogUpload | str) -> CatalogUpload:
    """Wait until an upload is no longer under way."""
    upload_id = upload if isinstance(upload, str) else upload.id
    for _ in range(400):
        found = uploads(shop).read(upload_id)
        if found.state not in {"checking", "importing"}:
            return found
        time.sleep(0.025)
    raise AssertionError(f"{found} goes on and on")


def give(shop: Shop, body: str, name: str = "spring.csv", **form: str) -> CatalogUpload:
    asked = visit(shop, form=form, uploads={"file": Upload(name, "text/csv", body.encode())})
    reply = give_file(shop, asked)
    assert isinstance(reply, Redirect)
    return wait(shop, reply.to.rsplit("/", 1)[1])


@pytest.mark.parametrize("name", ["plain", "a/b", "~x", "import", "å ä", "..", "50%", "a?b#c"])
def test_every_id_has_an_address_of_its_own(name: str) -> None:
    from urllib.parse import unquote

    address = product_address(name)
    segment = address.removeprefix("/panel/catalog/")
    assert "/" not in segment
    assert segment not in {"import", "..", "."}
    assert product_at(unquote(segment)) == name
    assert product_address(name, "neighbors") == f"{address}/neighbors"


def test_the_list_shows_products_and_its_rows_come_alone(shop: Shop) -> None:
    put(shop, hat())
    whole = page(show_catalog(shop, visit(shop)))
    assert "Mössa" in whole
    assert "SEK\xa0100.00" in whole or "SEK100.00" in whole
    assert '<option value="Kläder &gt; Mössor">' in whole
    rows = show_catalog(shop, visit(shop, query={"q": "yllet", "view": "grid"}, partial=True))
    assert isinstance(rows, Html)
    assert rows.template == "catalog/_products.html"
    assert "Mössa" in page(rows, query={"q": "yllet"})
    assert "No product fits" in page(show_catalog(shop, visit(shop, query={"q": "boat"})))


def test_an_empty_catalog_teaches(shop: Shop) -> None:
    assert "/panel/catalog/import" in page(show_catalog(shop, visit(shop)))
    assert "Sortimentet är tomt" in page(show_catalog(shop, visit(shop, "sv")), "sv")


def test_markup_in_a_title_stays_text(shop: Shop) -> None:
    put(shop, evolve(hat(), title="<script>alert(1)</script>"))
    shown = page(show_product(shop, visit(shop, path={"product": "hat"})))
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_a_product_with_its_ledger_stock_and_changes(shop: Shop, shop_clock) -> None:  # type: ignore[no-untyped-def]
    put(shop, hat(), source="file:first.csv")
    shop_clock.advance(40 * DAY)
    put(shop, hat(9_000), source="api")
    shop_clock.advance(40 * DAY)
    put(shop, hat(9_000, sale=7_000), source="upload:sale.csv")
    sheet = product_sheet(shop, "H-M")
    (line,) = sheet.lines
    assert [step.selling for step in line.steps] == [10_000, 9_000, 7_000]
    assert line.prior is not None
    assert (line.prior.price, line.prior.start, line.prior.since) == (
        9_000, shop_clock(), shop_clock() - 30 * DAY,
    )  # fmt: skip
    assert [(note.source, note.kinds) for note in sheet.notes] == [
        ("upload:sale.csv", ("price",)),
        ("api", ("price",)),
        ("file:first.csv", ("added",)),
    ]
    assert sheet.locations == ("web", "are")
    shown = page(show_product(shop, visit(shop, path={"product": "hat"})))
    assert "Given in the panel: sale.csv" in shown
    assert "Imported from first.csv" in shown
    assert price_history(shop, "hat-m")["SE"] == list(line.steps)
    with shop.database.writing() as tx:
        assert forget_notes(tx, shop_clock() - DAY) == 2
    assert len(product_sheet(shop, "hat").notes) == 1


def test_a_prior_price_that_is_not_known_says_since_when(shop: Shop, shop_clock) -> None:  # type: ignore[no-untyped-def]
    put(shop, hat())
    began = shop_clock()
    shop_clock.advance(10 * DAY)
    put(shop, hat(sale=8_000))
    (line,) = product_sheet(shop, "hat").lines
    assert line.prior is not None
    assert line.prior.price is None
    assert (line.prior.unknown_from, line.prior.unknown_until) == (shop_clock() - 30 * DAY, began)
    assert "Unknown yet" in page(show_product(shop, visit(shop, path={"product": "hat"})))


def test_a_scheduled_sale_has_its_prior_price_already(shop: Shop, shop_clock) -> None:  # type: ignore[no-untyped-def]
    put(shop, hat())
    shop_clock.advance(60 * DAY)
    put(shop, hat(sale=8_000, starts=shop_clock() + 5 * DAY))
    (line,) = product_sheet(shop, "hat").lines
    assert line.upcoming
    assert line.prior is not None
    assert (line.prior.price, line.prior.start) == (10_000, shop_clock() + 5 * DAY)


def test_writing_the_same_again_is_no_change(shop: Shop) -> None:
    put(shop, hat(), source="a")
    put(shop, hat(), source="b")
    assert [note.source for note in product_sheet(shop, "hat").notes] == ["a"]


def test_an_unknown_product_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        show_product(shop, visit(shop, path={"product": "nothing"}))


def test_the_search_of_the_panel_finds_products(shop: Shop) -> None:
    put(shop, hat())
    (hit,) = find_products(shop, EVA, "7350000000017")
    assert (hit.title, hit.href) == ("Mössa", "/panel/catalog/hat")


def test_the_search_tells_colors_of_one_title_apart(shop: Shop) -> None:
    for color in ("Granit", "Tall"):
        put(shop, Product(f"hat-{color}", "Mössa", variants=(Variant(f"hat-{color}-m", color=color),)))
    notes = {hit.note for hit in find_products(shop, EVA, "Mössa")}
    assert notes == {"Granit · hat-Granit", "Tall · hat-Tall"}


def test_a_file_is_tried_before_it_is_imported(shop: Shop) -> None:
    put(shop, hat(), evolve(hat(), id="old", variants=(Variant("old-1", offers=(Offer("SE", 1, "SEK"),)),)))
    body = (
        "id,item_group_id,title,price,availability\nhat-m,hat,Mössa,120.00 SEK,in_stock\n"
        "new,,Keps,99.00 SEK,in_stock\nbad,,Ingen,cheap,in_stock\n"
    )
    tried = give(shop, body, full="yes")
    assert tried.state == "checked"
    assert tried.report is not None
    assert (tried.report.added, tried.report.changed, tried.report.retired, tried.refused) == (1, 1, 1, 1)
    assert (tried.report.refused[0].line, tried.report.refused[0].field) == (4, "price")
    assert "new" not in live_catalog(shop).current().index  # nothing was written
    assert live_catalog(shop).poll() == 0
    shown = page(show_upload(shop, visit(shop, path={"upload": tried.id})))
    assert "price" in shown
    assert "Import now" in shown
    import_upload(shop, visit(shop, path={"upload": tried.id}))
    done = wait(shop, tried.id)
    assert done.state == "done"
    assert done.report is not None
    assert (done.report.added, done.report.changed, done.report.retired) == (1, 1, 1)
    live_catalog(shop).poll()
    assert "new" in live_catalog(shop).current().index
    assert product_sheet(shop, "new").notes[0].source == "upload:spring.csv"
    assert not uploads(shop).file_is_here(done)
    with pytest.raises(Conflict):
        import_upload(shop, visit(shop, path={"upload": tried.id}))
    actions = [entry.action for entry in read_audit(shop)]
    assert {"catalog.upload", "catalog.import"} <= set(actions)
    assert "spring.csv" in page(show_import(shop, visit(shop)))


def test_what_the_trial_foretells_is_what_happens(shop: Shop) -> None:
    lines = [f"p{n},Thing {n},{n + 10}.00 SEK,in_stock" for n in range(50)]
    put(shop, *(Product(f"p{n}", f"Thing {n}", variants=(Variant(f"p{n}", offers=(Offer("SE", 1, "SEK"),)),))
                for n in range(20)))  # fmt: skip
    tried = give(shop, HEADER + "\n".join(lines))
    import_upload(shop, visit(shop, path={"upload": tried.id}))
    done = wait(shop, tried.id)
    assert tried.report == done.report
    again = give(shop, HEADER + "\n".join(lines))
    assert again.report is not None
    assert (again.report.unchanged, again.report.added, again.report.changed) == (50, 0, 0)


@pytest.mark.parametrize(
    ("name", "body"), [("run.exe", "id,title\n1,a\n"), ("empty.csv", ""), ("page.html", "<html></html>")]
)
def test_what_is_no_product_file_is_refused_at_the_field(shop: Shop, name: str, body: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        give(shop, body, name)
    assert refused.value.field == "file"
    assert uploads(shop).last() == []


def test_a_broken_file_fails_with_its_reason(shop: Shop) -> None:
    asked = visit(shop, uploads={"file": Upload("a.csv.gz", "", gzip.compress(b"id,title\n1,a\n")[:-8])})
    reply = give_file(shop, asked)
    assert isinstance(reply, Redirect)
    failed = wait(shop, reply.to.rsplit("/", 1)[1])
    assert failed.state == "failed"
    assert "gzip" in failed.error


def test_one_file_at_a_time_and_silence_is_a_failure(shop: Shop, shop_clock) -> None:  # type: ignore[no-untyped-def]
    keeper = uploads(shop)
    stuck = CatalogUpload(new_id(shop_clock()), "stuck.csv", 1, state="importing", beat=shop_clock())
    keeper._keep(stuck)
    asked = visit(shop, uploads={"file": Upload("b.csv", "", b"id,title\n1,a\n")})
    with pytest.raises(Conflict):
        give_file(shop, asked)
    shop_clock.advance(3 * MINUTE)
    assert (keeper.read(stuck.id).state, keeper.read(stuck.id).error) == ("failed", "interrupted")
    reply = give_file(shop, asked)
    assert isinstance(reply, Redirect)
    wait(shop, reply.to.rsplit("/", 1)[1])
