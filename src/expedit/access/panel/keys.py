"""Secret keys with scopes, and the sources of events with their write keys."""

from __future__ import annotations

from expedit.access.audit import audit_in
from expedit.access.keys import keys
from expedit.access.model import DEFAULT_CONSENT, SCOPES, LegalBasis, Scope, Source, SourceKind
from expedit.access.panel.telling import ADMIN, Told, told
from expedit.access.uses import read_uses
from expedit.core import DAY, Conflict, InvalidInput, new_secret
from expedit.features import Page
from expedit.storage import Shop
from expedit.web import Html, Redirect, Reply, Visit, text

KEYS_PATH = "/panel/keys"
KINDS: tuple[SourceKind, ...] = ("browser", "server", "app", "till", "mail", "import")
BASES: tuple[LegalBasis, ...] = ("consent", "contract", "legitimate_interest", "legal_obligation")
_LIVES = ("0", "30", "90", "365")


def show_keys(shop: Shop, visit: Visit) -> Reply:
    """List keys and sources, beside forms for more."""
    return Html(
        "access/keys.html",
        {
            "tab": "sources" if visit.query.get("tab") == "sources" else "keys",
            "api_keys": keys(shop).api_keys(),
            "sources": keys(shop).sources(),
            "used": read_uses(shop),
            "scopes": SCOPES,
            "kinds": [(kind, text(visit.language, f"access.kind.{kind}")) for kind in KINDS],
            "bases": bases(visit),
            "lives": [(days, text(visit.language, f"access.keys.life_{days}")) for days in _LIVES],
            "soon": visit.at + 14 * DAY,
        },
    )


def change_keys(shop: Shop, visit: Visit) -> Reply:
    """Do what one of the forms of the page asks for."""
    act = _ACTS.get(visit.form.get("do", ""))
    if act is None:
        raise InvalidInput("", "this form asks for nothing that is known")
    with told(visit):
        return act(shop, visit)


def _add_key(shop: Shop, visit: Visit) -> Reply:
    name = visit.form.get("name", "")
    asked = visit.chosen("scopes")
    scopes: tuple[Scope, ...] = tuple(scope for scope in SCOPES if scope in asked)
    life = visit.form.get("life", "0")
    if life not in _LIVES:
        raise InvalidInput("life", f"choose from {', '.join(_LIVES)}")
    expires = visit.at + int(life) * DAY if int(life) else None
    with shop.database.writing() as tx:
        key_id, secret = keys(shop).add_api_key_in(tx, name, scopes, expires)
        audit_in(tx, shop, visit.viewer, "keys.add", key_id, {"scopes": list(scopes)})
    return Html("access/secret.html", {"name": name, "secret": secret, "source": None, "until": 0})


def _revoke(shop: Shop, visit: Visit) -> Reply:
    key_id = visit.form.get("key", "")
    with shop.database.writing() as tx:
        keys(shop).revoke_api_key_in(tx, key_id)
        audit_in(tx, shop, visit.viewer, "keys.revoke", key_id)
    return Redirect(KEYS_PATH, text(visit.language, "access.keys.revoked"))


def _add_source(shop: Shop, visit: Visit) -> Reply:
    kind = next((known for known in KINDS if known == visit.form.get("kind")), None)
    if kind is None:
        raise InvalidInput("kind", f"choose from {', '.join(KINDS)}")
    source = Source(
        visit.form.get("id", "").strip(), kind, new_secret("wk"), DEFAULT_CONSENT[kind], chosen_basis(visit)
    )
    try:
        with shop.database.writing() as tx:
            keys(shop).add_source_in(tx, source)
            details = {"kind": kind, "legal_basis": source.legal_basis}
            audit_in(tx, shop, visit.viewer, "sources.add", source.id, details)
    except Conflict:
        raise Told("id", text(visit.language, "access.sources.taken")) from None
    return Html(
        "access/secret.html", {"name": source.id, "secret": source.write_key, "source": source, "until": 0}
    )


_ACTS = {"add_key": _add_key, "revoke": _revoke, "add_source": _add_source}


def chosen_basis(visit: Visit) -> LegalBasis:
    """Return the legal basis that a form chose, or raise `InvalidInput`."""
    for basis in BASES:
        if basis == visit.form.get("legal_basis"):
            return basis
    raise InvalidInput("legal_basis", f"choose from {', '.join(BASES)}")


def bases(visit: Visit) -> list[tuple[str, str]]:
    """Return the legal bases with their names."""
    return [(basis, text(visit.language, f"access.basis.{basis}")) for basis in BASES]


KEY_PAGES = (Page(KEYS_PATH, show_keys, change_keys, ADMIN, ADMIN, body_limit=20_000),)
