"""The HTTP kit: raw routes for the hottest paths, typed handlers for the rest, problem documents for errors.

A room's ``api.py`` gives a list of `Route`: either a `RawRoute` (an exact path, a coroutine that takes a
`RawRequest` and returns an `Answer`) or an ordinary typed Litestar handler. Both may raise any
`ExpeditError`; the caller is answered with an RFC 9457 document that names the field.

A room's ``panel.py`` gives pages: plain functions from a `Visit` to a `Reply`, written with the room's
templates and texts (`render`, `text`); only `app` turns them into handlers. Where people write conditions, it
embeds the editor of `condition_editor` (``web/condition.html``) with its own vocabulary.
"""

from expedit.web.admission import Admission, Gate, admission
from expedit.web.application import Lifespan, Route, build_application
from expedit.web.clashing import Clash, Difference
from expedit.web.condition_editor import (
    ConditionKit,
    Counted,
    Sample,
    Suggestion,
    condition_from,
    condition_kit,
)
from expedit.web.connections import Connection, Guard
from expedit.web.figures import day, machine, moment, money, number, percent
from expedit.web.limits import Limits
from expedit.web.needing import need_role, needs_role
from expedit.web.pages import (
    LANGUAGES,
    NOBODY,
    ROLES,
    Cookie,
    Download,
    Html,
    Json,
    Redirect,
    Reply,
    Role,
    Upload,
    Viewer,
    Visit,
)
from expedit.web.phrases import Wording, tell_condition
from expedit.web.problems import FieldError, Problem, encode_problem, problem_of
from expedit.web.raw import Answer, Asgi, RawRequest, RawRoute, RawRoutes, Receive, Scope, Send
from expedit.web.refusing import BUSY, pace_refusal
from expedit.web.rendering import Frame, MenuEntry, MenuGroup, render
from expedit.web.statics import PANEL_HEADERS, Statics, statics
from expedit.web.texts import add_room, in_every_language, text, texts_of
from expedit.web.visiting import (
    SAID_COOKIE,
    Form,
    download_response,
    html_response,
    is_local,
    is_partial,
    is_secure,
    json_response,
    own_cookies,
    read_form,
    redirect_response,
    safe_name,
    said_before,
    wants_page,
    write_cookies,
)

__all__ = [
    "BUSY",
    "LANGUAGES",
    "NOBODY",
    "PANEL_HEADERS",
    "ROLES",
    "SAID_COOKIE",
    "Admission",
    "Answer",
    "Asgi",
    "Clash",
    "ConditionKit",
    "Connection",
    "Cookie",
    "Counted",
    "Difference",
    "Download",
    "FieldError",
    "Form",
    "Frame",
    "Gate",
    "Guard",
    "Html",
    "Json",
    "Lifespan",
    "Limits",
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
    "Sample",
    "Scope",
    "Send",
    "Statics",
    "Suggestion",
    "Upload",
    "Viewer",
    "Visit",
    "Wording",
    "add_room",
    "admission",
    "build_application",
    "condition_from",
    "condition_kit",
    "day",
    "download_response",
    "encode_problem",
    "html_response",
    "in_every_language",
    "is_local",
    "is_partial",
    "is_secure",
    "json_response",
    "machine",
    "moment",
    "money",
    "need_role",
    "needs_role",
    "number",
    "own_cookies",
    "pace_refusal",
    "percent",
    "problem_of",
    "read_form",
    "redirect_response",
    "render",
    "safe_name",
    "said_before",
    "statics",
    "tell_condition",
    "text",
    "texts_of",
    "wants_page",
    "write_cookies",
]
