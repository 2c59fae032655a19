"""How many events are let in follows what one costs, and how long the slowest of late had to wait."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from expedit.tracking.room import Room


class Hands:
    """A monotonic clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_is_what_can_be_stored_in_the_wait() -> None:
    hands = Hands()
    room = Room(0.075, hands)
    for _ in range(50):
        hands.now += 0.02
        room.learn(trip=0.0001, took=0.001 * room.size, stored=int(room.size), inside=int(room.size))
    assert 55 <= room.size <= 65
    for _ in range(50):
        hands.now += 0.02
        room.learn(trip=0.0001, took=0.0001 * room.size, stored=int(room.size), inside=int(room.size))
    assert 550 <= room.size <= 650


def test_it_shrinks_at_once_when_somebody_waited_too_long_and_grows_back_slowly() -> None:
    def size(room: Room) -> int:
        for _ in range(30):
            room.learn(trip=0.0001, took=0.04, stored=100, inside=5_000)
        return round(room.size)

    room = Room(0.1, clock=lambda: 0.0)
    assert size(room) == 200
    room.felt(0.11)
    assert size(room) == 180
    for _ in range(10):
        room.felt(0.09)
    assert size(room) == 199
    for _ in range(2):
        room.felt(0.09)
    assert size(room) == 200  # and no further


def test_what_is_not_used_is_given_back() -> None:
    room = Room(0.06, Hands())
    for _ in range(100):
        room.learn(trip=0.0001, took=0.2, stored=40, inside=int(room.size))
    assert room.size < 100
    room.learn(trip=0.0001, took=0.02, stored=3, inside=3)
    assert room.size == 120


def test_a_slow_database_is_not_taken_for_a_flood() -> None:
    hands = Hands()
    room = Room(0.06, hands)
    for _ in range(60):
        hands.now += 0.7
        room.felt(0.8)
        room.learn(trip=0.04, took=0.7, stored=int(room.size), inside=int(room.size))
    assert room.size > 120


@given(
    st.lists(
        st.tuples(
            st.floats(0, 10),
            st.floats(1e-6, 30),
            st.integers(1, 300),
            st.integers(0, 6_000),
            st.floats(0, 60),
        ),
        max_size=60,
    )
)
def test_somebody_is_always_let_in(groups: list[tuple[float, float, int, int, float]]) -> None:
    room = Room(0.06, clock=lambda: 0.0)
    for trip, took, stored, inside, waited in groups:
        room.felt(waited)
        room.learn(trip, took, stored, inside)
        assert 25 <= room.size <= 5_000
