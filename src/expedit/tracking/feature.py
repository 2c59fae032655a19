"""What the way in offers to the house."""

from __future__ import annotations

from expedit.features import Feature
from expedit.storage import Shop
from expedit.tracking.api import routes
from expedit.tracking.group_commit import committer


def _start(shop: Shop) -> None:
    committer(shop)


FEATURE = Feature(name="tracking", tables=("tracking_counts",), routes=routes, start=_start)
