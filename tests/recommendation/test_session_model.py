"""The compiled session model: known answers, a slow reference, read-only arrays, appended sessions."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.recommendation import kernels
from expedit.recommendation.session_model import (
    MAX_SESSION,
    Scratch,
    SessionModel,
    SessionParams,
    build_index,
    keep_last_clicks,
)
from tests.recommendation.slow_reference import score_slowly
from tests.recommendation.small_shop import flat

PLAIN = SessionParams(spw=0, snh=0, inh=0, ipw=0, idf=0, sidf=0, back=1, alpha=0)


def answer(model: SessionModel, running: list[int], limit: int = 500) -> list[tuple[int, float, int]]:
    found = model.query(np.array(running, np.int32), limit)
    return list(zip(found.items.tolist(), found.scores.tolist(), found.because.tolist(), strict=True))


def test_the_index_lists_sessions_newest_first_without_repeats() -> None:
    index = build_index(*flat([[0, 1, 0], [2], [1, 2]]), 4)
    assert index.item_ptr.tolist() == [0, 1, 3, 5, 5]
    assert index.postings.tolist() == [0, 2, 0, 2, 1]
    assert (index.n_items, index.n_sessions, index.n_clicks) == (4, 3, 6)


def test_plain_counts_on_a_checkerboard() -> None:
    """Even items are seen with even ones only, odd ones with odd ones: no answer crosses over."""
    sessions = [[a, b] for a in range(6) for b in range(6) if a != b and a % 2 == b % 2]
    model = SessionModel.fit(*flat(sessions), 6, PLAIN)
    assert {item for item, _, _ in answer(model, [0])} == {0, 2, 4}
    assert {item for item, _, _ in answer(model, [3])} == {1, 3, 5}
    # Item 0 is in four sessions with 0 itself, two of them with 2 and two with 4.
    assert answer(model, [0]) == [(0, 4.0, 0), (2, 2.0, 0), (4, 2.0, 0)]


def test_what_came_after_counts_more_than_what_came_before() -> None:
    model = SessionModel.fit(*flat([[1, 0, 2]]), 3, SessionParams(back=0.5, inh=0, idf=0, sidf=0, snh=0))
    scores = {item: score for item, score, _ in answer(model, [0])}
    assert scores[2] == pytest.approx(2 * scores[1])


def test_the_loudest_shared_item_is_the_reason() -> None:
    model = SessionModel.fit(*flat([[0, 2], [1, 3]]), 4, SessionParams(snh=0))
    reasons = {item: because for item, _, because in answer(model, [0, 1])}
    assert reasons == {0: 0, 2: 0, 1: 1, 3: 1}


def test_unknown_and_empty_sessions_are_answered_with_nothing() -> None:
    model = SessionModel.fit(*flat([[0, 1], [1, 2]]), 3, SessionParams())
    assert answer(model, []) == []
    assert answer(model, [-1, 7]) == []


def test_a_long_session_keeps_its_last_clicks() -> None:
    ptr, items = keep_last_clicks(*flat([[9], list(range(8)), [1, 2]]), limit=3)
    assert ptr.tolist() == [0, 1, 4, 6]
    assert items.tolist() == [9, 5, 6, 7, 1, 2]


@pytest.mark.parametrize(
    ("ptr", "items", "complaint"),
    [
        ([0, 2], [0, 5], "items: must lie in 0…2"),
        ([0, 2], [0, -1], "items: must lie in 0…2"),
        ([0, 3], [0, 1], "session_ptr"),
        ([0, 2, 1, 2], [0, 1], "session_ptr"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(ptr: list[int], items: list[int], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        build_index(np.array(ptr, np.int64), np.array(items, np.int32), 3)


def test_parameters_name_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="spw"):
        SessionParams(spw=-1)
    with pytest.raises(ValueError, match="k: must be 1 or more"):
        SessionParams(k=0)
    with pytest.raises(ValueError, match="speed: no such parameter"):
        SessionParams.from_dict({"speed": 3})
    params = SessionParams(spw=2.5, k=7)
    assert SessionParams.from_dict(params.as_dict()) == params


N_ITEMS = 8
session_lists = st.lists(
    st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=7), min_size=1, max_size=25
)
scales = st.sampled_from([0.0, 0.7, 3.0])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sessions=session_lists,
    running=st.lists(st.integers(-1, N_ITEMS), max_size=6),
    share=st.floats(0, 1),
    values=st.fixed_dictionaries(
        {
            "spw": scales, "snh": scales, "inh": scales, "ipw": scales, "idf": scales, "sidf": scales,
            "back": st.sampled_from([0.3, 1.0]), "alpha": st.sampled_from([0.0, 0.4]),
            "k": st.integers(1, 12), "m": st.integers(1, 40), "maxlen": st.integers(1, 6),
        }
    ),
)  # fmt: skip
def test_the_kernel_equals_the_slow_reference(
    sessions: list[list[int]], running: list[int], share: float, values: dict[str, Any]
) -> None:
    """Whatever part of the sessions came after the build."""
    params = SessionParams(**values)
    static = max(1, round(share * len(sessions)))
    model = SessionModel.fit(*flat(sessions[:static]), N_ITEMS, params)
    model = model.with_recent(build_index(*flat(sessions[static:]), N_ITEMS))
    expected = score_slowly(sessions, running, N_ITEMS, params, static)
    got = {item: score for item, score, _ in answer(model, running)}
    assert set(got) == set(expected)
    for item, score in expected.items():
        assert got[item] == pytest.approx(score, rel=1e-5, abs=1e-9)


def test_the_best_k_neighbors_speak() -> None:
    """With clearly different similarities, exactly the k most alike sessions count."""
    sessions = [[0, 10 + n] for n in range(6)] + [[0, 1, 20 + n] for n in range(3)]
    model = SessionModel.fit(
        *flat(sessions), 23, SessionParams(spw=0, snh=0, inh=0, ipw=0, idf=0, sidf=0, alpha=0, k=3)
    )
    assert {item for item, _, _ in answer(model, [0, 1])} == {0, 1, 20, 21, 22}
    newest = SessionModel.fit(*flat(sessions[:6]), 23, SessionParams(k=2, snh=0))
    assert {item for item, _, _ in answer(newest, [0])} == {0, 14, 15}


def test_the_budget_reads_the_newest_sessions_only() -> None:
    sessions = [[0, 1 + n] for n in range(10)]
    model = SessionModel.fit(*flat(sessions), 11, SessionParams(m=4))
    assert {item for item, _, _ in answer(model, [0])} == {0, 7, 8, 9, 10}


def test_the_best_n_are_the_same_however_many_are_asked_for() -> None:
    rng = np.random.default_rng(5)
    sessions = [rng.integers(0, 60, rng.integers(2, 8)).tolist() for _ in range(400)]
    model = SessionModel.fit(*flat(sessions), 60, SessionParams())
    everything = answer(model, [3, 9, 27])
    assert len(everything) > 20
    assert everything == sorted(everything, key=lambda entry: (-entry[1], entry[0]))
    assert answer(model, [3, 9, 27], 20) == everything[:20]


def test_scratch_is_left_clean() -> None:
    rng = np.random.default_rng(6)
    sessions = [rng.integers(0, 30, 4).tolist() for _ in range(200)]
    model = SessionModel.fit(*flat(sessions), 30, SessionParams())
    once = answer(model, [1, 2, 3])
    for item in range(30):
        answer(model, [item, (item * 7) % 30])
    assert answer(model, [1, 2, 3]) == once


def test_memory_mapped_arrays_need_no_compilation(tmp_path: Path) -> None:
    sessions = [[0, 1], [1, 2], [2, 0, 1]]
    model = SessionModel.fit(*flat(sessions), 3, SessionParams())
    expected = answer(model, [0])
    mapped = []
    for number, array in enumerate(
        (model.static.item_ptr, model.static.postings, model.factors, model.rarity)
    ):
        np.save(tmp_path / f"{number}.npy", array)
        mapped.append(np.asarray(np.load(tmp_path / f"{number}.npy", mmap_mode="r")))
    assert not mapped[0].flags.writeable
    before = len(kernels.query_sessions.signatures)
    static = type(model.static)(mapped[0], mapped[1], model.static.session_ptr, model.static.session_items)
    frozen = type(model)(static, mapped[2], mapped[3], model.params, model.recent, model.recent_factors)
    assert answer(frozen, [0]) == expected
    assert len(kernels.query_sessions.signatures) == before == 1


def test_a_session_seen_once_since_the_build_helps_at_once() -> None:
    model = SessionModel.fit(*flat([[0, 1]] * 20), 4, SessionParams())
    assert 3 not in {item for item, _, _ in answer(model, [2])}
    fresh = model.with_recent(build_index(*flat([[2, 3]]), 4))
    assert [item for item, _, _ in answer(fresh, [2])] == [2, 3]


def test_scratch_grows_with_the_parameters() -> None:
    small = Scratch(SessionParams(k=10, m=100, maxlen=3))
    assert small.fits(SessionParams(k=10, m=100, maxlen=3))
    assert not small.fits(SessionParams(k=11, m=100, maxlen=3))
    assert MAX_SESSION == 50
