"""Where a preview is asked from: a store of the shop, a country that it sells to, or a town there.

A town stands for its region and for a postal code in its middle, as a visitor's browser or the shop's network
would tell them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from babel import Locale

from expedit.core import Struct

_STORE = "store:"


class Spot(Struct, frozen=True):
    """A place that can be chosen.

    Parameters
    ----------
    key
        What a form sends: ``NO`` for a country, ``NO:Bergen`` for a town, ``store:Umeå`` for a store.
    name
        What it is called.
    country, region, postal, store
        What a visitor there would tell; empty where there is nothing to tell.
    """

    key: str
    name: str
    country: str = ""
    region: str = ""
    postal: str = ""
    store: str = ""


class Land(Struct, frozen=True):
    """Places that belong together: a country with its towns, or the stores when it has no name."""

    name: str
    spots: tuple[Spot, ...]


@cache
def _towns() -> tuple[Spot, ...]:
    written = files("expedit.decisions").joinpath("towns.csv").read_text(encoding="utf-8")
    return tuple(
        Spot(f"{row['country']}:{row['town']}", row["town"], row["country"], row["region"], row["postal"])
        for row in csv.DictReader(written.splitlines())
    )


def lands(markets: Iterable[str], stores: Iterable[str], language: str) -> tuple[Land, ...]:
    """Return the places to choose from: the countries among the markets with their towns, then the stores."""
    named: Mapping[str, str] = Locale(language).territories
    found = [
        Land(
            named[market],
            (Spot(market, named[market], market), *(one for one in _towns() if one.country == market)),
        )
        for market in markets
        if market in named
    ]
    held = tuple(Spot(_STORE + store, store, store=store) for store in stores)
    return (*found, Land("", held)) if held else tuple(found)


def spot_of(places: Iterable[Land], key: str) -> Spot | None:
    """Return the place that was chosen, None when it is none of them."""
    return next((spot for land in places for spot in land.spots if spot.key == key), None)
