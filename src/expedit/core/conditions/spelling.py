"""What a text may still be when tests of its parts must be true, or false."""

from __future__ import annotations

from itertools import combinations, product

from expedit.core.conditions.model import Operand
from expedit.core.conditions.substrings import finder, folded, parts_wanted


class Spelling:
    """Texts that have certain parts and lack others: a set that each test makes smaller.

    Attributes
    ----------
    is_text
        Whether a test asks for a text, so that no other value is left.
    """

    def __init__(self) -> None:
        self.is_text = False
        self._asked: list[tuple[str, Operand]] = []
        self._denied: list[tuple[str, Operand]] = []

    def narrow(self, operator: str, operand: Operand, *, holds: bool) -> None:
        """Keep only what fulfills ``contains`` or ``startsWith``, or with `holds` false what does not."""
        self.is_text = self.is_text or holds
        (self._asked if holds else self._denied).append((operator, operand))

    def holds(self, text: str) -> bool:
        """Tell whether `text` is left."""
        plain = folded(text)
        return all(finder(*one)(plain) for one in self._asked) and not any(
            finder(*one)(plain) for one in self._denied
        )

    def is_empty(self) -> bool:
        """Tell whether it is proven that no text is left.

        It is when whatever a test asks for brings along what another denies, or when a text would have to
        begin in two ways.
        """
        beginnings = [parts_wanted(operand) for operator, operand in self._asked if operator == "startsWith"]
        if any(not _begin_alike(one, other) for one, other in combinations(beginnings, 2)):
            return True
        return any(
            all(_brings(operator, part, denied) for part in parts_wanted(operand))
            for operator, operand in self._asked
            for denied in self._denied
        )


def _begin_alike(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Tell whether a text may begin with one of `some` and with one of `others`."""
    return any(one.startswith(other) or other.startswith(one) for one, other in product(some, others))


def _brings(operator: str, part: str, denied: tuple[str, Operand]) -> bool:
    """Tell whether every text that has `part`, anywhere or at its beginning, fulfills what is denied."""
    name, operand = denied
    return (name == "contains" or operator == "startsWith") and finder(name, operand)(part)
