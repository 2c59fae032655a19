"""Routes of the house as a whole: a person's rights, the snippet, work handed over."""

from __future__ import annotations

import asyncio
import hmac
import queue
from collections.abc import AsyncIterator, Sequence
from importlib.resources import files
from typing import Annotated

import structlog
from litestar import Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.params import Parameter
from litestar.response import Stream

from expedit.access import keys
from expedit.app.persons import Erasure, PersonExport, erase_person, export_person, find_person
from expedit.app.tasks import HandedOver, Step, perform_here
from expedit.core import ExpeditError, NotAllowed, NotFound, to_json
from expedit.storage import Shop
from expedit.web import Route

_log = structlog.get_logger("server")

AnyRequest = Request[object, object, State]
SNIPPET_SECONDS = 3600


def script(name: str) -> bytes:
    """Return a built browser script: ``expedit.js``, the snippet, or one that it may be joined by.

    Raises
    ------
    NotFound
        When this installation was made without building it.
    """
    built = files("expedit.web").joinpath("static", "built", name)
    if not built.is_file():
        raise NotFound("the snippet was not built; run: make install")
    return built.read_bytes()


def routes(shop: Shop, token: str) -> Sequence[Route]:
    """Return the routes.

    Parameters
    ----------
    shop
        The shop that is served.
    token
        What the command line on this machine shows to hand work over.
    """

    def need(request: AnyRequest, scope: str) -> None:
        caller = keys(shop).caller(request.headers.get("authorization", ""))
        caller.need(scope)  # type: ignore[arg-type]

    def served(name: str) -> Response[bytes]:
        return Response(
            script(name),
            media_type="text/javascript",
            headers={
                "Cache-Control": f"public, max-age={SNIPPET_SECONDS}",
                "Access-Control-Allow-Origin": "*",
                "Cross-Origin-Resource-Policy": "cross-origin",
            },
        )

    @get("/expedit.js", sync_to_thread=False, include_in_schema=False)
    def expedit_js() -> Response[bytes]:
        """Give the browser snippet."""
        return served("expedit.js")

    @get("/expedit-consent.js", sync_to_thread=False, include_in_schema=False)
    def expedit_consent_js() -> Response[bytes]:
        """Give the script that reads consent platforms."""
        return served("expedit-consent.js")

    @get("/expedit-pick.js", sync_to_thread=False, include_in_schema=False)
    def expedit_pick_js() -> Response[bytes]:
        """Give the script with which somebody of the shop points at the spot of a placement."""
        return served("expedit-pick.js")

    @get("/v1/people/{subject_id:str}/export", sync_to_thread=True)
    def export(request: AnyRequest, subject_id: str) -> PersonExport:
        """Give everything that is held of a person."""
        need(request, "people:read")
        return export_person(shop, find_person(shop, subject_id))

    @delete("/v1/people/{subject_id:str}", status_code=200, sync_to_thread=True)
    def erase(request: AnyRequest, subject_id: str) -> Erasure:
        """Erase a person everywhere."""
        need(request, "people:write")
        return erase_person(shop, find_person(shop, subject_id))

    @post("/v1/handover", status_code=200, include_in_schema=False)
    async def handover(
        data: HandedOver, given: Annotated[str, Parameter(header="x-expedit-token")] = ""
    ) -> Stream:
        """Do work for the command line on this machine, telling its progress line by line."""
        if not hmac.compare_digest(given, token):
            raise NotAllowed("this is for the command line on the server's own machine")
        return Stream(_lines(shop, data), media_type="application/x-ndjson")

    return [expedit_js, expedit_consent_js, expedit_pick_js, export, erase, handover]


async def _lines(shop: Shop, work: HandedOver) -> AsyncIterator[bytes]:
    steps: queue.SimpleQueue[Step] = queue.SimpleQueue()

    def tell(label: str, done: int, total: int | None) -> None:
        steps.put(Step(label=label, done=done, total=total))

    def do() -> Step:
        try:
            return Step(result=perform_here(shop, work.task, work.arguments, tell))
        except ExpeditError as error:
            return Step(error=str(error), kind=type(error).__name__)
        except Exception as error:  # the answer has begun: only its last line can tell
            _log.error("handed over work failed", task=work.task, exc_info=error)
            return Step(error=f"{type(error).__name__}: {error}")

    doing = asyncio.get_running_loop().run_in_executor(None, do)
    while not doing.done():
        await asyncio.wait([doing], timeout=0.2)
        latest: Step | None = None
        while not steps.empty():
            latest = steps.get()
        if latest is not None:
            yield to_json(latest) + b"\n"
    yield to_json(await doing) + b"\n"
