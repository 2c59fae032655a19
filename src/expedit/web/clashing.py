"""What somebody is told whose form or button came after somebody else's: ``web/clash.html`` shows it."""

from __future__ import annotations

from expedit.core import Struct


class Difference(Struct, frozen=True):
    """A part of something, told in words, that is not as it was."""

    part: str
    before: str
    after: str


class Clash(Struct, frozen=True):
    """What somebody else did meanwhile with what a page is about; nothing was overwritten.

    Parameters
    ----------
    author
        Who made the newest edition, by name.
    version
        Of the newest edition.
    differences
        The newest edition, beside what stands in the form or what was seen when the button was pressed.
    pressed
        Whether it was a button, with nothing typed that could be lost.
    """

    author: str
    version: int
    differences: tuple[Difference, ...]
    pressed: bool = False
