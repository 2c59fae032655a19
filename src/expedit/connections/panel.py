"""The pages of connections: how each does, plugging in, messages with replay, settings and secrets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from expedit.access import PURPOSES, LegalBasis, audit
from expedit.connections import store
from expedit.connections.changing import (
    LEGAL_BASES,
    add_connection,
    change_connection,
    kind_of,
    remove_connection,
    rotate_secret,
    set_enabled,
    webhook_path,
)
from expedit.connections.health import ConnectionHealth, every_health, health_of
from expedit.connections.inbox import replay
from expedit.connections.kinds import KINDS, kind_called
from expedit.connections.model import Connection, Field, Kind, Message, MessageState
from expedit.connections.plugged import connections
from expedit.connections.privacy import PrivacyRequest, finish_request, open_requests, requests_of
from expedit.connections.rights import export_request
from expedit.connections.schedule import ask_to_fetch
from expedit.connections.wording import (
    concern_text,
    field_help,
    field_label,
    kind_text,
    span_text,
    topic_of,
)
from expedit.core import HOUR, InvalidInput, NotFound, from_json, to_json
from expedit.features import Found, Health, MenuItem, Page
from expedit.storage import Shop
from expedit.web import LANGUAGES, Download, Html, Redirect, Reply, Viewer, Visit, need_role, text

HOME = "/panel/connections"
SHOWN = 50
TONES = {"ok": "green", "warning": "yellow", "failing": "red", "paused": "secondary", "waiting": "blue"}
STATE_TONES = {"pending": "blue", "done": "green", "failed": "red"}
_GRACES = (("24", 24 * HOUR), ("168", 168 * HOUR), ("0", 0))
_LONGEST_BODY = 200_000


def show_connections(shop: Shop, visit: Visit) -> Reply:
    """List the connections with their health."""
    return Html(
        "connections/connections.html",
        {
            "cards": [_card(visit, health) for health in every_health(shop)],
            "requests": [one for one in open_requests(shop) if one.kind == "access"],
            "names": {one.id: one.name for one in connections(shop).all()},
        },
    )


def show_kinds(shop: Shop, visit: Visit) -> Reply:  # noqa: ARG001
    """Show what can be connected."""
    kinds = [
        {
            "name": kind.name,
            "title": kind_text(visit.language, kind.name),
            "about": kind_text(visit.language, kind.name, "_about"),
        }
        for kind in KINDS.values()
    ]
    return Html("connections/kinds.html", {"kinds": kinds})


def show_new(shop: Shop, visit: Visit) -> Reply:  # noqa: ARG001
    """Show the form that connects something of a kind."""
    kind = kind_called(visit.path["kind"])
    return Html(
        "connections/new.html",
        {
            "kind": kind.name,
            "title": kind_text(visit.language, kind.name),
            "about": kind_text(visit.language, kind.name, "_about"),
            "fields": _fields(visit, kind, {}),
            "purposes": PURPOSES,
            "assumed": ("analytics",),
            "bases": [(basis, text(visit.language, f"connections.basis.{basis}")) for basis in LEGAL_BASES],
        },
    )


def act_new(shop: Shop, visit: Visit) -> Reply:
    """Connect something."""
    kind = kind_called(visit.path["kind"])
    given = {field.name: visit.form.get(field.name, "") for field in kind.fields}
    allowed = set(visit.chosen("consent"))
    basis: LegalBasis = next(
        (one for one in LEGAL_BASES if one == visit.form.get("legal_basis")), LEGAL_BASES[0]
    )
    one = add_connection(
        shop,
        kind.name,
        visit.form.get("name", ""),
        given,
        consent={purpose: True for purpose in PURPOSES if purpose in allowed},
        legal_basis=basis,
    )
    audit(shop, visit.viewer, "connections.add", one.id, {"kind": one.kind})
    return Redirect(
        f"{HOME}/{one.id}?tab=setup", text(visit.language, "connections.said.added", name=one.name)
    )


def show_connection(shop: Shop, visit: Visit) -> Reply:
    """Show one connection: how it does, what came, how it is set up."""
    one = connections(shop).get(visit.path["connection_id"])
    kind = kind_of(one)
    health = health_of(shop, one)
    tab = visit.query.get("tab", "messages" if kind.receive else "setup")
    shared: dict[str, Any] = {
        "one": one,
        "card": _card(visit, health),
        "tab": tab,
        "receives": kind.receive is not None,
        "fetches": kind.fetch is not None,
        "page": kind.page,
        "address": _address(shop, one),
        "requests": requests_of(shop, one.id),
    }
    if tab == "settings":
        shared["fields"] = _fields(visit, kind, one.settings)
        shared["secrets"] = [
            (field.name, field_label(visit.language, kind.name, field.name), _secret_state(shop, one, field))
            for field in kind.fields
            if field.kind == "secret"
        ]
        shared["graces"] = [
            (value, text(visit.language, f"connections.grace.{value}")) for value, _ in _GRACES
        ]
    elif tab == "setup":
        shared["topics"] = kind.topics
        shared["steps"] = _steps(visit, kind)
    elif tab == "messages":
        shared |= _messages(shop, visit, one)
    return Html("connections/connection.html", shared)


def act_connection(shop: Shop, visit: Visit) -> Reply:
    """Do something to a connection, as the form's `do` says."""
    one = connections(shop).get(visit.path["connection_id"])
    do = visit.form.get("do", "")
    if do not in _DEEDS:
        raise InvalidInput("do", f"must be one of {', '.join(_DEEDS)}")
    if do not in {"replay", "fetch"}:
        need_role(visit, "admin")
    return _DEEDS[do](shop, visit, one)


def _replay(shop: Shop, visit: Visit, one: Connection) -> Reply:
    given = visit.form.get("message", "")
    count = replay(shop, one.id, int(given) if given.isdecimal() else None)
    audit(shop, visit.viewer, "connections.replay", one.id, {"messages": count})
    return Redirect(f"{HOME}/{one.id}", text(visit.language, "connections.said.replayed", n=count))


def _fetch(shop: Shop, visit: Visit, one: Connection) -> Reply:
    ask_to_fetch(shop, one.id)
    audit(shop, visit.viewer, "connections.fetch", one.id)
    return Redirect(f"{HOME}/{one.id}?tab=setup", text(visit.language, "connections.said.fetching"))


def _pause(shop: Shop, visit: Visit, one: Connection) -> Reply:
    set_enabled(shop, one.id, False)
    audit(shop, visit.viewer, "connections.pause", one.id)
    return Redirect(f"{HOME}/{one.id}", text(visit.language, "connections.said.paused", name=one.name))


def _resume(shop: Shop, visit: Visit, one: Connection) -> Reply:
    set_enabled(shop, one.id, True)
    audit(shop, visit.viewer, "connections.resume", one.id)
    return Redirect(f"{HOME}/{one.id}", text(visit.language, "connections.said.resumed", name=one.name))


def _save(shop: Shop, visit: Visit, one: Connection) -> Reply:
    kind = kind_of(one)
    given = {
        field.name: visit.form[field.name]
        for field in kind.fields
        if field.kind != "secret" and field.name in visit.form
    }
    change_connection(shop, one.id, given, visit.form.get("name"))
    audit(shop, visit.viewer, "connections.change", one.id)
    return Redirect(f"{HOME}/{one.id}?tab=settings", text(visit.language, "connections.said.saved"))


def _rotate(shop: Shop, visit: Visit, one: Connection) -> Reply:
    grace = dict(_GRACES).get(visit.form.get("grace", ""), _GRACES[0][1])
    name = visit.form.get("secret", "")
    rotate_secret(shop, one.id, name, visit.form.get("value", ""), grace)
    audit(shop, visit.viewer, "connections.rotate", one.id, {"secret": name})
    return Redirect(f"{HOME}/{one.id}?tab=settings", text(visit.language, "connections.said.rotated"))


def _remove(shop: Shop, visit: Visit, one: Connection) -> Reply:
    remove_connection(shop, one.id)
    audit(shop, visit.viewer, "connections.remove", one.id, {"kind": one.kind})
    return Redirect(HOME, text(visit.language, "connections.said.removed", name=one.name))


_DEEDS = {
    "replay": _replay,
    "fetch": _fetch,
    "pause": _pause,
    "resume": _resume,
    "save": _save,
    "rotate": _rotate,
    "remove": _remove,
}


def show_message(shop: Shop, visit: Visit) -> Reply:
    """Show one message; its body may hold personal data and is for administrators."""
    one = connections(shop).get(visit.path["connection_id"])
    message = _message(shop, one, visit.path["message_id"])
    body = _pretty(message.body) if visit.viewer.may("admin") else ""
    if body:
        audit(shop, visit.viewer, "connections.read_message", one.id, {"message": message.id})
    return Html(
        "connections/message.html",
        {
            "one": one,
            "message": message,
            "tone": STATE_TONES[message.state],
            "body": body,
            "size": len(message.body),
            "may_see": visit.viewer.may("admin"),
        },
    )


def act_request(shop: Shop, visit: Visit) -> Reply:
    """Give everything that is held of a person, as a platform asked for on their behalf."""
    request = _request(shop, visit.path["connection_id"], visit.path["request_id"])
    body = to_json(export_request(shop, request))
    if request.finished is None:
        with shop.database.writing() as tx:
            finish_request(tx, request.id, shop.clock(), {"bytes": len(body)})
    audit(shop, visit.viewer, "connections.did_access", request.connection, {"request": request.id})
    return Download(body, "application/json", f"request-{request.reference}.json")


def find_connections(shop: Shop, viewer: Viewer, words: str) -> Sequence[Found]:  # noqa: ARG001
    """Find connections by name, kind or id."""
    wanted = words.casefold().split()
    return [
        Found(one.name, one.kind, f"{HOME}/{one.id}", "connections.found")
        for one in connections(shop).all()
        if all(word in f"{one.name} {one.kind} {one.id}".casefold() for word in wanted)
    ][:10]


def tell_health(shop: Shop) -> Sequence[Health]:
    """Tell how the connections do, for the health page and `expedit doctor`."""
    states = {"ok": "ok", "paused": "ok", "waiting": "ok", "warning": "warning", "failing": "failing"}
    return [
        Health(
            health.connection.name,
            states[health.state],  # type: ignore[arg-type]
            concern_text("en", health),
            f"{HOME}/{health.connection.id}",
            spoken={
                language: f"{health.connection.name}: {concern_text(language, health)}"
                for language in LANGUAGES
            },
        )
        for health in every_health(shop)
    ]


def _card(visit: Visit, health: ConnectionHealth) -> dict[str, Any]:
    one = health.connection
    return {
        "id": one.id,
        "name": one.name,
        "kind": kind_text(visit.language, one.kind),
        "icon": one.kind,
        "tone": TONES[health.state],
        "state": text(visit.language, f"connections.state.{health.state}"),
        "says": concern_text(visit.language, health),
        "health": health,
        "lag": span_text(visit.language, health.lag),
        "silence": None if health.silence is None else span_text(visit.language, health.silence),
    }


def _fields(visit: Visit, kind: Kind, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the form asks for, as the template shows it."""
    return [
        {
            "name": field.name,
            "kind": field.kind,
            "required": field.required,
            "label": field_label(visit.language, kind.name, field.name),
            "help": field_help(visit.language, kind.name, field.name),
            "value": settings.get(field.name, field.default),
            "choices": [
                (choice, field_label(visit.language, kind.name, f"{field.name}_{choice or 'any'}"))
                for choice in field.choices
            ],
        }
        for field in kind.fields
    ]


def _secret_state(shop: Shop, one: Connection, field: Field) -> int:
    """Return how many secrets of that name count now."""
    return len(connections(shop).secrets(one.id, field.name))


def _steps(visit: Visit, kind: Kind) -> list[str]:
    key = f"connections.steps.{kind.name}"
    try:
        return text(visit.language, key).split("\n")
    except KeyError:  # a plugin's kind may explain itself on a page of its own
        return []


def _address(shop: Shop, one: Connection) -> str:
    path = webhook_path(one)
    return f"{shop.settings.public_url.rstrip('/')}{path}" if path else ""


def _messages(shop: Shop, visit: Visit, one: Connection) -> dict[str, Any]:
    asked = visit.query.get("state", "")
    states: dict[str, MessageState] = {"pending": "pending", "done": "done", "failed": "failed"}
    before = visit.query.get("before", "")
    with shop.database.reading() as tx:
        found = store.list_messages(
            tx, one.id, states.get(asked), int(before) if before.isdecimal() else None, SHOWN + 1
        )
    return {
        "state": asked if asked in states else "",
        "messages": [
            {"message": message, "topic": topic_of(message.topic), "tone": STATE_TONES[message.state]}
            for message in found[:SHOWN]
        ],
        "following": str(found[SHOWN - 1].id) if len(found) > SHOWN else "",
        "before": before,
    }


def _message(shop: Shop, one: Connection, given: str) -> Message:
    with shop.database.reading() as tx:
        message = store.read_message(tx, int(given)) if given.isdecimal() else None
    if message is None or message.connection != one.id:
        raise NotFound(f"there is no message {given[:20]} of {one.id}")
    return message


def _request(shop: Shop, connection_id: str, given: str) -> PrivacyRequest:
    for request in requests_of(shop, connection_id):
        if str(request.id) == given:
            return request
    raise NotFound(f"there is no request {given[:20]} of {connection_id}")


def _pretty(body: bytes) -> str:
    """Return a body as people read it."""
    try:
        shown = to_json(from_json(body, dict[str, Any]))
    except InvalidInput:  # what is no object is shown as it came
        return body[:_LONGEST_BODY].decode(errors="replace")
    return json.dumps(json.loads(shown), indent=2, ensure_ascii=False)[:_LONGEST_BODY]


PAGES = (
    Page(HOME, show=show_connections),
    Page(f"{HOME}/new", show=show_kinds, role="admin"),
    Page(f"{HOME}/new/{{kind:str}}", show=show_new, act=act_new, role="admin", act_role="admin"),
    Page(f"{HOME}/{{connection_id:str}}", show=show_connection, act=act_connection),
    Page(f"{HOME}/{{connection_id:str}}/messages/{{message_id:str}}", show=show_message),
    Page(
        f"{HOME}/{{connection_id:str}}/requests/{{request_id:str}}",
        act=act_request,
        role="admin",
        act_role="admin",
    ),
)
MENU = (MenuItem(HOME, "connections.menu", icon="plug-connected", order=400, group="web.group.data"),)
