"""Routes of placements; for secret keys with the scope ``rules:write``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from litestar import Request, get, post, put
from litestar.datastructures import State as Shared

from expedit.access import audit_in, keys
from expedit.core import InvalidInput, NotFound, Struct
from expedit.decisions.live_placements import PLACEMENTS, live_placements
from expedit.decisions.placement_editing import STEPS, Edition, done_by, save_placement
from expedit.decisions.placement_pick import PickAnswer, PickBody, answer_pick
from expedit.decisions.placements import Placement
from expedit.storage import Shop, Transaction
from expedit.web import Answer, RawRequest, RawRoute, Route

_Asked = Request[object, object, Shared]


class PlacementBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A placement as it is sent.

    Parameters
    ----------
    version
        The version that the sender saw; 0 for one that the panel does not keep yet.
    """

    placement: Placement
    version: int = 0


class PlacementStep(Struct, frozen=True, forbid_unknown_fields=True):
    """The version of a placement that the sender saw."""

    version: int


class PlacementsAnswer(Struct, frozen=True, omit_defaults=False):
    """The placements in force, those of the file, and the newest edition of each that the panel keeps."""

    in_force: dict[str, Placement]
    of_file: dict[str, Placement]
    editions: tuple[Edition, ...]


class PlacementHistory(Struct, frozen=True, omit_defaults=False):
    """Every edition of a placement, the newest first."""

    editions: tuple[Edition, ...]


def placement_routes(shop: Shop) -> Sequence[Route]:
    """Return the routes of placements."""

    def author(request: _Asked) -> str:
        caller = keys(shop).caller(request.headers.get("authorization", ""))
        caller.need("rules:write")
        return caller.key

    def noted(tx: Transaction, edition: Edition, by: str) -> Edition:
        audit_in(tx, shop, by, f"placements.{done_by(edition)}", edition.id, {"version": edition.version})
        return edition

    @get("/v1/placements", sync_to_thread=True)
    def list_placements(request: _Asked) -> PlacementsAnswer:
        """Give the placements in force, those of the file, and what the panel keeps."""
        author(request)
        live = live_placements(shop)
        with shop.database.reading() as tx:
            editions = tuple(PLACEMENTS.every(tx))
        return PlacementsAnswer(live.newest(), live.of_file(), editions)

    @get("/v1/placements/{name:str}", sync_to_thread=True)
    def show_history(request: _Asked, name: str) -> PlacementHistory:
        """Give every edition of a placement, the newest first; none of one that only the file has."""
        author(request)
        with shop.database.reading() as tx:
            found = tuple(PLACEMENTS.history(tx, name))
        if not found and name not in live_placements(shop).of_file():
            raise NotFound(f"no placement is called {name[:60]!r}")
        return PlacementHistory(found)

    @put("/v1/placements", sync_to_thread=True)
    def save_draft(request: _Asked, data: PlacementBody) -> Edition:
        """Keep a draft; what is in force stays until it is published."""
        by = author(request)
        with shop.database.writing() as tx:
            try:
                return noted(tx, save_placement(tx, shop, data.placement, data.version, by), by)
            except InvalidInput as error:
                raise error.under("placement") from None

    @post("/v1/placements/{name:str}/{step:str}", status_code=200, sync_to_thread=True)
    def move_placement(request: _Asked, name: str, step: str, data: PlacementStep) -> Edition:
        """``publish``, ``archive``, ``give_back`` (to the file) or ``undo`` a placement."""
        by = author(request)
        if step not in STEPS:
            raise InvalidInput("step", f"{step[:40]!r} is none of {', '.join(STEPS)}")
        with shop.database.writing() as tx:
            return noted(tx, STEPS[step](tx, shop, name, data.version, by), by)

    async def pick(request: RawRequest) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(None, answer_pick, shop, request)

    return [
        list_placements,
        show_history,
        save_draft,
        move_placement,
        RawRoute("/v1/placement-picks", pick, body_limit=8_000, accepts=PickBody, answers=PickAnswer,
                 summary="Write the spot that somebody pointed at into a placement's draft"),
    ]  # fmt: skip
