"""What an audience is: a named condition over a person, and how it stood after each change."""

from __future__ import annotations

from typing import Any, Literal, get_args

from expedit.core import Struct, field

RawCondition = dict[str, Any]
"""A condition as it is written; see `expedit.core.read_condition`."""

State = Literal["draft", "published", "archived"]
STATES: tuple[State, ...] = get_args(State)


class Audience(Struct, frozen=True):
    """A saved condition over profiles.

    Parameters
    ----------
    id
        The name by which rules and programs know it, as ``returning-wool``; never changes.
    name
        As people call it.
    when
        Condition over `vocabulary.PERSON`; ``{}`` is everybody.
    note
        What it is for, for colleagues.
    """

    id: str
    name: str
    when: RawCondition = field(default_factory=dict)
    note: str = ""


class Edition(Struct, frozen=True):
    """An audience as it stood after one change.

    Parameters
    ----------
    audience
        The audience.
    state
        ``draft`` when it differs from what is in force or nothing is, ``published``, ``archived``.
    version
        1, 2, 3 …; whoever changes the audience names the one that they saw.
    at, author
        When it was changed, and by whom.
    change
        What was done: ``created``, ``changed``, ``published``, ``withdrawn``, ``discarded``, ``archived``,
        ``restored``, ``undone``.
    live
        The version that is in force once this one was written; 0 for none.
    """

    audience: Audience
    state: State
    version: int
    at: int
    author: str
    change: str
    live: int = 0


class Size(Struct, frozen=True):
    """How many an audience held when it was counted.

    Parameters
    ----------
    at
        When.
    version
        The edition that was counted; the one that took the audience out of force, when nobody is in it since.
    members
        How many.
    entered, left
        How many came and went since the count before; both 0 at the first.
    people
        How many profiles there were in all.
    """

    at: int
    version: int
    members: int
    entered: int
    left: int
    people: int


class Member(Struct, frozen=True):
    """Somebody in an audience.

    Parameters
    ----------
    person_id
        Who.
    since
        When they were first found in it, without a break.
    """

    person_id: str
    since: int
