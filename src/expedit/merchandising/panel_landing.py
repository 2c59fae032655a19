"""One landing page in the panel: edited, published, put away, taken back."""

from __future__ import annotations

from collections.abc import Callable

from expedit.access import Arranged, clash_with, late_with, told_history
from expedit.audiences import UnusableAudience, audience_choices
from expedit.catalog import live_catalog, named_products
from expedit.core import Conflict, InvalidInput, NotFound
from expedit.features import Page
from expedit.merchandising.landing import LANDINGS, RANKINGS, TAKEN, LandingPage, LandingWords
from expedit.merchandising.landing_editing import note_landing, publish_landing, save_landing, undo_landing
from expedit.merchandising.landing_form import held_by, landing_of_form, slug_of
from expedit.merchandising.landing_telling import LandingTeller, standing_of
from expedit.merchandising.panel_landings import LANDINGS_PATH, STARTS
from expedit.storage import Shop, Transaction
from expedit.web import Clash, Html, Redirect, Reply, Visit, text

Edition = Arranged[LandingPage]


def show_new(shop: Shop, visit: Visit) -> Reply:
    """Show the form of a new page, perhaps begun for a kind of arrival."""
    start = visit.query.get("from", "")
    when = {"arrival.kind": start} if start in STARTS else {}
    return _form(shop, visit, "", LandingPage("", {"sv": LandingWords("")}, when), [])


def add(shop: Shop, visit: Visit) -> Reply:
    """Keep a new page, and publish it if that was asked."""
    page = landing_of_form(visit)
    slug = visit.form.get("slug", "").strip() or slug_of(page.name)
    publishing = visit.form.get("act") == "publish"
    try:
        with shop.database.writing() as tx:
            _keep(tx, shop, visit, slug, page, 0, publishing=publishing)
    except Conflict:
        raise InvalidInput("slug", _say(visit, "wrong.taken")) from None
    return _back(visit, slug, "published" if publishing else "created")


def show_landing(shop: Shop, visit: Visit) -> Reply:
    """Show one page: its form for those who may change it, its history."""
    slug, history = _known(shop, visit)
    return _form(shop, visit, slug, history[0].body, history)


def change(shop: Shop, visit: Visit) -> Reply:
    """Do what one of the buttons of a page asks for."""
    slug, history = _known(shop, visit)
    deed = visit.form.get("act", "")
    if deed in {"save", "publish"}:
        return _save(shop, visit, slug, history, publishing=deed == "publish")
    if deed not in _DEEDS:
        raise InvalidInput("", _say(visit, "wrong.act"))
    try:
        with shop.database.writing() as tx:
            note_landing(tx, shop, visit.viewer, _DEEDS[deed](tx, shop, visit, slug))
    except Conflict:
        return _refused(shop, visit)
    except UnusableAudience as error:
        raise Conflict(text(visit.language, "merchandising.wrong.audience_then", name=error.name)) from error
    return _back(visit, slug, deed)


def _refused(shop: Shop, visit: Visit) -> Reply:
    """Tell why a button did nothing: somebody else was first, or there is nothing to take back."""
    slug, history = _known(shop, visit)
    newest, seen = history[0], visit.number("version")
    if seen == newest.version:
        raise Conflict(text(visit.language, "merchandising.wrong.nothing_earlier"))
    clash = late_with(shop, visit.language, history, seen, LandingTeller(shop, visit.language).changes)
    return _form(shop, visit, slug, newest.body, history, clash=clash)


def _save(shop: Shop, visit: Visit, slug: str, history: list[Edition], *, publishing: bool) -> Reply:
    page, seen = landing_of_form(visit), visit.number("version")
    if seen != history[0].version:
        return _clashing(shop, visit, slug, page, history)
    try:
        with shop.database.writing() as tx:
            _keep(tx, shop, visit, slug, page, seen, publishing=publishing, known=history[0])
    except Conflict:  # somebody saved between looking and writing
        return _clashing(shop, visit, slug, page, _known(shop, visit)[1])
    return _back(visit, slug, "published" if publishing else "saved")


def _keep(
    tx: Transaction,
    shop: Shop,
    visit: Visit,
    slug: str,
    page: LandingPage,
    seen: int,
    *,
    publishing: bool,
    known: Edition | None = None,
) -> None:
    """Write what changed, and put it in force if that was asked."""
    author, now = visit.viewer.user_id, shop.clock()
    try:
        changed = known is None or page != known.body or known.state == "archived"
        if changed:
            edition = save_landing(tx, slug, page, seen, author, now)
            note_landing(tx, shop, visit.viewer, edition)
            seen = edition.version
        if publishing and (known is None or changed or known.state != "published"):
            note_landing(tx, shop, visit.viewer, publish_landing(tx, slug, seen, author, now))
    except UnusableAudience as error:
        said = text(visit.language, "merchandising.wrong.audience", name=error.name)
        raise InvalidInput("when", said) from error
    except InvalidInput as error:
        said = "slug_reserved" if slug in TAKEN else "slug"
        raise InvalidInput("slug", _say(visit, f"wrong.{said}", slug=slug)) from error


def _clashing(shop: Shop, visit: Visit, slug: str, page: LandingPage, history: list[Edition]) -> Reply:
    newest = history[0]
    differences = LandingTeller(shop, visit.language).differences(page, newest.body)
    clash = clash_with(shop, visit.language, newest, differences)
    return _form(shop, visit, slug, page, history, clash=clash)


def _known(shop: Shop, visit: Visit) -> tuple[str, list[Edition]]:
    slug = visit.path["slug"]
    with shop.database.reading() as tx:
        history = LANDINGS.history(tx, slug)
    if not history:
        raise NotFound(_say(visit, "unknown"))
    return slug, history


def _back(visit: Visit, slug: str, said: str) -> Redirect:
    return Redirect(f"{LANDINGS_PATH}/{slug}", _say(visit, f"said.{said}"))


def _say(visit: Visit, key: str, **values: str) -> str:
    return text(visit.language, f"merchandising.landings.{key}", **values)


def _archive(tx: Transaction, shop: Shop, visit: Visit, slug: str) -> Edition:
    return LANDINGS.archive_in(tx, slug, visit.number("version"), visit.viewer.user_id, shop.clock())


def _undo(tx: Transaction, shop: Shop, visit: Visit, slug: str) -> Edition:
    return undo_landing(tx, slug, visit.number("version"), visit.viewer.user_id, shop.clock())


def _restore(tx: Transaction, shop: Shop, visit: Visit, slug: str) -> Edition:
    wanted, seen = visit.number("restored"), visit.number("version")
    return LANDINGS.restore_in(tx, slug, wanted, seen, visit.viewer.user_id, shop.clock())


_DEEDS: dict[str, Callable[[Transaction, Shop, Visit, str], Edition]] = {
    "archive": _archive, "undo": _undo, "restore": _restore,
}  # fmt: skip


def _form(
    shop: Shop,
    visit: Visit,
    slug: str,
    page: LandingPage,
    history: list[Edition],
    *,
    clash: Clash | None = None,
) -> Html:
    teller = LandingTeller(shop, visit.language)
    newest = history[0] if history else None
    held = held_by(page)
    pins = visit.form.get("pins", "") if visit.errors else held["pins"]
    return Html(
        "merchandising/landing.html",
        {
            "slug": slug,
            "page": page,
            "held": held,
            "newest": newest,
            "version": newest.version if newest else 0,
            "standing": standing_of(newest) if newest else "draft",
            "teller": teller,
            "kit_when": teller.rules.kit(page.when, "situation"),
            "kit_which": teller.rules.kit(page.which, "product"),
            "picked": named_products(shop, pins.split(), visit.language),
            "rankings": [(one, _say(visit, f"ranking.{one}")) for one in RANKINGS],
            "share": shop.settings.landing_generic_share,
            "markets": list(live_catalog(shop).current().markets),
            "audiences": audience_choices(shop),
            "history": told_history(shop, visit.language, history, teller.changes),
            "clash": clash,
            "starts": STARTS,
        },
        status=409 if clash else 200,
    )


LANDING_PAGES = (
    Page(f"{LANDINGS_PATH}/new", show=show_new, act=add, role="merchandiser"),
    Page(f"{LANDINGS_PATH}/{{slug:str}}", show=show_landing, act=change),
)
