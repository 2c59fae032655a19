"""Templates of every room, rendered with the language and the frame of one visit.

What a macro needs of the visit (language, errors of the form, the token of its session) is found by the
functions below without being passed: `render` keeps the visit in a context variable for as long as it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlencode

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound
from markupsafe import Markup

from expedit.core import NotFound, Struct, to_json
from expedit.web import figures
from expedit.web.pages import LANGUAGES, Html, Visit
from expedit.web.statics import statics
from expedit.web.texts import folder_of, text


class MenuEntry(Struct, frozen=True):
    """One line of the menu, in the viewer's language."""

    href: str
    text: str
    icon: str
    current: bool


class MenuGroup(Struct, frozen=True):
    """Lines of the menu under one heading."""

    text: str
    entries: tuple[MenuEntry, ...]


class Frame(Struct, frozen=True):
    """What stands around a page.

    Parameters
    ----------
    shop_name
        Shown in the top bar.
    path
        Path of the page, without its query.
    csrf
        Token that forms send back.
    menu
        What the viewer may open.
    said
        A sentence to show once.
    searchable
        Whether the search box is shown.
    """

    shop_name: str = "expedit"
    path: str = "/panel"
    csrf: str = ""
    menu: tuple[MenuGroup, ...] = ()
    said: str = ""
    searchable: bool = True


class _Now(Struct, frozen=True):
    visit: Visit
    frame: Frame


_now: ContextVar[_Now] = ContextVar("what is being rendered")


class _Rooms(BaseLoader):
    """Finds ``<room>/<file>`` in the ``templates`` folder of the room."""

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002  (the signature is Jinja's)
        template: str,
    ) -> tuple[str, str | None, Callable[[], bool]]:
        room, _, name = template.partition("/")
        if not name or ".." in name.split("/"):
            raise TemplateNotFound(template)
        try:
            path = folder_of(room).joinpath("templates", *name.split("/"))
        except NotFound:
            raise TemplateNotFound(template) from None
        if not path.is_file():
            raise TemplateNotFound(template)
        source = path.read_text(encoding="utf-8")
        return source, str(path), lambda: path.is_file() and path.read_text(encoding="utf-8") == source


def render(page: Html, visit: Visit, frame: Frame) -> str:
    """Return the page as HTML."""
    token = _now.set(_Now(visit, frame))
    try:
        return _environment.get_template(page.template).render(
            {"visit": visit, "viewer": visit.viewer, "frame": frame, **page.values}
        )
    finally:
        _now.reset(token)


def _language() -> str:
    return _now.get().visit.language


def _t(key: str, **values: Any) -> str:
    return text(_language(), key, **values)


def _csrf() -> Markup:
    """Return the hidden field that every posting form carries."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(_now.get().frame.csrf)


def _part(page: Html) -> Markup:
    """Return another room's fragment, to stand inside the page that is being rendered."""
    now = _now.get()
    return Markup(render(page, now.visit, now.frame))  # noqa: S704  (a template's own output, escaped there)


def _error_of(name: str) -> str:
    return _now.get().visit.errors.get(name, "")


def _typed(name: str, value: Any) -> Any:
    """Return what was typed into a field if its form came back with errors, else `value`.

    A field that was not sent was hidden, and stands as it did.
    """
    visit = _now.get().visit
    return visit.form.get(name, value) if visit.errors else value


def _ticked(name: str, value: str, chosen: Any) -> bool:
    visit = _now.get().visit
    return value in visit.chosen(name) if visit.errors else bool(chosen)


def _here(**changes: Any) -> str:
    """Return the address of this page with parameters changed; None or an empty text takes one away."""
    now = _now.get()
    asked = {**now.visit.query, **{name: str(value) for name, value in changes.items() if value is not None}}
    left = {name: value for name, value in asked.items() if value and changes.get(name, "") is not None}
    return now.frame.path + ("?" + urlencode(left) if left else "")


def _island(value: Any) -> Markup:
    """Return JSON that is safe inside a ``script`` element of a data type."""
    written = to_json(value).decode()
    for sign, escape in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        written = written.replace(sign, escape)
    return Markup(written)  # noqa: S704  (JSON with no character that could end the element)


def _by_language(write: Callable[..., str]) -> Callable[..., str]:
    def written(value: Any, *arguments: Any, **named: Any) -> str:
        return write(_language(), value, *arguments, **named)

    return written


def _build() -> Environment:
    made = Environment(
        loader=_Rooms(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    functions: Mapping[str, Any] = {
        "t": _t,
        "csrf": _csrf,
        "part": _part,
        "language": _language,
        "languages": LANGUAGES,
        "error_of": _error_of,
        "typed": _typed,
        "ticked": _ticked,
        "here": _here,
        "static": lambda name: statics().address(name),
    }
    made.globals.update(functions)
    made.filters.update(
        {
            name: _by_language(getattr(figures, name))
            for name in ("number", "percent", "money", "moment", "day")
        }
    )
    made.filters.update(
        {"machine": figures.machine, "island": _island, "json": lambda value: to_json(value).decode()}
    )
    return made


_environment = _build()
