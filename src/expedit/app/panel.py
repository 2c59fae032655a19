"""The panel: every feature's pages behind sessions, roles and form tokens, in one frame."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import structlog
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from expedit.access import SESSION_COOKIE, SignedIn, sessions
from expedit.core import ExpeditError, InvalidInput, NoKey, NotAllowed, NotFound, Struct, Unavailable, evolve
from expedit.features import Feature, Found, MenuItem, Page
from expedit.storage import Shop
from expedit.web import (
    LANGUAGES,
    NOBODY,
    PANEL_HEADERS,
    SAID_COOKIE,
    Cookie,
    Download,
    Form,
    Frame,
    Html,
    Json,
    MenuEntry,
    MenuGroup,
    Problem,
    Redirect,
    Reply,
    Visit,
    add_room,
    download_response,
    encode_problem,
    html_response,
    is_local,
    is_partial,
    is_secure,
    json_response,
    need_role,
    own_cookies,
    problem_of,
    read_form,
    redirect_response,
    render,
    said_before,
    statics,
    text,
    wants_page,
    write_cookies,
)

AnyRequest = Request[Any, Any, State]

LANGUAGE_COOKIE = "expedit_language"
FORM_COOKIE = "expedit_form"
LOGIN = "/panel/login"
_YEAR = 365 * 86_400
_MOST_FOUND = 30

_log = structlog.get_logger("panel")


class _Call(Struct, frozen=True):
    """One request on its way through the panel."""

    request: AnyRequest
    signed: SignedIn | None
    visit: Visit
    csrf: str
    cookies: tuple[Cookie, ...] = ()


class Panel:
    """The pages of all features as handlers.

    Parameters
    ----------
    shop
        The shop that is served.
    features
        Whose pages, menu and search make the panel.
    """

    def __init__(self, shop: Shop, features: Sequence[Feature]) -> None:
        self._shop = shop
        self._menu = sorted((item for feature in features for item in feature.menu), key=_order)
        self._finders = tuple(feature.find for feature in features if feature.find is not None)
        self._pages = [page for feature in features for page in feature.pages]
        for feature in features:
            if feature.package:
                add_room(feature.name, feature.package)

    def routes(self) -> list[BaseRouteHandler]:
        """Return the handlers."""
        own: tuple[Page, ...] = (
            Page("/panel/search", act=self._search, act_role="viewer"),
            Page("/panel/language", act=_choose_language, public=True),
            Page("/panel/{missing:path}", show=_missing, act=_missing, public=True),
        )
        taken = {page.path for page in self._pages}
        made: list[BaseRouteHandler] = [_static_route(), _front_route()]
        if "/panel" not in taken:
            own = (*own, Page("/panel", show=self._first_page))
        for page in (*self._pages, *own):
            if page.show is not None:
                made.append(self._handler(page, posting=False))
            if page.act is not None:
                made.append(self._handler(page, posting=True))
        return made

    def _handler(self, page: Page, *, posting: bool) -> BaseRouteHandler:
        async def handler(request: AnyRequest) -> Response[Any]:
            return await self._answer(page, request, posting=posting)

        name = page.path.strip("/")
        for sign in "/{}:-.":
            name = name.replace(sign, "_")
        handler.__name__ = f"{'post' if posting else 'get'}_{name}"
        decorate = post if posting else get
        return decorate(
            page.path,
            include_in_schema=False,
            status_code=200,
            request_max_body_size=page.body_limit,
        )(handler)

    async def _answer(self, page: Page, request: AnyRequest, *, posting: bool) -> Response[Any]:
        """Answer one request; whatever goes wrong becomes a page that says so."""
        call = _Call(request, None, self._visit(request, None), "")
        try:
            call = await asyncio.to_thread(self._enter, request)
            role = page.act_role if posting else page.role
            if not page.public:
                if call.signed is None:
                    return self._to_login(request)
                need_role(call.visit, role)
            if posting:
                form = await read_form(request)
                self._check_token(request, call, form)
                fields = {name: value for name, value in form.fields.items() if name != "csrf"}
                call = evolve(
                    call, visit=evolve(call.visit, form=fields, lists=form.lists, uploads=form.uploads)
                )
            return await asyncio.to_thread(self._run, page, call, posting)
        except (ExpeditError, HTTPException) as error:
            return await asyncio.to_thread(self._problem, call, error)
        except Exception as error:  # the edge: the viewer gets a page, the log what happened
            _log.error("page failed", page=page.path, exc_info=error)
            return await asyncio.to_thread(self._problem, call, error)

    def _enter(self, request: AnyRequest) -> _Call:
        cookies = own_cookies(request)
        signed = sessions(self._shop).viewer(cookies.get(SESSION_COOKIE, ""))
        visit = self._visit(request, signed)
        if signed is None:
            token = cookies.get(FORM_COOKIE, "")
            if not self._is_own(token):
                token = self._new_token()
            return _Call(request, None, visit, token, (Cookie(FORM_COOKIE, token),))
        renewed = (Cookie(SESSION_COOKIE, signed.renewed),) if signed.renewed else ()
        return _Call(request, signed, visit, signed.csrf, renewed)

    def _visit(self, request: AnyRequest, signed: SignedIn | None) -> Visit:
        cookies = own_cookies(request)
        return Visit(
            viewer=signed.viewer if signed else NOBODY,
            language=self._language(request, cookies, signed),
            path={name: str(value) for name, value in request.path_params.items()},
            query={name: str(value) for name, value in request.query_params.items()},
            partial=is_partial(request),
            at=self._shop.clock(),
            cookies=cookies,
            address=request.client.host if request.client else "",
            agent=request.headers.get("user-agent", "")[:300],
        )

    def _language(self, request: AnyRequest, cookies: dict[str, str], signed: SignedIn | None) -> str:
        """Return the language: chosen in this browser, the user's, the browser's or the shop's."""
        wished = [cookies.get(LANGUAGE_COOKIE, ""), signed.language if signed else ""]
        for part in request.headers.get("accept-language", "").split(","):
            tag = part.partition(";")[0].strip().lower().partition("-")[0]
            wished.append("nb" if tag == "no" else tag)
        wished.append(self._shop.settings.locale)
        return next((language for language in wished if language in LANGUAGES), "en")

    def _check_token(self, request: AnyRequest, call: _Call, form: Form) -> None:
        """Raise `NotAllowed` unless the form was written by this panel for this browser."""
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise NotAllowed(text(call.visit.language, "web.problem.foreign_form"))
        given = request.headers.get("x-csrf-token") or form.fields.get("csrf", "")
        expected = call.csrf if call.signed else call.visit.cookies.get(FORM_COOKIE, "")
        valid = bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
        if not valid or (call.signed is None and not self._is_own(expected)):
            raise NotAllowed(text(call.visit.language, "web.problem.stale_form"))

    def _new_token(self) -> str:
        drawn = secrets.token_urlsafe(18)
        return f"{drawn}.{self._sign(drawn)}"

    def _is_own(self, token: str) -> bool:
        drawn, _, signature = token.partition(".")
        return bool(drawn) and hmac.compare_digest(signature.encode(), self._sign(drawn).encode())

    def _sign(self, drawn: str) -> str:
        return hmac.new(self._shop.secret, b"panel-form\0" + drawn.encode(), hashlib.sha256).hexdigest()[:40]

    def _run(self, page: Page, call: _Call, posting: bool) -> Response[Any]:
        """Let the page answer, and write its reply."""
        if not posting:
            assert page.show is not None
            return self._write(call, page.show(self._shop, call.visit))
        assert page.act is not None
        try:
            reply = page.act(self._shop, call.visit)
        except InvalidInput as error:
            if page.show is None or not error.field:
                raise
            again = evolve(call.visit, errors={error.field: error.reason})
            reply = page.show(self._shop, again)
            if isinstance(reply, Html):
                reply = evolve(reply, status=422)
            return self._write(_with_visit(call, again), reply)
        return self._write(call, reply)

    def _write(self, call: _Call, reply: Reply) -> Response[Any]:
        secure = is_secure(call.request, self._shop.settings.cookie_secure)
        response: Response[Any]
        if isinstance(reply, Redirect):
            response = redirect_response(reply, partial=call.visit.partial, secure=secure)
        elif isinstance(reply, Download):
            response = download_response(reply)
        elif isinstance(reply, Json):
            response = json_response(reply)
        else:
            said = "" if call.visit.partial else said_before(call.visit.cookies)
            response = html_response(render(reply, call.visit, self._frame(call, said)), reply.status)
            if reply.retry_after:
                response.headers["retry-after"] = str(reply.retry_after)
            taken = (Cookie(SAID_COOKIE, ""),) if said else ()
            write_cookies(response, (*taken, *reply.cookies), secure=secure)
        named = {cookie.key for cookie in response.cookies}
        own = tuple(cookie for cookie in call.cookies if cookie.name not in named)
        write_cookies(response, own, secure=secure)
        return response

    def _frame(self, call: _Call, said: str = "") -> Frame:
        path = call.request.url.path
        return Frame(
            shop_name=self._shop.settings.shop_name or "expedit",
            path=path,
            csrf=call.csrf,
            menu=self._menu_for(call.visit, path) if call.signed else (),
            said=said,
            searchable=bool(self._finders),
        )

    def _menu_for(self, visit: Visit, path: str) -> tuple[MenuGroup, ...]:
        seen = [item for item in self._menu if visit.viewer.may(item.role)]
        fitting = [item.path for item in seen if path == item.path or path.startswith(item.path + "/")]
        current = max(fitting, key=len, default="")
        groups: dict[str, list[MenuEntry]] = {}
        for item in seen:
            name = text(visit.language, item.text)
            entry = MenuEntry(item.path, name, item.icon, item.path == current)
            groups.setdefault(item.group, []).append(entry)
        return tuple(
            MenuGroup(text(visit.language, group) if group else "", tuple(entries))
            for group, entries in groups.items()
        )

    def _to_login(self, request: AnyRequest) -> Response[Any]:
        if not wants_page(request):
            return _problem_document(problem_of(NoKey("sign in to the panel first")))
        partial = is_partial(request)
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = asked if request.method == "GET" and not partial else "/panel"
        where = LOGIN + ("" if back == "/panel" else f"?next={quote(back)}")
        return redirect_response(Redirect(where), partial=partial, secure=False)

    def _problem(self, call: _Call, error: Exception) -> Response[Any]:
        """Return the page, the fragment or the document that tells of an error."""
        if isinstance(error, HTTPException):
            problem = Problem("about:blank", type(error).__name__, error.status_code, error.detail)
        else:
            problem = problem_of(error)
        if not wants_page(call.request):
            return _problem_document(problem)
        template = "web/problem_part.html" if call.visit.partial else "web/problem.html"
        known = problem.status in {400, 403, 404, 409, 413, 503}
        page = Html(template, {"problem": problem, "kind": str(problem.status) if known else "500"})
        again = {"Retry_After": "5"} if isinstance(error, Unavailable) else {}
        try:
            written = render(page, call.visit, self._frame(call))
        except Exception as second:  # a broken frame must not hide what went wrong first
            _log.error("the page of an error failed", path=call.request.url.path, exc_info=second)
            return _problem_document(problem)
        return html_response(written, problem.status, **again)

    def _search(self, shop: Shop, visit: Visit) -> Reply:
        words = visit.form.get("q", "").strip()[:200]
        found: list[Found] = []
        for find in self._finders if words else ():
            found += find(shop, visit.viewer, words)
        kinds: dict[str, list[Found]] = {}
        for hit in found[:_MOST_FOUND]:
            kinds.setdefault(hit.kind, []).append(hit)
        return Html("web/found.html", {"words": words, "kinds": kinds})

    def _first_page(self, shop: Shop, visit: Visit) -> Reply:  # noqa: ARG002  (the shape of a page)
        """Lead to the first page of the menu that the viewer may open."""
        for item in self._menu:
            if visit.viewer.may(item.role):
                return Redirect(item.path)
        return Html("web/nothing.html")


def panel_routes(shop: Shop, features: Sequence[Feature]) -> list[BaseRouteHandler]:
    """Return the handlers of the panel."""
    return Panel(shop, features).routes()


def _order(item: MenuItem) -> tuple[int, str]:
    return item.order, item.path


def _with_visit(call: _Call, visit: Visit) -> _Call:
    return evolve(call, visit=visit)


def _problem_document(problem: Problem) -> Response[bytes]:
    return Response(
        encode_problem(problem),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=PANEL_HEADERS,
    )


def _missing(shop: Shop, visit: Visit) -> Reply:  # noqa: ARG001  (the shape of a page)
    raise NotFound(text(visit.language, "web.problem.no_page"))


def _choose_language(shop: Shop, visit: Visit) -> Reply:  # noqa: ARG001  (the shape of a page)
    language, back = visit.form.get("language", ""), visit.form.get("next", "/panel")
    if language not in LANGUAGES:
        raise InvalidInput("language", f"choose from {', '.join(LANGUAGES)}")
    to = back if is_local(back) and back.startswith("/panel") else "/panel"
    return Redirect(to, cookies=(Cookie(LANGUAGE_COOKIE, language, _YEAR),))


def _static_route() -> BaseRouteHandler:
    @get("/panel/static/{digest:str}/{name:str}", include_in_schema=False, sync_to_thread=False)
    def panel_static(request: AnyRequest, digest: str, name: str) -> Response[bytes]:
        """Give a file; only under its own digest may it be kept for ever."""
        body, kind = statics().read(name)
        own = digest == statics().digest
        headers = {
            **PANEL_HEADERS,
            "Cache-Control": "public, max-age=31536000, immutable" if own else "no-cache",
            "Vary": "Accept-Encoding",
        }
        packed = statics().packed(name)
        if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = packed, "gzip"
        return Response(body, media_type=kind, headers=headers)

    return panel_static


def _front_route() -> BaseRouteHandler:
    @get("/", include_in_schema=False, sync_to_thread=False)
    def front() -> Response[Any]:
        """Lead from the bare address to the panel."""
        return redirect_response(Redirect("/panel"), partial=False, secure=False)

    return front
