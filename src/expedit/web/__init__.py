"""The HTTP kit: raw routes for the hottest paths, typed handlers for the rest, problem documents for errors.

A room's ``api.py`` gives a list of `Route`: either a `RawRoute` (an exact path, a coroutine that takes a
`RawRequest` and returns an `Answer`) or an ordinary typed Litestar handler. Both may raise any
`ExpeditError`; the caller is answered with an RFC 9457 document that names the field.
"""

from expedit.web.application import Lifespan, Route, build_application
from expedit.web.problems import FieldError, Problem, problem_of
from expedit.web.raw import Answer, Asgi, RawRequest, RawRoute, RawRoutes, Receive, Scope, Send
from expedit.web.visits import ROLES, Download, Html, Redirect, Reply, Role, Upload, Viewer, Visit

__all__ = [
    "ROLES",
    "Answer",
    "Asgi",
    "Download",
    "FieldError",
    "Html",
    "Lifespan",
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
    "Upload",
    "Viewer",
    "Visit",
    "build_application",
    "problem_of",
]
