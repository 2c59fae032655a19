"""Who may ask: sources with their write keys, consent defaults and legal basis; secret keys with scopes.

A browser's write key is public: with it one can track and get decisions for an ``anonymousId``. What is said
about a ``userId`` needs the shop's signature (`check_user_hash`) or a secret key.
"""

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
from expedit.access.store import ApiKey, Keys, check_user_hash, keys, signing_secret, user_hash

__all__ = [
    "DEFAULT_CONSENT",
    "PURPOSES",
    "SCOPES",
    "ApiKey",
    "Caller",
    "Keys",
    "LegalBasis",
    "Purpose",
    "Scope",
    "Source",
    "SourceKind",
    "check_user_hash",
    "keys",
    "signing_secret",
    "user_hash",
]
