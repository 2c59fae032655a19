"""Listings in the panel: how much popularity, margin, newness, stock and personal taste count, and what it
does."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from expedit.access import Arranged, actor_name, clash_with, names_of
from expedit.audiences import audience_choices
from expedit.catalog import CatalogSnapshot, live_catalog
from expedit.core import Conflict, InvalidInput, NotFound, Struct
from expedit.decisions.listing_preview import Comparison, compare
from expedit.decisions.preview import note_person
from expedit.decisions.preview_asked import asked_for, told_nobody, told_stand
from expedit.features import MenuItem, Page
from expedit.merchandising import (
    BALANCES,
    SHOP_WIDE,
    SIDES,
    Balance,
    check_balance,
    live_balances,
    named_category,
    note_balance,
)
from expedit.storage import Shop, Transaction
from expedit.web import Clash, Difference, Html, Redirect, Reply, Visit, text

LISTINGS = "/panel/listings"
BALANCE = "/panel/listings/balance"


class Row(Struct, frozen=True):
    """A listing in the list.

    Parameters
    ----------
    name
        Its path in the shop's own language, and as the viewer reads it.
    balance
        What is in force, or the draft while nothing is.
    newest
        Its newest edition; None for the shop-wide balance that nobody has touched.
    products
        How many there are.
    author
        Who changed it last, by name.
    """

    name: str
    title: str
    balance: Balance
    newest: Arranged[Balance] | None
    products: int
    author: str


def show_listings(shop: Shop, visit: Visit) -> Reply:
    """List the balances, the shop-wide one first."""
    return _listed(shop, visit)


def _listed(shop: Shop, visit: Visit, unknown: str = "") -> Html:
    """Return the page of the list; `unknown` is a category that was asked for and is not there."""
    snapshot = live_catalog(shop).current()
    with shop.database.reading() as tx:
        newest = {one.id: one for one in BALANCES.every(tx) if one.state != "archived" or not one.id}
    in_force, people = live_balances(shop).newest(), names_of(shop)
    rows = []
    for name in dict.fromkeys([SHOP_WIDE, *newest]):
        edition = newest.get(name)
        owner, balance = in_force.of(tuple(name.split(" > ")) if name else ())
        if edition is not None and owner != name:
            balance = edition.body
        count = snapshot.in_category(name).size if name else int(snapshot.active.sum())
        author = actor_name(visit.language, edition.author, people) if edition is not None else ""
        rows.append(Row(name, title_of(snapshot, visit.language, name), balance, edition, count, author))
    paths = _paths(snapshot)
    values = {
        "rows": rows, "sides": SIDES, "categories": paths, "unknown": unknown,
        "example": next((one for one in paths if " > " in one), paths[0] if paths else ""),
    }  # fmt: skip
    return Html("decisions/listings.html", values, status=404 if unknown else 200)


def title_of(snapshot: CatalogSnapshot, language: str, name: str) -> str:
    """Return what people call a listing."""
    if not name:
        return text(language, "decisions.listings.shop_wide")
    codes: list[int] = []
    code = snapshot.category_code(name) or 0
    while code > 0:
        codes.append(code)
        code = int(snapshot.category_parent[code])
    return " › ".join(snapshot.category_label(one, language) for one in reversed(codes)) or name


def _paths(snapshot: CatalogSnapshot) -> list[str]:
    """Return the categories that have products, by path."""
    return sorted(" > ".join(path) for path in snapshot.category_paths if path)


def show_balance(shop: Shop, visit: Visit) -> Reply:
    """Show the sliders of one listing, beside what it shows before and after; the list, with a complaint at
    its field, for a category that is not there."""
    asked = visit.query.get("category", "")
    try:
        name = _named(live_catalog(shop).current(), asked, visit.language)
    except NotFound:
        if visit.partial:
            raise
        return _listed(shop, visit, asked)
    return _page(shop, visit, name)


def _page(
    shop: Shop, visit: Visit, name: str, tried: Balance | None = None, clash: Clash | None = None
) -> Html:
    """Return the page of a listing's balance, its sliders as they were set, else as they are kept."""
    snapshot = live_catalog(shop).current()
    market = visit.query.get("market", "")
    market = market if market in snapshot.markets else next(iter(snapshot.markets))
    with shop.database.reading() as tx:
        history = BALANCES.history(tx, name)
    newest = history[0] if history else None
    owner, in_force = live_balances(shop).newest().of(tuple(name.split(" > ")) if name else ())
    if tried is None:
        kept = newest.body if newest is not None and newest.state == "draft" else in_force
        tried = _sliders(visit.query, kept) if visit.partial else kept
    found: Comparison | None = None
    trouble, (who, key) = "", asked_for(visit.query)
    try:
        found = compare(shop, name, tried, market, visit.language, who, key)
        note_person(shop, visit.viewer, found.stand.person_id)
    except NotFound:
        trouble = told_nobody(shop, visit.language, who)
    people = names_of(shop)
    values = {
        "name": name, "title": title_of(snapshot, visit.language, name), "sides": SIDES, "tried": tried,
        "in_force": in_force, "owner": owner, "owner_title": title_of(snapshot, visit.language, owner),
        "newest": newest, "market": market, "markets": list(snapshot.markets),
        "history": [(one, actor_name(visit.language, one.author, people)) for one in history],
        "comparison": found, "trouble": trouble, "audiences": audience_choices(shop),
        "who": told_stand(shop, visit.language, found.stand) if found else "",
        "same": tried == in_force, "clash": clash,
    }  # fmt: skip
    template = "decisions/_comparison.html" if visit.partial else "decisions/balance.html"
    return Html(template, values, status=409 if clash else 200)


def change_balance(shop: Shop, visit: Visit) -> Reply:
    """Save, publish, discard, archive, undo or restore a balance."""
    name = _named(live_catalog(shop).current(), visit.query.get("category", ""), visit.language)
    step = _STEPS.get(visit.form.get("do", ""))
    if step is None:
        raise InvalidInput("", "this form asks for nothing that is known")
    try:
        with shop.database.writing() as tx:
            edition = step(tx, shop, visit, name)
            if edition.version > _seen(visit):
                note_balance(tx, shop, visit.viewer, edition)
    except Conflict:
        return _clashing(shop, visit, name)
    shown = title_of(live_catalog(shop).current(), visit.language, name)
    did = "discarded" if visit.form["do"] == "discard" else edition.change
    said = text(visit.language, f"decisions.listings.said.{did}", name=shown)
    return Redirect(balance_address(name), said)


def _clashing(shop: Shop, visit: Visit, name: str) -> Reply:
    """Tell what somebody else did meanwhile; the sliders stay where they were put."""
    with shop.database.reading() as tx:
        history = BALANCES.history(tx, name)
    seen = next((one for one in history if one.version == _seen(visit)), None)
    if not history or seen is history[0]:
        raise Conflict(text(visit.language, "decisions.listings.nothing_earlier"))
    pressed = visit.form.get("do", "") not in {"save", "publish"}
    mine = _sliders(visit.form, Balance()) if not pressed else seen.body if seen else history[0].body
    theirs = history[0].body
    differences = [
        Difference(text(visit.language, f"decisions.side.{side}"), str(before), str(after))
        for side in SIDES
        if (before := getattr(mine, side)) != (after := getattr(theirs, side))
    ]
    clash = clash_with(shop, visit.language, history[0], differences, pressed=pressed)
    return _page(shop, visit, name, None if pressed else mine, clash)


def balance_address(name: str) -> str:
    """Return the page of a listing's balance."""
    return f"{BALANCE}?category={quote(name)}"


def _named(snapshot: CatalogSnapshot, path: str, language: str) -> str:
    try:
        return named_category(snapshot, path)
    except InvalidInput:
        raise NotFound(text(language, "decisions.listings.unknown")) from None


def _sliders(given: dict[str, str], otherwise: Balance) -> Balance:
    """Return the balance that sliders stand at."""
    sides: dict[str, int] = {}
    for side in SIDES:
        written = given.get(side, "")
        sides[side] = min(int(written), 100) if written.isdecimal() else getattr(otherwise, side)
    return Balance(**sides)


def _seen(visit: Visit) -> int:
    written = visit.form.get("version", "")
    return int(written) if written.isdecimal() else 0


def _save(tx: Transaction, shop: Shop, visit: Visit, name: str) -> Arranged[Balance]:
    balance = check_balance(_sliders(visit.form, Balance()))
    return BALANCES.save_in(tx, name, balance, _seen(visit), visit.viewer.user_id, shop.clock())


def _publish(tx: Transaction, shop: Shop, visit: Visit, name: str) -> Arranged[Balance]:
    balance = check_balance(_sliders(visit.form, Balance()))
    newest = BALANCES.newest(tx, name)
    seen = _seen(visit)
    if newest is None or newest.body != balance:
        seen = _save(tx, shop, visit, name).version
    elif newest.state == "published" and newest.version == seen:
        return newest
    return BALANCES.publish_in(tx, name, seen, visit.viewer.user_id, shop.clock())


def _discard(tx: Transaction, shop: Shop, visit: Visit, name: str) -> Arranged[Balance]:
    """Throw the draft away; where nothing is in force beside it, nothing stands there any more."""
    newest = BALANCES.newest(tx, name)
    step = BALANCES.discard_in if newest is not None and newest.live else BALANCES.archive_in
    return step(tx, name, _seen(visit), visit.viewer.user_id, shop.clock())


def _archive(tx: Transaction, shop: Shop, visit: Visit, name: str) -> Arranged[Balance]:
    return BALANCES.archive_in(tx, name, _seen(visit), visit.viewer.user_id, shop.clock())


def _undo(tx: Transaction, shop: Shop, visit: Visit, name: str) -> Arranged[Balance]:
    return BALANCES.undo_in(tx, name, _seen(visit), visit.viewer.user_id, shop.clock())


def _restore(tx: Transaction, shop: Shop, visit: Visit, name: str) -> Arranged[Balance]:
    written = visit.form.get("restore", "")
    wanted = int(written) if written.isdecimal() else 0
    return BALANCES.restore_in(tx, name, wanted, _seen(visit), visit.viewer.user_id, shop.clock())


_STEPS: dict[str, Callable[[Transaction, Shop, Visit, str], Arranged[Balance]]] = {
    "save": _save,
    "publish": _publish,
    "discard": _discard,
    "archive": _archive,
    "undo": _undo,
    "restore": _restore,
}

LISTING_PAGES = (
    Page(LISTINGS, show=show_listings),
    Page(BALANCE, show=show_balance, act=change_balance),
)
LISTING_MENU = MenuItem(
    LISTINGS, "decisions.menu.listings", icon="adjustments-horizontal", order=305,
    group="web.group.personalization",
)  # fmt: skip
