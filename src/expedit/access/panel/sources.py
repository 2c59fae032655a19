"""One source of events: what it assumes of consent, on what legal ground, and a new write key."""

from __future__ import annotations

from expedit.access.audit import Detail, audit_in
from expedit.access.keys import keys
from expedit.access.model import PURPOSES
from expedit.access.panel.keys import KEYS_PATH, bases, chosen_basis
from expedit.access.panel.telling import ADMIN, told
from expedit.access.uses import read_uses
from expedit.core import DAY, HOUR, InvalidInput
from expedit.features import Page
from expedit.storage import Shop
from expedit.web import Html, Redirect, Reply, Visit, text

SOURCE_PATH = f"{KEYS_PATH}/sources"
_OVERLAPS = {"0": 0, "1": HOUR, "24": DAY, "168": 7 * DAY}


def show_source(shop: Shop, visit: Visit) -> Reply:
    """Show one source."""
    source = keys(shop).source(visit.path["source_id"])
    return Html(
        "access/source.html",
        {
            "source": source,
            "purposes": PURPOSES,
            "bases": bases(visit),
            "used": read_uses(shop).get(f"source:{source.id}"),
            "old_until": keys(shop).old_write_keys().get(source.id),
            "overlaps": [
                (hours, text(visit.language, f"access.sources.overlap_{hours}")) for hours in _OVERLAPS
            ],
        },
    )


def change_source(shop: Shop, visit: Visit) -> Reply:
    """Do what one of the forms of a source's page asks for."""
    act = _ACTS.get(visit.form.get("do", ""))
    if act is None:
        raise InvalidInput("", "this form asks for nothing that is known")
    with told(visit):
        return act(shop, visit, keys(shop).source(visit.path["source_id"]).id)


def _ground(shop: Shop, visit: Visit, source_id: str) -> Reply:
    given = visit.chosen("consent")
    consent: dict[str, bool] = {purpose: True for purpose in PURPOSES if purpose in given}
    basis = chosen_basis(visit)
    with shop.database.writing() as tx:
        keys(shop).change_source(tx, source_id, consent, basis)
        details: dict[str, Detail] = {"legal_basis": basis, "consent": sorted(consent)}
        audit_in(tx, shop, visit.viewer, "sources.ground", source_id, details)
    return Redirect(f"{SOURCE_PATH}/{source_id}", text(visit.language, "access.sources.saved"))


def _rotate(shop: Shop, visit: Visit, source_id: str) -> Reply:
    overlap = _OVERLAPS.get(visit.form.get("overlap", ""))
    if overlap is None:
        raise InvalidInput("overlap", f"choose from {', '.join(_OVERLAPS)}")
    with shop.database.writing() as tx:
        fresh = keys(shop).rotate_write_key(tx, source_id, overlap)
        audit_in(tx, shop, visit.viewer, "sources.rotate", source_id, {"overlap_hours": overlap // HOUR})
    source = keys(shop).source(source_id)
    until = visit.at + overlap if overlap else 0
    return Html("access/secret.html", {"name": source_id, "secret": fresh, "source": source, "until": until})


def _end_old(shop: Shop, visit: Visit, source_id: str) -> Reply:
    with shop.database.writing() as tx:
        keys(shop).end_old_write_keys(tx, source_id)
        audit_in(tx, shop, visit.viewer, "sources.end_old_key", source_id)
    return Redirect(f"{SOURCE_PATH}/{source_id}", text(visit.language, "access.sources.old_ended"))


_ACTS = {"ground": _ground, "rotate": _rotate, "end_old": _end_old}

SOURCE_PAGES = (
    Page(f"{SOURCE_PATH}/{{source_id:str}}", show_source, change_source, ADMIN, ADMIN, body_limit=20_000),
)
