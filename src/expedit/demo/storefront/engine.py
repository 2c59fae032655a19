"""How the storefront's server speaks with expedit: its public HTTP API, with the shop's secret key.

A shop must sell even when personalization is away, so every call answers None instead of failing.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import threading
from typing import Any
from urllib.parse import quote

import structlog

from expedit.core import JsonDecoder, to_json

_log = structlog.get_logger("storefront")
Told = dict[str, Any]
_ONE = JsonDecoder(Told)
_MANY = JsonDecoder(list[Told])
_TIMEOUT_SECONDS = 5


class Engine:
    """expedit at `host`:`port`, seen from the shop's server.

    Parameters
    ----------
    host, port
        Where expedit listens.
    secret_key
        API key with the scopes decide, people:read and people:write.
    signing_secret
        Signs the ids of logged-in users.
    """

    def __init__(self, host: str, port: int, secret_key: str, signing_secret: str) -> None:
        self._host = host
        self._port = port
        self._headers = {"Authorization": f"Bearer {secret_key}", "Content-Type": "application/json"}
        self._signing_secret = signing_secret.encode()
        self._local = threading.local()

    def sign(self, user_id: str) -> str:
        """Return the signature of a user id, as the page hands it to expedit."""
        return hmac.new(self._signing_secret, user_id.encode(), hashlib.sha256).hexdigest()

    def person(self, kind: str, value: str) -> Told | None:
        """Return what is known of a person."""
        return self._ask("GET", f"/v1/people/{kind}/{quote(value, safe='')}")

    def orders(self, kind: str, value: str) -> list[Told] | None:
        """Return the orders of a person, from every channel, the newest first."""
        answer = self._answer("GET", f"/v1/people/{kind}/{quote(value, safe='')}/orders")
        return None if answer is None else _MANY.decode(answer)

    def listing(self, request: Told) -> Told | None:
        """Return a category ranked for the person."""
        return self._ask("POST", "/v1/list", request)

    def landing(self, request: Told) -> Told | None:
        """Return the landing page that fits an arrival, or that the ordinary page is shown."""
        return self._ask("POST", "/v1/landing", request)

    def explain(self, request: Told) -> Told | None:
        """Return a placement's answer with every reason and what was left out."""
        return self._ask("POST", "/v1/recommend?explain=1", request)

    def decision(self, decision_id: str) -> Told | None:
        """Return what was logged of a decision."""
        return self._ask("GET", f"/v1/decisions/{quote(decision_id, safe='')}")

    def export(self, person_id: str) -> Told | None:
        """Return everything that is held of a person."""
        return self._ask("GET", f"/v1/people/{quote(person_id, safe='')}/export")

    def erase(self, person_id: str) -> dict[str, Any] | None:
        """Erase a person everywhere."""
        return self._ask("DELETE", f"/v1/people/{quote(person_id, safe='')}")

    def _ask(self, method: str, path: str, body: object = None) -> Told | None:
        answer = self._answer(method, path, body)
        return None if answer is None else _ONE.decode(answer)

    def _answer(self, method: str, path: str, body: object = None) -> bytes | None:
        data = None if body is None else to_json(body)
        for fresh in (False, True):
            connection = None if fresh else getattr(self._local, "connection", None)
            if connection is None:
                connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_SECONDS)
                self._local.connection = connection
            try:
                connection.request(method, path, data, self._headers)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self._local.connection = None
                if fresh:
                    _log.warning("expedit did not answer", path=path, reason=str(error))
                continue
            if answer.status == 200:
                return content
            if answer.status != 404:
                _log.warning(
                    "expedit refused", path=path, status=answer.status, detail=content[:300].decode()
                )
            return None
        return None
