"""Who may ask: sources of events and secret keys."""

from __future__ import annotations

from typing import Literal

from expedit.core import InvalidInput, NotAllowed, Struct

Purpose = Literal["analytics", "personalization", "email", "sms", "push", "personalized_price"]
PURPOSES: tuple[Purpose, ...] = ("analytics", "personalization", "email", "sms", "push", "personalized_price")

SourceKind = Literal["browser", "server", "app", "till", "mail", "import"]
LegalBasis = Literal["consent", "contract", "legitimate_interest", "legal_obligation"]

Scope = Literal[
    "track",
    "decide",
    "people:read",
    "people:write",
    "catalog:write",
    "rules:write",
    "audiences:read",
    "audiences:write",
    "models:write",
    "metrics",
    "admin",
]
SCOPES: tuple[Scope, ...] = (
    "track",
    "decide",
    "people:read",
    "people:write",
    "catalog:write",
    "rules:write",
    "audiences:read",
    "audiences:write",
    "models:write",
    "metrics",
    "admin",
)


class Source(Struct, frozen=True):
    """Where events come from, and on what legal ground.

    Parameters
    ----------
    id
        Short name, stored with each event.
    kind
        What sends; a ``browser`` source's key is public.
    write_key
        The key that its events carry; of a secret one that was stored only a digest is known, so that it is
        empty.
    consent
        What is assumed of each purpose when neither event nor person says; missing means no.
    legal_basis
        GDPR art. 6 basis on which its events are kept.
    """

    id: str
    kind: SourceKind
    write_key: str
    consent: dict[str, bool]
    legal_basis: LegalBasis

    @property
    def public(self) -> bool:
        """Tell whether anybody can read this source's key."""
        return self.kind in {"browser", "app"}


class Caller(Struct, frozen=True):
    """Who sends a request: a source, or the holder of a secret key.

    Parameters
    ----------
    source
        The source whose write key was given, if any.
    scopes
        What a secret key permits; empty for a public key.
    key
        Which key it was, without giving it away: ``source:`` or ``key:`` and an id.
    """

    source: Source | None
    scopes: frozenset[str] = frozenset()
    key: str = ""

    @property
    def trusted(self) -> bool:
        """Tell whether the caller is the shop itself: its claims about users need no signature."""
        return bool(self.scopes) or (self.source is not None and not self.source.public)

    def need(self, scope: Scope) -> None:
        """Raise `NotAllowed` unless the caller's key has `scope`."""
        if scope not in self.scopes and "admin" not in self.scopes:
            raise NotAllowed(f"this needs a secret key with the scope {scope}")


def check_source(source: Source) -> None:
    """Raise `InvalidInput` when the source is not well-formed."""
    if not source.id or not source.id.replace("-", "").replace("_", "").isalnum():
        raise InvalidInput("id", f"{source.id!r} may hold letters, digits, - and _ only")
    unknown = set(source.consent) - set(PURPOSES)
    if unknown:
        raise InvalidInput("consent", f"no purpose is called {', '.join(sorted(unknown))}")


DEFAULT_CONSENT: dict[SourceKind, dict[str, bool]] = {
    "browser": {},
    "app": {},
    "server": {"analytics": True},
    "till": {"analytics": True},
    "mail": {"analytics": True},
    "import": {},
}
"""Consent assumed by kind of source: a browser's visitor has given none until they say so."""
