"""Importing a catalog file: many rows, few transactions, every refused row with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from expedit.catalog.feeds import FeedRow, feed_rows, open_feed
from expedit.catalog.grouping import group, merge
from expedit.catalog.looks import Vector, put_looks
from expedit.catalog.mapping import ColumnMapping, read_mapping
from expedit.catalog.merchant import ParsedRow, parse_row, row_ids
from expedit.catalog.model import ImportReport, Product, RefusedRow
from expedit.catalog.store import Stored, count_active, every_stored, next_change, read_stored, stored_form
from expedit.catalog.writing import Status, foretell, upsert
from expedit.core import Conflict, InvalidInput, Progress, evolve, no_progress
from expedit.storage import Shop, Transaction

_BATCH = 2_000
_MOST_RETIRED = 0.5


def import_catalog(
    shop: Shop,
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line and the docs
    mapping: ColumnMapping | None = None,
    market: str | None = None,
    full: bool = False,
    force: bool = False,
    source: str | None = None,
    dry: bool = False,
    progress: Progress = no_progress,
) -> ImportReport:
    """Read a catalog file into the shop; doing it again changes nothing.

    Parameters
    ----------
    path
        A Merchant feed (RSS, Atom or TSV), CSV or JSONL; gzip of any.
    format
        ``xml``, ``tsv``, ``csv`` or ``jsonl``; None = told from the content.
    mapping
        Their column → our attribute.
    market
        Market of prices that name none; None = the first with the price's currency.
    full
        The file lists the whole catalog: what it does not list is retired.
    force
        Retire even more than half of the catalog.
    source
        Where it comes from, as `Note.source` has it; None = this file.
    dry
        Only tell what the import would do; nothing is written.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used; a single bad row is only reported.
    Conflict
        When `full` would retire more than half of the products and `force` is not given.
    """
    if market is not None and market not in shop.settings.markets:
        raise InvalidInput("market", f"{market!r} is none of {', '.join(shop.settings.markets)}")
    feed = open_feed(Path(path))
    run = ImportRun(shop, market, f"file:{Path(path).name}" if source is None else source, dry=dry)
    with feed.raw, feed.file:
        for row in feed_rows(feed.file, read_mapping(mapping), format):
            if run.take(row):
                progress("reading", feed.raw.tell(), feed.size)
        run.flush()
    progress("reading", feed.size, feed.size)
    if full:
        run.retire_unlisted(force, progress)
    return run.report()


def import_rows(
    shop: Shop, rows: Iterable[FeedRow], market: str | None = None, *, source: str = ""
) -> ImportReport:
    """Take rows that came another way (the HTTP interface) as `import_catalog` takes a file's."""
    run = ImportRun(shop, market, source)
    for row in rows:
        run.take(row)
    run.flush()
    return run.report()


class ImportRun:
    """One import under way; a dry one writes nothing."""

    def __init__(self, shop: Shop, market: str | None, source: str = "", *, dry: bool = False) -> None:
        self._shop = shop
        self._source = source
        self._dry = dry
        self._market = market
        self._markets = shop.settings.markets
        self._groups: dict[str, list[ParsedRow]] = {}
        self._looks: dict[str, Vector] = {}
        self._dimensions = 0
        self._waiting = 0
        self._last = ""
        self._lines: dict[str, int] = {}
        self._statuses: dict[str, Status] = {}
        self._refused_products: set[str] = set()
        self._refused: list[RefusedRow] = []
        self._read = 0
        self._retired = 0

    def take(self, row: FeedRow) -> bool:
        """Take one row; return whether a batch was written."""
        self._read += 1
        try:
            if row.problem:
                raise InvalidInput("", row.problem)
            parsed = parse_row(row.values, self._markets, self._market)
            self._same_size(parsed.look)
            self._first_time(parsed.product.variants[0].id, row.line)
        except InvalidInput as error:
            self._refuse(row, error)
            return False
        product_id = parsed.product.id
        full = self._waiting >= _BATCH and product_id != self._last
        if full:
            self.flush()
        self._groups.setdefault(product_id, []).append(parsed)
        if parsed.look is not None:
            self._looks.setdefault(product_id, parsed.look)
        self._waiting += 1
        self._last = product_id
        return full

    def flush(self) -> None:
        """Write what waits, in one transaction."""
        if not self._groups:
            return
        if self._dry:
            with self._shop.database.reading() as tx:
                products, stored = _settled(tx, self._groups, self._statuses)
                statuses = foretell(tx, products, self._shop.clock(), stored)
        else:
            with self._shop.database.writing() as tx:
                next_change(tx)  # before the first read: nobody else changes these products until the commit
                products, stored = _settled(tx, self._groups, self._statuses)
                statuses = upsert(tx, products, self._shop.clock(), stored, source=self._source)
                put_looks(tx, self._looks)
        for product_id, status in statuses.items():
            if self._statuses.get(product_id, "unchanged") == "unchanged":
                self._statuses[product_id] = status
        self._groups, self._looks = {}, {}
        self._waiting = 0

    def retire_unlisted(self, force: bool, progress: Progress) -> None:
        """Retire products, and drop variants, that this run did not see."""
        leaving: list[str] = []
        shrunk: list[str] = []
        for number, row in enumerate(every_stored(self._shop.database, active_only=True)):
            if row.id in self._statuses:
                if self._listed(row.product()) is not None:
                    shrunk.append(row.id)
            elif row.id not in self._refused_products:
                leaving.append(row.id)
            if number % _BATCH == 0:
                progress("comparing", number, None)
        with self._shop.database.reading() as tx:
            active = count_active(tx)
        if len(leaving) > active * _MOST_RETIRED and not force and not self._dry:
            raise Conflict(
                f"the feed's {len(self._statuses)} products are in, but nothing was retired: it would have"
                f" been {len(leaving)} of {active}, more than half; if that is meant, import with force"
            )
        work = [] if self._dry else shrunk + leaving
        for start in range(0, len(work), _BATCH):
            batch = work[start : start + _BATCH]
            with self._shop.database.writing() as tx:
                self._drop(tx, batch)
            progress("retiring", start + len(batch), len(work))
        for product_id in shrunk:
            if self._statuses[product_id] == "unchanged":
                self._statuses[product_id] = "changed"
        self._retired = len(leaving)

    def _listed(self, product: Product) -> Product | None:
        """Return `product` without the variants that this run did not see; None when it saw them all."""
        kept = tuple(variant for variant in product.variants if variant.id in self._lines)
        return evolve(product, variants=kept) if len(kept) < len(product.variants) else None

    def _drop(self, tx: Transaction, product_ids: list[str]) -> None:
        """Retire, or free of unlisted variants, products as they are now."""
        next_change(tx)
        at = self._shop.clock()
        stored = read_stored(tx, product_ids)
        products = []
        for product_id, row in stored.items():
            product = row.product()
            if product_id in self._statuses:
                products.append(self._listed(product) or product)
            else:
                products.append(evolve(product, retired=product.retired or at))
        upsert(tx, products, at, stored, source=self._source)

    def report(self) -> ImportReport:
        """Return what happened."""
        statuses = list(self._statuses.values())
        return ImportReport(
            read=self._read,
            added=statuses.count("added"),
            changed=statuses.count("changed"),
            unchanged=statuses.count("unchanged"),
            retired=self._retired,
            refused=tuple(self._refused),
        )

    def _same_size(self, look: Vector | None) -> None:
        """Complain about an embedding that is of another size than the first of this run."""
        if look is not None:
            self._dimensions = self._dimensions or look.size
            if look.size != self._dimensions:
                raise InvalidInput(
                    "embedding", f"has {look.size} numbers, and the first of this file {self._dimensions}"
                )

    def _first_time(self, variant_id: str, line: int) -> None:
        earlier = self._lines.setdefault(variant_id, line)
        if earlier != line:
            raise InvalidInput("id", f"{variant_id!r} stood at line {earlier} already")

    def _refuse(self, row: FeedRow, error: InvalidInput) -> None:
        self._refused.append(RefusedRow(row.line, error.field, error.reason))
        product_id, variant_id = row_ids(row.values)
        if product_id:  # the feed lists it all the same: it must not be retired
            self._refused_products.add(product_id)
            self._lines.setdefault(variant_id, row.line)


def _settled(
    tx: Transaction, groups: Mapping[str, list[ParsedRow]], seen: Mapping[str, Status]
) -> tuple[list[Product], dict[str, Stored]]:
    """Return what the products of `groups` become, and what is stored of them now."""
    stored = read_stored(tx, list(groups))
    products = [
        _combined(rows, stored.get(product_id), product_id in seen) for product_id, rows in groups.items()
    ]
    claims = {row.product.variants[0].id: product_id for product_id, rows in groups.items() for row in rows}
    settled = [
        product
        if all(claims.get(variant.id, product.id) == product.id for variant in product.variants)
        else evolve(
            product,
            variants=tuple(v for v in product.variants if claims.get(v.id, product.id) == product.id),
        )
        for product in products
    ]
    return settled, stored


def _combined(rows: list[ParsedRow], old: Stored | None, continued: bool) -> Product:
    """Return what a product becomes by these rows.

    Parameters
    ----------
    continued
        Rows of the product were written earlier in the same run: its own fields came from the first of them.
    """
    if old is None:
        return group(rows)
    if not continued:
        product = group(rows)
        same = stored_form(product, product.created or old.created, old.first_seen)
        if same == old:
            return product
    else:
        product = group(rows, head=old.product())
    return merge(
        old.product(), product, frozenset(row.product.variants[0].id for row in rows if row.all_offers)
    )
