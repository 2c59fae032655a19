"""Work in a thread of its own: begun once, done again and again, ended."""

import threading

from expedit.storage import Repeating


def test_work_is_done_until_it_is_closed():
    done = threading.Semaphore(0)
    repeating = Repeating("test-work", done.release, 0.001)
    repeating.start()
    repeating.start()
    assert [one.name for one in threading.enumerate()].count("test-work") == 1
    assert all(done.acquire(timeout=10) for _ in range(3))
    assert repeating.close()
    assert "test-work" not in [one.name for one in threading.enumerate()]
    assert not repeating.close()


def test_what_was_not_foreseen_ends_nothing():
    done = threading.Semaphore(0)

    def work():
        done.release()
        raise RuntimeError("unforeseen")

    repeating = Repeating("test-work", work, 0.001)
    repeating.start()
    assert all(done.acquire(timeout=10) for _ in range(3))
    assert repeating.close()


def test_closing_waits_for_what_is_under_way_and_long_work_can_see_it():
    begun, ended = threading.Event(), []

    def work():
        begun.set()
        ended.append(repeating.stopping.wait(10))

    repeating = Repeating("test-work", work, 0.001)
    repeating.start()
    assert begun.wait(10)
    repeating.close()
    assert ended == [True]
