"""The page of feeds: what each import did, which rows were refused, when the next look is."""

from __future__ import annotations

from expedit.access import audit
from expedit.catalog import RefusedRow
from expedit.connections import store as connection_store
from expedit.connections.feeds.kind import retire_anyway
from expedit.connections.feeds.store import FeedImport, read_imports, read_refusals
from expedit.connections.model import Connection, Run
from expedit.connections.plugged import connections
from expedit.core import NotFound, Struct, evolve
from expedit.features import Page
from expedit.storage import Shop
from expedit.web import Html, Redirect, Reply, Visit, text

PATH = "/panel/connections/feeds"
KIND = "merchant_feed"
_PAGE = 50


class FeedCard(Struct, frozen=True):
    """A feed as the page shows it."""

    connection: Connection
    run: Run | None
    imports: tuple[FeedImport, ...]


def show_feeds(shop: Shop, visit: Visit) -> Reply:
    """Show one feed, or the first of several."""
    found = [one for one in connections(shop).all() if one.kind == KIND]
    if not found:
        return Html("connections/feeds.html", {"feeds": (), "card": None})
    wanted = visit.query.get("id", "")
    one = next((feed for feed in found if feed.id == wanted), found[0])
    after = visit.query.get("after", "")
    with shop.database.reading() as tx:
        card = FeedCard(one, connection_store.read_run(tx, one.id), tuple(read_imports(tx, one.id, 20)))
        refused: list[RefusedRow] = read_refusals(
            tx, one.id, int(after) if after.isdecimal() and len(after) < 16 else 0, _PAGE + 1
        )
    return Html(
        "connections/feeds.html",
        {
            "feeds": found,
            "card": card,
            "refused": refused[:_PAGE],
            "following": refused[_PAGE - 1].line if len(refused) > _PAGE else None,
            "held": next((done.held for done in card.imports[:1]), 0),
            "address": one.text("url").partition("?")[0],
        },
    )


def act_on_feed(shop: Shop, visit: Visit) -> Reply:
    """Fetch a feed now, or let its next import retire however many are gone."""
    connection_id = visit.form.get("id", "")
    one = connections(shop).find(connection_id)
    if one is None or one.kind != KIND:
        raise NotFound(text(visit.language, "connections.feed.gone"))
    anyway = visit.form.get("do") == "retire"
    if anyway:
        retire_anyway(shop, one.id)
    with shop.database.writing() as tx:
        run = connection_store.read_run(tx, one.id) or Run(0)
        connection_store.put_run(tx, one.id, evolve(run, due=shop.clock()))
    audit(shop, visit.viewer, "connections.retire_anyway" if anyway else "connections.fetch_now", one.id)
    said = text(visit.language, "connections.feed.will_retire" if anyway else "connections.feed.will_fetch")
    return Redirect(f"{PATH}?id={one.id}", said=said)


PAGES = (Page(PATH, show=show_feeds, act=act_on_feed),)
