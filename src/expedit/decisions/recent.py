"""The newest decisions first, read back from the log only as far as somebody looks.

A busy shop writes millions an hour: files are opened from the newest hour back, segments frame by frame from
their end, sealed files column by column, and after a few seconds the search stops and says how far it came.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pyarrow.parquet as pq

from expedit.core import InvalidInput, Struct
from expedit.decisions.log import decision_log
from expedit.decisions.record import LoggedDecision
from expedit.decisions.sealed import read_bodies, sealed_files
from expedit.decisions.segments import check_name, hour_of, read_segment_back
from expedit.decisions.store import asked_erasures
from expedit.storage import Shop

_PORTION = 200
_LOOK_AT_CLOCK = 256


class DecisionSearch(Struct, frozen=True):
    """Which decisions are looked for.

    Parameters
    ----------
    placement
        Made for this one; empty = any.
    product
        That showed this product; empty = any.
    subjects
        Asked by one of these; None = by anybody.
    """

    placement: str = ""
    product: str = ""
    subjects: frozenset[str] | None = None

    def fits(self, decision: LoggedDecision) -> bool:
        """Tell whether a decision is one of them."""
        return (
            (not self.placement or decision.placement == self.placement)
            and (self.subjects is None or decision.subject in self.subjects)
            and (not self.product or any(item.product == self.product for item in decision.items))
        )


class FoundDecisions(Struct, frozen=True):
    """Decisions, the newest first.

    Parameters
    ----------
    decisions
        What was found.
    after
        Cursor for what is older; empty when there is no more.
    searched_until
        How far back was looked, when time was up before the page was full; else None.
    """

    decisions: tuple[LoggedDecision, ...]
    after: str = ""
    searched_until: int | None = None


def recent_decisions(
    shop: Shop, wanted: DecisionSearch, after: str = "", limit: int = 50, seconds: float = 2.0
) -> FoundDecisions:
    """Return the newest decisions that fit, older than the cursor `after`.

    Parameters
    ----------
    seconds
        Longest search.

    Raises
    ------
    InvalidInput
        When `after` is no cursor.
    """
    before = _cursor(after)
    deadline = time.monotonic() + seconds
    found: list[LoggedDecision] = []
    erased = asked_erasures(shop.database)
    last = before
    for seen, decision in enumerate(_back(shop, before, wanted)):
        last = (decision.at, decision.id)
        if decision.at > erased.get(decision.subject, -1) and wanted.fits(decision):
            found.append(decision)
            if len(found) > limit:
                newest = found[:limit]
                return FoundDecisions(tuple(newest), f"{newest[-1].at}-{newest[-1].id}")
        if seen % _LOOK_AT_CLOCK == 0 and time.monotonic() > deadline:
            return FoundDecisions(tuple(found), f"{last[0]}-{last[1]}", last[0])
    return FoundDecisions(tuple(found))


def _cursor(after: str) -> tuple[int, str]:
    if not after:
        return 1 << 62, ""
    at, dash, decision_id = after.partition("-")
    if not (dash and at.isdecimal()):
        raise InvalidInput("after", f"{after[:40]!r} is no cursor")
    return int(at), decision_id


def _back(shop: Shop, before: tuple[int, str], wanted: DecisionSearch) -> Iterator[LoggedDecision]:
    """Give decisions older than `before`, the newest first; sealed ones already only those that may fit."""
    log = decision_log(shop)
    log.flush()
    latest = hour_of(before[0]) if before[1] else "~"
    files = [path for path in (*sealed_files(log.folder), *log.open_segments()) if check_name(path) <= latest]
    files.sort(key=check_name, reverse=True)
    for _, hour in groupby(files, key=check_name):
        streams = [
            _sealed_back(path, before, wanted) if path.suffix == ".parquet" else _segment_back(path, before)
            for path in hour
        ]
        yield from heapq.merge(*streams, key=lambda decision: (-decision.at, decision.id))


def _older(decision: LoggedDecision, before: tuple[int, str]) -> bool:
    """Tell whether a decision stands after the cursor: earlier, or at the same moment with a later id."""
    return decision.at < before[0] or (decision.at == before[0] and decision.id > before[1])


def _segment_back(path: Path, before: tuple[int, str]) -> Iterator[LoggedDecision]:
    for decision in read_segment_back(path, before[0] + 1):
        if _older(decision, before):
            yield decision


def _sealed_back(path: Path, before: tuple[int, str], wanted: DecisionSearch) -> Iterator[LoggedDecision]:
    filters: list[tuple[str, str, object]] = [("ts_us", "<=", before[0])]
    if wanted.placement:
        filters.append(("placement", "=", wanted.placement))
    if wanted.subjects is not None:
        filters.append(("subject_id", "in", wanted.subjects))
    filters.append(("product_id", "=", wanted.product) if wanted.product else ("position", "=", 0))
    heads = pq.read_table(path, columns=["decision_id", "ts_us"], filters=filters, partitioning=None)
    heads = heads.sort_by([("ts_us", "descending"), ("decision_id", "ascending")])
    ids = list(dict.fromkeys(heads["decision_id"].to_pylist()))
    for start in range(0, len(ids), _PORTION):
        portion = ids[start : start + _PORTION]
        bodies = {decision.id: decision for decision in read_bodies(path, portion)}
        for decision_id in portion:
            if _older(bodies[decision_id], before):
                yield bodies[decision_id]


def removed_lately(shop: Shop, product: str, since: int) -> dict[tuple[str, str], int]:
    """Return how often fully logged decisions left a product out since a moment, by placement and reason.

    Only a share of decisions (setting ``candidate_log_share``) is logged fully: the counts tell of the
    kinds of reasons, not of how many there were.
    """
    counts: dict[tuple[str, str], int] = {}
    deadline = time.monotonic() + 1.0
    for seen, decision in enumerate(_back(shop, (1 << 62, ""), DecisionSearch())):
        if decision.at < since or (seen % _LOOK_AT_CLOCK == 0 and time.monotonic() > deadline):
            break
        for name, reason in dict.fromkeys(decision.removed):  # of two steps' candidates, once
            if name == product:
                key = (decision.placement, reason)
                counts[key] = counts.get(key, 0) + 1
    return dict(sorted(counts.items(), key=lambda entry: -entry[1]))
