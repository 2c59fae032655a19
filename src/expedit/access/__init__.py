"""Who may ask: sources with their write keys, consent defaults and legal basis; secret keys with scopes;
the panel's users, their sessions, and the log of what was done by whom; and what several of them arrange,
edition by edition (`Arrangements`).

A browser's write key is public: with it one can track and get decisions for an ``anonymousId``. What is said
about a ``userId`` needs the shop's signature (`check_user_hash`) or a secret key.
"""

from expedit.access.administering import invite, lock_out, reset_user
from expedit.access.arrangements import Arranged, Arrangements, Kept
from expedit.access.audit import (
    COMMAND_LINE,
    SYSTEM,
    Entry,
    Wanted,
    all_audit,
    audit,
    audit_in,
    forget_audit,
    read_audit,
)
from expedit.access.keys import ApiKey, Keys, keys
from expedit.access.links import link_path, make_link
from expedit.access.model import (
    DEFAULT_CONSENT,
    PURPOSES,
    SCOPES,
    Caller,
    LegalBasis,
    Purpose,
    Scope,
    Source,
    SourceKind,
)
from expedit.access.panel.editions import ToldEdition, by_button, late_with, restored_by_button, told_history
from expedit.access.panel.telling import actor_name, clash_with, names_of
from expedit.access.sessions import SESSION_COOKIE, Sessions, SignedIn, csrf_of, sessions
from expedit.access.signatures import check_user_hash, signing_secret, user_hash
from expedit.access.users import LANGUAGES, User, add_user, find_login, find_user, has_users, users_of

__all__ = [
    "COMMAND_LINE",
    "DEFAULT_CONSENT",
    "LANGUAGES",
    "PURPOSES",
    "SCOPES",
    "SESSION_COOKIE",
    "SYSTEM",
    "ApiKey",
    "Arranged",
    "Arrangements",
    "Caller",
    "Entry",
    "Kept",
    "Keys",
    "LegalBasis",
    "Purpose",
    "Scope",
    "Sessions",
    "SignedIn",
    "Source",
    "SourceKind",
    "ToldEdition",
    "User",
    "Wanted",
    "actor_name",
    "add_user",
    "all_audit",
    "audit",
    "audit_in",
    "by_button",
    "check_user_hash",
    "clash_with",
    "csrf_of",
    "find_login",
    "find_user",
    "forget_audit",
    "has_users",
    "invite",
    "keys",
    "late_with",
    "link_path",
    "lock_out",
    "make_link",
    "names_of",
    "read_audit",
    "reset_user",
    "restored_by_button",
    "sessions",
    "signing_secret",
    "told_history",
    "user_hash",
    "users_of",
]
