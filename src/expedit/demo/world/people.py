"""The demo's population: who shops, with which taste, sizes, devices and consent."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from expedit.core import Struct
from expedit.demo.pictures import COLORS
from expedit.demo.world.tastes import TASTES, Taste

_MARKETS = (("SE", 0.55), ("NO", 0.3), ("EU", 0.15))
_FIRST_NAMES = {
    ("SE", "female"): "Maja Elsa Alva Ebba Saga Stina Karin Anna Sara Linn",
    ("SE", "male"): "Oskar Elias Nils Erik Anders Johan Lars Emil Viktor Hugo",
    ("NO", "female"): "Ingrid Nora Solveig Astrid Sigrid Marit Kari Hanne Liv Tuva",
    ("NO", "male"): "Magnus Lars Ola Henrik Sindre Jonas Eirik Tor Leif Aksel",
    ("EU", "female"): "Emma Clara Sophie Julia Lena Marta Ines Nina Eva Laura",
    ("EU", "male"): "Lukas Tom Jan Peter Felix Paul Niels Marco Liam Noah",
}
_LAST_NAMES = (
    "Berg Lund Strand Vik Holm Dahl Lind Sand Moen Bakke Haug Nilsson Larsson Weber Visser Nygren Ek Rask"
)


class Known(Struct, frozen=True):
    """A pretend customer with a rich history, whom a visitor of the demo may log in as."""

    user_id: str
    email: str
    name: str
    about: dict[str, str]
    taste: str
    market: str


_KNOWN = (
    ("Maja Berg", "summit", "SE", "female"),
    ("Ingrid Dahl", "knit", "NO", "female"),
    ("Oskar Lund", "camper", "SE", "male"),
    ("Linn Ek", "bargain", "SE", "female"),
    ("Jonas Vik", "city", "NO", "male"),
    ("Emma Weber", "runner", "EU", "female"),
    ("Anders Nygren", "cabin", "SE", "male"),
)


@dataclass(slots=True)
class Person:
    """One simulated shopper; what they have bought and are after changes as they shop."""

    number: int
    taste: Taste
    second_taste: Taste
    market: str
    gender: str
    name: str
    user_id: str | None
    email: str | None
    loyalty_id: str | None
    devices: tuple[str, ...]
    consent: dict[str, bool]
    colors: dict[str, float]
    build: float
    foot: float
    pace: float
    after: str | None = None
    wants: list[str] = field(default_factory=list)
    owns: set[str] = field(default_factory=set)
    cart: list[tuple[str, int]] = field(default_factory=list)
    logged_in: set[str] = field(default_factory=set)


def known_people() -> tuple[Known, ...]:
    """The customers whom the demo's login page offers, one for each of seven tastes."""
    tastes = {taste.key: taste for taste in TASTES}
    return tuple(
        Known(
            user_id=f"kund-{1001 + k}",
            email=f"{name.split()[0].lower()}@fjallfjord.example",
            name=name,
            about={locale: tastes[taste].name.in_locale(locale) for locale in ("sv", "nb", "en")},
            taste=taste,
            market=market,
        )
        for k, (name, taste, market, _) in enumerate(_KNOWN)
    )


def populate(count: int, chance: random.Random) -> list[Person]:
    """Make ``count`` shoppers; the first are the known ones."""
    tastes = {taste.key: taste for taste in TASTES}
    shares = [taste.share for taste in TASTES]
    people: list[Person] = []
    known = known_people()
    user_id: str | None
    email: str | None
    for number in range(count):
        if number < len(known):
            one = known[number]
            taste, market, gender = tastes[one.taste], one.market, _KNOWN[number][3]
            name, user_id, email, pace = one.name, one.user_id, one.email, 14.0
            second, consent = taste, dict.fromkeys(("analytics", "personalization", "email"), True)
        else:
            taste = chance.choices(TASTES, shares)[0]
            second = chance.choices(TASTES, shares)[0] if chance.random() < 0.2 else taste
            market = chance.choices([m for m, _ in _MARKETS], [w for _, w in _MARKETS])[0]
            gender = "female" if chance.random() < (0.7 if taste.key == "knit" else 0.5) else "male"
            first = chance.choice(_FIRST_NAMES[market, gender].split())
            name = f"{first} {chance.choice(_LAST_NAMES.split())}"
            customer = chance.random() < 0.45
            user_id = f"kund-{1001 + number}" if customer else None
            email = f"{first.lower()}.{number}@fjallfjord.example" if customer else None
            pace = min(11.0, 0.7 + chance.expovariate(1 / (3.1 if customer else 1.9)))
            consent = _consent(chance)
        loyal = market != "EU" and (number < len(known) or (user_id is not None and chance.random() < 0.45))
        extra = 1 + (chance.random() < 0.4) + (chance.random() < 0.12)
        people.append(
            Person(
                number=number,
                taste=taste,
                second_taste=second,
                market=market,
                gender=gender,
                name=name,
                user_id=user_id,
                email=email,
                loyalty_id=f"FF{700000 + number * 7}" if loyal else None,
                devices=tuple(
                    f"dev-{number:05d}-{'abc'[k]}" for k in range(max(2, extra) if number < 7 else extra)
                ),
                consent=consent,
                colors=dict.fromkeys(chance.sample(sorted(COLORS), 3), 3.0),
                build=chance.gauss(0.42 if gender == "female" else 0.58, 0.16),
                foot=chance.gauss(39 if gender == "female" else 43, 1.2),
                pace=pace,
            )
        )
    return people


def _consent(chance: random.Random) -> dict[str, bool]:
    draw = chance.random()
    if draw < 0.8:
        return {"analytics": True, "personalization": True, "email": chance.random() < 0.55}
    if draw < 0.93:
        return {"analytics": True, "personalization": False, "email": False}
    return {"analytics": False, "personalization": False, "email": False}
