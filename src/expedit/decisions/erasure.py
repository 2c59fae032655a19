"""Erasing a person from the decision log, and telling a person what it holds of them.

An erased person's decisions are hidden from every reader in the transaction that erases them
(`decision_erasures`), and cut out of segments and sealed files by the next job.
"""

from __future__ import annotations

from pathlib import Path

from expedit.core import PersonRef, Progress, format_time, no_progress
from expedit.decisions.log import decision_log, read_decisions
from expedit.decisions.record import LoggedDecision
from expedit.decisions.sealed import read_sealed, sealed_files, write_sealed
from expedit.decisions.segments import pack_frame, read_segment
from expedit.decisions.store import ask_erasure, asked_erasures, erasures_done
from expedit.storage import Shop, Transaction


def erase_decisions(shop: Shop, progress: Progress = no_progress) -> int:
    """Cut every erased person's decisions out of the files; return how many decisions that were.

    A segment that another process may still be writing is left for the next run, and so is its erasure.
    """
    log = decision_log(shop)
    asked = asked_erasures(shop.database)
    if not asked:
        return 0
    log.rotate()
    files = [*sealed_files(log.folder), *log.open_segments()]
    cut, waiting = 0, False
    for place, path in enumerate(files, start=1):
        if path.suffix == ".parquet":
            cut += _rewrite_sealed(path, asked)
        elif log.is_open(path):
            waiting = True
        else:
            cut += _rewrite_segment(path, asked)
        progress("erase decisions", place, len(files))
    if not waiting:
        with shop.database.writing() as tx:
            erasures_done(tx, asked)
    return cut


def erase_person(shop: Shop, tx: Transaction, person: PersonRef) -> None:
    """Erase what is logged of a person, within the caller's transaction."""
    ask_erasure(tx, person.subject_ids, shop.clock())


def export_person(shop: Shop, person: PersonRef) -> dict[str, object]:
    """Return the decisions made for a person, as JSON-able values."""
    made = read_decisions(shop, subjects=frozenset(person.subject_ids))
    return {
        "decisions": [
            {
                "id": decision.id,
                "at": format_time(decision.at),
                "placement": decision.placement,
                "arm": decision.arm,
                "personal": decision.personal,
                "products": [item.product for item in decision.items],
                "reasons": [item.reason for item in decision.items],
            }
            for decision in made
        ]
    }


def _stays(decision: LoggedDecision, asked: dict[str, int]) -> bool:
    return decision.at > asked.get(decision.subject, -1)


def _rewrite_sealed(path: Path, asked: dict[str, int]) -> int:
    cut = sum(not _stays(one, asked) for one in read_sealed(path, subjects=frozenset(asked)))
    if cut:
        write_sealed(path, (one for one in read_sealed(path) if _stays(one, asked)))
    return cut


def _rewrite_segment(path: Path, asked: dict[str, int]) -> int:
    decisions = list(read_segment(path))
    kept = [one for one in decisions if _stays(one, asked)]
    if len(kept) < len(decisions):
        scratch = path.with_suffix(".tmp")
        scratch.write_bytes(pack_frame(kept) if kept else b"")
        scratch.replace(path)
    return len(decisions) - len(kept)
