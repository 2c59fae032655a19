"""The tables of rules: every edition ever made, and which of them is the newest.

An edition is never changed: whoever changes a rule writes the next one and names the one that they saw, so
that two people who edit the same rule cannot overwrite each other, and everything can be undone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from expedit.core import Conflict, NotFound, from_pack, to_pack
from expedit.merchandising.model import Edition, Rule, State
from expedit.storage import Transaction, metadata

sa.Table(
    "rules",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
sa.Table(
    "rule_editions",
    metadata,
    sa.Column("rule", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("change", sa.Text, nullable=False),
)
sa.Table(
    "rules_mark",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("changes", sa.BigInteger, nullable=False),
)

_EDITIONS = "SELECT e.state, e.body, e.version, e.at, e.author, e.change FROM rule_editions e"
_NEWEST = f"{_EDITIONS} JOIN rules r ON e.rule = r.id AND e.version = r.version"


def _edition(row: tuple[Any, ...]) -> Edition:
    state, body, version, at, author, change = row
    return Edition(from_pack(body, Rule), state, version, at, author, change)


def read_rules(tx: Transaction, states: tuple[State, ...] = ("draft", "published")) -> list[Edition]:
    """Return the newest edition of every rule in one of `states`, by priority."""
    found = tx.rows_for(f"{_NEWEST} WHERE r.state IN (:keys)", states)
    return sorted(map(_edition, found), key=lambda one: (one.rule.priority, one.rule.id))


def read_newest(tx: Transaction, rule_id: str) -> Edition:
    """Return the newest edition of a rule.

    Raises
    ------
    NotFound
        When there is no such rule.
    """
    found = tx.row(f"{_NEWEST} WHERE r.id = ?", (rule_id,))
    if found is None:
        raise NotFound(f"there is no rule {rule_id[:60]!r}")
    return _edition(found)


def read_edition(tx: Transaction, rule_id: str, version: int) -> Edition:
    """Return one edition of a rule.

    Raises
    ------
    NotFound
        When there is no such edition.
    """
    found = tx.row(f"{_EDITIONS} WHERE e.rule = ? AND e.version = ?", (rule_id, version))
    if found is None:
        raise NotFound(f"rule {rule_id[:60]!r} has no version {version}")
    return _edition(found)


def read_history(tx: Transaction, rule_id: str) -> list[Edition]:
    """Return every edition of a rule, the newest first."""
    found = tx.rows(f"{_EDITIONS} WHERE e.rule = ? ORDER BY e.version DESC", (rule_id,))
    return [_edition(row) for row in found]


def write_edition(tx: Transaction, edition: Edition, seen: int) -> None:
    """Write the next edition of a rule.

    Parameters
    ----------
    seen
        The version that the author saw; 0 for a new rule.

    Raises
    ------
    Conflict
        When somebody else has changed the rule since; nothing is written.
    """
    rule = edition.rule
    if seen == 0:
        written = tx.run(
            "INSERT INTO rules (id, version, state) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (rule.id, edition.version, edition.state),
        )
    else:
        written = tx.run(
            "UPDATE rules SET version = ?, state = ? WHERE id = ? AND version = ?",
            (edition.version, edition.state, rule.id, seen),
        )
    if not written:
        newest = read_newest(tx, rule.id)
        raise Conflict(
            f"{newest.author} has changed this rule meanwhile (version {newest.version}): look at that first"
        )
    tx.run(
        "INSERT INTO rule_editions (rule, version, state, body, at, author, change)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (rule.id, edition.version, edition.state, to_pack(rule), edition.at, edition.author, edition.change),
    )
    tx.run(
        "INSERT INTO rules_mark (id, changes) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET changes ="
        " rules_mark.changes + 1"
    )


READ_MARK = "SELECT changes FROM rules_mark WHERE id = 1"
