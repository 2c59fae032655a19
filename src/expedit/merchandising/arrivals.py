"""How a visit began: by a search, an advertisement, a mail, a social network, a link, a bookmark. Pure.

It is read from the address that the visitor first came to and from the page that led there. Nothing of either
is kept but a kind, a source, a campaign and the words of a search, each short and without what could name a
person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlsplit

from expedit.core import InvalidInput, Struct, convert

Kind = Literal["", "search", "ad", "mail", "social", "link", "bookmark", "direct"]
KINDS: tuple[str, ...] = get_args(Kind)[1:]
"""ad is paid for, whatever network shows it; link is any other site; bookmark is a page further in that
nothing led to, direct the front page; empty is unknown."""

_LONGEST_ADDRESS = 4_000
_LONGEST = 80
_MOST_PARAMETERS = 50

_PAID = frozenset(
    {"cpc", "ppc", "cpm", "cpv", "paid", "paidsearch", "paid_search", "paidsocial", "paid_social", "display",
     "banner", "retargeting", "shopping", "ad", "ads", "sea", "sem"}
)  # fmt: skip
_MAIL = frozenset({"email", "e-mail", "mail", "newsletter"})
_SOCIAL = frozenset({"social", "social-media", "social_media", "socialmedia", "sm"})
_CLICKS = {
    "gclid": "google", "gbraid": "google", "wbraid": "google", "dclid": "google", "msclkid": "bing",
    "ttclid": "tiktok", "twclid": "x", "li_fat_id": "linkedin", "epik": "pinterest", "sccid": "snapchat",
}  # fmt: skip
"""Parameters that an advertiser's network puts on an address, and whose they are."""
_MAILED = ("mc_cid", "mc_eid", "_kx", "vero_id", "ck_subscriber_id")
_SHARED = {"fbclid": "facebook", "igshid": "instagram", "igsh": "instagram"}
"""Put on every link that leaves the network, paid for or not."""

_ENGINES = {
    "google": "q", "bing": "q", "duckduckgo": "q", "yahoo": "p", "ecosia": "q", "startpage": "query",
    "qwant": "q", "brave": "q", "kagi": "q", "yandex": "text", "baidu": "wd", "kvasir": "q",
}  # fmt: skip
"""Search engines by the name in their host, and the parameter that holds the words."""
_NETWORKS = {
    "facebook": "facebook", "fb": "facebook", "instagram": "instagram", "tiktok": "tiktok",
    "pinterest": "pinterest",
    "twitter": "x", "t.co": "x", "x": "x", "linkedin": "linkedin", "lnkd": "linkedin", "youtube": "youtube",
    "reddit": "reddit", "snapchat": "snapchat", "threads": "threads", "bsky": "bluesky",
}  # fmt: skip
_WEBMAIL = ("mail.", "outlook.", "webmail.")
_FRONT = re.compile(r"/?([a-z]{2}(-[a-z]{2})?/?)?", re.IGNORECASE)
_NAMES_SOMEBODY = re.compile(r"@|\d{6}")


class Arrival(Struct, frozen=True, array_like=True):
    """How a visit began.

    Parameters
    ----------
    kind
        One of `KINDS`; empty while unknown.
    source
        Who led here, as ``google`` or ``newsletter``.
    campaign
        ``utm_campaign``.
    phrase
        What was searched for, where the engine or the advertisement tells.
    """

    kind: Kind = ""
    source: str = ""
    campaign: str = ""
    phrase: str = ""


UNKNOWN = Arrival()


def arrival(address: str, referrer: str) -> Arrival:
    """Return how a visit began.

    Parameters
    ----------
    address
        Of the page that the visitor came to first; empty while unknown.
    referrer
        Of the page that led there; empty for none.
    """
    kind: Kind
    if not address:
        return UNKNOWN
    host, path, given = _parts(address)
    from_host, _, asked = _parts(referrer)
    medium = given.get("utm_medium", "").strip().lower()
    source, campaign = _short(given.get("utm_source", "")), _short(given.get("utm_campaign", ""))
    engine, network = _named(_ENGINES, from_host), _named(_NETWORKS, from_host)
    clicked = next((name for name in _CLICKS if given.get(name)), "")
    shared = next((name for name in _SHARED if given.get(name)), "")
    mailed = any(given.get(name) for name in _MAILED) or from_host.startswith(_WEBMAIL)
    if clicked or medium in _PAID:
        kind, who = "ad", _CLICKS.get(clicked, "") or engine or network
    elif mailed or medium in _MAIL:
        kind, who = "mail", ""
    elif shared or network or medium in _SOCIAL:
        kind, who = "social", _NETWORKS.get(network, "") or _SHARED.get(shared, "")
    elif engine or medium == "organic":
        kind, who = "search", engine
    elif (from_host and from_host != host) or source or campaign:
        kind, who = "link", _short(from_host.removeprefix("www."))
    elif from_host:
        return UNKNOWN  # a step inside the shop is no arrival
    else:
        kind, who = ("direct" if _FRONT.fullmatch(path) else "bookmark"), ""
    phrase = _short(given.get("utm_term", "")) or _short(asked.get(_ENGINES.get(engine, ""), ""))
    return Arrival(kind, source or who, campaign, phrase if kind in {"search", "ad"} else "")


def told_arrival(kind: str, source: str, campaign: str, phrase: str) -> Arrival:
    """Return how a visit began as the shop itself tells it, without what could name a person.

    Raises
    ------
    InvalidInput
        When there is no such kind.
    """
    if kind not in {"", *KINDS}:
        raise InvalidInput("kind", f"{kind[:20]!r} is none of {', '.join(KINDS)}")
    return convert([kind, *map(_short, (source, campaign, phrase))], Arrival)


def _parts(address: str) -> tuple[str, str, Mapping[str, str]]:
    """Return host, path and parameters; of what is no address all empty."""
    try:
        parts = urlsplit(address[:_LONGEST_ADDRESS].strip())
        given = dict(parse_qsl(parts.query, max_num_fields=_MOST_PARAMETERS))
        return (parts.hostname or "").lower(), parts.path, given
    except ValueError:
        return "", "", {}


def _named(names: Mapping[str, str], host: str) -> str:
    """Return which of the names a host is of: ``google`` for www.google.se, ``t.co`` for t.co."""
    labels = host.split(".")
    if host in names:
        return host
    registered = labels[-3:-1] if len(labels) > 2 else labels[:-1]
    return next((label for label in reversed(registered) if label in names), "")


def _short(text: str) -> str:
    """Return a text in small letters; nothing of one that is long or could name a person."""
    words = " ".join(text.lower().split())
    return "" if len(words) > _LONGEST or _NAMES_SOMEBODY.search(words) else words
