"""What is found out about an installation."""

from __future__ import annotations

from typing import Any, Literal

from expedit.core import Struct

Severity = Literal["failing", "warning", "notice"]
SEVERITIES: tuple[Severity, ...] = ("failing", "warning", "notice")


class Finding(Struct, frozen=True):
    """One thing that is not as it should be.

    Parameters
    ----------
    code
        Its name, as ``no_backup``; the sentences stand in this room's ``texts.toml`` under
        ``finding.<code>``: what it is, why it matters, how to mend it.
    severity
        ``failing``: the shop suffers now; ``warning``: it will; ``notice``: worth knowing.
    values
        What the sentences speak of: names, numbers, paths.
    href
        Panel page that shows more, or empty.
    """

    code: str
    severity: Severity
    values: dict[str, Any] = {}
    href: str = ""


class Reason(Struct, frozen=True, omit_defaults=False):
    """Why a server is not ready: the part at fault and what is wrong with it."""

    part: str
    says: str


class Run(Struct, frozen=True, omit_defaults=False):
    """A job, as the health page shows it; moments in microseconds.

    Parameters
    ----------
    name
        Its name.
    due
        When it runs next.
    started, finished
        Of its latest run; None before the first.
    error
        What went wrong in it; None when all was well.
    running
        Whether a worker has it now.
    """

    name: str
    due: int
    started: int | None
    finished: int | None
    error: str | None
    running: bool

    @property
    def seconds(self) -> float | None:
        """How long the latest finished run took."""
        if self.started is None or self.finished is None or self.finished < self.started:
            return None
        return (self.finished - self.started) / 1_000_000
