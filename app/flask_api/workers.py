"""Threads with a bounded queue before them: one without a bound turns overload into a late answer for all."""

import logging
import threading
from collections import OrderedDict
from queue import SimpleQueue
from typing import Protocol

from flask_api.logs import describe_exception, log


class Job(Protocol):
    def run(self) -> None: ...


class Workers:
    def __init__(self, name: str, threads: int, queue_size: int) -> None:
        self.threads, self.queue_size = threads, queue_size
        self._busy = 0
        self._lock = threading.Lock()
        self._begun: SimpleQueue[Job] = SimpleQueue()
        self._waiting: OrderedDict[Job, None] = OrderedDict()
        for number in range(threads):
            threading.Thread(target=self._work, name=f'{name}-{number}', daemon=True).start()

    @property
    def in_flight(self) -> int:
        return self._busy

    @property
    def queued(self) -> int:
        return len(self._waiting)

    def submit(self, job: Job) -> bool:
        """False where the queue is full. Each job is submitted once."""
        with self._lock:
            if self._busy >= self.threads:
                if len(self._waiting) >= self.queue_size:
                    return False
                self._waiting[job] = None
                return True
            self._busy += 1
        self._begun.put(job)
        return True

    def withdraw(self, job: Job) -> bool:
        """True where the job was still waiting: no thread will ever run it."""
        with self._lock:
            return self._waiting.pop(job, job) is None

    def _work(self) -> None:
        while True:
            job: Job | None = self._begun.get()
            while job is not None:
                try:
                    job.run()
                except Exception as error:
                    # The thread outlives it.
                    log(logging.CRITICAL, 'a job failed', **describe_exception(type(error), error.__traceback__))
                job = self._take_next()

    def _take_next(self) -> Job | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popitem(last=False)[0]
            self._busy -= 1
            return None
