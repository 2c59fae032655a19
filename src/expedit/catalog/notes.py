"""What a change did to a product, in few bits, and what changed lately and where it came from."""

from __future__ import annotations

from expedit.catalog.model import Product
from expedit.catalog.store import read_notes
from expedit.core import Struct, evolve
from expedit.storage import Transaction

ADDED, CONTENT, PRICE, STOCK, RETIRED, BACK = 1, 2, 4, 8, 16, 32
_NAMES = {
    ADDED: "added",
    BACK: "back",
    RETIRED: "retired",
    PRICE: "price",
    STOCK: "stock",
    CONTENT: "content",
}


class Note(Struct, frozen=True):
    """A change of a product.

    Parameters
    ----------
    at
        When, in microseconds.
    source
        Where it came from: ``file:<name>``, ``upload:<name>``, ``api``, the name of a connection; empty when
        it did not say.
    kinds
        What changed: ``added``, ``back``, ``retired``, ``price``, ``stock``, ``content``.
    """

    at: int
    source: str
    kinds: tuple[str, ...]


def kinds_of(before: Product | None, after: Product, repriced: bool) -> int:
    """Return what becoming `after` means for a product that was `before`; stock is told apart from this.

    Parameters
    ----------
    repriced
        Whether an offer changed.
    """
    if before is None:
        return ADDED
    kinds = PRICE if repriced else 0
    if (before.retired is None) != (after.retired is None):
        kinds |= BACK if after.retired is None else RETIRED
    if _content(before) != _content(after):
        kinds |= CONTENT
    return kinds


def _content(product: Product) -> Product:
    """Return the product without its offers, stock and moments."""
    bare = tuple(evolve(variant, offers=(), stock=None) for variant in product.variants)
    return evolve(product, variants=bare, created=0, first_seen=0, retired=None)


def notes_of(tx: Transaction, product_id: str, limit: int = 20) -> tuple[Note, ...]:
    """Return the last changes of a product, the newest first."""
    return tuple(
        Note(at, source, tuple(name for bit, name in _NAMES.items() if kinds & bit))
        for at, source, kinds in read_notes(tx, product_id, limit)
    )
