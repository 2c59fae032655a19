"""One visit to a page of the panel: who comes, what they ask with, and what they may be answered."""

from __future__ import annotations

from typing import Any, Literal

from expedit.core import Struct

Role = Literal["viewer", "merchandiser", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "merchandiser", "admin")
"""From the least to the most; each may do what the ones before it may."""


class Viewer(Struct, frozen=True):
    """Who is signed in.

    Parameters
    ----------
    user_id
        Id of the user.
    name, email
        As they are shown to themselves and to administrators.
    role
        What they may do.
    """

    user_id: str
    name: str
    email: str
    role: Role

    def may(self, role: Role) -> bool:
        """Tell whether the viewer has `role`, or one that includes it."""
        return ROLES.index(self.role) >= ROLES.index(role)


class Upload(Struct, frozen=True):
    """A file that came with a form."""

    name: str
    content_type: str
    body: bytes


class Visit(Struct, frozen=True):
    """One request to a page of the panel.

    Parameters
    ----------
    viewer, language
        Who comes, and the language (``en``, ``sv`` or ``nb``) that they read.
    path, query, form, uploads
        Parameters of the path, of the address, and of a form.
    partial
        Whether only a fragment of the page is wanted (htmx).
    at
        Now, in microseconds.
    """

    viewer: Viewer
    language: str
    path: dict[str, str]
    query: dict[str, str]
    form: dict[str, str]
    uploads: dict[str, Upload]
    partial: bool
    at: int


class Html(Struct, frozen=True):
    """A page: ``<room>/<file>`` of a template, and what it is filled with."""

    template: str
    values: dict[str, Any]
    status: int = 200


class Redirect(Struct, frozen=True):
    """Go elsewhere; `said` is shown there once, in the viewer's language already."""

    to: str
    said: str = ""


class Download(Struct, frozen=True):
    """A file to keep."""

    body: bytes
    content_type: str
    filename: str


Reply = Html | Redirect | Download
