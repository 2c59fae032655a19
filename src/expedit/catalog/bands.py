"""Price bands: the 1–2–5 series of major units, so that a band never depends on what else is sold."""

from __future__ import annotations

from bisect import bisect_right

from expedit.core import decimals_of

_STEPS = tuple(digit * 10**power for power in range(8) for digit in (1, 2, 5))
NO_BAND = -1
BANDS = len(_STEPS) + 1


def price_band(minor: int, currency: str) -> int:
    """Return the band of a list price in minor units: 0 is below 1 major unit, each step up is × 2 to 2.5."""
    return bisect_right(_STEPS, minor // 10 ** decimals_of(currency))


def band_label(band: int, currency: str) -> str:
    """Return the band for people and for events, as ``500-1000 SEK``; empty for `NO_BAND`."""
    if band == NO_BAND:
        return ""
    if band == len(_STEPS):
        return f"{_STEPS[-1]}+ {currency}"
    return f"{_STEPS[band - 1] if band else 0}-{_STEPS[band]} {currency}"
