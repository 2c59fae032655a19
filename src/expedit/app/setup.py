"""Making a new installation: folder, settings, database, sources and keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from expedit.access import DEFAULT_CONSENT, SCOPES, LegalBasis, Source, SourceKind, keys, signing_secret
from expedit.core import Conflict, ExpeditError, Struct, load_settings, new_secret, settings_file
from expedit.decisions import default_placements_file
from expedit.storage import Home, Shop, migrate, open_shop


class NewHome(Struct, frozen=True):
    """What `expedit init` shows once.

    Parameters
    ----------
    home
        The folder.
    write_keys
        Write key by source: ``web`` is public and goes into the pages, the others are secret.
    secret_key
        API key with every scope.
    signing_secret
        Signs user ids on the shop's own server.
    """

    home: str
    write_keys: dict[str, str]
    secret_key: str
    signing_secret: str


_SOURCES: tuple[tuple[str, SourceKind, LegalBasis], ...] = (
    ("web", "browser", "consent"),
    ("server", "server", "contract"),
    ("till", "till", "contract"),
)


def make_home(root: Path, chosen: dict[str, Any]) -> NewHome:
    """Make a home with `chosen` settings and return its keys, which are shown this once.

    Raises
    ------
    Conflict
        When the folder is a home already, or the database belongs to another one.
    SettingsError
        When a chosen value does not fit.
    Unavailable
        When the database does not answer.
    """
    home = Home(root)
    if home.exists():
        raise Conflict(f"{home.root} is an expedit home already")
    written = settings_file(chosen)
    load_settings(written, {})
    home.make()
    home.placements_path.write_text(default_placements_file())
    home.settings_path.write_text(written)
    try:
        return _make_keys(home)
    except ExpeditError:
        home.settings_path.unlink()  # what could not be made must not stand in the way of a second try
        raise


def _make_keys(home: Home) -> NewHome:
    shop = open_shop(home.root)
    try:
        migrate(shop.database)
        write_keys = {name: add_source(shop, name, kind, basis).write_key for name, kind, basis in _SOURCES}
        secret = keys(shop).add_api_key("first key", SCOPES)
        return NewHome(str(home.root), write_keys, secret, signing_secret(shop))
    finally:
        shop.close()


def add_source(shop: Shop, name: str, kind: SourceKind, basis: LegalBasis) -> Source:
    """Add a source with the consent that its kind assumes, and a fresh write key."""
    source = Source(name, kind, new_secret("wk"), DEFAULT_CONSENT[kind], basis)
    keys(shop).add_source(source)
    return source
