"""Routes of landing pages; for secret keys with the scope ``rules:write``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, get, post, put
from litestar.datastructures import State as Shared

from expedit.access import Arranged, keys
from expedit.core import InvalidInput, NotFound, Struct
from expedit.merchandising.landing import LANDINGS, LandingPage, read_landing
from expedit.merchandising.landing_editing import note_landing, publish_landing, save_landing, undo_landing
from expedit.storage import Shop, Transaction
from expedit.web import Route

_Asked = Request[object, object, Shared]
_Step = Callable[[Transaction, str, int, str, int], Arranged[LandingPage]]

STEPS: dict[str, _Step] = {
    "publish": publish_landing,
    "archive": LANDINGS.archive_in,
    "undo": undo_landing,
}


class LandingBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A landing page as it is sent.

    Parameters
    ----------
    page
        Its content, as `LandingPage` has it.
    version
        The version that the sender saw; 0 for a new page.
    """

    page: dict[str, Any]
    version: int = 0


class LandingStep(Struct, frozen=True, forbid_unknown_fields=True):
    """The version that the sender saw; `restore` names the one whose content becomes the next draft."""

    version: int
    restore: int = 0


class LandingsAnswer(Struct, frozen=True, omit_defaults=False):
    """Editions of landing pages."""

    pages: tuple[Arranged[LandingPage], ...]


def landing_routes(shop: Shop) -> Sequence[Route]:
    """Return the routes of landing pages."""

    def author(request: _Asked) -> str:
        caller = keys(shop).caller(request.headers.get("authorization", ""))
        caller.need("rules:write")
        return caller.key

    @get("/v1/landing-pages", sync_to_thread=True)
    def list_landings(request: _Asked) -> LandingsAnswer:
        """Give the newest edition of every landing page."""
        author(request)
        with shop.database.reading() as tx:
            return LandingsAnswer(tuple(LANDINGS.every(tx)))

    @get("/v1/landing-pages/{slug:str}", sync_to_thread=True)
    def show_landing(request: _Asked, slug: str) -> LandingsAnswer:
        """Give every edition of a landing page, the newest first."""
        author(request)
        with shop.database.reading() as tx:
            found = LANDINGS.history(tx, slug)
        if not found:
            raise NotFound(f"there is no landing page {slug[:60]!r}")
        return LandingsAnswer(tuple(found))

    @put("/v1/landing-pages/{slug:str}", sync_to_thread=True)
    def put_landing(request: _Asked, slug: str, data: LandingBody) -> Arranged[LandingPage]:
        """Keep a draft; what is in force stays until it is published."""
        by = author(request)
        try:
            page = read_landing(data.page)
        except InvalidInput as error:
            raise error.under("page") from None
        with shop.database.writing() as tx:
            edition = save_landing(tx, slug, page, data.version, by, shop.clock())
            note_landing(tx, shop, by, edition)
        return edition

    @post("/v1/landing-pages/{slug:str}/{step:str}", status_code=200, sync_to_thread=True)
    def move_landing(request: _Asked, slug: str, step: str, data: LandingStep) -> Arranged[LandingPage]:
        """``publish``, ``archive``, ``undo`` or ``restore`` a landing page."""
        by, now = author(request), shop.clock()
        if step not in {*STEPS, "restore"}:
            raise InvalidInput("step", f"{step[:40]!r} is none of {', '.join([*STEPS, 'restore'])}")
        with shop.database.writing() as tx:
            if step == "restore":
                edition = LANDINGS.restore_in(tx, slug, data.restore, data.version, by, now)
            else:
                edition = STEPS[step](tx, slug, data.version, by, now)
            note_landing(tx, shop, by, edition)
        return edition

    return [list_landings, show_landing, put_landing, move_landing]
