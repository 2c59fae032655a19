"""What requests for a landing page and their answers look like on the wire; field names in camel case."""

from __future__ import annotations

from typing import Literal

from expedit.core import Struct, convert
from expedit.decisions.wire import AskContext, Asking, ExperimentAnswer, ItemAnswer
from expedit.web import RawRequest

Why = Literal["page", "measured", "no_page", "nothing_to_show"]
"""Why the answer is what it is: a page fits; one fits but this person gets the ordinary page, to measure it;
none fits; the page that was asked for has nothing to show."""


class ToldArrival(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=False):
    """How the visit began, where the shop knows it better than the addresses of `context` tell."""

    kind: str = ""
    source: str = ""
    campaign: str = ""
    phrase: str = ""


class LandingBody(Asking, frozen=True, rename="camel", kw_only=True):
    """Body of ``POST /v1/landing``.

    Parameters
    ----------
    slug
        The page asked for; without it the arrival decides.
    arrival
        How the visit began; without it ``context.arrivedAt`` and ``arrivedFrom``, or ``url``, tell.
    limit
        Most products; as many as the page shows by default.
    """

    slug: str | None = None
    arrival: ToldArrival | None = None
    limit: int | None = None


class PictureAnswer(Struct, frozen=True, omit_defaults=False):
    """A picture and what it shows."""

    url: str
    text: str


class PromiseAnswer(Struct, frozen=True, omit_defaults=False):
    """What the visitor came for, and what of it the page has.

    Parameters
    ----------
    phrase
        Words of the search, or of the campaign.
    matched
        Products of the page that answer at least half of it; they stand first.
    whole
        Those of them that answer all of it; none of either: the page shows its own products.
    """

    phrase: str
    matched: int
    whole: int


class LandingAnswer(Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=False):
    """Answer of ``/v1/landing``.

    Parameters
    ----------
    generic
        Whether the shop shows its ordinary page; `why` tells the reason.
    decision_id
        Null where no page fits: nothing was decided.
    page, edition
        Slug and edition of the page.
    experiment
        The comparison with the ordinary page, and the side of it that this person is on; null for those who
        take no part.
    url, generic_url
        Where expedit itself serves the page, and the ordinary page that it is measured against.
    locale, title, intro, picture
        What the page says, and in which language.
    promise
        Null where nothing tells what the visitor came for.
    total
        Products that the page has.
    """

    generic: bool
    why: Why
    decision_id: str | None
    page: str | None
    edition: int | None
    experiment: ExperimentAnswer | None
    url: str | None
    generic_url: str | None
    locale: str
    title: str | None
    intro: str | None
    picture: PictureAnswer | None
    promise: PromiseAnswer | None
    arrival: ToldArrival
    total: int
    items: tuple[ItemAnswer, ...]
    model: str
    explain: dict[str, object] | None = None


_CONTEXT = {
    "url": "arrivedAt", "referrer": "arrivedFrom", "market": "market", "locale": "locale",
    "channel": "channel", "country": "country",
}  # fmt: skip
_ARRIVAL = ("kind", "source", "campaign", "phrase")


def read_query(request: RawRequest, write_key: str) -> LandingBody:
    """Return what a GET asks: the visitor is whoever its cookie says, since an address names nobody."""
    given = {name: request.query(name) for name in ("slug", "limit", *_CONTEXT, *_ARRIVAL)}
    context = {field: given[name] for name, field in _CONTEXT.items() if given[name]}
    told = {name: given[name] for name in _ARRIVAL if given[name]}
    limit = given["limit"]
    return LandingBody(
        slug=given["slug"] or None,
        arrival=ToldArrival(**told) if told else None,
        limit=(int(limit) if limit.isdecimal() and len(limit) < 6 else 0) if limit else None,
        context=convert(context, AskContext),
        write_key=write_key or None,
    )
