"""One placement in the panel: edited, tried on somebody, published, put away, taken back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from expedit.access import actor_name, audit_in, clash_with, names_of
from expedit.audiences import audience_choices
from expedit.catalog import live_catalog
from expedit.core import Conflict, InvalidInput, NotFound, Struct, evolve
from expedit.decisions.live_placements import PLACEMENTS, live_placements
from expedit.decisions.panel_placements import PLACEMENTS_PATH, standing_of
from expedit.decisions.placement_editing import (
    Edition,
    archive_placement,
    done_by,
    give_back,
    publish_placement,
    restore_placement,
    save_placement,
    stands,
    undo_placement,
)
from expedit.decisions.placement_form import FIELDS, Rung, placement_of_form, rungs_of, rungs_typed
from expedit.decisions.placement_telling import PlacementTeller
from expedit.decisions.placements import (
    ELIGIBLE,
    FILTERS,
    LOCALES,
    PAGE_TYPES,
    POSITIONS,
    PROOFS,
    STRATEGY_NAMES,
    Placement,
    Step,
)
from expedit.features import Page, uses_of
from expedit.storage import Shop, Transaction
from expedit.web import Clash, Difference, Html, Redirect, Reply, Visit, text

_BLANK = Placement("", {}, (Step("personal"), Step("viewed_together")), filters=ELIGIBLE)
_TAKEN = "~"
"""Stands for the key of a step in the pattern that the page's script makes new steps of."""


class Told(Struct, frozen=True):
    """An edition in the history: what was done, who did it, and what it changed."""

    edition: Edition
    done: str
    author: str
    differences: tuple[Difference, ...]


def show_new(shop: Shop, visit: Visit) -> Reply:
    """Show the form of a new placement, perhaps begun as a copy of another."""
    model = live_placements(shop).current().get(visit.query.get("from", ""))
    return _page(shop, visit, evolve(model, name="", selector="") if model else _BLANK, [])


def add(shop: Shop, visit: Visit) -> Reply:
    """Keep a new placement, and publish it if that was asked."""
    placement = placement_of_form(visit)
    publishing = visit.form.get("act") == "publish"
    try:
        with shop.database.writing() as tx:
            if placement.name in live_placements(shop).of_file():
                raise Conflict("taken")
            edition = _saved(tx, shop, visit, placement, 0)
            if publishing:
                _publish(tx, shop, visit, placement.name, edition.version)
    except Conflict:
        raise InvalidInput("name", text(visit.language, "decisions.edit.taken")) from None
    return _back(visit, placement.name, "published" if publishing else "created")


def show_placement(shop: Shop, visit: Visit) -> Reply:
    """Show one placement: its form for those who may change it, its history, and what it would answer."""
    name, placement, history = _known(shop, visit)
    return _page(shop, visit, evolve(placement, name=name), history)


def change(shop: Shop, visit: Visit) -> Reply:
    """Do what one of the buttons of a placement's page asks for."""
    name, known, history = _known(shop, visit)
    deed = visit.form.get("act", "")
    if deed in {"save", "publish"}:
        return _save(shop, visit, known, history, publishing=deed == "publish")
    if deed not in _DEEDS:
        raise InvalidInput("", text(visit.language, "decisions.edit.unknown_act"))
    try:
        with shop.database.writing() as tx:
            _note(tx, shop, visit, _DEEDS[deed](tx, shop, visit, name))
    except Conflict:
        return _refused(shop, visit, known)
    return _back(visit, name, deed)


def _refused(shop: Shop, visit: Visit, known: Placement) -> Reply:
    """Tell why a step was not taken: somebody else was first, or rules in force name the placement."""
    _, newest, history = _known(shop, visit)
    if history and history[0].version != _seen(visit):
        seen = next((one for one in history if one.version == _seen(visit)), history[0])
        return _clashing(shop, visit, newest, history, seen)
    return evolve(_page(shop, visit, known, history, held=True), status=409)


def _save(shop: Shop, visit: Visit, known: Placement, history: list[Edition], *, publishing: bool) -> Reply:
    """Keep what the form says, unless somebody else has saved meanwhile."""
    placement = placement_of_form(visit, known.name, known)
    seen = _seen(visit)
    if seen != (history[0].version if history else 0):
        return _clashing(shop, visit, placement, history)
    try:
        with shop.database.writing() as tx:
            changed = not history or placement != history[0].body
            if changed:
                seen = _saved(tx, shop, visit, placement, seen).version
            if publishing and (changed or history[0].state != "published"):
                _publish(tx, shop, visit, placement.name, seen)
    except Conflict:  # somebody saved between looking and writing
        return _clashing(shop, visit, placement, _known(shop, visit)[2])
    return _back(visit, placement.name, "published" if publishing else "saved")


def _saved(tx: Transaction, shop: Shop, visit: Visit, placement: Placement, seen: int) -> Edition:
    edition = save_placement(tx, shop, placement, seen, visit.viewer.user_id)
    _note(tx, shop, visit, edition)
    return edition


def _publish(tx: Transaction, shop: Shop, visit: Visit, name: str, seen: int) -> None:
    _note(tx, shop, visit, publish_placement(tx, shop, name, seen, visit.viewer.user_id))


def _note(tx: Transaction, shop: Shop, visit: Visit, edition: Edition) -> None:
    details = {"version": edition.version}
    audit_in(tx, shop, visit.viewer, f"placements.{done_by(edition)}", edition.id, details)


def _back(visit: Visit, name: str, said: str) -> Redirect:
    return Redirect(f"{PLACEMENTS_PATH}/{name}", text(visit.language, f"decisions.edit.said.{said}"))


def _seen(visit: Visit) -> int:
    written = visit.form.get("version", "")
    return int(written) if written.isdecimal() else 0


def _archive(tx: Transaction, shop: Shop, visit: Visit, name: str) -> Edition:
    return archive_placement(tx, shop, name, _seen(visit), visit.viewer.user_id)


def _give_back(tx: Transaction, shop: Shop, visit: Visit, name: str) -> Edition:
    return give_back(tx, shop, name, _seen(visit), visit.viewer.user_id)


def _undo(tx: Transaction, shop: Shop, visit: Visit, name: str) -> Edition:
    return undo_placement(tx, shop, name, _seen(visit), visit.viewer.user_id)


def _restore(tx: Transaction, shop: Shop, visit: Visit, name: str) -> Edition:
    wanted = visit.form.get("restored", "")
    version = int(wanted) if wanted.isdecimal() else 0
    return restore_placement(tx, shop, name, version, _seen(visit), visit.viewer.user_id)


_DEEDS: dict[str, Callable[[Transaction, Shop, Visit, str], Edition]] = {
    "archive": _archive, "give_back": _give_back, "undo": _undo, "restore": _restore,
}  # fmt: skip


def _known(shop: Shop, visit: Visit) -> tuple[str, Placement, list[Edition]]:
    """Return the placement that the form begins with: its newest edition, else what the file says."""
    name = visit.path["placement"]
    of_file = live_placements(shop).of_file().get(name)
    with shop.database.reading() as tx:
        history = PLACEMENTS.history(tx, name)
    given_back = history and history[0].state == "archived" and not history[0].live
    newest = history[0].body if history else None
    placement = (of_file or newest) if given_back else (newest or of_file)
    if placement is None:
        raise NotFound(text(visit.language, "decisions.placement.unknown"))
    return name, evolve(placement, enabled=True), history


def _clashing(
    shop: Shop, visit: Visit, placement: Placement, history: list[Edition], seen: Edition | None = None
) -> Reply:
    """Tell what somebody else did meanwhile: beside what was typed, else beside the edition that was seen."""
    newest = history[0]
    differences = PlacementTeller(visit.language).differences(seen.body if seen else placement, newest.body)
    clash = clash_with(shop, visit.language, newest, differences, pressed=seen is not None)
    return evolve(_page(shop, visit, placement, history, clash=clash), status=409)


def _page(
    shop: Shop,
    visit: Visit,
    placement: Placement,
    history: list[Edition],
    *,
    clash: Clash | None = None,
    held: bool = False,
) -> Html:
    """Return the page of a placement."""
    teller = PlacementTeller(visit.language)
    live, name = live_placements(shop), placement.name
    of_file = live.of_file().get(name)
    newest = history[0] if history else None
    snapshot = live_catalog(shop).current()
    with shop.database.reading() as tx:
        uses = uses_of(shop, tx, "placement", name) if name else ()
        from_panel = newest is not None and newest.live > 0 and stands(tx, shop, newest)
    return Html(
        "decisions/placement.html",
        {
            "placement": placement,
            "name": name,
            "title": placement.title(visit.language) or name,
            "teller": teller,
            "newest": newest,
            "version": newest.version if newest else 0,
            "standing": standing_of(newest, in_file=of_file is not None),
            "in_force": live.newest().get(name),
            "from_panel": from_panel,
            "of_file": of_file,
            "of_file_differs": teller.differences(of_file, placement) if of_file else [],
            "rungs": rungs_typed(visit) if visit.errors else rungs_of(placement),
            "pattern": [Rung(_TAKEN)],
            "fields": FIELDS,
            "strategies": STRATEGY_NAMES,
            "channels": teller.channels(snapshot.locations()),
            "filters": FILTERS, "page_types": PAGE_TYPES, "positions": POSITIONS, "proofs": PROOFS,
            "locales": LOCALES,
            "markets": list(snapshot.markets),
            "audiences": audience_choices(shop),
            "history": _history(shop, teller, history),
            "clash": clash,
            "uses": uses,
            "held": held,
        },
        status=409 if clash else 200,
    )  # fmt: skip


def _history(shop: Shop, teller: PlacementTeller, history: list[Edition]) -> list[Told]:
    people = names_of(shop)
    told = []
    for edition, before in zip_longest(history, history[1:]):
        changed: list[Any] = teller.differences(before.body, edition.body) if before else []
        told.append(
            Told(
                edition, done_by(edition), actor_name(teller.language, edition.author, people), tuple(changed)
            )
        )
    return told


PLACEMENT_PAGES = (
    Page(f"{PLACEMENTS_PATH}/new", show=show_new, act=add, role="merchandiser"),
    Page(f"{PLACEMENTS_PATH}/{{placement:str}}", show=show_placement, act=change),
)
