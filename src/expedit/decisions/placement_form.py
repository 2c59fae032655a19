"""Between a placement and its form: what the fields hold, and what was typed into them."""

from __future__ import annotations

import re
from math import isfinite

from expedit.core import InvalidInput, Struct
from expedit.decisions.placements import (
    FILTERS,
    LOCALES,
    PAGE_TYPES,
    POSITIONS,
    PROOFS,
    STRATEGY_NAMES,
    Placement,
    Step,
)
from expedit.decisions.placements_reading import check_name, check_placement
from expedit.decisions.selectors import fault_of
from expedit.recommendation import OPTIONS, SCOPE, Option
from expedit.web import Visit, text

Value = str | int | float | bool

SHARES = frozenset({"tolerance", "min_gain", "min_reduction", "cart_share", "early"})
"""Options that are shares, which people write in percent."""

_KEY = re.compile(r"[a-z0-9]{1,12}")
_AT = re.compile(r"ladder\[(\d+)\]\.(\w+)")


class Field(Struct, frozen=True):
    """One option of a strategy in the form.

    Parameters
    ----------
    name
        The option.
    kind
        ``choice``, ``tick``, ``percent``, ``number`` or ``amount``.
    default
        As it is written in the form.
    low, high
        Bounds as they are written in the form.
    choices
        What there is to choose from.
    """

    name: str
    kind: str
    default: str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()


class Rung(Struct, frozen=True):
    """One step of the ladder in the form.

    Parameters
    ----------
    key
        Stands in the names of its fields, so that a step keeps them wherever it is moved.
    share
        In percent.
    options
        What stands in the fields of its options.
    """

    key: str
    strategy: str = STRATEGY_NAMES[0]
    share: str = "100"
    options: dict[str, str] = {}


def _fields_of(strategy: str) -> tuple[Field, ...]:
    known = {"scope": SCOPE, **OPTIONS.get(strategy, {})}
    return tuple(_field(name, one) for name, one in known.items())


def _field(name: str, option: Option) -> Field:
    if option.choices:
        return Field(name, "choice", "", choices=option.choices)
    if isinstance(option.default, bool):
        return Field(name, "tick", "yes" if option.default else "")
    if isinstance(option.default, str):
        return Field(name, "amount", option.default)
    times = 100 if name in SHARES else 1
    kind = "percent" if name in SHARES else "number"
    return Field(name, kind, _plain(option.default * times), option.low * times, option.high * times)


def _plain(value: float) -> str:
    return f"{round(value, 4):g}"


FIELDS: dict[str, tuple[Field, ...]] = {name: _fields_of(name) for name in STRATEGY_NAMES}
"""The options of each strategy, as its form shows them."""


def rungs_of(placement: Placement) -> list[Rung]:
    """Return the ladder as the form holds it."""
    return [
        Rung(
            f"s{place}", step.strategy, _plain(step.share * 100),
            {one.name: _written(one, step.options.get(one.name)) for one in FIELDS[step.strategy]},
        )
        for place, step in enumerate(placement.ladder, 1)
    ]  # fmt: skip


def rungs_typed(visit: Visit) -> list[Rung]:
    """Return the ladder as it stands in a form that came back, right or wrong."""
    form = visit.form
    rungs = []
    for key in dict.fromkeys(key for key in visit.chosen("step") if _KEY.fullmatch(key)):
        strategy = form.get(f"strategy-{key}", "")
        options = {one.name: form.get(f"{one.name}-{key}", "") for one in FIELDS.get(strategy, ())}
        rungs.append(Rung(key, strategy, form.get(f"share-{key}", "").strip(), options))
    return rungs


def placement_of_form(visit: Visit, name: str = "", known: Placement | None = None) -> Placement:
    """Return the placement that a form describes.

    Parameters
    ----------
    name
        Of one that is there already; empty for a new one, whose name stands in the form.
    known
        As it is now: what the form has no field for stays.

    Raises
    ------
    InvalidInput
        At the field of the form, in the viewer's language.
    """
    rungs = rungs_typed(visit)
    base = known or Placement(name, {}, ())
    try:
        chosen = name or check_name(visit.form.get("name", "").strip())
        placement = Placement(
            chosen,
            _titles(visit, base),
            tuple(map(_step, rungs)),
            size=_whole(visit, "size"),
            channel=visit.form.get("channel", "").strip(),
            filters=_kept(visit, "filters", FILTERS),
            fallback=visit.form.get("fallback", ""),
            personal="personal" in visit.form,
            bought_days=_whole(visit, "bought_days"),
            selector=visit.form.get("selector", "").strip(),
            position=visit.form.get("position", POSITIONS[0]),
            pages=_kept(visit, "pages", PAGE_TYPES),
            proof=_kept(visit, "proof", PROOFS),
            template=visit.form.get("template", "").strip(),
        )
        check_placement(placement)
    except InvalidInput as error:
        raise _at_field(visit, rungs, error) from None
    if fault := placement.selector and fault_of(placement.selector):
        raise InvalidInput("selector", text(visit.language, f"decisions.selector.{fault}"))
    return placement


def _titles(visit: Visit, base: Placement) -> dict[str, str]:
    typed = {locale: " ".join(visit.form.get(f"title_{locale}", "").split()) for locale in LOCALES}
    for locale, words in typed.items():
        if len(words) > 200:
            raise InvalidInput(f"title_{locale}", "is longer than 200 characters")
    if not any(typed.values()):
        raise InvalidInput("title_en", "is missing")
    order = [*(one for one in base.titles if one in typed), *(one for one in LOCALES)]
    return {locale: typed[locale] for locale in dict.fromkeys(order) if typed[locale]}


def _kept(visit: Visit, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    chosen = visit.chosen(name)
    return tuple(one for one in known if one in chosen)


def _step(rung: Rung) -> Step:
    if rung.strategy not in FIELDS:
        raise InvalidInput(f"strategy-{rung.key}", "is missing")
    share = _number(f"share-{rung.key}", rung.share) / 100
    options: dict[str, Value] = {}
    for one in FIELDS[rung.strategy]:
        typed = rung.options.get(one.name, "").strip()
        if one.kind == "tick":
            if (typed == "yes") != (one.default == "yes"):
                options[one.name] = typed == "yes"
        elif typed and typed != one.default:
            options[one.name] = _read(one, f"{one.name}-{rung.key}", typed)
    if not 0 < share <= 1:
        raise InvalidInput(f"share-{rung.key}", "must be above 0 and at most 100")
    return Step(rung.strategy, round(share, 4), options)


def _read(one: Field, field: str, typed: str) -> Value:
    if one.kind == "choice":
        return typed
    if one.kind == "amount":
        return typed.replace(",", ".")
    number = _number(field, typed)
    if not one.low <= number <= one.high:
        raise InvalidInput(field, "is out of bounds")
    if one.kind == "percent":
        return round(number / 100, 6)
    return int(number) if number == int(number) else number


def _number(field: str, typed: str) -> float:
    try:
        number = float(re.sub(r"[\s%]", "", typed).replace(",", "."))
    except ValueError:
        raise InvalidInput(field, "is no number") from None
    if not isfinite(number):
        raise InvalidInput(field, "is no number")
    return number


def _whole(visit: Visit, name: str) -> int:
    number = _number(name, visit.form.get(name, ""))
    if number != int(number):
        raise InvalidInput(name, "is no whole number")
    return int(number)


def _at_field(visit: Visit, rungs: list[Rung], error: InvalidInput) -> InvalidInput:
    """Return the complaint at the form's own field, in the viewer's language."""
    field = error.field
    inside = _AT.match(field)
    if inside is not None and int(inside[1]) < len(rungs):
        field = f"{inside[2]}-{rungs[int(inside[1])].key}"
    said = field.partition("-")[0].partition("[")[0].partition("_")[0]
    if "-" in field and said not in {"strategy", "share"}:
        key = field.partition("-")[2]
        return InvalidInput(field, _option_wrong(visit, rungs, field.partition("-")[0], key))
    return InvalidInput(field, text(visit.language, f"decisions.edit.wrong.{said}"))


def _option_wrong(visit: Visit, rungs: list[Rung], name: str, key: str) -> str:
    strategy = next((one.strategy for one in rungs if one.key == key), "")
    field = next((one for one in FIELDS.get(strategy, ()) if one.name == name), None)
    if field is None or field.kind not in {"number", "percent"}:
        return text(visit.language, "decisions.edit.wrong.option")
    low, high = _plain(field.low), _plain(field.high)
    return text(visit.language, "decisions.edit.wrong.bounds", low=low, high=high)


def _written(field: Field, value: Value | None) -> str:
    """Return an option as its field shows it; empty for its default."""
    if field.kind == "tick":
        return (field.default if value is None else "yes") if value is None or value else ""
    if value is None:
        return ""
    if field.kind == "percent":
        return _plain(float(value) * 100)
    return _plain(value) if isinstance(value, (int, float)) else value
