"""How long work tells how far it is, without knowing who looks."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Something that is told about steps of long work."""

    def __call__(self, label: str, done: int, total: int | None) -> None:
        """Hear that `done` of `total` (unknown when None) units of the step `label` are done."""


def no_progress(label: str, done: int, total: int | None) -> None:
    """Hear nothing."""
