"""What a field may still hold when some tests of it must be true: a set that each test makes smaller."""

from __future__ import annotations

from typing import Any

from expedit.core.conditions.model import Ago, Test
from expedit.core.conditions.spelling import Spelling
from expedit.core.conditions.substrings import SUBSTRINGS
from expedit.core.conditions.values import rank

_Key = tuple[int, Any]
"""A value and its type: true is not 1."""

_NUMBER = 2
_TEXT = 3


class Interval:
    """Numbers between two bounds, each of which may belong to it or not."""

    def __init__(self) -> None:
        self.low: float | None = None
        self.high: float | None = None
        self.low_open = self.high_open = False

    def narrow(self, operator: str, bound: float) -> None:
        """Keep only what compares to `bound` so: ``gt``, ``gte``, ``lt`` or ``lte``."""
        is_open = operator in {"gt", "lt"}
        if operator in {"gt", "gte"}:
            if self.low is None or (bound, is_open) > (self.low, self.low_open):
                self.low, self.low_open = bound, is_open
        elif self.high is None or (-bound, is_open) > (-self.high, self.high_open):
            self.high, self.high_open = bound, is_open

    def holds(self, number: float) -> bool:
        """Tell whether `number` lies inside."""
        above = self.low is None or number > self.low or (number == self.low and not self.low_open)
        below = self.high is None or number < self.high or (number == self.high and not self.high_open)
        return above and below

    def point(self) -> float | None:
        """Return the only number that is left, if that is so."""
        return self.low if self.low is not None and self.low == self.high and self.holds(self.low) else None

    def is_empty(self) -> bool:
        """Tell whether no number is left."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))


class Domain:
    """What a field of one value may hold: nothing, or a value that lies in an interval and in a set.

    Parameters
    ----------
    kind
        Kind of the field. A ``count`` is a whole number from 0 on and is never nothing.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._nothing = kind != "count"
        self._value = True
        self._only: set[_Key] | None = {(1, True), (1, False)} if kind == "flag" else None
        self._except: set[_Key] = set()
        self._numeric = kind not in {"text", "element", "flag", "scalar"}
        self._spelling = Spelling()
        self._fixed = Interval()  # against moments of the calendar and plain numbers
        self._moving = Interval()  # against the present moment
        if kind == "count":
            self._fixed.narrow("gte", 0)

    def narrow(self, test: Test, *, holds: bool) -> None:
        """Keep only what makes `test` true, or with `holds` false what makes it false."""
        operand: Any = test.operand
        match test.operator:
            case "eq" | "ne":
                self._narrow_to({rank(operand)}, inside=holds == (test.operator == "eq"))
            case "in" | "nin":
                self._narrow_to({rank(one) for one in operand}, inside=holds == (test.operator == "in"))
            case "exists":
                self._narrow_to({rank(None)}, inside=holds != operand)
            case operator if operator in SUBSTRINGS:
                self._nothing = self._nothing and not holds
                self._spelling.narrow(operator, operand, holds=holds)
            case operator:
                self._compare(operator, operand, holds=holds)

    def is_empty(self) -> bool:
        """Tell whether there is nothing that the field may hold, not even nothing."""
        return not self._nothing and not self._may_have_value()

    def least(self) -> int:
        """Return the least number that a count may be."""
        return self._whole()[0]

    def most(self) -> int | None:
        """Return the greatest number that a count may be, None = there is no end."""
        return self._whole()[1]

    def _narrow_to(self, keys: set[_Key], *, inside: bool) -> None:
        null = rank(None) in keys
        values = keys - {rank(None)}
        if inside:
            self._nothing = self._nothing and null
            self._only = values if self._only is None else self._only & values
        else:
            self._nothing = self._nothing and not null
            self._except |= values

    def _compare(self, operator: str, operand: Any, *, holds: bool) -> None:
        if holds:
            self._nothing = False
            self._numeric = True
        else:
            operator = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}[operator]
        if isinstance(operand, Ago):
            self._moving.narrow(operator, -operand.microseconds)
        else:
            self._fixed.narrow(operator, operand)

    def _may_have_value(self) -> bool:
        if self._only is not None:
            return any(self._fits(key) for key in self._only - self._except)
        if self._spelling.is_text and (self._numeric or self._spelling.is_empty()):
            return False
        if not self._numeric:
            return True  # there is always another text
        if self._kind == "count":
            least, most = self._whole()
            return most is None or least <= most
        point = self._fixed.point()
        if self._fixed.is_empty() or self._moving.is_empty():
            return False
        return point is None or (_NUMBER, point) not in self._except

    def _fits(self, key: _Key) -> bool:
        if key[0] == _TEXT:
            return not self._numeric and self._spelling.holds(key[1])
        if self._spelling.is_text:
            return False
        if key[0] != _NUMBER:
            return not self._numeric or self._kind == "flag"
        return self._fixed.holds(key[1]) and not self._moving.is_empty()

    def _whole(self) -> tuple[int, int | None]:
        """Return the least and the greatest whole number that are left; least above greatest if none is."""
        least = int(self._fixed.low or 0) + self._fixed.low_open
        most = None if self._fixed.high is None else int(self._fixed.high) - self._fixed.high_open
        taken = {key[1] for key in self._except}
        allowed = None if self._only is None else {key[1] for key in self._only} - taken
        if allowed is not None:
            allowed = {one for one in allowed if one >= least and (most is None or one <= most)}
            return (min(allowed), max(allowed)) if allowed else (1, 0)
        while least in taken:
            least += 1
        while most is not None and most in taken:
            most -= 1
        return least, most
