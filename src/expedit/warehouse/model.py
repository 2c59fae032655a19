"""What is asked (`Question`), what it is asked of (`Source`), and who answers (`Warehouse`)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Protocol, TypeAlias

import pyarrow as pa

from expedit.core import InvalidInput, NotFound, Struct


class Question(Struct, frozen=True):
    """A query with a name.

    Parameters
    ----------
    name
        Its file's name without ``.sql``.
    sql
        Its text, in DuckDB's dialect; parameters are written ``$name``.
    """

    name: str
    sql: str


class Dataset(Struct, frozen=True):
    """Parquet files that make up one table.

    Parameters
    ----------
    schema
        Columns the table has, whatever the files hold: a column that an older file lacks is null, and without
        any file the table is empty.
    paths
        The files.
    """

    schema: pa.Schema
    paths: tuple[Path, ...] = ()


class View(Struct, frozen=True):
    """A table that is a query over other tables of the same call."""

    sql: str


Source: TypeAlias = Dataset | View | pa.Table
"""Anything that a question can read by a table's name."""


class Warehouse(Protocol):
    """An engine that answers questions; the same question gives the same rows on each."""

    def run(
        self,
        question: Question,
        tables: Mapping[str, Source],
        params: Mapping[str, object] | None = None,
    ) -> pa.Table:
        """Answer `question`.

        Parameters
        ----------
        tables
            Every table that the question, or a view among the tables, names.
        params
            A value for each ``$name`` in the question, no more and no less.

        Raises
        ------
        InvalidInput
            When a parameter or a table is missing, or the query cannot be read.
        Unavailable
            When a file cannot be read or there is not enough memory and disk.
        """
        ...


def question(package: str, name: str) -> Question:
    """Load the question in ``questions/<name>.sql`` of a room.

    Parameters
    ----------
    package
        The room, as in ``expedit.events``.
    name
        The file's name without ``.sql``.

    Raises
    ------
    NotFound
        When the room asks no such question.
    """
    file = files(package) / "questions" / f"{name}.sql"
    try:
        return Question(name, file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound(f"{package} has no question {name!r}") from None


def check_params(asked: set[str], given: Mapping[str, object], name: str) -> None:
    """Compare the parameters that a question asks for with those it is given.

    Raises
    ------
    InvalidInput
        Naming the first one that is missing or not asked for.
    """
    for missing in sorted(asked - given.keys()):
        raise InvalidInput(missing, f"the question {name} needs this parameter")
    for extra in sorted(given.keys() - asked):
        raise InvalidInput(extra, f"the question {name} has no such parameter")
