"""What platforms ask for on behalf of a person: access and erasure, each noted, done and kept as proof.

A handler notes a request (`note_request`) while its message is handled; `app` carries it out, since only the
whole house can export or erase a person, and says so with `finish_request`.
"""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa

from expedit.core import Struct, from_json, to_json
from expedit.storage import Shop, Transaction, metadata

RequestKind = Literal["access", "erasure", "shop_erasure"]

sa.Table(
    "privacy_requests",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("connection", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("asked", sa.BigInteger, nullable=False),
    sa.Column("subjects", sa.Text, nullable=False),
    sa.Column("finished", sa.BigInteger),
    sa.Column("result", sa.LargeBinary),
    sa.UniqueConstraint("connection", "kind", "reference"),
)

TABLES = ("privacy_requests",)
_COLUMNS = "id, connection, kind, reference, asked, subjects, finished, result"


class PrivacyRequest(Struct, frozen=True):
    """A request of a platform on behalf of a person, or of a whole shop that has left.

    Parameters
    ----------
    reference
        The platform's id of the request; the same again is the same request.
    subjects
        Subject ids of the identifiers that it names.
    finished
        When it was carried out.
    result
        What was done, as numbers and words that name nobody.
    """

    id: int
    connection: str
    kind: RequestKind
    reference: str
    asked: int
    subjects: tuple[str, ...]
    finished: int | None = None
    result: dict[str, Any] | None = None


def note_request(
    tx: Transaction,
    connection_id: str,
    kind: RequestKind,
    reference: str,
    asked: int,
    subjects: tuple[str, ...],
) -> None:
    """Note a request; the same again changes nothing."""
    tx.run(
        "INSERT INTO privacy_requests (connection, kind, reference, asked, subjects) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (connection, kind, reference) DO NOTHING",
        (connection_id, kind, reference, asked, " ".join(sorted(subjects))),
    )


def open_requests(shop: Shop) -> tuple[PrivacyRequest, ...]:
    """Return the requests that are not carried out yet, the oldest first."""
    return _read(shop, "finished IS NULL ORDER BY id", ())


def requests_of(shop: Shop, connection_id: str) -> tuple[PrivacyRequest, ...]:
    """Return every request that came by a connection, the newest first."""
    return _read(shop, "connection = ? ORDER BY id DESC", (connection_id,))


def finish_request(tx: Transaction, request_id: int, now: int, result: dict[str, Any]) -> None:
    """Say that a request was carried out, and with what result; an erasure no longer names its subjects."""
    tx.run(
        "UPDATE privacy_requests SET finished = ?, result = ?,"
        " subjects = CASE WHEN kind = 'access' THEN subjects ELSE '' END WHERE id = ?",
        (now, to_json(result), request_id),
    )


def erase_requests(tx: Transaction, subjects: tuple[str, ...]) -> None:
    """Take `subjects` out of the requests that are done; that they were made and met stays as proof."""
    for subject in sorted(subjects):
        tx.run(
            "UPDATE privacy_requests SET subjects = '' WHERE subjects LIKE ? AND finished IS NOT NULL",
            (f"%{subject}%",),
        )


def _read(shop: Shop, where: str, params: tuple[object, ...]) -> tuple[PrivacyRequest, ...]:
    rows = shop.database.read_rows(f"SELECT {_COLUMNS} FROM privacy_requests WHERE {where}", params)  # noqa: S608
    return tuple(
        PrivacyRequest(
            request_id,
            connection_id,
            kind,
            reference,
            asked,
            tuple(subjects.split()),
            finished,
            None if result is None else from_json(bytes(result), dict[str, Any]),
        )
        for request_id, connection_id, kind, reference, asked, subjects, finished, result in rows
    )
