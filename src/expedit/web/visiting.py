"""Between a browser and a page: reading its form, writing a `Reply` as a response."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.datastructures import State, UploadFile
from litestar.datastructures.cookie import Cookie as SetCookie

from expedit.core import InvalidInput, Struct, to_json
from expedit.web.pages import Cookie, Download, Json, Redirect, Upload
from expedit.web.statics import PANEL_HEADERS

AnyRequest = Request[Any, Any, State]

SAID_COOKIE = "expedit_said"
_OWN = "expedit_"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_LONGEST_NAME = 120
_LONGEST_SAID = 500


class Form(Struct, frozen=True):
    """What a posted form brought."""

    fields: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    uploads: dict[str, Upload] = {}


async def read_form(request: AnyRequest) -> Form:
    """Read a form; the handler's limit bounds its size.

    Raises
    ------
    InvalidInput
        When the body is no form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FORMS:
        if not kind and not await request.body():
            return Form()
        raise InvalidInput("", f"the body must be a form, not {kind or 'untyped'}")
    lists: dict[str, list[str]] = {}
    uploads: dict[str, Upload] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                uploads[name] = Upload(safe_name(value.filename), value.content_type, await value.read())
        else:
            lists.setdefault(name, []).append("" if value is None else str(value))
    return Form(
        {name: values[-1] for name, values in lists.items()},
        {name: tuple(values) for name, values in lists.items()},
        uploads,
    )


def safe_name(claimed: str) -> str:
    """Return the file name that a browser claims, without folders, control characters and leading dots."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", claimed))[-1]
    printable = "".join(sign for sign in name if sign.isprintable() and sign not in '<>:"|?*')
    cleaned = printable.strip().lstrip(".")
    if len(cleaned) > _LONGEST_NAME:
        stem, dot, suffix = cleaned.rpartition(".")
        keep = f".{suffix}" if dot and len(suffix) <= 10 else ""
        cleaned = (stem if keep else cleaned)[: _LONGEST_NAME - len(keep)] + keep
    return cleaned or "file"


def own_cookies(request: AnyRequest) -> dict[str, str]:
    """Return the cookies that expedit has set."""
    return {name: value for name, value in request.cookies.items() if name.startswith(_OWN)}


def is_partial(request: AnyRequest) -> bool:
    """Tell whether htmx asks for a fragment."""
    return request.headers.get("hx-request") == "true" and "hx-history-restore-request" not in request.headers


def wants_page(request: AnyRequest) -> bool:
    """Tell whether the client reads HTML."""
    accept = request.headers.get("accept", "")
    return "text/html" in accept or request.headers.get("hx-request") == "true"


def said_before(cookies: Mapping[str, str]) -> str:
    """Return the sentence that the reply before asked to show."""
    try:
        return base64.urlsafe_b64decode(cookies.get(SAID_COOKIE, "")).decode()[:_LONGEST_SAID]
    except ValueError:  # not ours: somebody wrote into the cookie
        return ""


def is_secure(request: AnyRequest, wanted: bool) -> bool:
    """Tell whether cookies go over HTTPS only: as the setting says, except on loopback."""
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return wanted and name not in _LOOPBACK


def write_cookies(response: Response[Any], cookies: tuple[Cookie, ...], *, secure: bool) -> None:
    """Set cookies on a response; those with an empty value are taken away."""
    for cookie in cookies:
        response.cookies.append(
            SetCookie(
                key=cookie.name,
                value=cookie.value,
                path=cookie.path,
                max_age=0 if not cookie.value else cookie.seconds or None,
                httponly=True,
                secure=secure,
                samesite="lax",
            )
        )


def html_response(written: str, status: int = 200, **headers: str) -> Response[str]:
    """Return a page as a response that nobody stores."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        written,
        status_code=status,
        media_type="text/html",
        headers={**PANEL_HEADERS, "Cache-Control": "no-store", **more},
    )


def redirect_response(reply: Redirect, *, partial: bool, secure: bool) -> Response[Any]:
    """Return the response that leads to another page of this installation.

    Raises
    ------
    ValueError
        When the page asked for lies elsewhere: that would be a fault of the room.
    """
    if not is_local(reply.to):
        raise ValueError(f"a page may only lead to a path of the panel, not to {reply.to!r}")
    where = {"HX-Redirect": reply.to} if partial else {"Location": reply.to}
    response: Response[Any] = Response(
        b"",
        status_code=200 if partial else 303,
        media_type="text/html",
        headers={**PANEL_HEADERS, "Cache-Control": "no-store", **where},
    )
    cookies = reply.cookies
    if reply.said:
        cookies = (
            *cookies,
            Cookie(SAID_COOKIE, base64.urlsafe_b64encode(reply.said[:_LONGEST_SAID].encode()).decode(), 60),
        )
    write_cookies(response, cookies, secure=secure)
    return response


def download_response(reply: Download) -> Response[bytes]:
    """Return a file to keep; a browser never shows it as a page."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", reply.filename)
    return Response(
        reply.body,
        media_type=reply.content_type,
        headers={
            **PANEL_HEADERS,
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{plain}"; '
            f"filename*=UTF-8''{quote(reply.filename)}",
        },
    )


def json_response(reply: Json) -> Response[bytes]:
    """Return values for a script of the panel."""
    headers = {**PANEL_HEADERS, "Cache-Control": "no-store"}
    return Response(to_json(reply.value), media_type="application/json", headers=headers)


def is_local(path: str) -> bool:
    """Tell whether an address is a path on this host and nothing more."""
    return path.startswith("/") and path[1:2] not in {"/", "\\"} and path.isprintable()
