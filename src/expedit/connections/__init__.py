"""Other systems plugged in: web shops, feeds, tills; what they send becomes products, events and consents.

A webhook is checked, stored in a durable inbox and answered within milliseconds; a job turns messages into
changes, in any order and however often they come. What has to be fetched is fetched on a schedule. Secrets
are sealed at rest, and each connection tells how it does.
"""

from expedit.connections.addresses import FetchFailed, FetchRefused
from expedit.connections.changing import (
    LEGAL_BASES,
    add_connection,
    change_connection,
    kind_of,
    remove_connection,
    rotate_secret,
    set_enabled,
    webhook_path,
)
from expedit.connections.commands import COMMANDS
from expedit.connections.fetching import Fetcher, rules_of
from expedit.connections.health import ConnectionHealth, every_health, health_of
from expedit.connections.inbox import handle, process, prune, receive, replay
from expedit.connections.kinds import KINDS, kind_called
from expedit.connections.model import (
    Connection,
    Field,
    Hook,
    Incoming,
    Kind,
    Later,
    Message,
    More,
    Run,
)
from expedit.connections.plugged import Connections, connections
from expedit.connections.privacy import PrivacyRequest, finish_request, open_requests, requests_of
from expedit.connections.reconciliation import ShopOrder, note_shop_orders
from expedit.connections.schedule import ask_to_fetch, fetch_due, fetch_now
from expedit.connections.tills import TillFormat, TillReport, import_till, join_lines

__all__ = [
    "COMMANDS",
    "KINDS",
    "LEGAL_BASES",
    "Connection",
    "ConnectionHealth",
    "Connections",
    "FetchFailed",
    "FetchRefused",
    "Fetcher",
    "Field",
    "Hook",
    "Incoming",
    "Kind",
    "Later",
    "Message",
    "More",
    "PrivacyRequest",
    "Run",
    "ShopOrder",
    "TillFormat",
    "TillReport",
    "add_connection",
    "ask_to_fetch",
    "change_connection",
    "connections",
    "every_health",
    "fetch_due",
    "fetch_now",
    "finish_request",
    "handle",
    "health_of",
    "import_till",
    "join_lines",
    "kind_called",
    "kind_of",
    "note_shop_orders",
    "open_requests",
    "process",
    "prune",
    "receive",
    "remove_connection",
    "replay",
    "requests_of",
    "rotate_secret",
    "rules_of",
    "set_enabled",
    "webhook_path",
]
