"""Plugging in, changing, pausing and removing connections."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from expedit.access import DEFAULT_CONSENT, PURPOSES, LegalBasis, Source, keys
from expedit.connections import store
from expedit.connections.kinds import KINDS, kind_called
from expedit.connections.model import Connection, Field, Kind
from expedit.connections.plugged import connections, place_of
from expedit.core import DAY, InvalidInput, NotFound, evolve, new_secret
from expedit.storage import Shop, Transaction

ROTATION = DAY
"""How long a former secret still counts after a new one was entered, unless said otherwise."""

LEGAL_BASES: tuple[LegalBasis, ...] = ("contract", "consent", "legitimate_interest", "legal_obligation")

_LONGEST_NAME = 80
_LONGEST_VALUE = 4000


def add_connection(
    shop: Shop,
    kind_name: str,
    name: str,
    given: Mapping[str, Any],
    *,
    consent: Mapping[str, bool] | None = None,
    legal_basis: LegalBasis = "contract",
) -> Connection:
    """Plug something in.

    Parameters
    ----------
    kind_name
        Name of the kind.
    name
        What people call it; its id is made of it.
    given
        A value for each field of the kind, secrets too.
    consent
        What its source assumes of people who have not said; the kind of source's default if left out.
    legal_basis
        GDPR art. 6 basis on which its events are kept.

    Raises
    ------
    InvalidInput
        Naming the field at fault.
    NotFound
        When there is no such kind.
    """
    kind = kind_called(kind_name)
    name = _checked_name(name)
    if legal_basis not in LEGAL_BASES:
        raise InvalidInput("legal_basis", f"{legal_basis!r} is no basis of GDPR art. 6")
    settings, secrets = _checked(kind, given, {}, fresh=True)
    assumed = dict(DEFAULT_CONSENT[kind.source_kind] if consent is None else consent)
    if unknown := set(assumed) - set(PURPOSES):
        raise InvalidInput("consent", f"no purpose is called {', '.join(sorted(unknown))}")
    connection_id = _free_id(shop, name, kind.name)
    source = Source(connection_id, kind.source_kind, new_secret("wk"), assumed, legal_basis)
    keys(shop).add_source(source)
    now = shop.clock()
    one = Connection(connection_id, kind.name, name, source.id, settings, True, now)
    with shop.database.writing() as tx:
        store.put_connection(tx, one)
        _put_secrets(shop, tx, one.id, secrets, now, now)
    connections(shop).forget()
    return one


def change_connection(
    shop: Shop, connection_id: str, given: Mapping[str, Any], name: str | None = None
) -> Connection:
    """Set some of the settings; a secret that is given replaces the former one at once."""
    one = connections(shop).get(connection_id)
    settings, secrets = _checked(kind_called(one.kind), given, one.settings, fresh=False)
    one = evolve(one, settings=settings, name=one.name if name is None else _checked_name(name))
    now = shop.clock()
    with shop.database.writing() as tx:
        store.put_connection(tx, one)
        _put_secrets(shop, tx, one.id, secrets, now, now)
    connections(shop).forget()
    return one


def rotate_secret(shop: Shop, connection_id: str, name: str, secret: str, grace: int = ROTATION) -> None:
    """Enter a new secret; what is signed with the former one still counts for `grace` microseconds."""
    one = connections(shop).get(connection_id)
    field = kind_called(one.kind).field(name)
    if field is None or field.kind != "secret":
        raise InvalidInput("name", f"{one.kind} has no secret called {name!r}")
    now = shop.clock()
    with shop.database.writing() as tx:
        _put_secrets(shop, tx, one.id, {name: _value(field, secret)}, now, now + grace)
    connections(shop).forget()


def set_enabled(shop: Shop, connection_id: str, enabled: bool) -> Connection:
    """Pause a connection, or go on with it; a paused one still receives, and its messages wait."""
    one = evolve(connections(shop).get(connection_id), enabled=enabled)
    with shop.database.writing() as tx:
        store.put_connection(tx, one)
    connections(shop).forget()
    return one


def remove_connection(shop: Shop, connection_id: str) -> None:
    """Unplug a connection and forget its secrets and messages; what it has brought in stays."""
    with shop.database.writing(shred=True) as tx:
        if not store.drop_connection(tx, connection_id):
            raise NotFound(f"no connection is called {connection_id!r}")
    connections(shop).forget()


def kind_of(connection: Connection) -> Kind:
    """Return the kind of a connection."""
    return kind_called(connection.kind)


def webhook_path(connection: Connection) -> str:
    """Return the path that its sender posts to, empty for a kind without webhooks."""
    kind = KINDS.get(connection.kind)
    return f"/v1/connections/{connection.id}/{connection.kind}" if kind and kind.receive else ""


def _put_secrets(
    shop: Shop, tx: Transaction, connection_id: str, secrets: Mapping[str, str], now: int, until: int
) -> None:
    vault = connections(shop).vault
    for name, secret in secrets.items():
        sealed = vault.seal(secret, place_of(connection_id, name))
        store.put_secret(tx, connection_id, name, sealed, now, until)


def _free_id(shop: Shop, name: str, kind: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or kind
    taken = {one.id for one in connections(shop).all()} | {source.id for source in keys(shop).sources()}
    number, found = 1, stem
    while found in taken:
        number += 1
        found = f"{stem}-{number}"
    return found


def _checked_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise InvalidInput("name", "is missing")
    if len(cleaned) > _LONGEST_NAME or not cleaned.isprintable():
        raise InvalidInput("name", f"must be at most {_LONGEST_NAME} printable characters")
    return cleaned


def _checked(
    kind: Kind, given: Mapping[str, Any], before: Mapping[str, Any], *, fresh: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the settings and the secrets in `given`, cleaned; what is not given stays as `before`."""
    settings, secrets = dict(before), {}
    for name in given:
        if kind.field(name) is None:
            raise InvalidInput(name, f"{kind.name} has no such setting")
    for field in kind.fields:
        raw = given.get(field.name)
        absent = raw is None or (isinstance(raw, str) and not raw.strip())
        if absent and (field.name not in given or field.kind == "secret") and not fresh:
            continue  # a form shows no secret: an empty one leaves it as it is
        if absent:
            if field.required and not field.default:
                raise InvalidInput(field.name, "is missing")
            if field.kind != "secret":
                settings[field.name] = field.default
            continue
        value = _value(field, str(raw))
        if field.kind == "secret":
            secrets[field.name] = value
        else:
            settings[field.name] = value
    return settings, secrets


def _value(field: Field, raw: str) -> str:
    value = raw.strip()
    if not value:
        raise InvalidInput(field.name, "is missing")
    if len(value) > _LONGEST_VALUE or "\0" in value:
        raise InvalidInput(field.name, "is no text that fits here")
    if field.choices and value not in field.choices:
        raise InvalidInput(field.name, f"must be one of {', '.join(field.choices)}")
    return value if field.check is None else field.check(value)
