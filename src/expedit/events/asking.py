"""The log's own questions, asked of the sealed log.

`person_map` is a table of ``subject_id``, ``person_id`` (strings), ``valid_from_us`` and ``valid_until_us``
(int64, half-open; a null end has not come yet), in which a subject belongs to one person at a time. Whoever
knows it hands it in.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from expedit.events.reading import log_tables
from expedit.storage import Shop
from expedit.warehouse import Source, Warehouse, question

PERSON_MAP = pa.schema(
    {
        "subject_id": pa.string(),
        "person_id": pa.string(),
        "valid_from_us": pa.int64(),
        "valid_until_us": pa.int64(),
    }
)
"""Columns of a map from subjects to persons."""

_EVER = 2**62


def sessions(
    shop: Shop, warehouse: Warehouse, person_map: pa.Table | None = None, since: int | None = None
) -> pa.Table:
    """Return the sessions that visitors had, by visitor and time.

    Returns
    -------
    pyarrow.Table
        ``visitor`` (person, else subject, else daily session key), ``personal`` (bool), ``session`` (from 1
        for each visitor), ``started_us``, ``ended_us``, ``events``, ``views``, ``carts``, ``purchases``.
    """
    return _ask(shop, warehouse, "sessions", person_map, since)


def daily(shop: Shop, warehouse: Warehouse, since: int | None = None, until: int | None = None) -> pa.Table:
    """Return how many events of each kind came on each UTC day.

    Returns
    -------
    pyarrow.Table
        ``day`` (text, ``2026-11-22``), ``kind``, ``events``, ``subjects``, ``anonymous_sessions``.
    """
    params = {"since_us": -_EVER if since is None else since, "until_us": _EVER if until is None else until}
    return warehouse.run(question("expedit.events", "daily"), log_tables(shop, since), params)


def training_sessions(
    shop: Shop, warehouse: Warehouse, person_map: pa.Table | None = None, since: int | None = None
) -> pa.Table:
    """Return the products that were met in each session, for session models.

    Views, clicks, additions to the cart and purchases count; a gap of 30 minutes or more between them ends
    a session.

    Returns
    -------
    pyarrow.Table
        ``session`` (int64 from 0, in order of the sessions' ends), ``position`` (int64 from 0), ``product``
        (the catalog's id, else as sent), ``ts_us``, ``market``, ``kind``; sorted by session and position.
    """
    return _ask(shop, warehouse, "training_sessions", person_map, since)


def training_baskets(
    shop: Shop, warehouse: Warehouse, person_map: pa.Table | None = None, since: int | None = None
) -> pa.Table:
    """Return what was bought together and kept.

    Returns
    -------
    pyarrow.Table
        ``order_id``, ``product``, ``quantity`` (int64 ≥ 1, net of refunds), ``ts_us``, ``market``, ``buyer``
        (person, else subject, else daily session key, null for nobody), ``country``, ``region``, ``postal``,
        ``store`` (null where untold); sorted by time and order. Canceled and wholly refunded orders are not
        in it; orders without a customer are.
    """
    return _ask(shop, warehouse, "training_baskets", person_map, since)


def _ask(
    shop: Shop, warehouse: Warehouse, name: str, person_map: pa.Table | None, since: int | None
) -> pa.Table:
    tables: dict[str, Source] = {**log_tables(shop, since), "person_map": _whole(person_map)}
    params = {"since_us": -_EVER if since is None else since}
    return warehouse.run(question("expedit.events", name), tables, params)


def _whole(person_map: pa.Table | None) -> pa.Table:
    if person_map is None:
        return PERSON_MAP.empty_table()
    table = person_map.select(PERSON_MAP.names).cast(PERSON_MAP)
    starts, ends = pc.fill_null(table["valid_from_us"], -_EVER), pc.fill_null(table["valid_until_us"], _EVER)
    return table.set_column(2, "valid_from_us", starts).set_column(3, "valid_until_us", ends)
