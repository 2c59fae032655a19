"""What keeps a question's answer the same on every engine: the rules, and the translation.

Each rule was learned by running a question on DuckDB and on Spark and finding two answers.
"""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from expedit.core import InvalidInput
from expedit.warehouse.model import Question

_TIME_COLUMNS = frozenset({"ts", "ts_us", "at", "received_us"})
_APPROXIMATE = (exp.ApproxDistinct, exp.ApproxQuantile, exp.ApproxTopK)
_COLLECTING = (exp.ArrayAgg, exp.GroupConcat, exp.First, exp.Last, exp.AnyValue)
_UNSTEADY = (exp.Rand, exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime)
_NUMBERING = (
    exp.RowNumber,
    exp.Rank,
    exp.DenseRank,
    exp.Lag,
    exp.Lead,
    exp.FirstValue,
    exp.LastValue,
    exp.NthValue,
    exp.Ntile,
)
_NAMES = {
    "hash": "hash() differs from engine to engine",
    "epoch": "seconds are counted on ts_us",
    "epoch_ms": "seconds are counted on ts_us",
    "epoch_us": "seconds are counted on ts_us",
    "now": "time is passed in as a parameter",
    "today": "time is passed in as a parameter",
    "approx_top_k": "approximate aggregates differ from engine to engine",
}


@lru_cache(maxsize=256)
def parse(asked: Question) -> exp.Query:
    """Return the syntax tree of `asked`.

    Raises
    ------
    InvalidInput
        When it is not one query.
    """
    try:
        trees = sqlglot.parse(asked.sql, read="duckdb")
    except SqlglotError as error:
        raise InvalidInput(asked.name, f"is not SQL: {error}") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise InvalidInput(asked.name, "must be one SELECT")
    return trees[0]


def params_of(asked: Question) -> set[str]:
    """Return the names of the parameters that `asked` needs."""
    return {str(found.this.name) for found in parse(asked).find_all(exp.Parameter)} | {
        str(found.name) for found in parse(asked).find_all(exp.Placeholder)
    }


def transpile(asked: Question, dialect: str) -> str:
    """Return the text of `asked` in another engine's dialect, as ``spark``.

    Raises
    ------
    InvalidInput
        When something in it has no counterpart there.
    """
    try:
        return parse(asked).sql(dialect=dialect, pretty=True, unsupported_level=sqlglot.ErrorLevel.RAISE)
    except (SqlglotError, ValueError) as error:
        raise InvalidInput(asked.name, f"cannot be written for {dialect}: {error}") from None


def complaints_about(asked: Question) -> list[str]:
    """Return what in `asked` could make two engines answer differently; empty when nothing was found."""
    tree = parse(asked)
    found = [
        "ASOF join: not every engine has it"
        for join in tree.find_all(exp.Join)
        if str(join.args.get("method") or "").upper() == "ASOF"
    ]
    for call in tree.find_all(exp.Func):
        found += _about_call(call)
    for window in tree.find_all(exp.Window):
        found += _about_window(window)
    for query in tree.find_all(exp.Query):
        if query.args.get("limit") and not query.args.get("order"):
            found.append("LIMIT without ORDER BY: any rows could be kept")
        distinct = query.args.get("distinct")  # of a UNION merely true or false
        if isinstance(distinct, exp.Distinct) and distinct.args.get("on"):
            found.append("DISTINCT ON: not every engine has it")
    found += _about_result(tree)
    return found


def _about_call(call: exp.Func) -> list[str]:
    text = call.sql(dialect="duckdb")
    name = str(call.this).lower() if isinstance(call, exp.Anonymous) else ""
    if name in _NAMES:
        return [f"{text}: {_NAMES[name]}"]
    if isinstance(call, _APPROXIMATE):
        return [f"{text}: approximate aggregates differ from engine to engine"]
    if isinstance(call, _COLLECTING) and not call.find_ancestor(exp.Window):
        return [f"{text}: the order of what it collects is not kept by every engine"]
    if isinstance(call, _UNSTEADY):
        return [f"{text}: gives another answer each time"]
    return []


def _about_window(window: exp.Window) -> list[str]:
    text = window.sql(dialect="duckdb")
    order = _named(window).args.get("order")
    if order is None:
        ranks = isinstance(window.this, _NUMBERING) or isinstance(window.this.this, _NUMBERING)
        return [f"{text}: has no order"] if ranks else []
    keys = [key.this for key in order.expressions]
    if all(isinstance(key, exp.Column) and key.name in _TIME_COLUMNS for key in keys):
        return [f"{text}: is ordered by time alone, and two rows can share a moment"]
    return []


def _named(window: exp.Window) -> exp.Window:
    """Return where the window is defined: itself, or the entry of the WINDOW clause that it names."""
    query = window.find_ancestor(exp.Select)
    for entry in (query.args.get("windows") or []) if query is not None else []:
        if entry is not window and entry.name == window.alias:
            defined: exp.Window = entry
            return defined
    return window


def _about_result(tree: exp.Query) -> list[str]:
    return [
        f"{column.sql(dialect='duckdb')}: a computed column of the result needs an explicit CAST"
        for column in tree.selects
        if not isinstance(column.unalias(), exp.Cast | exp.Column)
    ]
