"""An interruption hits the job that was meant, inside it, or nothing."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from inspector.host.cancelling import Interruption


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    before = signal.getsignal(signal.SIGINT)
    interruption = Interruption()
    interruption.install()
    yield interruption
    signal.signal(signal.SIGINT, before)


def soon(interruption: Interruption, job: int, seconds: float = 0.05) -> threading.Timer:
    timer = threading.Timer(seconds, interruption.interrupt, (job,))
    timer.start()
    return timer


def test_that_a_sleep_and_an_endless_loop_end_at_once(interruption: Interruption) -> None:
    def loop() -> None:
        while True:
            pass

    for job, function in ((1, lambda: time.sleep(60)), (2, loop)):
        start = time.monotonic()
        timer = soon(interruption, job)
        with pytest.raises(KeyboardInterrupt):
            interruption.inside(job, function)
        assert time.monotonic() - start < 5
        timer.join()


def test_that_a_job_cancelled_before_it_begins_does_not_begin(interruption: Interruption) -> None:
    interruption.interrupt(3)
    with pytest.raises(KeyboardInterrupt):
        interruption.inside(3, pytest.fail, "the job began")


def test_that_the_next_job_is_not_hit_by_a_cancel_that_came_too_late(interruption: Interruption) -> None:
    assert interruption.inside(1, lambda: "done") == "done"
    interruption.interrupt(1)
    assert interruption.inside(2, lambda: time.sleep(0.05)) is None


def test_that_a_job_that_caught_the_first_cancel_can_be_cancelled_again(interruption: Interruption) -> None:
    def stubborn() -> None:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            timer = soon(interruption, 1)
            try:
                time.sleep(60)
            finally:
                timer.join()

    timer = soon(interruption, 1)
    with pytest.raises(KeyboardInterrupt):
        interruption.inside(1, stubborn)
    timer.join()


def test_that_an_inner_guard_leaves_the_outer_job_cancellable(interruption: Interruption) -> None:
    def job() -> None:
        interruption.inside(7, int)
        time.sleep(60)

    timer = soon(interruption, 1)
    with pytest.raises(KeyboardInterrupt):
        interruption.inside(1, job)
    timer.join()


def test_that_no_interruption_ever_leaves_the_job(interruption: Interruption) -> None:
    """Thousands of short jobs under a hail of cancels: each ends or is interrupted, never our own loop."""
    current, stop = 0, threading.Event()

    def hail() -> None:
        while not stop.is_set():
            interruption.interrupt(current)
            time.sleep(0.00005)

    def short() -> None:
        for _ in range(200):
            pass

    thread = threading.Thread(target=hail)
    thread.start()
    ended = interrupted = 0
    deadline = time.monotonic() + 1.0
    try:
        for current in range(1, 100_001):
            try:
                interruption.inside(current, short)
                ended += 1
            except KeyboardInterrupt:
                interrupted += 1
            if time.monotonic() > deadline:
                break
        assert ended + interrupted == current
        assert ended > 0
        assert interrupted > 0
    finally:
        stop.set()
        thread.join()


def test_that_the_signal_is_taken_back_from_the_persons_code(interruption: Interruption) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interruption.install()
    timer = soon(interruption, 1)
    with pytest.raises(KeyboardInterrupt):
        interruption.inside(1, time.sleep, 60)
    timer.join()


def test_that_a_forked_child_gets_pythons_own_handling_back(interruption: Interruption) -> None:
    interruption.give_up()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
