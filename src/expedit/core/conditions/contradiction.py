"""Proofs that a condition can never be true, or two never both: sound, but not every such case is found.

What must hold is taken apart into claims about single fields; where one of several may hold, each is tried,
up to a fixed number of branches. The claims about a field meet in a `Domain`; when that is empty, so is the
set of facts that could fulfill them all.
"""

from __future__ import annotations

from collections.abc import Iterable

from expedit.core.conditions.claims import ALL, Claim, Counted, parts_of
from expedit.core.conditions.domains import Domain
from expedit.core.conditions.model import Condition, FieldRef, Node, Test

MAX_BRANCHES = 256

_ZERO = Test("", FieldRef("", (), "count"), "eq", 0)


def always_false(condition: Condition) -> bool:
    """Tell whether it is proven that `condition` is false whatever the facts and the moment."""
    return _Search().impossible([Claim(condition.root, True)])


def never_both(one: Condition, other: Condition) -> bool:
    """Tell whether it is proven that `one` and `other` are not both true, whatever the facts and the moment.

    Both must have been read with vocabularies in which a field's name means the same.
    """
    return _Search().impossible([Claim(one.root, True), Claim(other.root, True)])


class _Search:
    """One proof; it gives up, and proves nothing, after `MAX_BRANCHES`."""

    def __init__(self) -> None:
        self._branches = 0
        self._never: dict[tuple[str, Node], bool] = {}

    def impossible(self, claims: Iterable[Claim]) -> bool:
        """Tell whether it is proven that `claims` cannot all be."""
        simple: list[Claim] = []
        choices: list[tuple[Claim, list[Claim]]] = []
        todo = list(claims)
        while todo:
            claim = todo.pop()
            parts = parts_of(claim)
            if parts is None:
                simple.append(claim)
            elif parts.every or len(parts.claims) == 1:
                todo.extend(parts.claims)
            else:
                choices.append((claim, parts.claims))
        if self._clash(simple):
            return True
        if not choices:
            return False
        (_, fewest), *others = sorted(choices, key=lambda choice: len(choice[1]))
        known = [*simple, *(claim for claim, _ in others)]
        return all(self._impossible_with(claim, known) for claim in fewest)

    def _impossible_with(self, claim: Claim, known: list[Claim]) -> bool:
        self._branches += 1
        return self._branches <= MAX_BRANCHES and self.impossible([claim, *known])

    def _clash(self, claims: Iterable[Claim]) -> bool:
        """Tell whether claims about single fields leave some field nothing that it may hold."""
        fields: dict[str, Domain] = {}
        lists: dict[str, _List] = {}
        for node, holds, about in claims:
            assert isinstance(node, Test)
            path = node.field.path
            if about is not None:
                lists.setdefault(about.path, _List()).count(about, self._never_fulfilled(about)).narrow(
                    node, holds=holds
                )
            elif node.field.kind == "texts":
                lists.setdefault(path, _List()).narrow(node, holds=holds)
            else:
                fields.setdefault(path, Domain(node.field.kind)).narrow(node, holds=holds)
        return any(one.is_empty() for one in fields.values()) or any(one.is_empty() for one in lists.values())

    def _never_fulfilled(self, about: Counted) -> bool:
        key = about.written, about.where  # as nodes, true equals 1
        if key not in self._never:
            self._never[key] = self.impossible([Claim(about.where, True)])
        return self._never[key]


class _List:
    """What a list may hold: how many elements of which sort, which texts, which not."""

    def __init__(self) -> None:
        self._counts: dict[str, Domain] = {ALL: Domain("count")}
        self._required: set[str] = set()
        self._forbidden: set[str] = set()
        self._any_of: list[set[str]] = []

    def count(self, about: Counted, never: bool) -> Domain:
        """Return the domain of the number of elements that `about` describes; with `never` it is 0."""
        if about.written not in self._counts:
            self._counts[about.written] = Domain("count")
            if never:
                self._counts[about.written].narrow(_ZERO, holds=True)
        return self._counts[about.written]

    def narrow(self, test: Test, *, holds: bool) -> None:
        """Keep only lists of texts of which `test`, ``eq`` or ``in``, is true, or false."""
        operand = test.operand if isinstance(test.operand, tuple) else (test.operand,)
        texts = {one for one in operand if isinstance(one, str)}
        if not holds:
            self._forbidden |= texts
        elif test.operator == "eq":
            self._required |= texts
        else:
            self._any_of.append(texts)

    def is_empty(self) -> bool:
        """Tell whether no list is left."""
        if any(domain.is_empty() for domain in self._counts.values()):
            return True
        least = max(len(self._required), bool(self._any_of), *(one.least() for one in self._counts.values()))
        most = self._counts[ALL].most()
        if most is not None and least > most:
            return True
        return bool(self._required & self._forbidden) or any(
            texts <= self._forbidden for texts in self._any_of
        )
