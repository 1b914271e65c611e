"""Runs both ports until a signal, then answers what has begun and ends."""

import asyncio
import logging
import resource
import signal
import socket
import time
from collections.abc import Callable

from flask_api.app import QUICK_ROUTES, create_app
from flask_api.door import SWEEP_SECONDS, Door, open_listener
from flask_api.logs import log
from flask_api.metrics import Metrics, create_metrics_app
from flask_api.model import Model
from flask_api.serving import Serving
from flask_api.settings import Settings
from flask_api.workers import Workers

MAX_CONNECTIONS = 1000
MAX_METRICS_CONNECTIONS = 50
QUICK_THREADS = 2
# Clients that have not heard of the end yet still connect; after this long without a request there are none.
QUIET_SECONDS = 1


def serve(settings: Settings, load: Callable[[], Model]) -> int:
    """Returns the exit code: 0 after everything begun was answered, else 1."""
    # First the limit: it decides how many connections there may be.
    wanted = max(MAX_CONNECTIONS, settings.threads + settings.queue_size + 200)
    max_connections = allow_connections(wanted)
    listeners: list[socket.socket] = []
    try:
        listeners += [open_listener(settings.port)]
        listeners += [open_listener(settings.metrics_port)]
    except OSError as error:
        for listener in listeners:
            listener.close()
        log(logging.ERROR, f'cannot listen on {settings.port} and {settings.metrics_port}: {error.strerror}')
        return 1

    async def run() -> int:
        serving, metrics, loop = Serving(), Metrics(settings), asyncio.get_running_loop()
        workers = Workers('work', settings.threads, settings.queue_size)
        # Its queue holds whatever connections there can be.
        quick_workers = Workers('quick', QUICK_THREADS, max_connections + MAX_METRICS_CONNECTIONS)
        metrics.watch(serving, workers)
        common = {
            'loop': loop,
            'metrics': metrics,
            'workers': workers,
            'quick_workers': quick_workers,
            'queue_seconds': settings.queue_seconds,
        }
        app = create_app(settings, serving, metrics)
        api = Door(app, listeners[0], quick_paths=QUICK_ROUTES, max_connections=max_connections, **common)
        side = Door(
            create_metrics_app(metrics),
            listeners[1],
            quick_paths=None,
            max_connections=MAX_METRICS_CONNECTIONS,
            **common,
        )
        signals: list[int] = []
        ended = asyncio.Event()

        def note_signal(number: int) -> None:
            signals.append(number)
            serving.is_draining = True
            ended.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, note_signal, number)
        log(logging.INFO, 'listening', port=settings.port, metrics_port=settings.metrics_port, threads=settings.threads)
        serving.start_loading(load)
        sweeping = asyncio.create_task(sweep((api, side)))
        await ended.wait()
        code = await drain(api, settings.shutdown_grace_seconds, lambda: len(signals) > 1)
        sweeping.cancel()
        for door in (api, side):
            door.end()
        return code

    return asyncio.run(run())


async def sweep(doors: tuple[Door, ...]) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        for door in doors:
            door.sweep()


async def drain(api: Door, grace_seconds: int, is_urgent: Callable[[], bool]) -> int:
    """Serves on until nobody has asked for anything for a while, or to the end of the grace, or a second signal."""
    start = last_owed = time.monotonic()
    log(logging.INFO, 'shutting down', owed=api.count_owed())
    while True:
        await asyncio.sleep(0.1)
        now, owed = time.monotonic(), api.count_owed()
        if owed:
            last_owed = now
        if now - last_owed >= QUIET_SECONDS or now - start >= grace_seconds or is_urgent():
            break
    log(logging.WARNING if owed else logging.INFO, 'stopped', unanswered=owed, seconds=round(now - start, 2))
    return 1 if owed else 0


def allow_connections(wanted: int) -> int:
    """Raises the limit of open files to what `wanted` connections need, or returns how many fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + MAX_METRICS_CONNECTIONS + 100
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(min(wanted, soft - MAX_METRICS_CONNECTIONS - 100), 16)
