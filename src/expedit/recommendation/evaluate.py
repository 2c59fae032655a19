"""Measure the session model on files of sessions, as the literature does: every prefix against all items."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from expedit.core import InvalidInput, Progress, Struct, no_progress, to_builtins
from expedit.recommendation.arrays import Ints, Longs
from expedit.recommendation.session_model import SessionModel, SessionParams
from expedit.recommendation.tune import Prefixes, Tuned, accuracy_of, answer_many, tune


class EvaluationReport(Struct, frozen=True):
    """What a run measured; rates are shares of 1, of all test prefixes.

    Attributes
    ----------
    hit_rate_at_20, reciprocal_rank_at_20
        HR@20 and MRR@20; an item that training never saw counts as a miss.
    coverage
        Share of the items that stood in some list of 20.
    validation_hit_rate, validation_reciprocal_rank
        The same on the last training sessions, which chose the parameters; None when they were given.
    """

    train_sessions: int
    train_clicks: int
    items: int
    test_prefixes: int
    unknown_targets: int
    hit_rate_at_20: float
    reciprocal_rank_at_20: float
    coverage: float
    build_seconds: float
    build_clicks_per_second: float
    bytes_per_click: float
    queries_per_second: float
    tune_seconds: float
    settings_tried: int
    validation_hit_rate: float | None
    validation_reciprocal_rank: float | None
    parameters: dict[str, float]
    seed: int

    def as_dict(self) -> dict[str, object]:
        """Return all fields for a JSON document."""
        return {name: to_builtins(getattr(self, name)) for name in self.__struct_fields__}

    def format(self) -> str:
        """Return the report as lines of text."""
        chosen = ""
        if self.validation_hit_rate is not None and self.validation_reciprocal_rank is not None:
            chosen = (
                f"tuned in {self.tune_seconds:.0f} s, {self.settings_tried} settings tried on the last "
                f"training sessions: HR@20 {self.validation_hit_rate:.4f}, "
                f"MRR@20 {self.validation_reciprocal_rank:.4f}\n"
            )
        values = "  ".join(f"{name} {value:g}" for name, value in self.parameters.items())
        return (
            f"HR@20 {self.hit_rate_at_20:.4f}   MRR@20 {self.reciprocal_rank_at_20:.4f}"
            f"   coverage {self.coverage:.3f}\n"
            f"{self.test_prefixes:,} prefixes, {self.unknown_targets:,} of them to items that training never "
            "saw (misses)\n"
            f"trained on {self.train_sessions:,} sessions, {self.train_clicks:,} clicks, {self.items:,} "
            f"items in {self.build_seconds:.2f} s ({self.build_clicks_per_second / 1e6:.1f} M clicks/s, "
            f"{self.bytes_per_click:.1f} bytes a click)\n"
            f"{self.queries_per_second:,.0f} queries a second\n"
            f"{chosen}parameters: {values}   seed {self.seed}"
        )


def _lines(path: Path) -> Iterator[str]:
    """Read text lines, gzipped or not (told by content, not by name)."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt") if packed else path.open() as file:
        for line in file:
            yield line.rstrip("\r\n")


def read_sessions(path: Path) -> tuple[list[str], Longs, Ints]:
    """Read one session a line, item ids in click order with blanks between, the oldest session first.

    Returns
    -------
    tuple
        Item ids in order of first sight; int64[sessions + 1] offsets; int32 item indices.
    """
    index: dict[str, int] = {}
    items: list[int] = []
    ends = [0]
    for line in _lines(path):
        clicks = line.split()
        if clicks:
            items.extend(index.setdefault(item, len(index)) for item in clicks)
            ends.append(len(items))
    if len(ends) < 3:
        raise InvalidInput("train", f"{path} holds fewer than two sessions")
    return list(index), np.array(ends, np.int64), np.array(items, np.int32)


def read_prefixes(path: Path, item_ids: list[str]) -> Prefixes:
    """Read `prefix ids<TAB>next id` lines; ids that training never saw become -1."""
    index = {item: at for at, item in enumerate(item_ids)}
    items: list[int] = []
    ends = [0]
    targets: list[int] = []
    for number, line in enumerate(_lines(path), start=1):
        prefix, tab, target = line.partition("\t")
        if not tab or not prefix.split() or not target.strip():
            raise InvalidInput("test", f"line {number} of {path} is not 'prefix ids<TAB>next id'")
        items.extend(index.get(item, -1) for item in prefix.split())
        ends.append(len(items))
        targets.append(index.get(target.strip(), -1))
    if not targets:
        raise InvalidInput("test", f"{path} is empty")
    return Prefixes(np.array(ends, np.int64), np.array(items, np.int32), np.array(targets, np.int32))


def evaluate_sessions(
    train: Path,
    test: Path,
    *,
    params: SessionParams | None = None,
    tune_seconds: float = 120.0,
    evaluations: int | None = None,
    validation_share: float = 0.1,
    seed: int = 1,
    threads: int = 2,
    progress: Progress = no_progress,
) -> EvaluationReport:
    """Tune on the last part of `train`, build on all of it, and foretell every click of `test`.

    Parameters
    ----------
    train, test
        Files as `read_sessions` and `read_prefixes` take them, gzipped or not.
    params
        Fixed parameters; None has the tuner choose.
    tune_seconds, evaluations, validation_share, seed
        Bounds of the tuner and the share of training sessions, at the end, that judge.
    """
    item_ids, session_ptr, items = read_sessions(train)
    prefixes = read_prefixes(test, item_ids)
    tuned: Tuned | None = None
    if params is None:
        tuned = tune(
            session_ptr, items, len(item_ids), seconds=tune_seconds, evaluations=evaluations,
            share=validation_share, seed=seed, threads=threads, progress=progress,
        )  # fmt: skip
        params = tuned.params
    began = time.perf_counter()
    model = SessionModel.fit(session_ptr, items, len(item_ids), params)
    built = time.perf_counter()
    rows = answer_many(model, prefixes, threads=threads)
    answered = time.perf_counter()
    accuracy = accuracy_of(rows, prefixes.targets)
    size = model.static.nbytes + model.factors.nbytes + model.rarity.nbytes
    return EvaluationReport(
        train_sessions=session_ptr.size - 1,
        train_clicks=int(items.size),
        items=len(item_ids),
        test_prefixes=int(prefixes.targets.size),
        unknown_targets=int((prefixes.targets < 0).sum()),
        hit_rate_at_20=accuracy.hit_rate,
        reciprocal_rank_at_20=accuracy.reciprocal_rank,
        coverage=float(np.unique(rows[rows >= 0]).size / len(item_ids)),
        build_seconds=built - began,
        build_clicks_per_second=items.size / (built - began),
        bytes_per_click=size / items.size,
        queries_per_second=prefixes.targets.size / (answered - built),
        tune_seconds=tuned.seconds if tuned else 0.0,
        settings_tried=tuned.tried if tuned else 0,
        validation_hit_rate=tuned.accuracy.hit_rate if tuned else None,
        validation_reciprocal_rank=tuned.accuracy.reciprocal_rank if tuned else None,
        parameters=params.as_dict(),
        seed=seed,
    )
