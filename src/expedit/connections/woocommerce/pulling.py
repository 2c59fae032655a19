"""Pulling a shop's objects page by page: everything once, then what changed, resumable at any page.

A pull under way is a mark in the database, written after each page, so a server that is killed goes on where
it was. The shop goes on selling meanwhile: pages are asked for in the order of ids, and when the total
shrinks (something was deleted, so what followed moved forward) the pull steps back as many pages. An
increment asks for what changed since the *shop's* clock at the beginning of the pull before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from expedit.connections import store
from expedit.connections.model import Connection
from expedit.connections.woocommerce.client import PER_PAGE, Page, WooClient
from expedit.connections.woocommerce.model import Term, WooCustomer, WooOrder, WooRefund, read_value
from expedit.connections.woocommerce.orders import people_in
from expedit.connections.woocommerce.taking import (
    note_categories,
    product_value,
    retire_unseen,
    take_customers,
    take_order,
    take_products,
    terms_of,
)
from expedit.core import (
    DAY,
    HOUR,
    MINUTE,
    InvalidInput,
    Progress,
    Struct,
    evolve,
    format_time,
    from_json,
    to_json,
)
from expedit.identity import identify
from expedit.storage import Shop

TIMEZONE = "timezone"
"""Mark under which the shop's time zone is kept."""
_OVERLAP = 2 * MINUTE
"""How far an increment reaches back: an object may be saved a moment after it was dated."""
_CUSTOMERS_EVERY = 7 * DAY
"""Customers cannot be asked for by the time of their change; webhooks tell it sooner."""

Take = Callable[[list[Any], str], int]
"""Takes the objects of a page in, for a full pull of that name; returns how many were refused."""


class Mark(Struct, frozen=True):
    """How far the pull of one kind of object is.

    Parameters
    ----------
    since
        Shop's time from which the next increment asks; empty = nothing was pulled yet.
    page
        The next page; 0 = no pull is under way.
    begun
        Shop's time at the beginning of the pull under way.
    full
        Name of the full pull under way; empty = it is an increment.
    total
        Objects that the shop had at the last page.
    last_full
        When the last full pull ended, in microseconds.
    taken
        Objects taken in by the pull under way.
    """

    since: str = ""
    page: int = 0
    begun: str = ""
    full: str = ""
    total: int = 0
    last_full: int = 0
    taken: int = 0


class Pull:
    """One run of pulling.

    Parameters
    ----------
    client
        The shop.
    enough
        Tells whether to stop after the page at hand; the next run goes on.
    """

    def __init__(
        self,
        shop: Shop,
        connection: Connection,
        client: WooClient,
        progress: Progress,
        enough: Callable[[], bool],
    ) -> None:
        self._shop = shop
        self._connection = connection
        self._client = client
        self._progress = progress
        self._enough = enough
        self._told: list[str] = []

    def run(self) -> tuple[str, bool]:
        """Pull; return a note of what was got, and whether that is all for now."""
        self._ask_about_shop()
        finished = (
            self._walk("products", self._take_products, {}, self._full_every())
            and self._walk("orders", self._take_orders, self._history(), None)
            and (
                self._connection.text("customers") == "no"
                or self._walk("customers", self._take_customers, {}, _CUSTOMERS_EVERY)
            )
        )
        return ", ".join(self._told) or "nothing new", finished

    def _ask_about_shop(self) -> None:
        index = self._client.index()
        zone = str(index.get("timezone_string") or "") or _fixed_zone(index.get("gmt_offset"))
        with self._shop.database.writing() as tx:
            store.put_mark(tx, self._connection.id, TIMEZONE, zone)
        terms = [read_value(value, Term) for value in self._client.all("products/categories")]
        note_categories(self._shop, self._connection, terms)

    def _walk(self, what: str, take: Take, query: Mapping[str, str], full_every: int | None) -> bool:
        """Go through the pages of one kind of object; return False when it was enough before the end.

        Parameters
        ----------
        full_every
            Microseconds after which everything is pulled anew; None = never.
        """
        mark = self._mark(what)
        now = self._shop.clock()
        if not mark.page:
            full = not mark.since or (full_every is not None and now - mark.last_full >= full_every)
            if what == "customers" and not full:
                return True
            mark = evolve(mark, page=1, begun="", total=0, taken=0, full=format_time(now) if full else "")
        asked = {"orderby": "id", "order": "asc", **query}
        if not mark.full:
            asked |= {"modified_after": mark.since, "dates_are_gmt": "true"}
            asked.pop("after", None)
        while True:
            page = self._client.page(what, mark.page, asked)
            if page.total and page.total < mark.total and mark.page > 1:
                back = -(-(mark.total - page.total) // PER_PAGE)
                mark = evolve(mark, page=max(1, mark.page - back), total=page.total)
                continue
            refused = take(page.items, mark.full)
            mark = self._after(what, mark, page, len(page.items) - refused)
            self._progress(f"pull {what}", mark.taken, page.total or None)
            if not mark.page:
                return True
            if self._enough():
                self._told.append(f"{what}: {mark.taken} so far")
                return False

    def _after(self, what: str, mark: Mark, page: Page, taken: int) -> Mark:
        """Write and return the mark after a page."""
        server = page.server_time if page.server_time is not None else self._shop.clock()
        begun = mark.begun or format_time(server - _OVERLAP).removesuffix("Z").partition(".")[0]
        mark = evolve(mark, begun=begun, total=page.total, taken=mark.taken + taken, page=mark.page + 1)
        if page.number >= page.pages or not page.items:
            if what == "products" and mark.full:
                retired = retire_unseen(self._shop, self._connection, mark.full)
                if retired:
                    self._told.append(f"{retired} products retired")
            if mark.taken:
                self._told.append(f"{mark.taken} {what}")
            last = self._shop.clock() if mark.full else mark.last_full
            mark = Mark(since=begun, last_full=last)
        with self._shop.database.writing() as tx:
            store.put_mark(tx, self._connection.id, f"pull {what}", to_json(mark).decode())
        return mark

    def _mark(self, what: str) -> Mark:
        with self._shop.database.reading() as tx:
            return from_json(store.read_mark(tx, self._connection.id, f"pull {what}") or "{}", Mark)

    def _full_every(self) -> int:
        return int(float(self._connection.text("full_hours") or 24) * HOUR)

    def _history(self) -> dict[str, str]:
        days = int(self._connection.text("history_days") or 730)
        since = format_time(self._shop.clock() - days * DAY).partition(".")[0]
        return {"status": "any", "after": since, "dates_are_gmt": "true"}

    def _take_products(self, items: list[Any], full: str) -> int:
        found = []
        refused = 0
        for value in items:
            try:
                one, kept = product_value(value)
            except InvalidInput:
                refused += self._keep("product", value)
                continue
            found.append((one, kept))
            if (one.type or "").startswith("variable"):
                for variation in self._client.all(f"products/{one.id}/variations"):
                    try:
                        found.append(product_value(variation, one.id))
                    except InvalidInput:
                        self._keep("product", {**variation, "parent_id": one.id})
        complaints = take_products(self._shop, self._connection, found, full)
        values = {one.id: kept for one, kept in found}
        for complaint in complaints:
            refused += self._keep("product", values[int(complaint.what.rpartition(" ")[2])])
        return refused

    def _take_orders(self, items: list[Any], full: str) -> int:  # noqa: ARG002
        refused = 0
        for value in items:
            try:
                take_order(self._shop, self._connection, read_value(value, WooOrder), self._refunds)
            except InvalidInput:
                refused += self._keep("order", value)
        return refused

    def _refunds(self, order: WooOrder) -> Mapping[int, WooRefund]:
        return refunds_of(self._client, order)

    def _take_customers(self, items: list[Any], full: str) -> int:  # noqa: ARG002
        found = []
        refused = 0
        for value in items:
            try:
                found.append(read_value(value, WooCustomer))
            except InvalidInput:
                refused += self._keep("customer", value)
        take_customers(self._shop, self._connection, found)
        return refused

    def _keep(self, kind: str, value: Any) -> int:
        """Put what could not be taken in into the inbox: it fails there with its field, to be replayed."""
        known = value if isinstance(value, dict) else {}
        body = to_json(value)
        delivery = f"pulled:{kind}:{known.get('id')}:{known.get('date_modified_gmt')}"
        with self._shop.database.writing() as tx:
            store.put_message(
                tx,
                self._connection.id,
                f"{kind}.updated",
                delivery,
                body,
                self._shop.clock(),
                {},
                self._subjects(kind, value),
            )
        return 1

    def _subjects(self, kind: str, value: Any) -> set[str]:
        if kind == "product":
            return set()
        try:
            one = read_value(value, WooOrder) if kind == "order" else read_value(value, WooCustomer)
        except InvalidInput:  # it is the very object that cannot be read; its address may still be
            return _named_subjects(self._shop, value)
        return _subjects(self._shop, people_in(one, terms_of(self._shop, self._connection)))


def refunds_of(client: WooClient, order: WooOrder) -> Mapping[int, WooRefund]:
    """Return the refunds of an order, with their lines, by id."""
    found = (read_value(value, WooRefund) for value in client.all(f"orders/{order.id}/refunds"))
    return {refund.id: refund for refund in found}


def _named_subjects(shop: Shop, value: Any) -> set[str]:
    billing = value.get("billing") if isinstance(value, dict) else None
    named = billing if isinstance(billing, dict) else {}
    return _subjects(shop, {kind: str(named.get(kind) or "") for kind in ("email", "phone")})


def _subjects(shop: Shop, people: Mapping[str, str]) -> set[str]:
    found = set()
    for kind, raw in people.items():
        try:
            found.add(identify(shop.secret, kind, raw).subject_id)  # type: ignore[arg-type]
        except InvalidInput:  # names nobody, so nobody's erasure has to find it
            continue
    return found


def _fixed_zone(offset: object) -> str:
    """Return a zone of a fixed offset in hours, as WordPress has it when no city was chosen."""
    try:
        hours = float(str(offset or 0))
    except ValueError:
        return "UTC"
    if not hours.is_integer() or not -12 <= hours <= 14:
        return "UTC"
    # POSIX turns the sign around: Etc/GMT-2 is two hours ahead of UTC.
    return f"Etc/GMT{'-' if hours > 0 else '+'}{abs(int(hours))}" if hours else "UTC"
