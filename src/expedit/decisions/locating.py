"""Where a visitor roughly is: as the page says, else a header of the shop's network, else a local file.

An address of the network is only looked up, in memory: it is neither stored nor logged.
"""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Iterable, Mapping
from pathlib import Path

from expedit.core import InvalidInput, Settings
from expedit.decisions.wire import AskContext
from expedit.events import Whereabouts, roughly
from expedit.recommendation import PlaceClasses, place_scopes, read_place_classes
from expedit.web import RawRequest

_FIELDS = ("country", "region", "postal")


class Geography:
    """Places of networks, by the longest prefix that holds an address.

    Parameters
    ----------
    rows
        Network as ``192.0.2.0/24``, and the place of it.
    """

    def __init__(self, rows: Iterable[tuple[str, Whereabouts]]) -> None:
        self._places: dict[tuple[int, int], dict[int, Whereabouts]] = {}
        known: dict[Whereabouts, Whereabouts] = {}
        for written, place in rows:
            network = ipaddress.ip_network(written.strip(), strict=False)
            key = (network.version, network.prefixlen)
            bits = network.max_prefixlen - network.prefixlen
            self._places.setdefault(key, {})[int(network.network_address) >> bits] = known.setdefault(
                place, place
            )
        self._lengths = {
            version: sorted((length for one, length in self._places if one == version), reverse=True)
            for version in (4, 6)
        }

    def of(self, address: str) -> Whereabouts | None:
        """Return the place of an address, or None."""
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return None
        if found.version == 6 and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        value, version = int(found), found.version
        for length in self._lengths[version]:
            place = self._places[version, length].get(value >> (found.max_prefixlen - length))
            if place is not None:
                return place
        return None


def read_geography(path: str) -> Geography:
    """Read a CSV file with the columns ``network``, ``country`` and perhaps ``region``; none when empty.

    Raises
    ------
    InvalidInput
        Naming the setting, when the file cannot be used.
    """
    if not path:
        return Geography(())
    rows: list[tuple[str, Whereabouts]] = []
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                place = roughly(row.get("country"), row.get("region"), "", 0)
                if place is not None:
                    rows.append((row.get("network") or "", place))
        found = Geography(rows)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise InvalidInput("geo_file", f"{path} cannot be used: {error}") from None
    if not rows:
        raise InvalidInput("geo_file", f"{path} has no row with network and country")
    return found


class Locator:
    """Finds where requests come from.

    Parameters
    ----------
    settings
        Which headers tell it, which files, and how much of a postal code may be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._characters = settings.postal_characters
        self._headers = _headers(settings.place_headers)
        self._geography = read_geography(settings.geo_file)
        self._classes: PlaceClasses = read_place_classes(settings.place_classes)

    def scopes(self, context: AskContext, request: RawRequest | None) -> tuple[str, ...]:
        """Return the scopes of the place that a request is about, the narrowest first."""
        place = roughly(context.country, context.region, context.postal_code, self._characters)
        if place is None and request is not None:
            place = self._told(request) or self._looked_up(request)
        store = (context.store or "").strip()
        if place is None:
            return place_scopes("", "", "", store, "")
        kind = self._classes.of(place.country, place.postal)
        return place_scopes(place.country, place.region, place.postal, store, kind)

    def _told(self, request: RawRequest) -> Whereabouts | None:
        """Return what the headers tell: of each part, the first header that is there, in the order of the
        setting."""
        found: dict[str, tuple[int, str]] = {}
        for name, value in request.scope["headers"]:
            wanted = self._headers.get(name)
            if wanted is not None:
                part, rank = wanted
                if part not in found or rank < found[part][0]:
                    found[part] = (rank, str(value, "latin-1"))
        if "country" not in found:
            return None
        country, region, postal = (found.get(part, (0, ""))[1] for part in _FIELDS)
        return roughly(country, region, postal, self._characters)

    def _looked_up(self, request: RawRequest) -> Whereabouts | None:
        client = request.scope.get("client")
        return self._geography.of(str(client[0])) if client else None


def _headers(said: Mapping[str, str]) -> dict[bytes, tuple[str, int]]:
    for part in said:
        if part not in _FIELDS:
            raise InvalidInput(f"place_headers.{part}", f"is none of {', '.join(_FIELDS)}")
    return {
        name.lower().encode("latin-1"): (part, rank)
        for part, names in said.items()
        for rank, name in enumerate(names.split())
    }
