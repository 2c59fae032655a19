"""Vocabularies: which fields a condition may speak of, and what kind of value each holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Literal, get_args

from expedit.core.codec import Struct

FieldKind = Literal["number", "money", "text", "flag", "moment", "scalar", "texts", "items"]
"""What a field holds. ``money`` is whole minor units, ``moment`` whole microseconds since 1970 UTC,
``scalar`` one of text, number and flag, ``texts`` a list of texts, ``items`` a list of objects."""

KINDS: tuple[FieldKind, ...] = get_args(FieldKind)
LONGEST_PATH = 200

_NAME = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]*\.)*(?:[A-Za-z_][A-Za-z0-9_]*|\*)")


class Field(Struct, frozen=True):
    """A field that conditions may speak of.

    Parameters
    ----------
    kind
        What it holds.
    label
        Key of its name in the texts of the panel.
    values
        Where its known values come from, as ``catalog.brands``, for an editor that completes them.
    items
        The fields of one item, when the kind is ``items``.
    """

    kind: FieldKind
    label: str = ""
    values: str = ""
    items: Vocabulary | None = None


class Vocabulary(Struct, frozen=True):
    """The fields that one kind of condition may speak of.

    Parameters
    ----------
    fields
        Field by dotted name, as ``cart.total``. A name that ends in ``*``, as ``attributes.*``, stands for an
        open-ended map: whatever follows the dot, further dots included, is one key of it.

    Raises
    ------
    ValueError
        When a name is malformed, one lies inside another that is no object, or only one of kind ``items`` and
        a vocabulary of items is given.
    """

    fields: dict[str, Field]

    def __post_init__(self) -> None:
        for name, field in self.fields.items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} cannot be the name of a field")
            if field.kind not in KINDS:
                raise ValueError(f"{name}: there is no kind {field.kind!r}")
            if (field.kind == "items") != (field.items is not None):
                raise ValueError(f"{name}: a vocabulary of items belongs to the kind items and to no other")
            outer = next((one for one in _prefixes(name) if one in self.fields), None)
            if outer is not None:
                raise ValueError(f"{name} lies inside {outer}, which is a field itself")

    def find(self, path: str) -> tuple[Field, tuple[str, ...]] | None:
        """Return the field that `path` names and the keys that lead to its value, or None."""
        field = self.fields.get(path)
        if field is not None and not path.endswith("*"):
            return field, tuple(path.split("."))
        for prefix in (*_prefixes(path), ""):
            field = self.fields.get(f"{prefix}.*" if prefix else "*")
            key = path[len(prefix) + 1 :] if prefix else path
            if field is not None and key and key != "*":
                return field, (*(prefix.split(".") if prefix else ()), key)
        return None

    def nearest(self, path: str) -> list[str]:
        """Return up to three names of fields that `path`, which is none, may have meant."""
        inside = [name for name in self.fields if name.startswith(f"{path}.")]
        return inside[:3] or get_close_matches(path[:60], self.fields, 3)

    def under(self, prefix: str) -> Vocabulary:
        """Return the same fields with `prefix` and a dot put before each name."""
        return Vocabulary({f"{prefix}.{name}": field for name, field in self.fields.items()})


def combine_vocabularies(vocabularies: Mapping[str, Vocabulary]) -> Vocabulary:
    """Return one vocabulary of several, each under its prefix: ``product.price``, ``person.cart.total``."""
    return Vocabulary(
        {
            name: field
            for prefix, vocabulary in vocabularies.items()
            for name, field in vocabulary.under(prefix).fields.items()
        }
    )


def _prefixes(path: str) -> Iterator[str]:
    """Give ``a.b`` and ``a`` of ``a.b.c``."""
    at = path.rfind(".")
    while at > 0:
        yield path[:at]
        at = path.rfind(".", 0, at)
