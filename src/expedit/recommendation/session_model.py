"""The session model: what did the sessions most like this one look at besides?

Nearest neighbors over sessions, weighted by the position and rarity of what is shared, the age and the
length of the neighbor, and the candidate's rarity and distance from the shared item (VSTAN: Ludewig et al.
2021). The loops are in `kernels`.
"""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from expedit.recommendation.arrays import MAX_SESSION, Floats, Ints, Longs
from expedit.recommendation.compiled import session_kernels

MAX_RESULTS = 500


@dataclass(frozen=True, slots=True)
class SessionParams:
    """What a shop tunes; the best values differ from shop to shop. A scale of 0 switches its decay off.

    Parameters
    ----------
    spw
        Scale, in clicks, of the running session's items by their distance from its end.
    snh
        Scale of the neighbor's age, in units of the sessions trained on.
    inh
        Scale, in clicks, of the distance between candidate and shared item inside the neighbor.
    ipw
        Scale, in clicks, of the distance of the last shared item from the running session's end.
    idf
        How much a rare candidate gains: its score is multiplied by 1 + idf · ln(sessions / sessions with it).
    sidf
        How much a rare shared item says: its weight is multiplied by 1 + sidf · ln(sessions / with it).
    back
        What a candidate counts that the neighbor saw before the shared item; 1 is as much as one after it.
    alpha
        A neighbor of n clicks counts n^-alpha.
    k
        Neighbors that score.
    m
        Budget: item-session pairs that are read to find them.
    maxlen
        Clicks of the running session that are looked at, from its end.
    """

    spw: float = 5.0
    snh: float = 0.8
    inh: float = 4.0
    ipw: float = 1.0
    idf: float = 1.0
    sidf: float = 1.0
    back: float = 0.75
    alpha: float = 0.1
    k: int = 300
    m: int = 2500
    maxlen: int = 10

    def __post_init__(self) -> None:
        for name in ("spw", "snh", "inh", "ipw", "idf", "sidf", "back", "alpha"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise ValueError(f"{name}: must be a number of 0 or more, not {value!r}")
        for name in ("k", "m", "maxlen"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be 1 or more, not {getattr(self, name)!r}")

    def as_dict(self) -> dict[str, float | int]:
        """Return the values by name, as they are written to `meta.json`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, float]) -> "SessionParams":
        """Read what `as_dict` wrote; unknown names are refused, missing ones keep their default."""
        known = {field.name: field.type for field in fields(cls)}
        if unknown := sorted(set(values) - set(known)):
            raise ValueError(f"{unknown[0]}: no such parameter of the session model")
        whole = ("k", "m", "maxlen")
        return cls(**{name: int(value) if name in whole else float(value) for name, value in values.items()})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class SessionIndex:
    """Sessions, numbered from the oldest, and for every item the sessions that hold it.

    Attributes
    ----------
    item_ptr, postings
        int64[n_items + 1] and int32: the session numbers of item i, newest first, without repeats.
    session_ptr, session_items
        int64[n_sessions + 1] and int32: the items of session s in the order of the clicks.
    """

    item_ptr: Longs
    postings: Ints
    session_ptr: Longs
    session_items: Ints

    @property
    def n_items(self) -> int:
        """Number of items, seen or not."""
        return self.item_ptr.size - 1

    @property
    def n_sessions(self) -> int:
        """Number of sessions."""
        return self.session_ptr.size - 1

    @property
    def n_clicks(self) -> int:
        """Number of clicks kept."""
        return int(self.session_items.size)

    @property
    def nbytes(self) -> int:
        """Size of the four arrays."""
        return (
            self.item_ptr.nbytes + self.postings.nbytes + self.session_ptr.nbytes + self.session_items.nbytes
        )


def keep_last_clicks(session_ptr: Longs, items: Ints, limit: int = MAX_SESSION) -> tuple[Longs, Ints]:
    """Cut every session to its last `limit` clicks; without a longer one the arrays come back as they are."""
    lengths = np.diff(session_ptr)
    if lengths.size == 0 or lengths.max() <= limit:
        return session_ptr, items
    kept = np.minimum(lengths, limit)
    position_from_end = np.repeat(session_ptr[1:], lengths) - np.arange(items.size)
    pointers = np.zeros_like(session_ptr)
    np.cumsum(kept, out=pointers[1:])
    return pointers, np.ascontiguousarray(items[position_from_end <= limit])


def build_index(session_ptr: Longs, items: Ints, n_items: int) -> SessionIndex:
    """Index sessions that are given from the oldest to the newest.

    Parameters
    ----------
    session_ptr
        int64[n_sessions + 1], offsets into `items`.
    items
        int32, item indices in 0…n_items-1.

    Raises
    ------
    ValueError
        The offsets do not fit the items, or an item is out of range.
    """
    pointers = np.ascontiguousarray(session_ptr, dtype=np.int64)
    clicks = np.ascontiguousarray(items, dtype=np.int32)
    if pointers.size == 0 or pointers[0] != 0 or pointers[-1] != clicks.size or (np.diff(pointers) < 0).any():
        raise ValueError("session_ptr: must rise from 0 to the number of clicks")
    if clicks.size and (clicks.min() < 0 or clicks.max() >= n_items):
        raise ValueError(f"items: must lie in 0…{n_items - 1}")
    pointers, clicks = keep_last_clicks(pointers, clicks)
    item_ptr = np.zeros(n_items + 1, dtype=np.int64)
    seen = np.full(n_items, -1, dtype=np.int32)
    session_kernels().count_postings(pointers, clicks, seen, item_ptr)
    np.cumsum(item_ptr, out=item_ptr)
    postings = np.empty(int(item_ptr[-1]), dtype=np.int32)
    seen.fill(-1)
    session_kernels().fill_postings(pointers, clicks, seen, item_ptr[:-1].copy(), postings)
    return SessionIndex(item_ptr, postings, pointers, clicks)


def empty_index(n_items: int) -> SessionIndex:
    """Return an index of no sessions."""
    nothing = np.empty(0, dtype=np.int32)
    return SessionIndex(np.zeros(n_items + 1, np.int64), nothing, np.zeros(1, np.int64), nothing)


def session_factors(index: SessionIndex, params: SessionParams, first: int = 0, span: int = 0) -> Floats:
    """Return each session's static weight: decay by age times length^-alpha.

    Parameters
    ----------
    first
        Number of the index's first session, for sessions that follow a static index.
    span
        Sessions of the training span, the unit of age; 0 stands for those of this index.
    """
    unit = max(span or index.n_sessions, 1)
    age = (unit - first - np.arange(index.n_sessions)) / unit
    lengths = np.maximum(np.diff(index.session_ptr), 1).astype(np.float64)
    factors = lengths**-params.alpha
    if params.snh > 0:
        factors *= np.exp(-age / params.snh)
    return factors.astype(np.float32)


def item_rarity(index: SessionIndex, params: SessionParams) -> Floats:
    """Return 1 + idf · ln(sessions / sessions with the item), 1 for items without any."""
    counts = np.maximum(np.diff(index.item_ptr), 1)
    return (1.0 + params.idf * np.log(max(index.n_sessions, 1) / counts)).astype(np.float32)


class Scratch:
    """The working memory of one thread, made once and left clean by every query."""

    __slots__ = ("arrays", "because", "items", "k", "m", "maxlen", "scores")

    def __init__(self, params: SessionParams, limit: int = MAX_RESULTS) -> None:
        self.k, self.m, self.maxlen = params.k, params.m, params.maxlen
        candidates = params.k * MAX_SESSION
        self.arrays: tuple[Any, ...] = (
            *(np.empty(params.maxlen, np.int32) for _ in range(2)),
            np.empty(MAX_SESSION, np.float64),
            *_table(params.m),
            *_entries(params.m, np.int32, np.float64, np.int32, np.int32, np.int32),
            *_table(candidates),
            *_entries(candidates, np.int32, np.float64, np.float64, np.int32, np.int32),
        )
        self.items = np.empty(limit, np.int32)
        self.scores = np.empty(limit, np.float32)
        self.because = np.empty(limit, np.int32)

    def fits(self, params: SessionParams) -> bool:
        """Whether the memory is large enough for these parameters."""
        return self.k >= params.k and self.m >= params.m and self.maxlen >= params.maxlen


def _table(entries: int) -> tuple[Ints]:
    """A hash table at most half full."""
    return (np.zeros(1 << max(4, (2 * entries - 1).bit_length()), np.int32),)


def _entries(size: int, *dtypes: type) -> tuple[np.ndarray, ...]:
    return tuple(np.empty(size, dtype) for dtype in dtypes)


@dataclass(frozen=True, slots=True)
class Neighbors:
    """Items with their scores, best first, and for each the item that spoke loudest for it.

    Attributes
    ----------
    items, scores, because
        int32, float32 and int32 of one length; `because` is -1 where nothing in particular spoke.
    """

    items: Ints
    scores: Floats
    because: Ints


_scratch = threading.local()


def _scratch_for(params: SessionParams) -> Scratch:
    """Return this thread's working memory, larger than before when the parameters ask for it."""
    scratch: Scratch | None = getattr(_scratch, "kept", None)
    if scratch is None or not scratch.fits(params):
        scratch = _scratch.kept = Scratch(params)
    return scratch


@dataclass(frozen=True, slots=True)
class SessionModel:
    """A static index, the sessions since, and the parameters: all that a query reads, never changed."""

    static: SessionIndex
    factors: Floats
    rarity: Floats
    params: SessionParams
    recent: SessionIndex
    recent_factors: Floats

    @classmethod
    def fit(cls, session_ptr: Longs, items: Ints, n_items: int, params: SessionParams) -> "SessionModel":
        """Index the sessions (oldest first) and compute the static weights."""
        return cls.over(build_index(session_ptr, items, n_items), params)

    @classmethod
    def over(cls, index: SessionIndex, params: SessionParams) -> "SessionModel":
        """Put the parameters over an index that is there already."""
        return cls(
            index,
            session_factors(index, params),
            item_rarity(index, params),
            params,
            empty_index(index.n_items),
            np.empty(0, np.float32),
        )

    def with_recent(self, recent: SessionIndex) -> "SessionModel":
        """Return the model with these sessions after the static ones, in place of any it had."""
        first = self.static.n_sessions
        factors = session_factors(recent, self.params, first=first, span=max(first, recent.n_sessions))
        return replace(self, recent=recent, recent_factors=factors)

    def arrays(self) -> tuple[Any, ...]:
        """Return the arguments of the kernels that come from the model."""
        p = self.params
        static, recent = self.static, self.recent
        return (
            static.item_ptr, static.postings, static.session_ptr, static.session_items, self.factors,
            recent.item_ptr, recent.postings, recent.session_ptr, recent.session_items, self.recent_factors,
            self.rarity, np.array([p.spw, p.inh, p.ipw, p.back, p.sidf, p.k, p.m, p.maxlen], np.float64),
        )  # fmt: skip

    def query(self, running: Ints, limit: int = 100) -> Neighbors:
        """Foretell what follows a running session.

        Parameters
        ----------
        running
            int32, item indices, oldest first; -1 for products that the model does not know.
        limit
            Most items to return, at most `MAX_RESULTS`.
        """
        scratch = _scratch_for(self.params)
        items, scores = scratch.items[:limit], scratch.scores[:limit]
        because = scratch.because[:limit]
        arguments: tuple[Any, ...] = (running, *self.arrays(), *scratch.arrays, items, scores, because)
        size = session_kernels().query_sessions(*arguments)
        return Neighbors(items[:size].copy(), scores[:size].copy(), because[:size].copy())
