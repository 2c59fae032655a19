"""What an arrival gets, written as JSON."""

from __future__ import annotations

from typing import Any

from expedit.core import Raw, to_json
from expedit.decisions.desk import Desk
from expedit.decisions.landing_wire import PictureAnswer, PromiseAnswer, ToldArrival
from expedit.decisions.landings import PREFIX, Landed
from expedit.decisions.list_answers import explanation, written_items
from expedit.decisions.wire import ExperimentAnswer
from expedit.merchandising import Landing

HOSTED = "/l/"
"""Where expedit itself serves pages."""


def write_landed(desk: Desk, landed: Landed, explain: bool = False) -> bytes:
    """Return what an arrival gets as JSON."""
    page, arrival = landed.shown, landed.arrival
    shown = None if landed.generic else page
    items = b"" if shown is None else b",".join(written_items(desk, shown, explain))
    told: dict[str, Any] = {
        "generic": landed.generic,
        "why": landed.why,
        "decisionId": None if page is None else page.id,
        **_experiment(landed),
        **_words(desk, landed),
        "arrival": ToldArrival(arrival.kind, arrival.source, arrival.campaign, arrival.phrase),
        "total": 0 if shown is None else shown.total,
        "items": Raw(b"[" + items + b"]"),
        "model": desk.models.current().version,
    }
    if explain and page is not None and page.made is not None:
        told["explain"] = explanation(page, page.made, desk.rules.current())
    return to_json(told)


def _experiment(landed: Landed) -> dict[str, Any]:
    landing = landed.landing
    if landing is None:
        return {"page": None, "edition": None, "experiment": None, "url": None, "genericUrl": None}
    return {
        "page": landing.slug,
        "edition": landing.edition,
        "experiment": ExperimentAnswer(PREFIX + landing.slug, landed.side) if landed.side else None,
        "url": HOSTED + landing.slug,
        "genericUrl": landing.page.generic_url or None,
    }


def _words(desk: Desk, landed: Landed) -> dict[str, Any]:
    """Return what the page says; nothing of one that is not shown."""
    if landed.generic or landed.landing is None:
        return {"locale": landed.locale} | dict.fromkeys(("title", "intro", "picture", "promise"))
    landing: Landing = landed.landing
    locale, words = landing.page.said(landed.locale, desk.shop.settings.locale)
    promise = landed.promise
    return {
        "locale": locale,
        "title": words.title,
        "intro": words.intro,
        "picture": PictureAnswer(words.picture, words.picture_text) if words.picture else None,
        "promise": PromiseAnswer(promise.phrase, promise.matched, promise.whole) if promise else None,
    }
