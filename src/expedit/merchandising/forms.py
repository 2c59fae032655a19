"""Between a rule and its form: what the fields hold, and what was typed into them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from typing import Any, get_args
from zoneinfo import ZoneInfo

from expedit.core import (
    SECOND,
    InvalidInput,
    Struct,
    Vocabulary,
    convert,
    from_datetime,
    to_builtins,
    write_condition,
)
from expedit.merchandising.model import ACTIONS, Action, Counted, RawCondition, Rule
from expedit.merchandising.reading import check_rule
from expedit.merchandising.vocabulary import PRODUCT, SITUATION
from expedit.storage import Shop
from expedit.web import Visit, condition_from, text

KINDS: tuple[str, ...] = (
    "boost", "bury", "exclude", "only", "pin", "include", "new_first", "diversity", "price_band",
    "brand_conflict", "never_with",
)  # fmt: skip
"""Every kind of action, in the order in which they are offered."""

FIELDS: dict[str, tuple[str, ...]] = {
    str(kind.__struct_config__.tag): kind.__struct_fields__ for kind in ACTIONS
}
"""Kind of action → its fields."""

COUNTED: tuple[str, ...] = get_args(Counted)

SCOPES = ("placements", "channels", "markets")

_BLANK: dict[str, Any] = {
    "which": {}, "beside": {}, "by": 0.5, "level": 0.5, "most": 2, "products": (), "position": 1, "low": 0.0,
    "high": 0.0, "days": 30, "attribute": "category", "brands": (), "against": (),
}  # fmt: skip
_MEASURED = {"yes": True, "no": False}
_SHARES = ("by", "level", "low", "high")


class _Acted(Struct, frozen=True):
    action: Action


def form_of(rule: Rule, zone: ZoneInfo) -> dict[str, Any]:
    """Return what the fields of a rule's form hold; shares in percent, moments in the shop's zone."""
    held = to_builtins(rule.action)
    values = {**_BLANK, **held}
    shares = {name: _plain(values[name] * 100) for name in _SHARES}
    return {
        **values, **shares,
        "products": "\n".join(values["products"]),
        "brands": "\n".join(values["brands"]),
        "against": "\n".join(values["against"]),
        "starts": _wall(rule.starts, zone),
        "ends": _wall(rule.ends, zone),
        "measured": next((name for name, told in _MEASURED.items() if told is rule.measured), ""),
    }  # fmt: skip


def rule_of_form(
    shop: Shop, visit: Visit, rule_id: str = "", priority: int = 0, *, unnamed: str = ""
) -> Rule:
    """Return the rule that a form describes.

    Parameters
    ----------
    unnamed
        The name of a rule that has none yet; empty where one must be typed.

    Raises
    ------
    InvalidInput
        At the field of the form, in the viewer's language.
    """
    form = visit.form
    kind = form.get("do", "")
    if kind not in FIELDS:
        raise _wrong("do", visit)
    acted = {"do": kind} | {name: _READ[name](visit, name) for name in FIELDS[kind]}
    rule = Rule(
        rule_id,
        " ".join(form.get("name", "").split()) or unnamed,
        convert({"action": acted}, _Acted).action,
        _condition(visit, "when", SITUATION),
        _chosen(visit, "placements"),
        _chosen(visit, "channels"),
        _chosen(visit, "markets"),
        priority,
        _moment(shop, visit, "starts"),
        _moment(shop, visit, "ends"),
        form.get("note", "").strip(),
        _MEASURED.get(form.get("measured", "")),
    )
    try:
        return check_rule(rule)
    except InvalidInput as error:
        raise _wrong(error.field.removeprefix("action.").partition(".")[0], visit) from error


def _wrong(field: str, visit: Visit) -> InvalidInput:
    return InvalidInput(field, text(visit.language, f"merchandising.wrong.{field}"))


def _condition(visit: Visit, name: str, vocabulary: Vocabulary = PRODUCT) -> RawCondition:
    return write_condition(condition_from(visit.form.get(name, ""), vocabulary, name, visit.language))


def _chosen(visit: Visit, name: str) -> tuple[str, ...]:
    return tuple(sorted(set(visit.chosen(name))))


def _lines(visit: Visit, name: str) -> list[str]:
    lines = (line.strip() for line in visit.form.get(name, "").splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def _number(visit: Visit, name: str) -> float:
    typed = re.sub(r"[\s%]", "", visit.form.get(name, "")).replace(",", ".")
    try:
        number = float(typed) if typed else 0.0
    except ValueError:
        raise _wrong(name, visit) from None
    if not isfinite(number):
        raise _wrong(name, visit)
    return number


def _share(visit: Visit, name: str) -> float:
    return round(_number(visit, name) / 100, 6)


def _count(visit: Visit, name: str) -> int:
    typed = _number(visit, name)
    if typed != int(typed):
        raise _wrong(name, visit)
    return int(typed)


def _word(visit: Visit, name: str) -> str:
    typed = visit.form.get(name, "")
    if typed not in COUNTED:
        raise _wrong(name, visit)
    return typed


_READ: dict[str, Callable[[Visit, str], Any]] = {
    "which": _condition, "beside": _condition, "by": _share, "level": _share, "low": _share, "high": _share,
    "most": _count, "position": _count, "days": _count, "products": _lines, "brands": _lines,
    "against": _lines, "attribute": _word,
}  # fmt: skip


def _moment(shop: Shop, visit: Visit, name: str) -> int | None:
    typed = visit.form.get(name, "").strip()
    if not typed:
        return None
    try:
        wall = datetime.fromisoformat(typed)
    except ValueError:
        raise _wrong(name, visit) from None
    return from_datetime(wall.replace(tzinfo=ZoneInfo(shop.settings.time_zone)))


def _wall(at: int | None, zone: ZoneInfo) -> str:
    if at is None:
        return ""
    return datetime.fromtimestamp(at / SECOND, UTC).astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _plain(value: float) -> str:
    return f"{round(value, 4):g}"
