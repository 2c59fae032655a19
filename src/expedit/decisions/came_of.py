"""What came of one decision, as far as the log is sealed."""

from __future__ import annotations

from typing import Literal

from expedit.core import DAY, Struct
from expedit.decisions.record import LoggedDecision
from expedit.events import log_tables
from expedit.identity import person_map
from expedit.storage import Shop
from expedit.warehouse import open_warehouse, question

WINDOW = 7 * DAY


class Act(Struct, frozen=True):
    """Something that somebody did with an item of a decision.

    Parameters
    ----------
    kind
        ``impression``, ``click`` or ``purchase``.
    product
        Product id.
    at
        Microseconds.
    quantity, price
        Of a purchase: pieces, and minor units of `currency` for one.
    """

    kind: Literal["impression", "click", "purchase"]
    product: str
    at: int
    quantity: int | None = None
    price: int | None = None
    currency: str = ""


def ask_came_of(shop: Shop, decision: LoggedDecision, window: int = WINDOW) -> tuple[Act, ...]:
    """Return what came of `decision`, in order of time; what is not sealed yet is not in it."""
    tables = {**log_tables(shop, decision.at), "persons": person_map(shop)}
    params = {"decision_id": decision.id, "since_us": decision.at, "window_us": window}
    rows = open_warehouse(shop).run(question("expedit.decisions", "came_of"), tables, params).to_pylist()
    return tuple(
        Act(
            row["kind"],
            row["product_id"],
            row["ts_us"],
            row["quantity"],
            row["price_minor"],
            row["currency"] or "",
        )
        for row in rows
    )
