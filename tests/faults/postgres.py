"""A PostgreSQL server that goes away and comes back."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.support.postgres import PostgresServer


class StoppablePostgres(PostgresServer):
    """One cluster that a test can halt and resume."""

    def halt(self) -> None:
        """End it at once, as a crash would."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def resume(self) -> None:
        """Start it again on the same data and port."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start")  # fmt: skip  # noqa: E501

    @property
    def url(self) -> str:
        return f"postgresql://expedit@127.0.0.1:{self.port}/expedit"

    def make_tablespace(self, name: str, folder: Path) -> None:
        self._say(f"CREATE TABLESPACE {name} LOCATION '{folder}'")

    def new_database(self, name: str, tablespace: str = "") -> str:
        self._say(f"CREATE DATABASE {name}" + (f" TABLESPACE {tablespace}" if tablespace else ""))
        return self.url.rsplit("/", 1)[0] + f"/{name}"

    def drop_database(self, name: str) -> None:
        self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _say(self, sql: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql)
