"""The embedded engine: DuckDB, one connection a question, nothing downloaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

import duckdb
import pyarrow as pa

from expedit.core import InvalidInput, Unavailable
from expedit.warehouse.model import Dataset, Question, Source, View, check_params

T = TypeVar("T")


class DuckWarehouse:
    """Answers questions inside this process.

    Parameters
    ----------
    scratch
        Folder for what does not fit in memory.
    memory
        Most memory of one question, as ``2GB``; by default half of the machine's.
    threads
        Threads of one question; by default one a core.
    """

    def __init__(self, scratch: Path, memory: str | None = None, threads: int | None = None) -> None:
        half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
        self._config = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory or f"{half // 2**20}MiB",
            "threads": str(threads or os.cpu_count() or 1),
            "temp_directory": str(scratch),
            "python_enable_replacements": "false",  # a table that was not given is no local variable either
        }

    def run(
        self,
        question: Question,
        tables: Mapping[str, Source],
        params: Mapping[str, object] | None = None,
    ) -> pa.Table:
        """Answer `question`; see `Warehouse.run`."""
        from expedit.warehouse.portable import params_of  # half a second that only who asks waits for

        given = dict(params or {})
        check_params(params_of(question), given, question.name)
        with duckdb.connect(":memory:", config=self._config) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            try:
                for name, source in sorted(tables.items(), key=lambda entry: isinstance(entry[1], View)):
                    _offer(connection, name, source)
                relation = connection.sql(question.sql, params=given)
                return relation.to_arrow_table()
            except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
                raise Unavailable(f"the question {question.name} was not answered: {error}") from error
            except duckdb.Error as error:
                raise InvalidInput(question.name, str(error)) from error


def _offer(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> None:
    if isinstance(source, View):
        connection.execute(f'CREATE TEMP VIEW "{name}" AS {source.sql}')
    elif isinstance(source, Dataset):
        # The empty table gives every column its type, and those that older files lack their name.
        connection.register(f"{name} without rows", source.schema.empty_table())
        text = f'SELECT * FROM "{name} without rows"'  # noqa: S608
        if source.paths:
            paths = ", ".join("'" + str(path).replace("'", "''") + "'" for path in source.paths)
            options = "union_by_name = true, hive_partitioning = false"
            text += f" UNION ALL BY NAME SELECT * FROM read_parquet([{paths}], {options})"  # noqa: S608
        connection.execute(f'CREATE TEMP VIEW "{name}" AS {text}')
    else:
        connection.register(name, source)


class _Home(Protocol):
    @property
    def run(self) -> Path: ...


class Installation(Protocol):
    """What the warehouse needs of a shop: a folder, and a place to keep the one engine."""

    @property
    def home(self) -> _Home:
        """Where scratch files go, under ``run``."""
        ...

    def part(self, kind: type[T], make: Callable[[], T]) -> T:
        """Return the one `kind` of this shop."""
        ...


def open_warehouse(shop: Installation) -> DuckWarehouse:
    """Return the engine of the shop; opened once."""
    return shop.part(DuckWarehouse, lambda: DuckWarehouse(shop.home.run / "warehouse"))
