"""The HTTP kit: raw routes for the hottest paths, typed handlers for the rest, problem documents for errors.

A room's ``api.py`` gives a list of `Route`: either a `RawRoute` (an exact path, a coroutine that takes a
`RawRequest` and returns an `Answer`) or an ordinary typed Litestar handler. Both may raise any
`ExpeditError`; the caller is answered with an RFC 9457 document that names the field.

A room's ``panel.py`` gives pages: plain functions from a `Visit` to a `Reply`, written with the room's
templates and texts (`render`, `text`); only `app` turns them into handlers.
"""

from expedit.web.application import Lifespan, Route, build_application
from expedit.web.figures import day, machine, moment, money, number, percent
from expedit.web.pages import (
    LANGUAGES,
    NOBODY,
    ROLES,
    Cookie,
    Download,
    Html,
    Redirect,
    Reply,
    Role,
    Upload,
    Viewer,
    Visit,
)
from expedit.web.problems import FieldError, Problem, problem_of
from expedit.web.raw import Answer, Asgi, RawRequest, RawRoute, RawRoutes, Receive, Scope, Send
from expedit.web.rendering import Frame, MenuEntry, MenuGroup, render
from expedit.web.statics import PANEL_HEADERS, Statics, statics
from expedit.web.texts import add_room, text, texts_of

__all__ = [
    "LANGUAGES",
    "NOBODY",
    "PANEL_HEADERS",
    "ROLES",
    "Answer",
    "Asgi",
    "Cookie",
    "Download",
    "FieldError",
    "Frame",
    "Html",
    "Lifespan",
    "MenuEntry",
    "MenuGroup",
    "Problem",
    "RawRequest",
    "RawRoute",
    "RawRoutes",
    "Receive",
    "Redirect",
    "Reply",
    "Role",
    "Route",
    "Scope",
    "Send",
    "Statics",
    "Upload",
    "Viewer",
    "Visit",
    "add_room",
    "build_application",
    "day",
    "machine",
    "moment",
    "money",
    "number",
    "percent",
    "problem_of",
    "render",
    "statics",
    "text",
    "texts_of",
]
