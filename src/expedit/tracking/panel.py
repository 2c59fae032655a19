"""Dead letters: what was refused and why; mended, replayed or thrown away."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from expedit.core import InvalidInput, NotFound, Struct, from_json
from expedit.events import Complaint, DeadLetter, count_complaints, dead_letter, dead_letters, shape_of
from expedit.features import Health, MenuItem, Page
from expedit.storage import Shop
from expedit.tracking.model import Outcome
from expedit.tracking.replaying import (
    MOST_AT_ONCE,
    discard_letter,
    discard_like,
    replay_letter,
    replay_like,
)
from expedit.web import Html, Redirect, Reply, Visit, in_every_language, text

PATH = "/panel/dead-letters"
_PAGE = 50


class Line(Struct, frozen=True):
    """A letter in a list: its complaint without the values in it, which may tell a person."""

    letter: DeadLetter
    field: str
    reason: str


def show_letters(shop: Shop, visit: Visit) -> Reply:
    """List the complaints, and the letters of one or of all."""
    source, field, reason = (visit.query.get(name, "") for name in ("source", "field", "reason"))
    before = visit.query.get("before", "")
    with shop.database.reading() as tx:
        complaints = count_complaints(tx)
        letters = dead_letters(
            tx,
            _PAGE + 1,
            int(before) if before.isdecimal() and len(before) < 18 else None,
            source,
            complaint=(field, reason) if reason else None,
            waiting=visit.query.get("replayed") != "yes",
        )
    clear = visit.viewer.may("merchandiser")
    return Html(
        "tracking/letters.html",
        {
            "complaints": [(one, _address(one)) for one in complaints],
            "lines": [_line(one, clear) for one in letters[:_PAGE]],
            "following": str(letters[_PAGE - 1].id) if len(letters) > _PAGE else "",
            "chosen": _chosen(complaints, (source, field, reason)),
            "waiting": sum(one.letters for one in complaints),
            "most": MOST_AT_ONCE,
        },
    )


def _chosen(complaints: list[Complaint], wanted: tuple[str, str, str]) -> Complaint | None:
    return next((one for one in complaints if (one.source, one.field, one.reason) == wanted), None)


def _line(letter: DeadLetter, clear: bool) -> Line:
    if clear:
        return Line(letter, letter.field, letter.reason)
    return Line(letter, shape_of(letter.field), shape_of(letter.reason))


def _address(one: Complaint) -> str:
    return f"{PATH}?{urlencode({'source': one.source, 'field': one.field, 'reason': one.reason})}"


def act_on_many(shop: Shop, visit: Visit) -> Reply:
    """Replay or discard every waiting letter with one complaint."""
    source, field, reason = (visit.form.get(name, "") for name in ("source", "field", "reason"))
    if not source or not reason:
        raise InvalidInput("reason", text(visit.language, "tracking.letters.choose"))
    if visit.form.get("do") == "discard":
        gone = discard_like(shop, visit.viewer, source, field, reason)
        return Redirect(PATH, said=text(visit.language, "tracking.letters.discarded", n=gone))
    done = replay_like(shop, visit.viewer, source, field, reason)
    said = text(visit.language, "tracking.letters.replayed_many", n=done.taken, refused=done.refused)
    return Redirect(PATH, said=said)


def show_letter(shop: Shop, visit: Visit) -> Reply:
    """Show one letter with its text, to be mended."""
    with shop.database.reading() as tx:
        letter = dead_letter(tx, _number(visit))
    return Html(
        "tracking/letter.html",
        {"letter": letter, "body": visit.form.get("body", _pretty(letter.body)), "field": _field_of(letter)},
    )


def act_on_one(shop: Shop, visit: Visit) -> Reply:
    """Replay one letter with the text in the form, or discard it."""
    number = _number(visit)
    if visit.form.get("do") == "discard":
        discard_letter(shop, visit.viewer, number)
        return Redirect(PATH, said=text(visit.language, "tracking.letters.discarded", n=1))
    with shop.database.reading() as tx:
        letter = dead_letter(tx, number)
    body = visit.form.get("body")
    edited = None if body is None or _same(body, letter.body) else body
    outcome = replay_letter(shop, visit.viewer, number, edited)
    if outcome.refusal is not None:
        raise InvalidInput("body", f"{outcome.refusal.field}: {outcome.refusal.reason}".removeprefix(": "))
    return Redirect(PATH, said=_said(visit.language, outcome))


def _said(language: str, outcome: Outcome) -> str:
    return text(language, f"tracking.letters.fate_{outcome.fate}")


def _number(visit: Visit) -> int:
    given = visit.path.get("letter", "")
    if not given.isdecimal() or len(given) > 18:
        raise NotFound(text(visit.language, "tracking.letters.unknown"))
    return int(given)


def _field_of(letter: DeadLetter) -> str:
    return letter.field or "–"


def _parsed(body: str) -> Any:
    try:
        return from_json(body, dict[str, Any])
    except InvalidInput:  # not JSON: that may be the very complaint
        return None


def _pretty(body: str) -> str:
    found = _parsed(body)
    return body if found is None else json.dumps(found, indent=2, ensure_ascii=False)


def _same(one: str, other: str) -> bool:
    return one == other or (_parsed(one) is not None and _parsed(one) == _parsed(other))


def examine(shop: Shop) -> list[Health]:
    """Tell whether refused events wait for somebody."""
    with shop.database.reading() as tx:
        complaints = count_complaints(tx)
    day_ago = shop.clock() - 86_400_000_000
    fresh = [one for one in complaints if one.last_at >= day_ago]
    if not fresh:
        return [Health("dead letters", "ok", "no event was refused in the last 24 hours")]
    worst = fresh[0]
    spoken = in_every_language(
        "tracking.health.refused",
        n=sum(one.letters for one in fresh),
        source=worst.source,
        field=worst.field,
        reason=worst.reason,
    )
    return [Health("dead letters", "warning", spoken["en"], PATH, spoken=spoken)]


PAGES = (
    Page(PATH, show=show_letters, act=act_on_many),
    Page(f"{PATH}/{{letter:str}}", show=show_letter, act=act_on_one, role="merchandiser"),
)
MENU = (MenuItem(PATH, "tracking.menu.letters", icon="mailbox-off", order=450, group="web.group.data"),)
