"""What the panel's users arrange, edition by edition: a draft beside what is in force, with author and undo.

An arrangement (an audience, a rule, the balance of a listing, a landing page) is tried as a draft first,
while the edition that was published last stays in force. No edition is ever changed: whoever writes the next
one names the one that they saw, so that two people cannot overwrite each other.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from typing import Any, Generic, Literal, Protocol, TypeVar

import sqlalchemy as sa

from expedit.core import Conflict, NotFound, Struct, from_pack, to_pack
from expedit.storage import Shop, Transaction, metadata

sa.Table(
    "arrangements",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
)
sa.Table(
    "arrangement_editions",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True),
    sa.Column("live", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("change", sa.Text, nullable=False),
)
sa.Table(
    "arrangement_marks",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("changes", sa.BigInteger, nullable=False),
)
TABLES = ("arrangements", "arrangement_editions", "arrangement_marks")

_EDITIONS = (
    "SELECT e.id, e.body, e.state, e.version, e.live, e.at, e.author, e.change FROM arrangement_editions e"
)
_NEWEST = f"{_EDITIONS} JOIN arrangements a ON e.kind = a.kind AND e.id = a.id AND e.version = a.version"
_IN_FORCE = (
    f"{_EDITIONS} JOIN arrangement_editions n ON n.kind = e.kind AND n.id = e.id AND n.live = e.version"
    " JOIN arrangements a ON n.kind = a.kind AND n.id = a.id AND n.version = a.version"
)

_NO_VERSION = 1 << 53
"""Beyond every version, and beyond what a column holds."""

Standing = Literal["draft", "published", "archived"]
T = TypeVar("T", bound=Struct)


class Edited(Protocol):
    """An edition of an arrangement, as a room of its own may tell it."""

    @property
    def state(self) -> Standing:
        """Whether it is a draft, published or archived."""


E = TypeVar("E", bound=Edited)


class Arranged(Struct, Generic[T], frozen=True):
    """One edition of an arrangement.

    Parameters
    ----------
    id, body
        What is arranged, and how.
    state
        ``draft`` when it differs from what is in force or nothing is, ``published``, ``archived``.
    version
        1, 2, 3 …; whoever changes it names the one that they saw.
    live
        The version in force once this one was written; 0 for none.
    at, author, change
        When, by whom and what was done: ``created``, ``changed``, ``published``, ``withdrawn``,
        ``discarded``, ``archived``, ``restored``, ``undone``. An ``archived`` edition with a ``live`` of its
        own is in force as what takes its thing away; with 0, nothing of it is in force.
    """

    id: str
    body: T
    state: Standing
    version: int
    live: int
    at: int
    author: str
    change: str


class Kept(Struct, Generic[E], frozen=True):
    """An arrangement as it is kept.

    Parameters
    ----------
    newest
        What was written last.
    live
        What is in force: the same edition, an older one while a draft stands beside it, or none.
    """

    newest: E
    live: E | None

    @property
    def shown(self) -> E:
        """Return what it is to the shop, or would be."""
        return self.live or self.newest

    @property
    def beside(self) -> bool:
        """Tell whether a draft stands beside what is in force."""
        return self.live is not None and self.newest.state == "draft"


class Arrangements(Generic[T]):
    """All arrangements of one kind.

    Parameters
    ----------
    kind
        What they are of, as ``balance``.
    body
        Type of their content.
    """

    def __init__(self, kind: str, body: type[T]) -> None:
        self.kind = kind
        self._body = body

    def every(self, tx: Transaction) -> list[Arranged[T]]:
        """Return the newest edition of each, by id."""
        rows = tx.rows(f"{_NEWEST} WHERE a.kind = ? ORDER BY a.id", (self.kind,))
        return [self._read(row) for row in rows]

    def newest(self, tx: Transaction, name: str) -> Arranged[T] | None:
        """Return the newest edition of one; None when there is none."""
        row = tx.row(f"{_NEWEST} WHERE a.kind = ? AND a.id = ?", (self.kind, name))
        return None if row is None else self._read(row)

    def in_force(self, tx: Transaction) -> list[Arranged[T]]:
        """Return the editions that are in force, by id."""
        rows = tx.rows(f"{_IN_FORCE} WHERE a.kind = ? ORDER BY e.id", (self.kind,))
        return [self._read(row) for row in rows]

    def history(self, tx: Transaction, name: str) -> list[Arranged[T]]:
        """Return every edition of one, the newest first."""
        found = tx.rows(
            f"{_EDITIONS} WHERE e.kind = ? AND e.id = ? ORDER BY e.version DESC", (self.kind, name)
        )
        return [self._read(row) for row in found]

    def histories(self, tx: Transaction) -> list[list[Arranged[T]]]:
        """Return every edition of each, the oldest first."""
        rows = tx.rows(f"{_EDITIONS} WHERE e.kind = ? ORDER BY e.id, e.version", (self.kind,))
        return [list(found) for _, found in groupby(map(self._read, rows), key=lambda one: one.id)]

    def names(self, tx: Transaction) -> list[str]:
        """Return the ids of all that were ever arranged."""
        rows = tx.rows("SELECT id FROM arrangements WHERE kind = ? ORDER BY id", (self.kind,))
        return [name for (name,) in rows]

    def hold(self, tx: Transaction, names: Collection[str]) -> dict[str, Arranged[T]]:
        """Return the newest editions of those of `names` that there are; none is changed until the
        transaction ends."""
        wanted = sorted(names)
        if tx.dialect == "postgresql":
            tx.rows_for(
                "SELECT id FROM arrangements WHERE id IN (:keys) AND kind = ? ORDER BY id FOR SHARE",
                wanted,
                (self.kind,),
            )
        rows = tx.rows_for(f"{_NEWEST} WHERE a.id IN (:keys) AND a.kind = ?", wanted, (self.kind,))
        return {found.id: found for found in map(self._read, rows)}

    def mark(self, shop: Shop) -> int:
        """Return a number that grows with every change of any of them."""
        row = shop.database.read_row("SELECT changes FROM arrangement_marks WHERE kind = ?", (self.kind,))
        return 0 if row is None else int(row[0])

    def save_in(self, tx: Transaction, name: str, body: T, seen: int, author: str, at: int) -> Arranged[T]:
        """Keep `body` as the next draft; what is in force stays.

        Parameters
        ----------
        seen
            The version that the author saw; 0 for a new one.

        Raises
        ------
        Conflict
            When somebody else has changed it since; nothing is written.
        """
        before = self.newest(tx, name)
        change = "created" if before is None else "changed"
        live = 0 if before is None else before.live
        return self._write(tx, Arranged(name, body, "draft", seen + 1, live, at, author, change), seen)

    def publish_in(self, tx: Transaction, name: str, seen: int, author: str, at: int) -> Arranged[T]:
        """Put the newest edition in force.

        Raises
        ------
        Conflict
            When it is in force already, or somebody else has changed it since; nothing is written.
        """
        newest = self._need(tx, name)
        if newest.version == seen and newest.state == "published":
            raise Conflict("it is in force as it stands: there is no draft to publish")
        edition = Arranged(name, newest.body, "published", seen + 1, seen + 1, at, author, "published")
        return self._write(tx, edition, seen)

    def put_in(self, tx: Transaction, name: str, body: T, seen: int, author: str, at: int) -> Arranged[T]:
        """Put `body` in force at once, as for what is not tried as a draft.

        Raises
        ------
        Conflict
            When somebody else has changed it since; nothing is written.
        """
        change = "changed" if seen else "created"
        edition = Arranged(name, body, "published", seen + 1, seen + 1, at, author, change)
        return self._write(tx, edition, seen)

    def withdraw_in(self, tx: Transaction, name: str, seen: int, author: str, at: int) -> Arranged[T]:
        """Take it out of force, and keep what was written last as a draft."""
        body = self._need(tx, name).body
        return self._write(tx, Arranged(name, body, "draft", seen + 1, 0, at, author, "withdrawn"), seen)

    def discard_in(self, tx: Transaction, name: str, seen: int, author: str, at: int) -> Arranged[T]:
        """Throw the draft away, so that nothing stands beside what is in force.

        Raises
        ------
        Conflict
            When there is no draft, nothing is in force beside it, or somebody else has changed it since;
            nothing is written.
        """
        newest = self._need(tx, name)
        if newest.version == seen and newest.state != "draft":
            raise Conflict("there is no draft to discard")
        if not newest.live:
            raise Conflict("nothing is in force beside this draft")
        body = self._stood(tx, name, newest.live).body
        edition = Arranged(name, body, "published", seen + 1, newest.live, at, author, "discarded")
        return self._write(tx, edition, seen)

    def archive_in(self, tx: Transaction, name: str, seen: int, author: str, at: int) -> Arranged[T]:
        """Take it out of force; its history stays."""
        body = self._need(tx, name).body
        return self._write(tx, Arranged(name, body, "archived", seen + 1, 0, at, author, "archived"), seen)

    def retire_in(self, tx: Transaction, name: str, body: T, seen: int, author: str, at: int) -> Arranged[T]:
        """Put `body` in force as what takes its thing away, where it would stand without any edition."""
        edition = Arranged(name, body, "archived", seen + 1, seen + 1, at, author, "archived")
        return self._write(tx, edition, seen)

    def undo_in(self, tx: Transaction, name: str, seen: int, author: str, at: int) -> Arranged[T]:
        """Put all back to how it stood before the last change, what was in force as well.

        Raises
        ------
        Conflict
            When there is nothing to go back to.
        """
        history = self.history(tx, name)
        if len(history) < 2:
            raise Conflict("there is no earlier version to go back to")
        old = history[1]
        edition = Arranged(name, old.body, old.state, seen + 1, old.live, at, author, "undone")
        return self._write(tx, edition, seen)

    def restore_in(
        self, tx: Transaction, name: str, version: int, seen: int, author: str, at: int
    ) -> Arranged[T]:
        """Take what stood in `version` as the next draft."""
        old = self._stood(tx, name, version)
        live = self._need(tx, name).live
        return self._write(
            tx, Arranged(name, old.body, "draft", seen + 1, live, at, author, "restored"), seen
        )

    def _stood(self, tx: Transaction, name: str, version: int) -> Arranged[T]:
        key = (self.kind, name, version)
        known = abs(version) < _NO_VERSION
        row = tx.row(f"{_EDITIONS} WHERE e.kind = ? AND e.id = ? AND e.version = ?", key) if known else None
        if row is None:
            raise NotFound(f"{name[:60]!r} has no version {version}")
        return self._read(row)

    def _need(self, tx: Transaction, name: str) -> Arranged[T]:
        found = self.newest(tx, name)
        if found is None:
            raise NotFound(f"nothing is arranged for {name[:60]!r}")
        return found

    def _write(self, tx: Transaction, edition: Arranged[T], seen: int) -> Arranged[T]:
        key = (self.kind, edition.id)
        if seen == 0:
            written = tx.run(
                "INSERT INTO arrangements (kind, id, version) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (*key, edition.version),
            )
        else:
            written = abs(seen) < _NO_VERSION and tx.run(
                "UPDATE arrangements SET version = ? WHERE kind = ? AND id = ? AND version = ?",
                (edition.version, *key, seen),
            )
        if not written:
            newest = self.newest(tx, edition.id)
            if newest is None:
                raise Conflict("nothing is arranged here yet: name version 0")
            raise Conflict(
                f"{newest.author} has changed this meanwhile (version {newest.version}): look at that first"
            )
        tx.run(
            "INSERT INTO arrangement_editions (kind, id, version, live, state, body, at, author, change)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, edition.version, edition.live, edition.state, to_pack(edition.body), edition.at,
             edition.author, edition.change),
        )  # fmt: skip
        tx.run(
            "INSERT INTO arrangement_marks (kind, changes) VALUES (?, 1)"
            " ON CONFLICT (kind) DO UPDATE SET changes = arrangement_marks.changes + 1",
            (self.kind,),
        )
        return edition

    def _read(self, row: tuple[Any, ...]) -> Arranged[T]:
        name, body, state, version, live, at, author, change = row
        return Arranged(name, from_pack(body, self._body), state, version, live, at, author, change)
