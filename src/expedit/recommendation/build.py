"""Build a model version from flat arrays: no database, no clock, nothing but its arguments."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.core import InvalidInput, Progress, no_progress, to_datetime
from expedit.recommendation.arrays import Doubles, Floats, Ints, Longs
from expedit.recommendation.content import ProductFacts, WeighedWords, similar_products, weigh_words
from expedit.recommendation.copurchase import bought_together, complementary, index_baskets, lifted
from expedit.recommendation.item_item import Related, co_view_params, relate
from expedit.recommendation.looks import Space, look_alikes, pack_spaces
from expedit.recommendation.model import pack_texts
from expedit.recommendation.model_folder import ModelMeta, write_version
from expedit.recommendation.popularity import Happenings, popular_scores, trending_scores
from expedit.recommendation.repurchase import repurchase_days
from expedit.recommendation.scopes import (
    SEASON,
    Purchases,
    as_arrays,
    best_of_scope,
    scoped_bestsellers,
)
from expedit.recommendation.seasons import season_scores
from expedit.recommendation.session_model import SessionIndex, SessionModel, SessionParams
from expedit.recommendation.tune import Tuned, accuracy_of, answer_many, prefixes_of, split_tail, tune
from expedit.recommendation.words import pack_words

FEWEST_TO_TUNE = 1000
"""Sessions below which tuning would fit noise: the defaults serve better."""

MEASURED_PREFIXES = 20_000


def _no_ints() -> Ints:
    return np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class TrainingData:
    """All that a build reads. Items are indices into `item_ids`; sessions and baskets the oldest first.

    Attributes
    ----------
    item_ids
        Product ids.
    facts
        What the catalog says of each item.
    markets
        Market names by code.
    session_ptr, session_items, session_end, session_market
        int64[sessions + 1], int32 clicks in order, int64[sessions] moment of the last click in microseconds,
        int32[sessions] market code or -1.
    basket_ptr, basket_items, basket_quantity, basket_at, basket_market, basket_buyer
        int64[baskets + 1], int32 and int32 per line (quantity negative for returned goods), int64[baskets]
        moment, int32[baskets] market code or -1, int32[baskets] number of the buyer or -1 (none: of all).
    scopes, basket_scopes
        Names of scopes by code, and for each kind of scope int32[baskets], the code of each basket or -1.
    looks
        What products look like, in as many spaces as there are kinds of vectors.
    click_weight, purchase_weight
        How much each click counts among what is popular and trending, float64 (none: 1 each), and every
        piece bought among what is popular.
    seasonal
        Purchases of more than a year, for the season; those of the baskets where there is none.
    """

    item_ids: list[str]
    facts: ProductFacts
    markets: tuple[str, ...] = ()
    session_ptr: Longs = field(default_factory=lambda: np.zeros(1, np.int64))
    session_items: Ints = field(default_factory=_no_ints)
    session_end: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    session_market: Ints = field(default_factory=_no_ints)
    basket_ptr: Longs = field(default_factory=lambda: np.zeros(1, np.int64))
    basket_items: Ints = field(default_factory=_no_ints)
    basket_quantity: Ints = field(default_factory=_no_ints)
    basket_at: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    basket_market: Ints = field(default_factory=_no_ints)
    basket_buyer: Ints | None = None
    scopes: tuple[str, ...] = ()
    basket_scopes: tuple[Ints, ...] = ()
    seasonal: Purchases | None = None
    click_weight: Doubles | None = None
    purchase_weight: float = 1.0
    looks: tuple[Space, ...] = ()

    @property
    def purchases(self) -> Purchases:
        """Every line of every basket."""
        lines = np.diff(self.basket_ptr)
        return Purchases(
            self.basket_items, np.repeat(self.basket_at, lines), np.repeat(self.buyers, lines),
            self.basket_quantity, np.repeat(np.arange(lines.size, dtype=np.int64), lines),
        )  # fmt: skip

    @property
    def buyers(self) -> Ints:
        """Number of each basket's buyer, -1 where nobody knows."""
        return np.full(self.basket_at.size, -1, np.int32) if self.basket_buyer is None else self.basket_buyer

    @property
    def clicks_count(self) -> Doubles:
        """How much each click counts."""
        return np.ones(self.session_items.size) if self.click_weight is None else self.click_weight

    def check(self) -> None:
        """Raise InvalidInput, naming the field, when arrays do not fit each other."""
        sessions, baskets, n = self.session_ptr.size - 1, self.basket_ptr.size - 1, len(self.item_ids)
        expected: dict[str, tuple[NDArray[Any], int]] = {
            "session_items": (self.session_items, int(self.session_ptr[-1])),
            "session_end": (self.session_end, sessions),
            "session_market": (self.session_market, sessions),
            "click_weight": (self.clicks_count, self.session_items.size),
            "basket_items": (self.basket_items, int(self.basket_ptr[-1])),
            "basket_quantity": (self.basket_quantity, int(self.basket_ptr[-1])),
            "basket_at": (self.basket_at, baskets),
            "basket_market": (self.basket_market, baskets),
            "basket_buyer": (self.buyers, baskets),
            **{f"basket_scopes[{at}]": (codes, baskets) for at, codes in enumerate(self.basket_scopes)},
            "facts.category": (self.facts.category, n),
            "facts.price": (self.facts.price, n),
            **{
                f"looks[{at}]": (one.vectors, one.items.size * one.vectors.shape[1])
                for at, one in enumerate(self.looks)
            },
        }
        for name, (array, size) in expected.items():
            if array.size != size:
                raise InvalidInput(name, f"has {array.size} entries, not {size}")
        if (np.diff(self.session_end) < 0).any():
            raise InvalidInput("session_end", "sessions must come in the order of their ends")
        if len(self.facts.titles) != n:
            raise InvalidInput("facts.titles", f"has {len(self.facts.titles)} entries, not {n}")


@dataclass(frozen=True, slots=True)
class BuildParams:
    """How a build is done.

    Attributes
    ----------
    tune_seconds
        Time for the tuner; 0 keeps `session`.
    session
        Parameters of the session model when it is not tuned.
    validation_share
        Part of the sessions, at the end, that judges.
    """

    tune_seconds: float = 60.0
    session: SessionParams = field(default_factory=SessionParams)
    validation_share: float = 0.1
    seed: int = 1
    threads: int = 2


def version_name(at: int) -> str:
    """Return a name for a version built at a moment: sorted by time, readable, unique."""
    return f"{to_datetime(at):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"


def build_model(
    inputs: TrainingData,
    folder: Path,
    params: BuildParams = BuildParams(),
    *,
    now: int,
    version: str | None = None,
    progress: Progress = no_progress,
    timer: Callable[[], float] = time.perf_counter,
) -> ModelMeta:
    """Learn every model and write one version into the models folder; `publish` is the caller's.

    Parameters
    ----------
    now
        The moment that ages are counted from, microseconds.

    Returns
    -------
    ModelMeta
        With metrics: `validation_hit_rate`, `validation_reciprocal_rank` (HR@20 and MRR@20 on the last
        sessions, by a model of those before), `coverage`, `build_seconds`, `settings_tried`.
    """
    inputs.check()
    began = timer()
    n = len(inputs.item_ids)
    session_params, metrics = _judge(inputs, params, progress)
    progress("index sessions", 0, None)
    sessions = SessionModel.fit(*_pairs(inputs.session_ptr, inputs.session_items), n, session_params)
    arrays: dict[str, NDArray[Any]] = {**pack_texts("ids", inputs.item_ids), **_session_arrays(sessions)}
    baskets = index_baskets(inputs.basket_ptr, inputs.basket_items, inputs.basket_quantity, n)
    arrays |= {"basket_item_ptr": baskets.item_ptr, "basket_postings": baskets.postings}
    words = weigh_words(inputs.facts.titles, inputs.facts.descriptions)
    arrays |= pack_words(words) | pack_spaces(inputs.looks)
    relations = _relations(inputs, sessions.static, baskets, words, progress)
    arrays["similar_unit"] = np.array([relations["similar"].unit])
    for name, relation in relations.items():
        arrays |= {
            f"{name}_ptr": relation.ptr,
            f"{name}_items": relation.items,
            f"{name}_scores": relation.scores,
        }
    arrays |= _popularity(inputs, now)
    arrays |= _scoped(inputs, arrays["popular"], now)
    arrays["repurchase_days"] = repurchase_days(
        inputs.basket_ptr, inputs.basket_items, inputs.basket_quantity, inputs.basket_at, inputs.buyers,
        inputs.facts.category,
    )  # fmt: skip
    metrics["build_seconds"] = round(timer() - began, 3)
    meta = ModelMeta(
        version=version or version_name(now),
        created=now,
        trained_until=_last_moment(inputs),
        items=n,
        sessions=sessions.static.n_sessions,
        clicks=int(inputs.session_items.size),
        baskets=inputs.basket_ptr.size - 1,
        markets=inputs.markets,
        params=session_params.as_dict(),
        metrics=metrics,
    )
    progress("write", 0, None)
    return write_version(folder, meta, arrays)


def _last_moment(inputs: TrainingData) -> int:
    return int(max(inputs.session_end.max(initial=0), inputs.basket_at.max(initial=0)))


def _pairs(session_ptr: Longs, items: Ints) -> tuple[Longs, Ints]:
    """Leave out the sessions of a single click: they lead nowhere, and would use up the budget of a query."""
    lengths = np.diff(session_ptr)
    if lengths.size == 0 or lengths.min() > 1:
        return session_ptr, items
    kept = np.repeat(lengths > 1, lengths)
    ptr = np.zeros(int((lengths > 1).sum()) + 1, np.int64)
    np.cumsum(lengths[lengths > 1], out=ptr[1:])
    return ptr, np.ascontiguousarray(items[kept])


def _judge(
    inputs: TrainingData, params: BuildParams, progress: Progress
) -> tuple[SessionParams, dict[str, float]]:
    """Choose the session parameters and measure them on the last sessions."""
    n = len(inputs.item_ids)
    session_ptr, items = _pairs(inputs.session_ptr, inputs.session_items)
    sessions = session_ptr.size - 1
    if sessions < 2:
        return params.session, {}
    tuned: Tuned | None = None
    if params.tune_seconds > 0 and sessions >= FEWEST_TO_TUNE:
        tuned = tune(
            session_ptr, items, n, seconds=params.tune_seconds,
            share=params.validation_share, seed=params.seed, threads=params.threads, progress=progress,
        )  # fmt: skip
    chosen = tuned.params if tuned else params.session
    first = split_tail(session_ptr, params.validation_share)
    clicks = session_ptr[first]
    past = SessionModel.fit(session_ptr[: first + 1], items[:clicks], n, chosen)
    prefixes = prefixes_of(session_ptr[first:] - clicks, items[clicks:])
    if prefixes.targets.size > MEASURED_PREFIXES:
        rows = np.random.default_rng(params.seed).choice(
            prefixes.targets.size, MEASURED_PREFIXES, replace=False
        )
        prefixes = prefixes.take(np.sort(rows))
    answers = answer_many(past, prefixes, threads=params.threads)
    accuracy = accuracy_of(answers, prefixes.targets)
    return chosen, {
        "validation_hit_rate": accuracy.hit_rate,
        "validation_reciprocal_rank": accuracy.reciprocal_rank,
        "validation_prefixes": float(prefixes.targets.size),
        "coverage": float(np.unique(answers[answers >= 0]).size / max(n, 1)),
        "settings_tried": float(tuned.tried if tuned else 0),
        "tune_seconds": round(tuned.seconds, 3) if tuned else 0.0,
    }


def _session_arrays(model: SessionModel) -> dict[str, NDArray[Any]]:
    return {
        "session_item_ptr": model.static.item_ptr,
        "session_postings": model.static.postings,
        "session_ptr": model.static.session_ptr,
        "session_items": model.static.session_items,
        "session_factors": model.factors,
        "session_rarity": model.rarity,
    }


def _relations(
    inputs: TrainingData,
    sessions: SessionIndex,
    baskets: SessionIndex,
    words: WeighedWords,
    progress: Progress,
) -> dict[str, Related]:
    facts = inputs.facts
    return {
        "viewed": relate(sessions, co_view_params(), progress=progress, label="viewed together"),
        "bought": bought_together(baskets, facts.group, progress=progress),
        "completing": complementary(baskets, facts.category, facts.group, progress=progress),
        "completing_views": complementary(sessions, facts.category, facts.group, progress=progress),
        "lifted": lifted(baskets, facts.group, progress=progress),
        "similar": similar_products(facts, words, progress=progress),
        "looks": look_alikes(inputs.looks, facts.group, len(inputs.item_ids), progress=progress),
    }


def _popularity(inputs: TrainingData, now: int) -> dict[str, NDArray[Any]]:
    n = len(inputs.item_ids)
    lengths, lines = np.diff(inputs.session_ptr), np.diff(inputs.basket_ptr)
    views = Happenings(
        inputs.session_items,
        np.repeat(inputs.session_end, lengths),
        np.repeat(inputs.session_market, lengths),
        inputs.clicks_count,
    )
    purchases = Happenings(
        inputs.basket_items,
        np.repeat(inputs.basket_at, lines),
        np.repeat(inputs.basket_market, lines),
        inputs.basket_quantity.astype(np.float64),
    )
    by_market: Sequence[Floats] = [
        popular_scores(views, purchases, n, now, market, worth=inputs.purchase_weight)
        for market in range(len(inputs.markets))
    ]
    return {
        "popular": popular_scores(views, purchases, n, now, worth=inputs.purchase_weight),
        "popular_by_market": np.array(by_market, np.float32).reshape(len(inputs.markets), n),
        "trending": trending_scores(views, n, now),
    }


def _scoped(inputs: TrainingData, popular: Floats, now: int) -> dict[str, NDArray[Any]]:
    """Return the bestsellers of every scope, and of this time of the year."""
    lines = np.diff(inputs.basket_ptr)
    codes = [np.repeat(codes, lines) for codes in inputs.basket_scopes]
    bought = inputs.purchases
    names, rows = scoped_bestsellers(inputs.scopes, codes, bought, len(inputs.item_ids), now)
    season = season_scores(inputs.seasonal or bought, popular, inputs.facts.category, now)
    if season.any():
        found = np.flatnonzero(season > 0).astype(np.int32)
        names.append(SEASON)
        rows.append(best_of_scope(found, season[found].astype(np.float64)))
    return {**pack_texts("scope_names", names), **as_arrays(rows)}
