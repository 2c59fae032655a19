"""Rows of one group made into a product, and what is stored merged with what a feed says anew. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from expedit.catalog.merchant import ParsedRow
from expedit.catalog.model import Product, Variant
from expedit.core import evolve


def group(rows: Sequence[ParsedRow], head: Product | None = None) -> Product:
    """Return the product of the rows of one group.

    Parameters
    ----------
    rows
        At least one row, all of the same product.
    head
        The product whose own fields hold; None = the first row's. A variant keeps what differs from them.
    """
    first = rows[0]
    if head is None:
        head = first.product
        if first.group_title or first.group_url or first.group_image_url:
            head = evolve(
                head,
                title=first.group_title or head.title,
                url=first.group_url or head.url,
                image_url=first.group_image_url or head.image_url,
            )
    elif len(rows) == 1 and rows[0].product is head:
        return head
    created = [row.product.created for row in rows if row.product.created]
    return evolve(
        head,
        variants=tuple(_relative(row.product, head) for row in rows),
        created=min(created) if created else 0,
    )


def merge(stored: Product, given: Product, whole: frozenset[str]) -> Product:
    """Return `given` with what only `stored` knows: other variants, other markets, the moment of creation.

    Parameters
    ----------
    whole
        Ids of the given variants whose offers are complete.
    """
    fresh = {variant.id: variant for variant in given.variants}
    variants = []
    for old in stored.variants:
        new = fresh.pop(old.id, None)
        if new is None:
            variants.append(old)
        else:
            variants.append(new if new.id in whole else _with_offers_of(new, old))
    return evolve(
        given,
        variants=(*variants, *fresh.values()),
        created=given.created or stored.created,
        first_seen=stored.first_seen,
    )


def _relative(row: Product, head: Product) -> Variant:
    variant = row.variants[0]
    if row is head:
        return variant
    changes: dict[str, object] = {}
    if row.title != head.title:
        changes["title"] = row.title
    if row.url != head.url:
        changes["url"] = row.url
    if row.image_url != head.image_url:
        changes["image_url"] = row.image_url
    if row.attributes != head.attributes:
        changes["attributes"] = {
            name: text for name, text in row.attributes.items() if head.attributes.get(name) != text
        }
    return evolve(variant, **changes) if changes else variant


def _with_offers_of(new: Variant, old: Variant) -> Variant:
    markets = {offer.market for offer in new.offers}
    kept = [offer for offer in old.offers if offer.market not in markets]
    if not kept:
        return new
    return evolve(new, offers=tuple(sorted([*new.offers, *kept], key=lambda offer: offer.market)))
