import threading
import time

from flask_api.workers import Workers


class Job:
    def __init__(self, act=lambda: None):
        self.act, self.done = act, threading.Event()

    def run(self):
        try:
            self.act()
        finally:
            self.done.set()


def occupy(workers):
    """A job that keeps a thread until the returned event is set."""
    go, begun = threading.Event(), threading.Event()

    def hold():
        begun.set()
        go.wait(10)

    assert workers.submit(Job(hold))
    assert begun.wait(5)
    return go


def test_the_queue_is_bounded_and_served_in_order():
    workers, order = Workers('test', 1, 3), []
    go = occupy(workers)
    jobs = [Job(lambda n=n: order.append(n)) for n in range(3)]
    assert all(workers.submit(job) for job in jobs)
    assert not workers.submit(Job())
    assert (workers.in_flight, workers.queued) == (1, 3)
    go.set()
    assert jobs[-1].done.wait(5)
    assert order == [0, 1, 2]
    end = time.monotonic() + 5
    while workers.in_flight and time.monotonic() < end:
        time.sleep(0.01)
    assert (workers.in_flight, workers.queued) == (0, 0)


def test_a_withdrawn_job_never_runs_and_one_that_runs_cannot_be_withdrawn():
    workers = Workers('test', 1, 3)
    go, job, last = occupy(workers), Job(), Job()
    assert workers.submit(job) and workers.submit(last)
    assert workers.withdraw(job) and not workers.withdraw(job)
    go.set()
    assert last.done.wait(5) and not job.done.is_set()
    assert not workers.withdraw(last)


def test_a_thread_outlives_a_job_that_fails():
    workers = Workers('test', 1, 1)
    for _ in range(3):
        job = Job(lambda: 1 / 0)
        assert workers.submit(job) and job.done.wait(5)
    last = Job()
    assert workers.submit(last) and last.done.wait(5)
