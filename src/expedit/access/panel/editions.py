"""What the pages of all that is kept edition by edition have in common: the history, and who was late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Generic, TypeVar

from expedit.access.panel.telling import Versioned, actor_name, clash_with, names_of
from expedit.core import Struct
from expedit.storage import Shop
from expedit.web import Clash, Difference, Visit

V = TypeVar("V", bound=Versioned)
R = TypeVar("R")
Differences = Callable[[V, V], Sequence[Difference]]
"""Tells what is not the same in an edition and a later one."""


class ToldEdition(Struct, Generic[V], frozen=True):
    """An edition in the history: who made it, and what it changed."""

    edition: V
    author: str
    differences: tuple[Difference, ...]


def told_history(
    shop: Shop, language: str, history: Sequence[V], differences: Differences[V]
) -> list[ToldEdition[V]]:
    """Return editions, the newest first, each with what it changed of the one before."""
    people = names_of(shop)
    return [
        ToldEdition(
            edition,
            actor_name(language, edition.author, people),
            tuple(differences(before, edition)) if before else (),
        )
        for edition, before in zip_longest(history, history[1:])
    ]


def late_with(
    shop: Shop, language: str, history: Sequence[V], seen: int, differences: Differences[V]
) -> Clash:
    """Return what is told to somebody whose button came too late: what has changed since the version that
    they saw."""
    newest = history[0]
    known = next((one for one in history if one.version == seen), newest)
    return clash_with(shop, language, newest, differences(known, newest), pressed=True)


def by_button(step: Callable[[Shop, str, int, str], R], key: str) -> Callable[[Shop, Visit], R]:
    """Return a step (of a shop, an id, the version seen, an author) as a button takes it; the id stands as
    `key` in the page's address."""
    return lambda shop, visit: step(shop, visit.path[key], visit.number("version"), visit.viewer.user_id)


def restored_by_button(step: Callable[[Shop, str, int, int, str], R], key: str) -> Callable[[Shop, Visit], R]:
    """Return the step that takes an older version as the next draft, see `by_button`."""
    return lambda shop, visit: step(
        shop, visit.path[key], visit.number("restored"), visit.number("version"), visit.viewer.user_id
    )
