"""What connections offer to the house."""

from __future__ import annotations

from typing import Any

from expedit.connections import privacy, store
from expedit.connections.api import routes
from expedit.connections.feeds import store as feeds_store
from expedit.connections.feeds.panel import PAGES as FEED_PAGES
from expedit.connections.inbox import process, prune
from expedit.connections.panel import MENU, PAGES, find_connections, tell_health
from expedit.connections.reconciliation import store as reconciliation_store
from expedit.connections.reconciliation.panel import MENU as RECONCILIATION_MENU
from expedit.connections.reconciliation.panel import PAGES as RECONCILIATION_PAGES
from expedit.connections.rights import carry_out
from expedit.connections.schedule import fetch_due
from expedit.connections.shopify import TABLES as SHOPIFY_TABLES
from expedit.connections.tills import join_lines
from expedit.connections.tills import store as tills_store
from expedit.connections.tills.panel import PAGES as TILL_PAGES
from expedit.connections.woocommerce import store as woocommerce_store
from expedit.core import PersonRef, Progress, Settings, format_time
from expedit.features import Feature, Job
from expedit.storage import Shop, Transaction


def _process(shop: Shop, progress: Progress) -> None:
    process(shop, progress)


def _fetch(shop: Shop, progress: Progress) -> None:
    fetch_due(shop, progress)


def _prune(shop: Shop, progress: Progress) -> None:  # noqa: ARG001  (a job's shape)
    prune(shop)


def _carry_out(shop: Shop, progress: Progress) -> None:
    carry_out(shop, progress)


def _join(shop: Shop, progress: Progress) -> None:
    join_lines(shop, progress)


def _often(settings: Settings) -> float:  # noqa: ARG001  (a job's shape)
    return 1.0


def _sometimes(settings: Settings) -> float:  # noqa: ARG001  (a job's shape)
    return 5.0


def _hourly(settings: Settings) -> float:  # noqa: ARG001  (a job's shape)
    return 3600.0


def export_person(shop: Shop, person: PersonRef) -> dict[str, object]:
    """Return the raw messages that name the person (GDPR art. 15 and 20)."""
    with shop.database.reading() as tx:
        messages = store.messages_naming(tx, person.subject_ids)
    told: list[dict[str, Any]] = [
        {
            "connection": one.connection,
            "topic": one.topic,
            "received": format_time(one.received),
            "body": one.body.decode(errors="replace"),
        }
        for one in messages
    ]
    return {"messages": told}


def erase_person(shop: Shop, tx: Transaction, person: PersonRef) -> None:  # noqa: ARG001
    """Delete the raw messages that name the person (GDPR art. 17); one that waits goes once it is handled."""
    store.forget_subjects(tx, person.subject_ids)
    privacy.erase_requests(tx, person.subject_ids)


FEATURE = Feature(
    name="connections",
    tables=(
        *store.TABLES,
        *privacy.TABLES,
        *SHOPIFY_TABLES,
        *woocommerce_store.TABLES,
        *reconciliation_store.TABLES,
        *feeds_store.TABLES,
        *tills_store.TABLES,
    ),
    person_tables=("inbox", *privacy.TABLES),
    routes=routes,
    jobs=(
        Job("connections", _often, _process),
        Job("fetch connections", _sometimes, _fetch),
        Job("privacy requests", _sometimes, _carry_out),
        Job("prune inbox", _hourly, _prune),
        Job("join till lines", _sometimes, _join),
    ),
    export_person=export_person,
    erase_person=erase_person,
    pages=(*PAGES, *FEED_PAGES, *TILL_PAGES, *RECONCILIATION_PAGES),
    menu=(*MENU, *RECONCILIATION_MENU),
    find=find_connections,
    health=tell_health,
)
