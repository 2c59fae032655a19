"""The types of the panel's pages: who visits, what a page is told, what it replies."""

from __future__ import annotations

from typing import Any, Literal

from expedit.core import Struct

Role = Literal["viewer", "merchandiser", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "merchandiser", "admin")
"""From the least to the most; each includes the ones before it."""

LANGUAGES: tuple[str, ...] = ("en", "sv", "nb")


class Viewer(Struct, frozen=True):
    """A user of the panel.

    Parameters
    ----------
    user_id
        The id in `access`; empty for somebody who has not signed in (see `NOBODY`).
    name, email
        As shown in the panel.
    role
        What the user may do.
    """

    user_id: str
    name: str
    email: str
    role: Role

    def may(self, role: Role) -> bool:
        """Tell whether this user's role includes `role`."""
        return bool(self.user_id) and ROLES.index(self.role) >= ROLES.index(role)


NOBODY = Viewer("", "", "", "viewer")
"""Who visits a public page without having signed in; may do nothing."""

_LONGEST_NUMBER = 15


class Upload(Struct, frozen=True):
    """A file that a form brought.

    Parameters
    ----------
    name
        The file's own name without any folder, control character or leading dot; never a path.
    content_type
        As the browser claims it: not to be trusted.
    body
        The whole file.
    """

    name: str
    content_type: str
    body: bytes


class Visit(Struct, frozen=True):
    """One request to a page of the panel.

    Parameters
    ----------
    viewer
        Who asks; `NOBODY` on a public page without a session.
    language
        One of `LANGUAGES`.
    path, query
        What stands in the address.
    form
        The fields of a posted form; of a field that came several times the last.
    lists
        Fields that came several times, as ticked boxes do; read by `chosen`.
    uploads
        Files by the name of their field.
    partial
        An htmx request that wants a fragment, not a page.
    at
        Now, in microseconds since 1970 UTC.
    errors
        By field: what was wrong with the form just posted. A page's `show` is called again with these, and
        with the typed values in `form`, when its `act` raises `InvalidInput`; the form macros read both.
    cookies
        expedit's own cookies.
    address
        The client's network address.
    agent
        The client's User-Agent.
    """

    viewer: Viewer = NOBODY
    language: str = "en"
    path: dict[str, str] = {}
    query: dict[str, str] = {}
    form: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    uploads: dict[str, Upload] = {}
    partial: bool = False
    at: int = 0
    errors: dict[str, str] = {}
    cookies: dict[str, str] = {}
    address: str = ""
    agent: str = ""

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return every value that the form gave for the field `name`."""
        return self.lists.get(name, (self.form[name],) if name in self.form else ())

    def number(self, name: str) -> int:
        """Return the whole number that stands in the field `name` of the form; 0 when none does."""
        written = self.form.get(name, "")
        return int(written) if written.isdecimal() and len(written) <= _LONGEST_NUMBER else 0


class Cookie(Struct, frozen=True):
    """A cookie that a reply sets: always HttpOnly, and Secure unless on loopback.

    Parameters
    ----------
    name, value
        What is kept; an empty value takes the cookie away.
    seconds
        How long the browser keeps it; 0 for as long as it is open.
    path
        Where it is sent.
    """

    name: str
    value: str
    seconds: int = 0
    path: str = "/panel"


class Html(Struct, frozen=True):
    """A page, or a fragment of one.

    Parameters
    ----------
    template
        ``<room>/<file in the room's templates/>``.
    values
        What the template sees.
    status
        200, or 422 for a form that has to be filled in again.
    cookies
        Set with the reply.
    retry_after
        With 429 and 503: after how many seconds to come again.
    """

    template: str
    values: dict[str, Any] = {}
    status: int = 200
    cookies: tuple[Cookie, ...] = ()
    retry_after: int = 0


class Redirect(Struct, frozen=True):
    """Go there instead, as after every form that did something.

    Parameters
    ----------
    to
        A path of the panel.
    said
        A sentence, already translated, shown once on the next page.
    cookies
        Set with the reply.
    """

    to: str
    said: str = ""
    cookies: tuple[Cookie, ...] = ()


class Download(Struct, frozen=True):
    """A file for the viewer to keep."""

    body: bytes
    content_type: str
    filename: str


class Json(Struct, frozen=True):
    """Values for a script of the panel, as a field that completes what is typed."""

    value: Any


Reply = Html | Redirect | Download | Json
