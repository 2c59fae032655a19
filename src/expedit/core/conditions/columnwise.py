"""The evaluators over columns; numpy is imported when one of them is first used, not with the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from expedit.core.conditions.columns import Column, Columns, ColumnTable
from expedit.core.conditions.model import Condition
from expedit.core.conditions.vocabulary import FieldKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Masker = Callable[[Columns, int], "NDArray[np.bool_]"]
"""Tells which rows of columns fulfill a condition at a moment in microseconds; the array is the caller's."""


def compile_mask(condition: Condition) -> Masker:
    """Return a function of columns and the present moment that gives the rows that fulfill `condition`.

    Texts are looked up once for each `Names`, so keep both: the function as long as the condition is in
    force, the `Names` as long as codes mean the same.
    """
    from expedit.core.conditions.masks import mask_of

    return mask_of(condition)


def gather_columns(condition: Condition, facts: Sequence[Mapping[str, Any]]) -> ColumnTable:
    """Return columns with all that `condition` asks of `facts`, one row for each."""
    from expedit.core.conditions.gathering import gather

    return gather(condition, facts)


def gather_column(kind: FieldKind, values: Sequence[Any]) -> Column:
    """Return a column of `kind`, any but ``items``, with `values` as facts hold them."""
    from expedit.core.conditions.gathering import column_of

    return column_of(kind, {}, values)


def take_rows(columns: Columns, chosen: NDArray[np.integer[Any]]) -> Columns:
    """Return the rows `chosen` of `columns`, each column taken when it is first asked for."""
    from expedit.core.conditions.taking import TakenColumns

    return TakenColumns(columns, chosen)
