"""Which rules need something that another room keeps."""

from __future__ import annotations

from collections.abc import Sequence

from expedit.features import Use
from expedit.merchandising.reading import audiences_named, when_of
from expedit.merchandising.store import read_in_force
from expedit.storage import Transaction


def rules_in(tx: Transaction, placement: str) -> Sequence[Use]:
    """Return the rules in force that are kept to places which name a placement."""
    return [
        Use(one.rule.name, "merchandising.used.rule", f"/panel/rules/{one.rule.id}")
        for one in read_in_force(tx)
        if placement in one.rule.placements
    ]


def rules_naming(tx: Transaction, audience: str) -> Sequence[Use]:
    """Return the rules in force that ask whether somebody is in an audience."""
    return [
        Use(one.rule.name, "merchandising.used.rule", f"/panel/rules/{one.rule.id}")
        for one in read_in_force(tx)
        if any(audience == named for _, named in audiences_named(when_of(one.rule)))
    ]
