"""A finding in words."""

from __future__ import annotations

from expedit.core import Struct
from expedit.operations.model import Finding
from expedit.web import text


class Words(Struct, frozen=True, omit_defaults=False):
    """What is wrong, why it matters and how to mend it."""

    what: str
    why: str
    fix: str


def told(finding: Finding, language: str) -> Words:
    """Return the words of a finding in a language."""
    spoken = finding.values.get("spoken") or {}
    values = {name: str(value) for name, value in finding.values.items()}
    what, why, fix = (
        text(language, f"operations.finding.{finding.code}.{part}", **values)
        for part in ("what", "why", "fix")
    )
    return Words(spoken.get(language, what), why, fix)
