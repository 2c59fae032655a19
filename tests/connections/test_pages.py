"""The pages of feeds, tills and reconciliation: what they show, and what they do."""

from __future__ import annotations

import pytest

from expedit.access import Source, keys
from expedit.catalog import RefusedRow
from expedit.connections import store
from expedit.connections.feeds.kind import ANYWAY
from expedit.connections.feeds.panel import act_on_feed, show_feeds
from expedit.connections.feeds.store import FeedImport, note_import
from expedit.connections.model import Connection, Run
from expedit.connections.plugged import connections
from expedit.connections.reconciliation import ShopOrder, note_shop_orders
from expedit.connections.reconciliation.panel import show_figures, upload_figures
from expedit.connections.tills.panel import show_tills, upload_lines
from expedit.core import InvalidInput, NotFound
from expedit.storage import Shop
from expedit.web import Frame, Html, Redirect, Upload, Viewer, Visit, render

EVA = Viewer("u1", "Eva", "eva@example.com", "admin")
CSV = (
    b"Butik;Kvitto;Datum;EAN;Benamning;Belopp\n"
    b"Are;1;2026-07-03;4006381333931;Penn;30,00\n"
    b"Are;;2026-07-03;1;x;1\n"
)


def plug(shop: Shop, connection_id: str, kind: str, **settings: str) -> Connection:
    keys(shop).add_source(
        Source(connection_id, "till", f"wk_{connection_id}", {"analytics": True}, "contract")
    )
    one = Connection(connection_id, kind, f"My {connection_id}", connection_id, settings, True, shop.clock())
    with shop.database.writing() as tx:
        store.put_connection(tx, one)
    connections(shop).forget()
    return one


def visit(shop: Shop, language: str = "en", **rest: object) -> Visit:
    return Visit(viewer=EVA, language=language, at=shop.clock(), **rest)  # type: ignore[arg-type]


def page(reply: object, language: str = "en", viewer: Viewer = EVA) -> str:
    assert isinstance(reply, Html)
    return render(reply, Visit(viewer=viewer, language=language), Frame())


@pytest.mark.parametrize("language", ["en", "sv", "nb"])
def test_empty_pages_teach_what_to_do(shop: Shop, language: str) -> None:
    for show in (show_figures, show_feeds, show_tills):
        shown = page(show(shop, visit(shop, language)), language)
        assert 'class="empty"' in shown
        assert "/panel/connections" in shown


def test_a_feed_shows_its_imports_refusals_and_next_look(shop: Shop) -> None:
    plug(shop, "feed", "merchant_feed", url="https://shop.example/feed.xml?token=secret", whole="yes")
    with shop.database.writing() as tx:
        done = FeedImport(shop.clock(), "held", 20, 1, 2, 17, refused=1, held=8)
        note_import(tx, "feed", done, [RefusedRow(7, "price", "is negative")])
        store.put_run(
            tx, "feed", Run(shop.clock() + 60_000_000, error="8 of 28 products are not in the feed")
        )
    shown = page(show_feeds(shop, visit(shop)))
    assert "8 of 28 products are not in the feed" in shown
    assert "is negative" in shown
    assert "Retire 8 products?" in shown
    assert "https://shop.example/feed.xml" in shown
    assert "secret" not in shown
    watching = Viewer("u2", "Per", "per@example.com", "viewer")
    assert "Retire 8 products?" not in page(show_feeds(shop, visit(shop)), viewer=watching)


def test_a_feed_is_fetched_now_and_told_to_retire(shop: Shop) -> None:
    plug(shop, "feed", "merchant_feed", url="https://shop.example/feed.xml")
    said = act_on_feed(shop, visit(shop, form={"id": "feed"}))
    assert said == Redirect("/panel/connections/feeds?id=feed", said="The feed is fetched in a moment.")
    with shop.database.reading() as tx:
        run = store.read_run(tx, "feed")
        assert store.read_mark(tx, "feed", ANYWAY) is None
    assert run is not None
    assert run.due == shop.clock()
    act_on_feed(shop, visit(shop, form={"id": "feed", "do": "retire"}))
    with shop.database.reading() as tx:
        assert store.read_mark(tx, "feed", ANYWAY) == "yes"
    with pytest.raises(NotFound):
        act_on_feed(shop, visit(shop, form={"id": "other"}))


def test_till_lines_are_uploaded_and_told_of(shop: Shop) -> None:
    plug(shop, "till", "till_lines")
    upload = Upload("../../etc/till.csv", "text/csv", CSV)
    reply = upload_lines(shop, visit(shop, form={"till": "till"}, uploads={"file": upload}))
    assert reply == Redirect(
        "/panel/connections/tills", said="2 lines in 1 receipts; 0 were known, 1 lines refused."
    )
    shown = page(show_tills(shop, visit(shop)))
    assert "till.csv" in shown
    assert "etc" not in shown
    assert "04006381333931" in shown
    assert "GTIN not in the catalog" in shown
    assert "<code>receipt</code>" in shown
    assert list(shop.home.run.glob("till-*")) == []
    for form, uploads, field in (({}, {"file": upload}, "till"), ({"till": "till"}, {}, "file")):
        with pytest.raises(InvalidInput) as told:
            upload_lines(shop, visit(shop, form=form, uploads=uploads))
        assert told.value.field == field


def test_figures_are_compared_and_uploaded(shop: Shop) -> None:
    plug(shop, "woo", "woocommerce")
    with shop.database.writing() as tx:
        note_shop_orders(
            tx, "woo", [ShopOrder("W-1", shop.clock() - 86_400_000_000, True, "SEK", 29800, 5960)]
        )
    shown = page(show_figures(shop, visit(shop)))
    assert "My woo" in shown
    assert "<code>W-1</code>" in shown
    assert "text-red" in shown
    report = Upload("days.csv", "text/csv", b"date;orders;revenue\n2026-09-20;2;596,00\nnever;1;1\n")
    reply = upload_figures(
        shop, visit(shop, "sv", form={"currency": "SEK", "with_tax": "yes"}, uploads={"file": report})
    )
    assert isinstance(reply, Redirect)
    assert reply.to == "/panel/reconciliation?from=uploaded"
    assert reply.said == "1 rad inläst, 1 utelämnade; den första på rad 3: 'never' is no date and time"
    shown = page(show_figures(shop, visit(shop, "nb", query={"from": "uploaded", "days": "28"})), "nb")
    assert "Opplastet rapport" in shown
    assert "2026-09-20" in shown
    for upload in (Upload("x.csv", "text/csv", b"a;b\n1;2\n"), Upload("x.csv", "text/csv", b"")):
        with pytest.raises(InvalidInput) as told:
            upload_figures(shop, visit(shop, uploads={"file": upload}))
        assert told.value.field == "file"
