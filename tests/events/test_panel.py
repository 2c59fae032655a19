"""Live events in the panel: filtered, fresh by cursor, and without what people wrote for viewers."""

from __future__ import annotations

import pytest

from expedit.core import NotFound
from expedit.events import Event, EventItem, append, newest_events, seal
from expedit.events.model import EVENT_KINDS
from expedit.events.panel import LOOKS, show_event, show_live, show_more
from expedit.features import Feature, install
from expedit.storage import Shop
from expedit.web import Frame, Html, Reply, Viewer, Visit, render, text

AT = 1_790_000_000_000_000
EVA = Viewer("u1", "Eva", "eva@example.com", "merchandiser")
IDA = Viewer("u2", "Ida", "ida@example.com", "viewer")


def put(shop: Shop, *numbers: int) -> None:
    with shop.database.writing() as tx:
        append(
            tx,
            [
                Event(
                    f"m{number}", "web", "purchase" if number % 2 else "search",
                    AT + number, AT + number, "a" * 24,
                    ids=(("anonymous_id", "a" * 24),), items=(EventItem("p1", price=49900, product="p1"),),
                    order_id=f"order-{number}", value=49900, currency="SEK", query="call 070-1234567",
                    traits={"name": "Åsa"}, url="https://shop.example/?email=asa@example.com",
                )
                for number in numbers
            ],
        )  # fmt: skip


def page(reply: Reply, seen: Visit) -> str:
    assert isinstance(reply, Html)
    return render(reply, seen, Frame())


def test_the_list_shows_what_happened_with_what(shop: Shop) -> None:
    put(shop, 1, 2)
    seen = Visit(viewer=EVA, language="sv")
    written = page(show_live(shop, seen), seen)
    assert "Köpte" in written and "order-1" in written and "499,00\xa0kr" in written
    assert f'href="/panel/people/{"a" * 24}"' in written
    only = Visit(viewer=EVA, query={"kind": "search"})
    told = show_live(shop, only)
    assert isinstance(told, Html)
    assert [line.event.message_id for line in told.values["lines"]] == ["m2"]


def test_products_go_by_their_titles_where_a_feature_knows_them(shop: Shop) -> None:
    put(shop, 1)
    seen = Visit(viewer=EVA, language="sv")
    assert "Kajak" not in page(show_live(shop, seen), seen)
    known = {"product": lambda _, ids, language: {one: f"Kajak {language}" for one in ids if one == "p1"}}
    install(shop, [Feature(name="goods", titles=known)])
    assert "Kajak sv" in page(show_live(shop, seen), seen)
    one = Visit(viewer=EVA, language="sv", path={"seq": str(newest_events(shop, 1).rows[0].seq)})
    assert ">Kajak sv</a>" in page(show_event(shop, one), one)


def test_many_products_are_named_once_each_and_the_rest_counted(shop: Shop) -> None:
    items = tuple(EventItem(one, product=one) for one in ("p1", "p2", "p3", "p4", "p5"))
    with shop.database.writing() as tx:
        append(tx, [Event("m1", "web", "view_item_list", AT, AT, "a" * 24, items=items)])
    titles = {"p1": "Kajak", "p2": "Kajak", "p3": "Paddel"}
    install(shop, [Feature(name="goods", titles={"product": lambda *_: titles})])
    live = show_live(shop, Visit(viewer=EVA, language="en"))
    assert isinstance(live, Html)
    assert [line.about for line in live.values["lines"]] == ["Kajak, Paddel and 2 more"]


def test_an_empty_log_teaches_what_to_do(shop: Shop) -> None:
    seen = Visit(viewer=EVA)
    assert "Put the snippet on" in page(show_live(shop, seen), seen)
    asked = Visit(viewer=EVA, query={"kind": "refund"})
    assert "None of these among the newest" in page(show_live(shop, asked), asked)


def test_asking_again_answers_only_when_something_came(shop: Shop) -> None:
    put(shop, 1)
    cursor = newest_events(shop).cursor
    quiet = show_more(shop, Visit(viewer=EVA, query={"after": cursor}))
    assert isinstance(quiet, Html) and quiet.status == 204 and page(quiet, Visit()) == ""
    put(shop, 3)
    seal(shop)
    fresh = show_more(shop, Visit(viewer=EVA, query={"after": cursor}))
    assert isinstance(fresh, Html)
    assert [line.event.message_id for line in fresh.values["lines"]] == ["m3", "m1"]


def test_one_event_is_shown_whole_but_to_viewers_without_what_people_wrote(shop: Shop) -> None:
    put(shop, 1)
    (one,) = newest_events(shop).rows
    where = {"seq": str(one.seq)}
    whole = page(show_event(shop, Visit(viewer=EVA, path=where)), Visit(viewer=EVA))
    for part in ("Åsa", "asa@example.com", "070-1234567", "order-1"):
        assert part in whole, part
    hidden = page(show_event(shop, Visit(viewer=IDA, path=where)), Visit(viewer=IDA))
    assert "order-1" in hidden
    for part in ("Åsa", "asa@example.com", "070-1234567"):
        assert part not in hidden, part
    assert "070-1234567" not in page(show_live(shop, Visit(viewer=IDA)), Visit(viewer=IDA))
    for wrong in ("0", "x", "9" * 30):
        with pytest.raises(NotFound):
            show_event(shop, Visit(viewer=EVA, path={"seq": wrong}))


@pytest.mark.parametrize("language", ["en", "sv", "nb"])
def test_every_kind_has_a_name(language: str) -> None:
    names = [text(language, f"events.kind.{kind}") for kind in EVENT_KINDS]
    assert len(set(names)) == len(EVENT_KINDS)
    assert set(LOOKS) <= set(EVENT_KINDS)
