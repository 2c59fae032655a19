"""The pages of this room: coming in, one's own account, users, keys and sources, the audit log."""

from expedit.access.panel.account import ACCOUNT_PAGES
from expedit.access.panel.audit import AUDIT_PAGES
from expedit.access.panel.entering import ENTERING_PAGES
from expedit.access.panel.keys import KEY_PAGES
from expedit.access.panel.sources import SOURCE_PAGES
from expedit.access.panel.users import USER_PAGES
from expedit.features import MenuItem

PAGES = (*ENTERING_PAGES, *ACCOUNT_PAGES, *USER_PAGES, *KEY_PAGES, *SOURCE_PAGES, *AUDIT_PAGES)

_GROUP = "web.group.administration"

MENU = (
    MenuItem("/panel/users", "access.users.title", icon="users-group", order=910, role="admin", group=_GROUP),
    MenuItem("/panel/keys", "access.keys.title", icon="key", order=920, role="admin", group=_GROUP),
    MenuItem("/panel/audit", "access.audit.title", icon="history", order=930, role="admin", group=_GROUP),
)

__all__ = ["MENU", "PAGES"]
