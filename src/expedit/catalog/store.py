"""The tables of the catalog, and the only statements that touch them.

``products`` holds content and offers as given (`body`) and the long texts beside it; ``variants`` says which
product an SKU is of; ``prices`` is the ledger; ``stock`` the pieces by location; ``catalog_changes`` the feed
that servers poll: the latest change number of every product. Change numbers are given out under a row lock
that is held until the commit, so a lower number never becomes visible after a higher one. ``catalog_batches``
says when each number was given out and where it came from, ``catalog_notes`` what it did to which product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from expedit.catalog.ledger import FOREVER, Interval
from expedit.catalog.model import Product, Variant
from expedit.core import Struct, evolve, from_pack, to_pack
from expedit.storage import Database, Transaction, metadata

_PAGE = 10_000

sa.Table(
    "products",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("texts", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("first_seen", sa.BigInteger, nullable=False),
    sa.Column("retired", sa.BigInteger),
)
sa.Table(
    "variants",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("product_id", sa.Text, nullable=False, index=True),
    sa.Column("sku", sa.Text, nullable=False, index=True),
    sa.Column("gtin", sa.Text, nullable=False),
)
sa.Table(
    "prices",
    metadata,
    sa.Column("variant_id", sa.Text, primary_key=True),
    sa.Column("market", sa.Text, primary_key=True),
    sa.Column("valid_from", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("valid_until", sa.BigInteger, nullable=False),
    sa.Column("price", sa.BigInteger),
    sa.Column("sale_price", sa.BigInteger),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("imported", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
sa.Table(
    "stock",
    metadata,
    sa.Column("variant_id", sa.Text, primary_key=True),
    sa.Column("location", sa.Text, primary_key=True),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
sa.Table(
    "catalog_changes",
    metadata,
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("change", sa.BigInteger, nullable=False, index=True),
)
sa.Table(
    "catalog_clock",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("change", sa.BigInteger, nullable=False),
)

sa.Table(
    "catalog_batches",
    metadata,
    sa.Column("change", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
)
sa.Table(
    "catalog_notes",
    metadata,
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("change", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kinds", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
sa.Table(
    "catalog_uploads",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

TABLES = (
    "products",
    "variants",
    "prices",
    "stock",
    "catalog_changes",
    "catalog_clock",
    "catalog_batches",
    "catalog_notes",
    "catalog_uploads",
)


class _Bulk(Struct, frozen=True):
    """How rows of a table are written, few or many.

    Parameters
    ----------
    table, columns
        Where to, and the columns of a row.
    conflict
        What becomes of a row that exists.
    """

    table: str
    columns: str
    conflict: str = ""

    def write(self, tx: Transaction, rows: Sequence[Sequence[Any]]) -> None:
        """Write `rows`, no two of the same key; many go to PostgreSQL by COPY, through a staging table."""
        if tx.dialect == "sqlite" or len(rows) < _COPY_FROM:
            marks = ", ".join("?" * len(self.columns.split(",")))
            tx.run_many(f"INSERT INTO {self.table} ({self.columns}) VALUES ({marks}) {self.conflict}", rows)  # noqa: S608
            return
        stage = f"stage_{self.table}"
        tx.run(f"CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (LIKE {self.table}) ON COMMIT DELETE ROWS")
        with tx.driver.cursor() as cursor, cursor.copy(f"COPY {stage} ({self.columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        tx.run(
            f"INSERT INTO {self.table} ({self.columns}) SELECT {self.columns} FROM {stage} {self.conflict}"  # noqa: S608
        )
        tx.run(f"TRUNCATE {stage}")


_COPY_FROM = 100
_PRODUCTS = _Bulk(
    "products",
    "id, body, texts, created, first_seen, retired",
    "ON CONFLICT (id) DO UPDATE SET body = excluded.body, texts = excluded.texts,"
    " created = excluded.created, retired = excluded.retired",
)
_VARIANTS = _Bulk(
    "variants",
    "id, product_id, sku, gtin",
    "ON CONFLICT (id) DO UPDATE SET product_id = excluded.product_id, sku = excluded.sku,"
    " gtin = excluded.gtin",
)
_PRICES = _Bulk(
    "prices", "variant_id, market, valid_from, valid_until, price, sale_price, currency, imported"
)
_STOCK = _Bulk(
    "stock",
    "variant_id, location, quantity",
    "ON CONFLICT (variant_id, location) DO UPDATE SET quantity = excluded.quantity",
)
_CHANGES = _Bulk(
    "catalog_changes",
    "product_id, change",
    "ON CONFLICT (product_id) DO UPDATE SET change = excluded.change",
)
_NOTES = _Bulk("catalog_notes", "product_id, change, kinds", "ON CONFLICT (product_id, change) DO NOTHING")


class Texts(Struct, frozen=True, gc=False):
    """The long texts of a product, kept beside the rest since only builds and exports read them."""

    description: str = ""
    descriptions: dict[str, str] = {}


class Stored(Struct, frozen=True, gc=False):
    """A row of ``products``."""

    id: str
    body: bytes
    texts: bytes
    created: int
    first_seen: int
    retired: int | None

    def product(self) -> Product:
        """Return the product, without its stock."""
        texts = from_pack(self.texts, Texts)
        return evolve(self.content(), description=texts.description, descriptions=texts.descriptions)

    def content(self) -> Product:
        """Return the product without its long texts and stock."""
        return evolve(
            from_pack(self.body, Product),
            created=self.created,
            first_seen=self.first_seen,
            retired=self.retired,
        )


Stock = dict[str, dict[str, int]]
"""Variant id → location → pieces."""
OfferKey = tuple[str, str]
"""Variant id and market."""


def stored_form(product: Product, created: int, first_seen: int) -> Stored:
    """Return the row that holds `product` with these moments; its stock is kept elsewhere."""
    variants = product.variants
    if any(variant.stock is not None for variant in variants):
        variants = tuple(
            variant if variant.stock is None else evolve(variant, stock=None) for variant in variants
        )
    body = evolve(
        product, description="", descriptions={}, variants=variants, created=0, first_seen=0, retired=None
    )
    return Stored(
        product.id,
        to_pack(body),
        to_pack(Texts(product.description, product.descriptions)),
        created,
        first_seen,
        product.retired,
    )


def next_change(tx: Transaction) -> int:
    """Take the next change number; holds the catalog's write lock until the transaction ends."""
    row = tx.row(
        "INSERT INTO catalog_clock (id, change) VALUES (1, 1)"
        " ON CONFLICT (id) DO UPDATE SET change = catalog_clock.change + 1 RETURNING change"
    )
    assert row is not None
    return int(row[0])


def mark_changed(tx: Transaction, product_ids: Iterable[str], change: int) -> None:
    """Put products into the change feed under the number `change`."""
    _CHANGES.write(tx, [(product_id, change) for product_id in product_ids])


def note_changes(tx: Transaction, change: int, at: int, source: str, kinds: Mapping[str, int]) -> None:
    """Keep when, from where and how (`kinds` by product, see `notes`) the change number altered products."""
    if kinds:
        tx.run(
            "INSERT INTO catalog_batches (change, at, source) VALUES (?, ?, ?)"
            " ON CONFLICT (change) DO NOTHING",
            (change, at, source),
        )
        _NOTES.write(tx, [(product_id, change, kind) for product_id, kind in sorted(kinds.items())])


def read_notes(tx: Transaction, product_id: str, limit: int) -> list[tuple[int, str, int]]:
    """Return (moment, source, kinds) of the last changes of a product, the newest first."""
    rows = tx.rows(
        "SELECT b.at, b.source, n.kinds FROM catalog_notes n JOIN catalog_batches b ON b.change = n.change"
        " WHERE n.product_id = ? ORDER BY n.change DESC LIMIT ?",
        (product_id, limit),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def forget_notes(tx: Transaction, until: int) -> int:
    """Forget what changed before the moment `until`; return how many notes that were."""
    row = tx.row("SELECT max(change) FROM catalog_batches WHERE at < ?", (until,))
    if row is None or row[0] is None:
        return 0
    forgotten = tx.run("DELETE FROM catalog_notes WHERE change <= ?", (row[0],))
    tx.run("DELETE FROM catalog_batches WHERE change <= ?", (row[0],))
    return forgotten


def put_upload(tx: Transaction, upload_id: str, state: str, body: bytes) -> None:
    """Keep how far an upload is."""
    tx.run(
        "INSERT INTO catalog_uploads (id, state, body) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body",
        (upload_id, state, body),
    )


def read_upload(database: Database, upload_id: str) -> bytes | None:
    """Return what is kept of an upload."""
    row = database.read_row("SELECT body FROM catalog_uploads WHERE id = ?", (upload_id,))
    return None if row is None else bytes(row[0])


def last_uploads(database: Database, limit: int) -> list[bytes]:
    """Return what is kept of the last uploads, the newest first."""
    rows = database.read_rows("SELECT body FROM catalog_uploads ORDER BY id DESC LIMIT ?", (limit,))
    return [bytes(row[0]) for row in rows]


def uploads_under_way(tx: Transaction, states: Sequence[str]) -> list[bytes]:
    """Return what is kept of the uploads in one of `states`."""
    return [
        bytes(row[0])
        for row in tx.rows_for("SELECT body FROM catalog_uploads WHERE state IN (:keys)", list(states))
    ]


def drop_uploads(tx: Transaction, before: str) -> list[str]:
    """Forget uploads whose id sorts before `before`; return their ids."""
    return [row[0] for row in tx.rows("DELETE FROM catalog_uploads WHERE id < ? RETURNING id", (before,))]


def last_change(database: Database) -> int:
    """Return the newest change number."""
    row = database.read_row("SELECT change FROM catalog_clock WHERE id = 1")
    return int(row[0]) if row else 0


def changed_since(database: Database, change: int, limit: int) -> list[tuple[str, int]]:
    """Return (product id, change) after `change`, the oldest first; the last number is always complete."""
    rows = database.read_rows(
        "SELECT product_id, change FROM catalog_changes WHERE change > ? ORDER BY change, product_id LIMIT ?",
        (change, limit),
    )
    if len(rows) == limit:
        rows += database.read_rows(
            "SELECT product_id, change FROM catalog_changes WHERE change = ? AND product_id > ?",
            (rows[-1][1], rows[-1][0]),
        )
    return [(row[0], row[1]) for row in rows]


def read_stored(tx: Transaction, product_ids: Sequence[str]) -> dict[str, Stored]:
    """Return the rows of the products that exist."""
    rows = tx.rows_for(
        "SELECT id, body, texts, created, first_seen, retired FROM products WHERE id IN (:keys)", product_ids
    )
    return {row[0]: Stored(*row) for row in rows}


def every_stored(database: Database, active_only: bool = False) -> Iterator[Stored]:
    """Return the row of every product in order of id, page by page."""
    query = "SELECT id, body, texts, created, first_seen, retired FROM products WHERE id > ?"
    for row in _paged(database, f"{query} AND retired IS NULL" if active_only else query):
        yield Stored(*row)


def every_content(database: Database) -> Iterator[Stored]:
    """Return the row of every product in order of id, page by page, without the long texts."""
    for product_id, body, *moments in _paged(
        database, "SELECT id, body, created, first_seen, retired FROM products WHERE id > ?"
    ):
        yield Stored(product_id, body, b"", *moments)


def _paged(database: Database, query: str) -> Iterator[tuple[Any, ...]]:
    """Return every row of a query with ``id > ?`` whose first column is the id."""
    last = ""
    while rows := database.read_rows(f"{query} ORDER BY id LIMIT ?", (last, _PAGE)):
        yield from rows
        last = rows[-1][0]


def put_products(tx: Transaction, rows: Sequence[Stored]) -> None:
    """Write rows of ``products``, new or not."""
    _PRODUCTS.write(
        tx, [(row.id, row.body, row.texts, row.created, row.first_seen, row.retired) for row in rows]
    )


def put_variants(tx: Transaction, rows: Iterable[tuple[str, Variant]]) -> None:
    """Write which product (id) each variant is of."""
    _VARIANTS.write(
        tx,
        list({one.id: (one.id, product_id, one.sku, one.gtin) for product_id, one in rows}.values()),
    )


def owners(tx: Transaction, variant_ids: Sequence[str]) -> dict[str, str]:
    """Return variant id → product id of the variants that are known."""
    return {
        row[0]: row[1]
        for row in tx.rows_for("SELECT id, product_id FROM variants WHERE id IN (:keys)", variant_ids)
    }


def variants_of(tx: Transaction, names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return, for each id or SKU that is known, its (variant id, product id); an id goes before an SKU."""
    found: dict[str, tuple[str, str]] = {}
    for query in (
        "SELECT sku, id, product_id FROM variants WHERE sku IN (:keys)",
        "SELECT id, id, product_id FROM variants WHERE id IN (:keys)",
    ):
        for name, variant_id, product_id in tx.rows_for(query, names):
            found[name] = (variant_id, product_id)
    return found


def read_stock(tx: Transaction, variant_ids: Sequence[str]) -> Stock:
    """Return the tracked stock of variants."""
    stock: Stock = {}
    for variant_id, location, quantity in tx.rows_for(
        "SELECT variant_id, location, quantity FROM stock WHERE variant_id IN (:keys)", variant_ids
    ):
        stock.setdefault(variant_id, {})[location] = quantity
    return stock


def put_stock(tx: Transaction, rows: Sequence[tuple[str, str, int | None]]) -> None:
    """Write (variant id, location, pieces); None = no longer tracked there."""
    _STOCK.write(tx, [row for row in rows if row[2] is not None])
    tx.run_many(
        "DELETE FROM stock WHERE variant_id = ? AND location = ?",
        [row[:2] for row in rows if row[2] is None],
    )


def drop_stock(tx: Transaction, variant_ids: Sequence[str]) -> None:
    """Forget the stock of variants that are no longer sold."""
    tx.run_many("DELETE FROM stock WHERE variant_id = ?", [(variant_id,) for variant_id in variant_ids])


def read_ledger(
    tx: Transaction, variant_ids: Sequence[str], since: int = -FOREVER
) -> dict[OfferKey, list[Interval]]:
    """Return the intervals of variants that end after `since`, in order, by offer."""
    ledger: dict[OfferKey, list[Interval]] = {}
    for row in tx.rows_for(
        "SELECT variant_id, market, valid_from, valid_until, price, sale_price, currency, imported"
        " FROM prices WHERE variant_id IN (:keys) AND valid_until > ?",
        variant_ids,
        (since,),
    ):
        ledger.setdefault((row[0], row[1]), []).append(
            Interval(row[2], row[3], row[4], row[5], row[6], bool(row[7]))
        )
    for steps in ledger.values():
        steps.sort(key=lambda step: step.valid_from)
    return ledger


def add_intervals(tx: Transaction, rows: Iterable[tuple[OfferKey, Interval]]) -> None:
    """Add intervals to the ledger."""
    _PRICES.write(
        tx,
        [
            (
                *key,
                step.valid_from,
                step.valid_until,
                step.price,
                step.sale_price,
                step.currency,
                int(step.imported),
            )
            for key, step in rows
        ],
    )


def drop_intervals(tx: Transaction, keys: Iterable[tuple[OfferKey, Interval]]) -> None:
    """Remove intervals that `add_intervals` will write anew."""
    tx.run_many(
        "DELETE FROM prices WHERE variant_id = ? AND market = ? AND valid_from = ?",
        [(*key, step.valid_from) for key, step in keys],
    )


def count_active(tx: Transaction) -> int:
    """Return how many products are not retired."""
    row = tx.row("SELECT count(*) FROM products WHERE retired IS NULL")
    assert row is not None
    return int(row[0])


def every_variant(database: Database) -> Iterator[tuple[str, str]]:
    """Return (variant id, product id) of every variant there ever was, page by page."""
    for row in _paged(database, "SELECT id, product_id FROM variants WHERE id > ?"):
        yield row[0], row[1]


def read_texts(database: Database) -> Iterator[tuple[str, bytes]]:
    """Return (product id, packed `Texts`) of every product, page by page."""
    for row in _paged(database, "SELECT id, texts FROM products WHERE id > ?"):
        yield row[0], row[1]


def texts_of_products(tx: Transaction, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the packed `Texts` of those of the products that there are."""
    return {row[0]: row[1] for row in tx.rows_for("SELECT id, texts FROM products WHERE id IN (:keys)", ids)}


def stock_of_products(tx: Transaction, product_ids: Sequence[str]) -> Stock:
    """Return the tracked stock of every variant of the products."""
    stock: Stock = {}
    for variant_id, location, quantity in tx.rows_for(
        "SELECT stock.variant_id, stock.location, stock.quantity FROM variants"
        " JOIN stock ON stock.variant_id = variants.id WHERE variants.product_id IN (:keys)",
        product_ids,
    ):
        stock.setdefault(variant_id, {})[location] = quantity
    return stock
