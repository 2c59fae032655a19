"""The pages of connections: what they show, what they do, and what they never show."""

from __future__ import annotations

import json

import pytest

from expedit.access import read_audit
from expedit.connections import connections, health_of, process, receive
from expedit.connections.feature import FEATURE
from expedit.connections.panel import (
    PAGES,
    act_connection,
    act_new,
    act_request,
    find_connections,
    show_connection,
    show_connections,
    show_kinds,
    show_message,
    show_new,
    tell_health,
)
from expedit.connections.store import list_messages
from expedit.core import InvalidInput, NotAllowed, NotFound
from expedit.features import install
from expedit.orders.feature import FEATURE as ORDERS
from expedit.storage import Shop
from expedit.web import Download, Frame, Html, Redirect, Reply, Role, Viewer, Visit, render
from tests.connections.shopify_messages import DOMAIN, SECRET, connect, hook, order


def visit(role: Role = "admin", language: str = "en", **more: object) -> Visit:
    viewer = Viewer("u1", "Eva Lind", "eva@example.com", role)
    return Visit(viewer=viewer, language=language, at=1_790_000_000_000_000, **more)  # type: ignore[arg-type]


def page(reply: Reply, given: Visit) -> str:
    assert isinstance(reply, Html)
    return render(reply, given, Frame())


def with_failure(shop: Shop) -> str:
    one = connect(shop)
    receive(shop, one, hook("orders/create", order(), event="1"))
    receive(shop, one, hook("orders/create", {**order(5002), "currency": None}, event="2"))
    process(shop)
    return one.id


def test_an_empty_shop_is_told_what_to_do(shop: Shop) -> None:
    shown = page(show_connections(shop, visit()), visit())
    assert "Nothing is connected yet" in shown
    assert 'href="/panel/connections/new"' in shown
    assert 'href="/panel/connections/new"' not in page(
        show_connections(shop, visit("viewer")), visit("viewer")
    )


@pytest.mark.parametrize("language", ["en", "sv", "nb"])
def test_every_page_is_there_in_every_language(shop: Shop, language: str) -> None:
    connection = with_failure(shop)
    with shop.database.reading() as tx:
        (failed,) = list_messages(tx, connection, "failed", None, 1)
    for show, path, query in (
        (show_connections, {}, {}),
        (show_kinds, {}, {}),
        (show_new, {"kind": "shopify"}, {}),
        (show_new, {"kind": "woocommerce"}, {}),
        (show_new, {"kind": "merchant_feed"}, {}),
        (show_new, {"kind": "till_lines"}, {}),
        (show_connection, {"connection_id": connection}, {"tab": "messages"}),
        (show_connection, {"connection_id": connection}, {"tab": "setup"}),
        (show_connection, {"connection_id": connection}, {"tab": "settings"}),
        (show_message, {"connection_id": connection, "message_id": str(failed.id)}, {}),
    ):
        given = visit(language=language, path=path, query=query)
        assert "<h" in page(show(shop, given), given)


def test_connecting_makes_a_connection_its_source_and_an_entry(shop: Shop) -> None:
    form = {
        "name": "Web",
        "shop": DOMAIN,
        "client_secret": SECRET,
        "currency": "sek",
        "legal_basis": "consent",
    }
    given = visit(path={"kind": "shopify"}, form=form, lists={"consent": ("analytics", "email")})
    reply = act_new(shop, given)
    assert reply == Redirect(
        "/panel/connections/web?tab=setup", "Web is connected. Now set up the other side."
    )
    (one,) = connections(shop).all()
    assert (one.text("currency"), one.text("shop")) == ("SEK", DOMAIN)
    source = connections(shop).source(one)
    assert (source.consent, source.legal_basis) == ({"analytics": True, "email": True}, "consent")
    assert [entry.action for entry in read_audit(shop)] == ["connections.add"]


def test_a_wrong_field_is_named(shop: Shop) -> None:
    given = visit(path={"kind": "shopify"}, form={"name": "Web", "shop": "nope.example.com"})
    with pytest.raises(InvalidInput) as caught:
        act_new(shop, given)
    assert caught.value.field == "shop"


@pytest.mark.parametrize("tab", ["messages", "setup", "settings"])
def test_no_page_shows_a_secret(shop: Shop, tab: str) -> None:
    connection = with_failure(shop)
    given = visit(path={"connection_id": connection}, query={"tab": tab})
    assert SECRET not in page(show_connection(shop, given), given)


def test_the_address_and_topics_to_set_up_are_shown(shop: Shop) -> None:
    given = visit(path={"connection_id": connect(shop).id}, query={"tab": "setup"})
    shown = page(show_connection(shop, given), given)
    assert "/v1/connections/shopify/shopify" in shown
    assert shown.count('data-copies="orders/updated"') == 1


def test_failures_are_shown_and_replayed(shop: Shop) -> None:
    connection = with_failure(shop)
    given = visit("merchandiser", path={"connection_id": connection}, query={"state": "failed"})
    shown = page(show_connection(shop, given), given)
    assert "<code>currency</code>" in shown
    assert shown.count("/messages/") == 1
    posted = visit("merchandiser", path={"connection_id": connection}, form={"do": "replay"})
    reply = act_connection(shop, posted)
    assert isinstance(reply, Redirect)
    assert reply.said == "1 message is handled again"
    assert health_of(shop, connections(shop).get(connection)).pending == 1


def test_only_an_administrator_reads_a_body_and_that_is_noted(shop: Shop) -> None:
    connection = with_failure(shop)
    with shop.database.reading() as tx:
        (failed,) = list_messages(tx, connection, "failed", None, 1)
    path = {"connection_id": connection, "message_id": str(failed.id)}
    looking = visit("merchandiser", path=path)
    assert "anna@lind.se" not in page(show_message(shop, looking), looking)
    assert read_audit(shop) == ()
    reading = visit("admin", path=path)
    assert "anna@lind.se" in page(show_message(shop, reading), reading)
    assert [entry.action for entry in read_audit(shop)] == ["connections.read_message"]


@pytest.mark.parametrize("do", ["pause", "resume", "save", "rotate", "remove"])
def test_what_changes_a_connection_is_for_administrators(shop: Shop, do: str) -> None:
    connection = connect(shop).id
    with pytest.raises(NotAllowed):
        act_connection(shop, visit("merchandiser", path={"connection_id": connection}, form={"do": do}))
    assert connections(shop).get(connection).enabled


def test_a_connection_is_paused_changed_rotated_and_removed(shop: Shop) -> None:
    path = {"connection_id": connect(shop).id}

    def do(**form: str) -> Reply:
        return act_connection(shop, visit(path=path, form=form))

    do(do="pause")
    assert not connections(shop).get("shopify").enabled
    do(do="resume")
    do(do="save", name="Ny", storefront="www.fjall.se")
    one = connections(shop).get("shopify")
    assert (one.enabled, one.name, one.text("storefront")) == (True, "Ny", "https://www.fjall.se")
    do(do="rotate", secret="client_secret", value="shpss_new", grace="24")
    assert connections(shop).secrets("shopify", "client_secret") == ("shpss_new", SECRET)
    do(do="rotate", secret="client_secret", value="shpss_newest", grace="0")
    assert connections(shop).secrets("shopify", "client_secret") == ("shpss_newest",)
    do(do="remove")
    assert connections(shop).all() == ()
    with pytest.raises(NotFound):
        do(do="pause")


def test_access_that_a_platform_asks_for_is_downloaded(shop: Shop) -> None:
    install(shop, [ORDERS, FEATURE])
    one = connect(shop)
    receive(shop, one, hook("orders/create", order(), event="1"))
    asked = {"shop_id": 1, "customer": {"id": 77, "email": "anna@lind.se"}, "data_request": {"id": 42}}
    receive(shop, one, hook("customers/data_request", asked, event="2"))
    process(shop)
    given = visit(path={"connection_id": one.id})
    assert "Access" in page(show_connection(shop, given), given)
    reply = act_request(shop, visit(path={"connection_id": one.id, "request_id": "1"}))
    assert isinstance(reply, Download)
    assert reply.filename == "request-42.json"
    persons = json.loads(reply.body)["persons"]
    assert any("anna@lind.se" in message["body"] for message in persons[0]["connections"]["messages"])
    assert "connections.did_access" in [entry.action for entry in read_audit(shop)]


def test_connections_are_found_and_their_health_told(shop: Shop) -> None:
    connection = with_failure(shop)
    (hit,) = find_connections(shop, visit().viewer, "shop")
    assert (hit.title, hit.href) == ("Shopify", f"/panel/connections/{connection}")
    assert find_connections(shop, visit().viewer, "woo") == []
    (health,) = tell_health(shop)
    assert (health.name, health.state) == ("Shopify", "warning")


def test_every_page_that_acts_says_who_may() -> None:
    roles = {one.path: (one.role, one.act_role) for one in PAGES if one.act is not None}
    assert roles == {
        "/panel/connections/new/{kind:str}": ("admin", "admin"),
        "/panel/connections/{connection_id:str}": ("viewer", "merchandiser"),
        "/panel/connections/{connection_id:str}/requests/{request_id:str}": ("admin", "admin"),
    }
