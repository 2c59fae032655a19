"""What a step of a placement's ladder may be told beside its strategy: options, their kinds and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from expedit.core import InvalidInput, to_minor
from expedit.recommendation.scopes import PLACES

Value = str | int | float | bool


class Option(NamedTuple):
    """One option of a strategy.

    Parameters
    ----------
    default
        Its value when the step does not say; its kind is the option's kind.
    help
        What it does.
    low, high
        Bounds of a number, both included.
    choices
        The texts there are.
    """

    default: Value
    help: str
    low: float = 0.0
    high: float = 1e12
    choices: tuple[str, ...] = ()


SCOPE = Option(
    "", "`category`: only the category that the page is about (a product page is about its product's)",
    choices=("category",),
)  # fmt: skip
"""What every strategy may be kept to."""

USED_UP = Option(False, "only what is used up and bought again, as care and refills are")
"""What goes with a purchase may be kept to."""

OPTIONS: dict[str, dict[str, Option]] = {
    "popular": {
        "scope": Option(
            "", "whose bestsellers: `category`, a place, the season, people alike, or what they looked at",
            choices=("category", "place", *PLACES, "season", "people", "history"),
        ),
    },
    "bought_together": {"used_up": USED_UP},
    "complementary": {"used_up": USED_UP},
    "upsell": {
        "min_ratio": Option(1.1, "price at least this many times the other product's", 1.0, 10.0),
        "max_ratio": Option(1.6, "price at most this many times the other product's", 1.0, 10.0),
    },
    "better_margin": {
        "tolerance": Option(0.1, "how far the price may lie from the other product's, as a share", 0.0, 1.0),
        "min_gain": Option(0.05, "how much more margin, as a share of the other product's price", 0.0, 1.0),
    },
    "on_sale": {
        "seen": Option(False, "only what the person looked at when it cost more"),
        "min_reduction": Option(0.05, "least reduction, as a share of the price before", 0.0, 1.0),
    },
    "cart_addon": {
        "max_price": Option("", "dearest add-on in major units of the market; empty = the setting"),
        "cart_share": Option(0.25, "dearest add-on as a share of the cart's value; 0 = any", 0.0, 10.0),
        "free_shipping": Option(True, "prefer what brings the cart to free shipping"),
    },
    "cart_reminder": {"days": Option(14, "days back that are looked at", 1, 365)},
    "buy_again": {
        "early": Option(0.8, "due from this share of the interval on", 0.0, 10.0),
        "late": Option(3.0, "no longer due after this many intervals", 0.1, 100.0),
        "days": Option(60, "interval of what is called replenishable while none is known", 1, 3650),
    },
    "new": {"since_last_visit": Option(False, "only what came since the person's last visit began")},
}  # fmt: skip
"""The options of each strategy beside `SCOPE`."""


def option(options: Mapping[str, Value], strategy: str, name: str) -> Value:
    """Return what a step says of an option, or its default."""
    said = options.get(name)
    return OPTIONS[strategy][name].default if said is None else said


def number(options: Mapping[str, Value], strategy: str, name: str) -> float:
    """Return an option that is a number."""
    return float(option(options, strategy, name))


def check_options(strategy: str, options: Mapping[str, Value], field: str) -> None:
    """Complain about an option that the strategy does not have, or a value that does not fit.

    Raises
    ------
    InvalidInput
        Naming the option under `field`.
    """
    known = {"scope": SCOPE, **OPTIONS.get(strategy, {})}
    for name, value in options.items():
        row = known.get(name)
        if row is None:
            raise InvalidInput(f"{field}.{name}", f"is no option of {strategy}: it has {', '.join(known)}")
        _check(row, value, f"{field}.{name}")
    if strategy == "upsell" and number(options, strategy, "min_ratio") > number(
        options, strategy, "max_ratio"
    ):
        raise InvalidInput(f"{field}.min_ratio", "is above max_ratio")


def _check(row: Option, value: Value, field: str) -> None:
    if isinstance(row.default, bool) or isinstance(value, bool):
        if type(value) is not type(row.default):
            wanted = "true or false" if isinstance(row.default, bool) else "text or a number"
            raise InvalidInput(field, f"must be {wanted}")
    elif row.choices:
        if value not in row.choices:
            raise InvalidInput(field, f"{value!r} is none of {', '.join(row.choices)}")
    elif isinstance(row.default, (int, float)):
        if isinstance(value, str) or (isinstance(row.default, int) and not isinstance(value, int)):
            raise InvalidInput(
                field, "must be a whole number" if isinstance(row.default, int) else "must be a number"
            )
        if not row.low <= value <= row.high:
            raise InvalidInput(field, f"must be {row.low:g} … {row.high:g}")
    elif isinstance(value, float):
        raise InvalidInput(field, 'must be a whole number or text, as "199.50"')
    elif value != "":
        to_minor(value, "SEK", field)
