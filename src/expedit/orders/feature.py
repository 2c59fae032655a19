"""What orders offer to the house."""

from __future__ import annotations

from expedit.core import Progress, Settings
from expedit.features import Feature, Job
from expedit.orders.keeping import erase_person, export_person, keep_orders
from expedit.storage import Shop


def _every(settings: Settings) -> float:  # noqa: ARG001  (a job's shape)
    return 2.0


def _keep(shop: Shop, progress: Progress) -> None:
    keep_orders(shop, progress)


FEATURE = Feature(
    name="orders",
    tables=("orders", "order_lines", "order_subjects"),
    person_tables=("orders", "order_subjects"),
    jobs=(Job("orders", _every, _keep),),
    export_person=export_person,
    erase_person=erase_person,
)
