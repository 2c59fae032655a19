"""What the catalog offers to the house."""

from expedit.catalog.api import routes
from expedit.catalog.live import live_catalog
from expedit.catalog.store import TABLES
from expedit.features import Feature

FEATURE = Feature(
    name="catalog",
    tables=TABLES,
    routes=routes,
    start=lambda shop: live_catalog(shop).start(),
)
