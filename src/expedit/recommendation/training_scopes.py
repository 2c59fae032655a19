"""In which scopes each basket is: where it went, and what its buyer told of themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expedit.recommendation.arrays import Ints
from expedit.recommendation.people import groups_of
from expedit.recommendation.place_classes import PlaceClasses
from expedit.recommendation.scopes import PEOPLE, kind_of


def scopes_of_baskets(
    heads: pa.Table, traits: Mapping[str, Mapping[str, Any]], classes: PlaceClasses, now: int
) -> tuple[tuple[str, ...], tuple[Ints, ...]]:
    """Return the names of all scopes, and for each kind of scope the code of each basket, -1 for none.

    Parameters
    ----------
    heads
        ``country``, ``region``, ``postal``, ``store`` and ``buyer`` of each basket, null where unknown.
    traits
        What people told, by person.
    classes
        Class of places by their postal codes.
    """
    country, postal = heads["country"], heads["postal"]
    place = pc.binary_join_element_wise(country, postal, "-")
    members = {buyer: groups_of(told, now) for buyer, told in traits.items()}
    columns = [
        _prefixed("country:", country),
        _prefixed("region:", pc.binary_join_element_wise(country, heads["region"], "-")),
        _prefixed("postal:", place),
        _prefixed("store:", heads["store"]),
        _looked_up(place, classes.scope_of_place),
        *(_looked_up(heads["buyer"], _member(members, kind)) for kind in PEOPLE),
    ]
    names: list[str] = []
    codes: list[Ints] = []
    for column in columns:
        encoded = column.combine_chunks().dictionary_encode()
        places: Ints = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
        codes.append(np.where(places >= 0, places + len(names), -1).astype(np.int32))
        names += encoded.dictionary.to_pylist()
    return tuple(names), tuple(codes)


def _prefixed(prefix: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(pa.scalar(prefix), column, "")


def _looked_up(column: pa.ChunkedArray, scope_of: Callable[[str], str]) -> pa.ChunkedArray:
    """Return the scope of each text, each text being looked up once; null for none."""
    encoded = column.combine_chunks().dictionary_encode()
    scopes = pa.array([scope_of(text) or None for text in encoded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([scopes.take(encoded.indices)])


def _member(members: Mapping[str, tuple[str, ...]], kind: str) -> Callable[[str], str]:
    def scope_of(buyer: str) -> str:
        return next((scope for scope in members.get(buyer, ()) if kind_of(scope) == kind), "")

    return scope_of
