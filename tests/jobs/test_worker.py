"""Jobs run when due, once, whoever works."""

import threading

import pytest

from expedit.core import MINUTE, SECOND, NotFound, Progress, no_progress
from expedit.features import Job
from expedit.jobs import Worker, ask_for, job_states, run_now
from expedit.jobs.schedule import LEASE, schedule
from expedit.storage import Shop
from tests.conftest import StandingClock


def job(name: str, done: list[str], every: float = 60) -> Job:
    def run(shop: Shop, progress: Progress) -> None:
        done.append(name)

    return Job(name, lambda settings: every, run)


def test_a_job_is_due_after_its_interval_and_again(shop: Shop, shop_clock: StandingClock) -> None:
    done: list[str] = []
    work = job("seal", done)
    with shop.database.writing() as tx:
        schedule(tx, "seal", 60, shop_clock())
    worker = Worker(shop, [work])
    assert worker.step() is None
    shop_clock.advance(MINUTE)
    assert worker.step() == "seal"
    assert worker.step() is None
    shop_clock.advance(MINUTE)
    assert worker.step() == "seal"
    assert done == ["seal", "seal"]


def test_asking_makes_it_due_at_once(shop: Shop, shop_clock: StandingClock) -> None:
    done: list[str] = []
    with shop.database.writing() as tx:
        ask_for(tx, "build", shop_clock())
    assert Worker(shop, [job("build", done, 3600)]).step() == "build"
    (state,) = job_states(shop.database, shop_clock())
    assert (state.due, state.error, state.running) == (shop_clock() + 3600 * SECOND, None, False)


def test_a_failure_is_recorded_and_the_worker_goes_on(shop: Shop, shop_clock: StandingClock) -> None:
    def fail(shop: Shop, progress: Progress) -> None:
        raise ValueError("no luck")

    done: list[str] = []
    with shop.database.writing() as tx:
        ask_for(tx, "bad", shop_clock() - 1)
        ask_for(tx, "good", shop_clock())
    worker = Worker(shop, [Job("bad", lambda settings: 60, fail), job("good", done)])
    assert (worker.step(), worker.step()) == ("bad", "good")
    states = {state.name: state for state in job_states(shop.database, shop_clock())}
    assert states["bad"].error == "ValueError: no luck"
    assert states["good"].error is None


def test_two_workers_never_do_the_same_job_at_once(shop: Shop, shop_clock: StandingClock) -> None:
    started, go = threading.Event(), threading.Event()

    def slow(shop: Shop, progress: Progress) -> None:
        started.set()
        assert go.wait(20)

    with shop.database.writing() as tx:
        ask_for(tx, "slow", shop_clock())
    jobs = [Job("slow", lambda settings: 60, slow)]
    first = threading.Thread(target=Worker(shop, jobs).step)
    first.start()
    assert started.wait(20)
    try:
        assert Worker(shop, jobs).step() is None
        (state,) = job_states(shop.database, shop_clock())
        assert state.running
    finally:
        go.set()
        first.join()


def test_a_dead_workers_job_is_taken_over(shop: Shop, shop_clock: StandingClock) -> None:
    done: list[str] = []
    with shop.database.writing() as tx:
        ask_for(tx, "seal", shop_clock())
        tx.run("UPDATE jobs SET leased_by = 'dead', leased_until = ?", (shop_clock() + LEASE,))
    worker = Worker(shop, [job("seal", done)])
    assert worker.step() is None
    shop_clock.advance(LEASE)
    assert worker.step() == "seal"


def test_run_now_names_what_is_known(sqlite_shop: Shop) -> None:
    done: list[str] = []
    run_now(sqlite_shop, [job("seal", done)], "seal", no_progress)
    assert done == ["seal"]
    with pytest.raises(NotFound, match="known are: seal"):
        run_now(sqlite_shop, [job("seal", done)], "sael")
