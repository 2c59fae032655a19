"""Routes of balances; for secret keys with the scope ``rules:write``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from litestar import Request, get, post, put
from litestar.datastructures import State as Shared

from expedit.access import Arranged, audit_in, keys
from expedit.catalog import CatalogSnapshot, live_catalog
from expedit.core import InvalidInput, Struct
from expedit.merchandising.balance import BALANCES, SIDES, Balance, category_name, check_balance
from expedit.storage import Shop, Transaction
from expedit.web import Route, Viewer

_Asked = Request[object, object, Shared]
_Step = Callable[[Transaction, str, int, str, int], Arranged[Balance]]

STEPS: dict[str, _Step] = {
    "publish": BALANCES.publish_in,
    "archive": BALANCES.archive_in,
    "undo": BALANCES.undo_in,
}


class BalanceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A balance as it is sent.

    Parameters
    ----------
    category
        Path in any of the shop's languages; empty for every listing that has none of its own.
    version
        The version that the sender saw; 0 for a new one.
    """

    weights: Balance
    category: str = ""
    version: int = 0


class BalanceStep(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose balance it is, and the version of it that the sender saw."""

    version: int
    category: str = ""


class BalancesAnswer(Struct, frozen=True, omit_defaults=False):
    """The newest edition of every balance, and what is in force."""

    balances: tuple[Arranged[Balance], ...]
    in_force: dict[str, Balance]


def named_category(snapshot: CatalogSnapshot, path: str) -> str:
    """Return the id of a category's balance, from its path in any language.

    Raises
    ------
    InvalidInput
        When there is no such category.
    """
    code = snapshot.category_code(path) if path.strip() else 0
    if code is None:
        raise InvalidInput("category", f"there is no category {path[:80]!r}")
    return category_name(snapshot.category_paths[code])


def note_balance(tx: Transaction, shop: Shop, actor: Viewer | str, edition: Arranged[Balance]) -> None:
    """Write into the audit log what was done with a balance, in the transaction that does it."""
    told = {"version": edition.version, **{side: getattr(edition.body, side) for side in SIDES}}
    audit_in(tx, shop, actor, f"listings.{edition.change}", edition.id or "*", told)


def balance_routes(shop: Shop) -> Sequence[Route]:
    """Return the routes of balances."""

    def author(request: _Asked) -> str:
        caller = keys(shop).caller(request.headers.get("authorization", ""))
        caller.need("rules:write")
        return caller.key

    @get("/v1/balances", sync_to_thread=True)
    def list_balances(request: _Asked) -> BalancesAnswer:
        """Give the newest edition of every listing's balance, and the balances in force."""
        author(request)
        with shop.database.reading() as tx:
            found = tuple(BALANCES.every(tx))
            return BalancesAnswer(found, {one.id: one.body for one in BALANCES.in_force(tx)})

    @put("/v1/balances", sync_to_thread=True)
    def save_balance(request: _Asked, data: BalanceBody) -> Arranged[Balance]:
        """Keep a draft; what is in force stays until it is published."""
        by = author(request)
        name = named_category(live_catalog(shop).current(), data.category)
        balance = check_balance(data.weights)
        with shop.database.writing() as tx:
            edition = BALANCES.save_in(tx, name, balance, data.version, by, shop.clock())
            note_balance(tx, shop, by, edition)
        return edition

    @post("/v1/balances/{step:str}", status_code=200, sync_to_thread=True)
    def move_balance(request: _Asked, step: str, data: BalanceStep) -> Arranged[Balance]:
        """``publish``, ``archive`` or ``undo`` a balance."""
        by = author(request)
        if step not in STEPS:
            raise InvalidInput("step", f"{step[:40]!r} is none of {', '.join(STEPS)}")
        name = named_category(live_catalog(shop).current(), data.category)
        with shop.database.writing() as tx:
            edition = STEPS[step](tx, name, data.version, by, shop.clock())
            note_balance(tx, shop, by, edition)
        return edition

    return [list_balances, save_balance, move_balance]
