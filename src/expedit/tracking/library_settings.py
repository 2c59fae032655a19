"""What the browser libraries of Segment and RudderStack ask for before they send their first event.

Both fetch the settings of their source from their maker's servers unless told another address. Told ours,
they get an answer that names no destination but expedit itself, and then work unchanged.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.datastructures import State
from litestar.response import Response

from expedit.access import keys
from expedit.core import to_json
from expedit.storage import Shop
from expedit.web import Answer, RawRequest, RawRoute, Route

_SECONDS = 600
_CACHED = (b"cache-control", f"public, max-age={_SECONDS}".encode())


def routes(shop: Shop) -> list[Route]:
    """Return the routes that give the settings."""

    @get("/v1/projects/{write_key:str}/settings", sync_to_thread=True, include_in_schema=False)
    def segment(request: Request[Any, Any, State], write_key: str) -> Response[bytes]:
        """Give Segment's browser library its settings: events go where the settings came from."""
        keys(shop).caller("", write_key)  # a key that nobody has is told so before anything is collected
        here = {
            "apiKey": write_key,
            "apiHost": f"{request.headers.get('host', '')}/v1",
            "protocol": request.url.scheme,
            "type": "server",
            "unbundledIntegrations": [],
            "addBundledMetadata": True,
        }
        settings = {
            "integrations": {"Segment.io": here},
            "plan": {"track": {"__default": {"enabled": True}}, "identify": {"__default": {"enabled": True}}},
            "edgeFunction": {},
            "analyticsNextEnabled": True,
            "middlewareSettings": {},
            "metrics": {"sampleRate": 0},
            "remotePlugins": [],
        }
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": f"public, max-age={_SECONDS}"}
        return Response(to_json(settings), media_type="application/json", headers=headers)

    async def rudderstack(request: RawRequest) -> Answer:
        caller = keys(shop).caller(
            request.header(b"authorization"), keys(shop).in_address(request.query("writeKey"))
        )
        name = caller.source.id if caller.source is not None else ""
        source = {
            "id": name,
            "name": name,
            "workspaceId": "expedit",
            "enabled": True,
            "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
            "destinations": [],
        }
        return Answer(to_json({"source": source}), headers=(_CACHED,))

    return [
        segment,
        *(RawRoute(path, rudderstack, methods=("GET",)) for path in ("/sourceConfig", "/sourceConfig/")),
    ]
