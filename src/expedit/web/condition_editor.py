"""The condition editor: people put conditions together from fields, comparisons and values that exist.

Any room that takes conditions embeds it with its own vocabulary. In a template, inside a form::

    {% import "web/condition.html" as conditions %}
    {{ conditions.editor("which", t("myroom.edit.which"), kit, value=kept_condition) }}

In the room's ``panel.py``::

    words = Wording(visit.language, names=names_of, currency="SEK", shares=frozenset({"margin"}))
    kit = condition_kit(
        PRODUCT, words,
        choices={"markets": (Suggestion("SE", "SE"),)},     # sources with few values: chosen from a list
        keys={"attributes.*": ("material", "season")},      # known keys of open-ended maps
        suggest="/panel/myroom/suggest", count="/panel/myroom/count", known=kept_condition,
    )

``suggest`` is a page that answers GET ``?source=catalog.brands&field=brand&q=fj`` (`Field.values` is the
source) with ``Json(list[Suggestion])``. ``count`` is a page whose ``act`` (with ``act_role="viewer"``) gets
the condition as the form field ``condition`` and answers ``Json(Counted(...))``: how many fit, in words, with
a few pictures; it is asked at every change. Leave either empty where there is none.

The form brings the condition as JSON under the name given; `condition_from` reads it, and complains at that
field in the viewer's language. Without scripts the field is the JSON itself. Whatever the visual editor
cannot show, such as ``$elemMatch`` over texts, stays in place untouched and is edited in the JSON view.

`tell_condition` says the same condition as a sentence, for lists and histories.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from expedit.core import (
    Condition,
    ExpeditError,
    Field,
    InvalidInput,
    Struct,
    TooLarge,
    ValidationError,
    Vocabulary,
    decimals_of,
    from_json,
    leaves_of,
    read_condition,
)
from expedit.web.phrases import COMPARISONS, Value, Wording, field_of, label_of
from expedit.web.texts import text, texts_of

_LONGEST = 60_000
_SPOKEN = "condition.editor."


class Suggestion(Struct, frozen=True, omit_defaults=False):
    """A value that fits what is typed.

    Parameters
    ----------
    value
        As the condition holds it.
    label
        As people call it.
    note, image
        What tells it from others; its picture.
    """

    value: Value
    label: str
    note: str = ""
    image: str = ""


class Sample(Struct, frozen=True, omit_defaults=False):
    """One of those that fit a condition."""

    label: str
    href: str = ""
    image: str = ""
    note: str = ""


class Counted(Struct, frozen=True, omit_defaults=False):
    """How many fit a condition.

    Parameters
    ----------
    says
        ``123 of 500 products fit``, in the viewer's language.
    none
        Whether nothing fits, which is shown as a warning.
    samples
        A few of them.
    wrong
        What is wrong with the condition, in place of all the rest.
    """

    says: str = ""
    none: bool = False
    samples: tuple[Sample, ...] = ()
    wrong: str = ""


class FieldChoice(Struct, frozen=True, omit_defaults=False):
    """A field as the editor offers it.

    Parameters
    ----------
    source
        Where its values come from.
    open
        Whether what is typed after the name is a key of its own.
    share
        Whether it is a share that people write in percent.
    items
        The fields of one of its items.
    """

    name: str
    label: str
    kind: str
    source: str = ""
    open: bool = False
    share: bool = False
    items: tuple[FieldChoice, ...] = ()


class ConditionKit(Struct, frozen=True, omit_defaults=False):
    """All that the editor needs to know, as it stands in the page; made by `condition_kit`."""

    fields: tuple[FieldChoice, ...]
    comparisons: dict[str, tuple[tuple[str, str], ...]]
    words: dict[str, str]
    choices: dict[str, tuple[Suggestion, ...]]
    known: dict[str, dict[str, str]]
    suggest: str
    count: str
    currency: str
    decimals: int
    zone: str


def condition_kit(
    vocabulary: Vocabulary,
    wording: Wording,
    *,
    choices: Mapping[str, Sequence[Suggestion]] | None = None,
    keys: Mapping[str, Collection[str]] | None = None,
    suggest: str = "",
    count: str = "",
    known: Mapping[str, Any] | None = None,
) -> ConditionKit:
    """Return what the editor of a vocabulary's conditions needs.

    Parameters
    ----------
    choices
        Source → all of its values, where they are few.
    keys
        Open-ended field, as ``attributes.*`` → keys to offer.
    suggest, count
        Addresses that complete values and count what fits.
    known
        The condition to begin with, whose values are then shown by their names.
    """
    language = wording.language
    told = {
        kind: tuple((name, text(language, f"web.condition.is.{word}")) for name, word in offered)
        for kind, offered in COMPARISONS.items()
    }
    words = [name.removeprefix(_SPOKEN) for name in texts_of("web") if name.startswith(_SPOKEN)]
    spoken = {word: text(language, f"web.condition.editor.{word}") for word in words}
    return ConditionKit(
        _offered(vocabulary, wording, keys or {}),
        told,
        spoken,
        {name: tuple(found) for name, found in (choices or {}).items()},
        _names(known or {}, vocabulary, wording),
        suggest,
        count,
        wording.currency,
        wording.decimals if wording.decimals >= 0 else decimals_of(wording.currency or "EUR"),
        wording.zone,
    )


def condition_from(written: str, vocabulary: Vocabulary, field: str, language: str) -> Condition:
    """Read the condition that a form brought.

    Raises
    ------
    InvalidInput
        At `field`, in words of the viewer's language, with the place where it is wrong.
    """
    if len(written) > _LONGEST:
        raise InvalidInput(field, text(language, "web.condition.wrong.too_large"))
    try:
        raw = from_json(written.strip() or "{}", dict[str, Any])
    except (ValidationError, ExpeditError, ValueError):
        raise InvalidInput(field, text(language, "web.condition.wrong.no_json")) from None
    return checked_condition(raw, vocabulary, field, language)


def checked_condition(raw: Mapping[str, Any], vocabulary: Vocabulary, field: str, language: str) -> Condition:
    """Return the condition that `raw` writes; like `condition_from`."""
    try:
        return read_condition(raw, vocabulary, "")
    except TooLarge:
        raise InvalidInput(field, text(language, "web.condition.wrong.too_large")) from None
    except InvalidInput as error:
        raise InvalidInput(field, _complaint(error, vocabulary, language)) from None


def _complaint(error: InvalidInput, vocabulary: Vocabulary, language: str) -> str:
    """Return what is wrong, in words, and where."""
    reason = error.reason.partition(";")[0]
    word = next((word for start, word in _REASONS.items() if reason.startswith(start)), "")
    said = text(language, f"web.condition.wrong.{word}") if word else error.reason
    place = _place(error.field, vocabulary, language)
    return text(language, "web.condition.wrong.at", place=place, reason=said) if place else said


def _place(path: str, vocabulary: Vocabulary, language: str) -> str:
    """Return the innermost field of a path in words, with the one around it; else its last operator."""
    names = [part.removeprefix(".") for part in _OPERATORS.split(path) if part]
    if not names:
        return path.rpartition(".")[2].partition("[")[0]
    labels: list[str] = []
    for name in names:
        labels.append(label_of(vocabulary, name, language))
        field = field_of(vocabulary, name)
        vocabulary = field.items if field is not None and field.items is not None else vocabulary
    if len(labels) == 1:
        return labels[0]
    return text(language, "web.condition.wrong.inside", inner=labels[-1], outer=labels[-2])


_OPERATORS = re.compile(r"(?:^|\.)(?:\$count\.(?:where|is)|\$\w+(?:\[\d+\])?)(?=\.|$)")
"""What of a path names no field: operators, with their place in a list."""

_REASONS = {
    "is no field": "unknown_field",
    "lies inside": "unknown_field",
    "must be a number": "number",
    "must be a whole number": "whole",
    "must be text": "text",
    "must be true or false": "flag",
    "must be an ISO 8601 time": "moment",
    "is empty": "empty",
    "is an empty list": "empty",
    "has no operator": "empty",
    "is not for": "operator",
    "is no operator": "operator",
}
"""How the reasons of `read_condition` begin, and the texts that say the same to people."""


def _offered(
    vocabulary: Vocabulary, wording: Wording, keys: Mapping[str, Collection[str]]
) -> tuple[FieldChoice, ...]:
    found: list[FieldChoice] = []
    for name, field in vocabulary.fields.items():
        known = (f"{name[:-1]}{key}" for key in sorted(keys.get(name, ())))
        found += [_choice(one, field, wording, vocabulary, keys) for one in (*known, name)]
    return tuple(found)


def _choice(
    name: str, field: Field, wording: Wording, vocabulary: Vocabulary, keys: Mapping[str, Collection[str]]
) -> FieldChoice:
    inner = () if field.items is None else _offered(field.items, wording, keys)
    label = label_of(vocabulary, name, wording.language)
    return FieldChoice(
        name, label, field.kind, field.values, name.endswith("*"), name in wording.shares, inner
    )


def _names(known: Mapping[str, Any], vocabulary: Vocabulary, wording: Wording) -> dict[str, dict[str, str]]:
    """Return what the values of a condition are called, by source."""
    try:
        condition = read_condition(known, vocabulary)
    except ExpeditError:
        return {}
    values: dict[str, set[str]] = {}
    for leaf in leaves_of(condition):
        field = field_of(vocabulary, leaf.field)
        if field is not None and field.values:
            given = leaf.operand if isinstance(leaf.operand, list) else [leaf.operand]
            values.setdefault(field.values, set()).update(one for one in given if isinstance(one, str))
    return {source: dict(wording.names(source, found)) for source, found in values.items() if found}
