"""The two tables of the sealed log, and how events become their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from expedit.events.store import HeadRow
from expedit.events.whereabouts import Whereabouts

_MOMENT = pa.timestamp("us", tz="UTC")
_MANY = pa.list_(pa.string())
_NOWHERE = Whereabouts("")

EVENTS = pa.schema(
    {
        "message_id": pa.string(),
        "source": pa.string(),
        "kind": pa.string(),
        "ts": _MOMENT,
        "ts_us": pa.int64(),
        "received_us": pa.int64(),
        "subject_id": pa.string(),
        "subjects": _MANY,
        "session_key": pa.string(),
        "personal": pa.bool_(),
        "channel": pa.string(),
        "market": pa.string(),
        "order_id": pa.string(),
        "value_minor": pa.int64(),
        "tax_minor": pa.int64(),
        "shipping_minor": pa.int64(),
        "currency": pa.string(),
        "coupon": pa.string(),
        "query": pa.string(),
        "url": pa.string(),
        "referrer": pa.string(),
        "campaign_source": pa.string(),
        "campaign_medium": pa.string(),
        "campaign_name": pa.string(),
        "decision_id": pa.string(),
        "placement": pa.string(),
        "name": pa.string(),
        "lines": pa.int64(),
        "country": pa.string(),
        "region": pa.string(),
        "postal": pa.string(),
        "store": pa.string(),
        "register": pa.string(),
        "xid": pa.int64(),
        "seq": pa.int64(),
        "body": pa.binary(),
    }
)
"""One row an event; ``body`` is the whole event as MessagePack, the other columns are there to be asked."""

ITEMS = pa.schema(
    {
        "message_id": pa.string(),
        "source": pa.string(),
        "line": pa.int64(),
        "kind": pa.string(),
        "ts": _MOMENT,
        "ts_us": pa.int64(),
        "subject_id": pa.string(),
        "subjects": _MANY,
        "session_key": pa.string(),
        "channel": pa.string(),
        "market": pa.string(),
        "order_id": pa.string(),
        "currency": pa.string(),
        "decision_id": pa.string(),
        "placement": pa.string(),
        "item_id": pa.string(),
        "variant_id": pa.string(),
        "product": pa.string(),
        "category": pa.string(),
        "brand": pa.string(),
        "color": pa.string(),
        "size": pa.string(),
        "price_band": pa.string(),
        "quantity": pa.int64(),
        "price_minor": pa.int64(),
        "position": pa.int64(),
        "xid": pa.int64(),
        "seq": pa.int64(),
    }
)
"""One row a product line of an event; ``item_id`` as sent, ``product`` as the catalog knows it."""

SCHEMAS = {"events": EVENTS, "items": ITEMS}

ORDER = {
    "events": [("ts_us", "ascending"), ("message_id", "ascending"), ("source", "ascending")],
    "items": [
        ("ts_us", "ascending"),
        ("message_id", "ascending"),
        ("source", "ascending"),
        ("line", "ascending"),
    ],
}
"""The order of rows inside a file."""


def event_table(rows: Sequence[HeadRow]) -> pa.Table:
    """Return `rows` as a table of `EVENTS`, in the order given."""
    events = [row.event for row in rows]
    moments = [event.at for event in events]
    campaigns = [event.campaign or {} for event in events]
    places = [event.whereabouts or _NOWHERE for event in events]
    return _table(
        EVENTS,
        {
            "message_id": [event.message_id for event in events],
            "source": [event.source for event in events],
            "kind": [event.kind for event in events],
            "ts": moments,
            "ts_us": moments,
            "received_us": [event.received for event in events],
            "subject_id": [event.subject or None for event in events],
            "subjects": [event.subjects for event in events],
            "session_key": [event.session for event in events],
            "personal": [event.personal for event in events],
            "channel": [event.channel for event in events],
            "market": [event.market for event in events],
            "order_id": [event.order_id for event in events],
            "value_minor": [event.value for event in events],
            "tax_minor": [event.tax for event in events],
            "shipping_minor": [event.shipping for event in events],
            "currency": [event.currency for event in events],
            "coupon": [event.coupon for event in events],
            "query": [event.query for event in events],
            "url": [event.url for event in events],
            "referrer": [event.referrer for event in events],
            "campaign_source": [campaign.get("source") for campaign in campaigns],
            "campaign_medium": [campaign.get("medium") for campaign in campaigns],
            "campaign_name": [campaign.get("name") for campaign in campaigns],
            "decision_id": [event.decision_id for event in events],
            "placement": [event.placement for event in events],
            "name": [event.name for event in events],
            "lines": [len(event.items) for event in events],
            "country": [place.country or None for place in places],
            "region": [place.region or None for place in places],
            "postal": [place.postal or None for place in places],
            "store": [event.store for event in events],
            "register": [event.register for event in events],
            "xid": [row.xid for row in rows],
            "seq": [row.seq for row in rows],
            "body": [row.body for row in rows],
        },
    )


def item_table(rows: Sequence[HeadRow]) -> pa.Table:
    """Return the product lines of `rows` as a table of `ITEMS`, in the order given."""
    lines = [(row, row.event, number, item) for row in rows for number, item in enumerate(row.event.items)]
    moments = [event.at for _, event, _, _ in lines]
    return _table(
        ITEMS,
        {
            "message_id": [event.message_id for _, event, _, _ in lines],
            "source": [event.source for _, event, _, _ in lines],
            "line": [number for _, _, number, _ in lines],
            "kind": [event.kind for _, event, _, _ in lines],
            "ts": moments,
            "ts_us": moments,
            "subject_id": [event.subject or None for _, event, _, _ in lines],
            "subjects": [event.subjects for _, event, _, _ in lines],
            "session_key": [event.session for _, event, _, _ in lines],
            "channel": [event.channel for _, event, _, _ in lines],
            "market": [event.market for _, event, _, _ in lines],
            "order_id": [event.order_id for _, event, _, _ in lines],
            "currency": [event.currency for _, event, _, _ in lines],
            "decision_id": [event.decision_id for _, event, _, _ in lines],
            "placement": [event.placement for _, event, _, _ in lines],
            "item_id": [item.id for _, _, _, item in lines],
            "variant_id": [item.variant for _, _, _, item in lines],
            "product": [item.product for _, _, _, item in lines],
            "category": [item.category for _, _, _, item in lines],
            "brand": [item.brand for _, _, _, item in lines],
            "color": [item.color for _, _, _, item in lines],
            "size": [item.size for _, _, _, item in lines],
            "price_band": [item.price_band for _, _, _, item in lines],
            "quantity": [item.quantity for _, _, _, item in lines],
            "price_minor": [item.price for _, _, _, item in lines],
            "position": [item.position for _, _, _, item in lines],
            "xid": [row.xid for row, _, _, _ in lines],
            "seq": [row.seq for row, _, _, _ in lines],
        },
    )


def _table(schema: pa.Schema, columns: dict[str, list[Any]]) -> pa.Table:
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return `table`, from a file that may be older, with exactly the columns of `schema`."""
    missing = [field for field in schema if field.name not in table.schema.names]
    for field in missing:
        table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table.select(schema.names).cast(schema)
