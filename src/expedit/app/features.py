"""The visible tuple of everything this installation can do."""

from __future__ import annotations

from importlib.metadata import entry_points

from expedit.access.feature import FEATURE as ACCESS
from expedit.audiences.feature import FEATURE as AUDIENCES
from expedit.catalog.feature import FEATURE as CATALOG
from expedit.connections.feature import FEATURE as CONNECTIONS
from expedit.core import SettingsError
from expedit.decisions.feature import FEATURE as DECISIONS
from expedit.events.feature import FEATURE as EVENTS
from expedit.features import Feature, Job
from expedit.identity.feature import FEATURE as IDENTITY
from expedit.insights.feature import FEATURE as INSIGHTS
from expedit.merchandising.feature import FEATURE as MERCHANDISING
from expedit.operations.feature import FEATURE as OPERATIONS
from expedit.orders.feature import FEATURE as ORDERS
from expedit.profiles.feature import FEATURE as PROFILES
from expedit.proof.feature import FEATURE as PROOF
from expedit.recommendation.feature import FEATURE as RECOMMENDATION
from expedit.tracking.feature import FEATURE as TRACKING

BUILT_IN: tuple[Feature, ...] = (
    ACCESS,
    CATALOG,
    EVENTS,
    ORDERS,
    IDENTITY,
    PROFILES,
    AUDIENCES,
    TRACKING,
    CONNECTIONS,
    RECOMMENDATION,
    PROOF,
    MERCHANDISING,
    DECISIONS,
    INSIGHTS,
    OPERATIONS,
)

ENTRY_POINTS = "expedit.features"


def load_features() -> tuple[Feature, ...]:
    """Return the built-in features and those of installed plugins, in this order.

    Raises
    ------
    SettingsError
        When a plugin gives something else than a `Feature`, or a name that is taken.
    """
    found = list(BUILT_IN)
    for point in entry_points(group=ENTRY_POINTS):
        feature = point.load()
        if not isinstance(feature, Feature):
            raise SettingsError(f"plugin {point.name!r} gives {type(feature).__name__}, not a Feature")
        if any(feature.name == other.name for other in found):
            raise SettingsError(f"plugin {point.name!r} takes the name {feature.name!r} a second time")
        found.append(feature)
    return tuple(found)


FEATURES: tuple[Feature, ...] = load_features()


def all_jobs() -> tuple[Job, ...]:
    """Return the periodic work of every feature."""
    return tuple(job for feature in FEATURES for job in feature.jobs)
