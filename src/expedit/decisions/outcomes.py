"""Questions to the decision log joined with the event log: attribution and lift, never mixed."""

from __future__ import annotations

import pyarrow as pa

from expedit.core import DAY
from expedit.decisions.log import decision_log
from expedit.decisions.sealed import SCHEMA, sealed_files, table_of
from expedit.decisions.segments import read_segment
from expedit.decisions.store import asked_erasures
from expedit.events import log_tables
from expedit.experiments import HOLDOUT
from expedit.identity import person_map
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
    head = [decision for path in log.open_segments() for decision in read_segment(path)]
    erased = asked_erasures(shop.database)
    return {
        "decisions_sealed": Dataset(SCHEMA, tuple(sealed_files(log.folder))),
        "decisions_head": table_of(head),
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


def ask_outcomes(shop: Shop, since: int, until: int, window: int = ATTRIBUTION_WINDOW) -> pa.Table:
    """Return what came of the items shown in [since, until), by placement, strategy and market
    (attribution)."""
    return _ask(shop, "outcomes", {"since_us": since, "until_us": until, "window_us": window})


def ask_lift(shop: Shop, since: int, until: int, experiment: str = HOLDOUT) -> pa.Table:
    """Return what people bought after they first met an experiment in [since, until), by arm (lift)."""
    return _ask(shop, "lift", {"experiment": experiment, "since_us": since, "until_us": until})


def questions() -> tuple[Question, ...]:
    """Return every question of this room."""
    return tuple(question("expedit.decisions", name) for name in ("outcomes", "lift"))


def _ask(shop: Shop, name: str, params: dict[str, object]) -> pa.Table:
    tables = {**log_tables(shop), **decision_tables(shop), "persons": person_map(shop)}
    return open_warehouse(shop).run(question("expedit.decisions", name), tables, params)
