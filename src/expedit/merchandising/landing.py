"""A landing page: who arrives at it, what it says in each language, and which products it shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

from expedit.access import Arrangements
from expedit.core import (
    Condition,
    InvalidInput,
    Struct,
    ValidationError,
    convert,
    field,
    invalid_input,
    read_condition,
)
from expedit.merchandising.balance import Balance
from expedit.merchandising.model import RawCondition
from expedit.merchandising.reading import read_when
from expedit.merchandising.vocabulary import PRODUCT

Ranking = Literal["listing", "popular", "new", "personal", "margin"]
RANKINGS: tuple[str, ...] = get_args(Ranking)
BALANCE_OF: dict[str, Balance] = {
    "popular": Balance(popularity=100, personal=0),
    "new": Balance(popularity=0, newness=100, personal=0),
    "personal": Balance(popularity=100, personal=100),
    "margin": Balance(popularity=50, margin=100, personal=0),
}
"""How products are weighed; ``listing`` is not among them: it takes the balance of the shop's listings."""

MOST_PINNED = 24
MOST_SHOWN = 100
LONGEST = {"name": 120, "title": 120, "intro": 2_000, "picture": 1_000, "picture_text": 250}
_LONGEST_SLUG = 60
TAKEN = ("new", "figures", "tried")
"""Parts of the panel's own addresses."""
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LOCALE = re.compile(r"[a-z]{2}")
_ADDRESS = re.compile(r"(https?://[^\s/\"'<>\\]+|/(?![/\\]))[^\s\"'<>\\]*")


class LandingWords(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page says in one language.

    Parameters
    ----------
    title
        Its heading, and what links to it are called.
    intro
        Plain text under the heading; an empty line begins a paragraph.
    picture, picture_text
        Address of a picture, and what it shows, for those who do not see it.
    """

    title: str
    intro: str = ""
    picture: str = ""
    picture_text: str = ""


class LandingPage(Struct, frozen=True, forbid_unknown_fields=True):
    """A page for those who arrive with something in mind.

    Parameters
    ----------
    name
        What the shop calls it; visitors never see it.
    words
        What it says, by language.
    when
        Who arrives here: a condition over `vocabulary.SITUATION`. Empty: nobody but who follows its address.
    which
        Which products it shows: a condition over `vocabulary.PRODUCT`. Empty: everything.
    pins
        Ids of the products that stand first, in their order.
    ranking
        How the others are weighed.
    promise
        Whether products that fit the phrase or campaign of the arrival come before the others.
    size
        Most products shown.
    priority
        Of several pages that fit, the one with the lowest number is taken.
    generic_share
        Share of people who get the ordinary page instead, to measure this one; None: as the setting says.
    generic_url
        Address of that ordinary page; the hosted page is measured only where it is known.
    """

    name: str
    words: dict[str, LandingWords]
    when: RawCondition = field(default_factory=dict)
    which: RawCondition = field(default_factory=dict)
    pins: tuple[str, ...] = ()
    ranking: Ranking = "listing"
    promise: bool = True
    size: int = 24
    priority: int = 100
    generic_share: float | None = None
    generic_url: str = ""

    def said(self, locale: str, otherwise: str) -> tuple[str, LandingWords]:
        """Return in which language it speaks to `locale` (else the shop's own, else its first), and what."""
        found = next((one for one in (locale, otherwise) if one in self.words), next(iter(self.words)))
        return found, self.words[found]


LANDINGS: Arrangements[LandingPage] = Arrangements("landing", LandingPage)


def read_landing(raw: Mapping[str, Any]) -> LandingPage:
    """Return the page that `raw` describes.

    Raises
    ------
    InvalidInput
        Naming the field, as ``words.sv.title``.
    """
    try:
        return check_landing(convert(raw, LandingPage))
    except ValidationError as error:
        raise invalid_input(error) from None


def check_slug(slug: str) -> str:
    """Return a slug, or complain that it is none."""
    if slug in TAKEN:
        raise InvalidInput("slug", f"{slug!r} means something else here")
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST_SLUG:
        raise InvalidInput("slug", f"must be small letters, digits and hyphens, at most {_LONGEST_SLUG}")
    return slug


def check_landing(page: LandingPage) -> LandingPage:
    """Return `page`, or complain about the first field that does not fit.

    Raises
    ------
    InvalidInput
        Naming the field.
    """
    if not page.name.strip():
        raise InvalidInput("name", "a landing page needs a name")
    _not_longer("name", page.name, "name")
    if not page.words:
        raise InvalidInput("words", "say something in at least one language")
    for locale, words in page.words.items():
        _check_words(locale, words)
    when_lands(page)
    which_lands(page)
    if len(set(page.pins)) < len(page.pins):
        raise InvalidInput("pins", "names a product twice")
    _between("pins", len(page.pins), 0, MOST_PINNED)
    _between("size", page.size, 1, MOST_SHOWN)
    _between("priority", page.priority, 0, 1_000_000)
    if page.generic_share is not None:
        _between("generic_share", page.generic_share, 0, 0.9)
    _check_address("generic_url", page.generic_url)
    return page


def when_lands(page: LandingPage) -> Condition:
    """Return the condition on who arrives at a page."""
    return read_when(page.when)


def which_lands(page: LandingPage) -> Condition:
    """Return the condition on the products of a page."""
    return read_condition(page.which, PRODUCT, "which")


def _check_words(locale: str, words: LandingWords) -> None:
    at = f"words.{locale[:12]}"
    if not _LOCALE.fullmatch(locale):
        raise InvalidInput(at, "a language is two small letters, as sv")
    if not words.title.strip():
        raise InvalidInput(f"{at}.title", "a landing page needs a heading")
    for name in ("title", "intro", "picture", "picture_text"):
        _not_longer(f"{at}.{name}", getattr(words, name), name)
    _check_address(f"{at}.picture", words.picture)


def _check_address(name: str, address: str) -> None:
    if address and (not _ADDRESS.fullmatch(address) or len(address) > LONGEST["picture"]):
        raise InvalidInput(name, "must begin with https:// or / and hold no spaces or quotation marks")


def _not_longer(name: str, text: str, kind: str) -> None:
    if len(text) > LONGEST[kind]:
        raise InvalidInput(name, f"is longer than {LONGEST[kind]} characters")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InvalidInput(name, f"must be {low:g} … {high:g}")
