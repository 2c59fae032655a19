"""What products look like: a vector of each, given by the shop or made from its picture.

A vector comes with a row of a feed (``embedding``, of whatever model the shop uses) or from
`expedit.recommendation`, which looks at pictures. It is kept beside the catalog, of length 1 and in half
precision, since only builds read it. What the shop gives goes before what was made of a picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from expedit.core import InvalidInput
from expedit.storage import Database, Transaction, metadata

GIVEN = ""
"""What a vector that the shop gives is made of."""

FEWEST, MOST = 2, 4096
"""Numbers of a vector."""

_PAGE = 2_000

sa.Table(
    "product_looks",
    metadata,
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("made_of", sa.Text, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)

_PUT = (
    "INSERT INTO product_looks (product_id, made_of, vector) VALUES (?, ?, ?)"
    " ON CONFLICT (product_id) DO UPDATE SET made_of = excluded.made_of, vector = excluded.vector"
)
_PUT_MADE = f"{_PUT} WHERE product_looks.made_of <> ''"
"""What the shop gives is made of nothing."""

Vector = NDArray[np.float32]


def read_embedding(value: object, field: str = "embedding") -> Vector | None:
    """Return a vector of length 1 from a list of numbers, or a text of them; None for nothing.

    Raises
    ------
    InvalidInput
        When it holds what is no finite number, too few or too many, or only zeros.
    """
    if value is None or value in ("", []):
        return None
    parts = value.strip(" []()").replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise InvalidInput(field, "must be a list of numbers")
    if not FEWEST <= len(parts) <= MOST:
        raise InvalidInput(field, f"has {len(parts)} numbers; it must be {FEWEST} … {MOST}")
    try:
        numbers = [math.nan if isinstance(part, bool) else float(part) for part in parts]
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(field, "holds what is no number") from None
    found = np.array(numbers, np.float64)
    if not np.isfinite(found).all():
        raise InvalidInput(field, "holds what is no finite number")
    size = float(np.abs(found).max())
    if size == 0.0:
        raise InvalidInput(field, "is zero everywhere, which looks like nothing")
    found /= size  # first, so that no square overflows
    unit: Vector = (found / np.sqrt((found * found).sum())).astype(np.float32)
    return unit


def put_looks(tx: Transaction, looks: Mapping[str, Vector], made_of: Mapping[str, str] | None = None) -> None:
    """Keep vectors by product id, in place of what is kept.

    Parameters
    ----------
    made_of
        Address of the picture each is made of, an empty vector standing for one that shows nothing; None =
        the shop gives them. One that was made never takes the place of one that is given.
    """
    pages = made_of or {}
    rows = [
        (product_id, pages.get(product_id, GIVEN), vector.astype("<f2").tobytes())
        for product_id, vector in sorted(looks.items())
    ]
    tx.run_many(_PUT if made_of is None else _PUT_MADE, rows)


def read_looks(database: Database) -> Iterator[tuple[str, str, Vector]]:
    """Give product id, what its vector is made of, and the vector, in the order of the ids; empty ones are
    left out."""
    last = ""
    while rows := database.read_rows(
        "SELECT product_id, made_of, vector FROM product_looks WHERE product_id > ?"
        " ORDER BY product_id LIMIT ?",
        (last, _PAGE),
    ):
        for product_id, made_of, vector in rows:
            if vector:
                yield product_id, made_of, np.frombuffer(bytes(vector), "<f2").astype(np.float32)
        last = rows[-1][0]


def looked_at(tx: Transaction, product_ids: Sequence[str]) -> dict[str, str]:
    """Return what the vectors of these products are made of, of those that have one."""
    rows = tx.rows_for(
        "SELECT product_id, made_of FROM product_looks WHERE product_id IN (:keys)", list(product_ids)
    )
    return {row[0]: row[1] for row in rows}


def looks_among(tx: Transaction, product_ids: Sequence[str]) -> dict[str, tuple[str, Vector]]:
    """Return what the vectors of these products are made of, and the vectors; empty ones are left out."""
    rows = tx.rows_for(
        "SELECT product_id, made_of, vector FROM product_looks WHERE product_id IN (:keys)",
        list(product_ids),
    )
    return {
        row[0]: (row[1], np.frombuffer(bytes(row[2]), "<f2").astype(np.float32)) for row in rows if row[2]
    }
