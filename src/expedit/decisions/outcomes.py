"""Questions to the decision log joined with the event log: attribution and lift, never mixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from expedit.core import DAY
from expedit.decisions.log import decision_log
from expedit.decisions.sealed import SCHEMA, sealed_files, tables_of
from expedit.decisions.segments import read_segment
from expedit.decisions.store import asked_erasures
from expedit.events import log_tables
from expedit.experiments import HOLDOUT
from expedit.identity import person_map
from expedit.merchandising import Spell
from expedit.storage import Shop
from expedit.warehouse import Dataset, Question, Source, View, open_warehouse, question

ATTRIBUTION_WINDOW = 7 * DAY
"""How long after a click a purchase of the same product is told as its outcome."""

_VISIBLE = """
SELECT * FROM {rows} AS kept WHERE NOT EXISTS (
    SELECT 1 FROM decisions_erased AS e WHERE e.subject_id = kept.subject_id AND kept.ts_us <= e.erased_us
)
"""


def decision_tables(shop: Shop) -> dict[str, Source]:
    """Return the decision log as the table ``decisions`` of a question: sealed files and what is not sealed
    yet.

    Decisions of erased people are hidden.
    """
    log = decision_log(shop)
    log.flush()
    head = tables_of(decision for path in log.open_segments() for decision in read_segment(path))
    erased = asked_erasures(shop.database)
    return {
        "decisions_sealed": Dataset(SCHEMA, tuple(sealed_files(log.folder))),
        "decisions_head": pa.concat_tables([SCHEMA.empty_table(), *head]),
        "decisions_erased": pa.table(
            {
                "subject_id": pa.array(list(erased), pa.string()),
                "erased_us": pa.array(list(erased.values()), pa.int64()),
            }
        ),
        "decisions": View(
            " UNION ALL ".join(_VISIBLE.format(rows=rows) for rows in ("decisions_sealed", "decisions_head"))
        ),
    }


def chosen_markets(shop: Shop, currency: str) -> tuple[str, ...]:
    """Return the markets that pay in `currency`; for a shop with one market also what names none (``""``)."""
    named = tuple(market for market, own in shop.settings.markets.items() if own == currency)
    return (*named, "") if len(shop.settings.markets) == 1 else named


def ask_outcomes(
    shop: Shop,
    since: int,
    until: int,
    currency: str,
    *,
    window: int = ATTRIBUTION_WINDOW,
    by_product: bool = False,
    by_day: bool = False,
) -> pa.Table:
    """Return what had come, by `until`, of the items shown in [since, until) (attribution).

    Parameters
    ----------
    since, until
        Microseconds.
    currency
        Purchases in it count; those in another would have to be asked for by themselves.
    window
        Longest time from a click to what it is told to have led to, in microseconds.
    by_product
        One row a product and market instead of one a placement, strategy and market.
    by_day
        Such a row for each UTC day of the decisions.

    Returns
    -------
    pyarrow.Table
        ``placement``, ``strategy``, ``product_id`` and ``day`` (empty where not asked by), ``market``,
        ``shown``, ``impressions``, ``clicks``, ``carts`` (items put in the cart or bought), ``bought``
        (items bought), ``conversions`` (order lines), ``units``, ``revenue_minor``.
    """
    params = {
        "since_us": since,
        "until_us": until,
        "window_us": window,
        "currency": currency,
        "by_product": by_product,
        "by_day": by_day,
    }
    return _ask(shop, "outcomes", params)


def ask_lift(
    shop: Shop,
    since: int,
    until: int,
    currency: str,
    *,
    markets: Sequence[str] | None = None,
    experiment: str = HOLDOUT,
    by_placement: bool = False,
) -> pa.Table:
    """Return what people bought after they first met an experiment in [since, until), by arm (lift).

    Parameters
    ----------
    since, until
        Microseconds.
    currency
        Purchases in it count.
    markets
        Where people met the experiment; by default every market that pays in `currency`.
    experiment
        Name of the experiment.
    by_placement
        Of those who met each placement, instead of all who met any.

    Returns
    -------
    pyarrow.Table
        ``placement`` (empty where not asked by), ``arm``, ``people``, ``crossovers``, ``buyers``, ``orders``,
        ``revenue_minor``, ``revenue_squares``, ``first_us`` (when the first of them met it).
    """
    where = chosen_markets(shop, currency) if markets is None else tuple(markets)
    chosen = pa.table({"market": pa.array(where, pa.string())})
    params = {
        "experiment": experiment,
        "currency": currency,
        "since_us": since,
        "until_us": until,
        "by_placement": by_placement,
    }
    return _ask(shop, "lift", params, {"chosen": chosen})


def ask_rules(
    shop: Shop,
    spells: Sequence[Spell],
    since: int,
    until: int,
    currency: str,
    *,
    markets: Sequence[str] | None = None,
    window: int = ATTRIBUTION_WINDOW,
) -> pa.Table:
    """Return what came of decisions in [since, until) that measured a rule, with it and without.

    Parameters
    ----------
    spells
        When which edition of each rule was in force; what was measured at another time is left out.
    since, until
        Microseconds.
    currency
        Purchases in it count.
    markets
        Where the decisions were; by default every market that pays in `currency`.
    window
        Longest time from a click to what it is told to have led to, in microseconds.

    Returns
    -------
    pyarrow.Table
        A row for each edition of a rule and actor: ``rule``, ``edition``, ``first_us`` (the first of these
        decisions), and with the rule (``on_``) and without it (``off_``): ``decisions``, ``weight`` (how many
        they stand for), and by that weight ``clicks`` and ``revenue_minor``.
    """
    where = chosen_markets(shop, currency) if markets is None else tuple(markets)
    chosen = pa.table({"market": pa.array(where, pa.string())})
    params = {"since_us": since, "until_us": until, "window_us": window, "currency": currency}
    return _ask(shop, "rules", params, {"chosen": chosen, "spells": _table_of(spells, until)})


def questions() -> tuple[Question, ...]:
    """Return every question of this room."""
    return tuple(question("expedit.decisions", name) for name in ("outcomes", "lift", "rules"))


def _table_of(spells: Sequence[Spell], until: int) -> pa.Table:
    ends = [until if spell.until is None else spell.until for spell in spells]
    return pa.table(
        {
            "rule": pa.array([spell.rule.id for spell in spells], pa.string()),
            "edition": pa.array([spell.edition for spell in spells], pa.int64()),
            "from_us": pa.array([spell.since for spell in spells], pa.int64()),
            "until_us": pa.array(ends, pa.int64()),
        }
    )


def _ask(
    shop: Shop, name: str, params: dict[str, object], more: Mapping[str, Source] | None = None
) -> pa.Table:
    since = params["since_us"]
    assert isinstance(since, int)
    tables = {**log_tables(shop, since), **decision_tables(shop), "persons": person_map(shop), **(more or {})}
    return open_warehouse(shop).run(question("expedit.decisions", name), tables, params)
