"""Runs both ports until a signal, then answers what has begun and ends."""

import logging
import resource
import signal
import time
from collections.abc import Callable

from waitress import wasyncore

from flask_api.app import PROBES, create_app
from flask_api.connections import Server, start_workers
from flask_api.logs import log
from flask_api.metrics import Metrics, create_metrics_app
from flask_api.model import Model
from flask_api.serving import Serving
from flask_api.settings import Settings

MAX_CONNECTIONS = 1000
MAX_METRICS_CONNECTIONS = 50
QUICK_THREADS = 2
# Clients that have not heard of the end yet still connect; after this long without a request there are none.
QUIET_SECONDS = 1


def serve(settings: Settings, load: Callable[[], Model]) -> int:
    """Returns the exit code: 0 after everything begun was answered, else 1."""
    serving, metrics = Serving(), Metrics(settings)
    metrics.ready.set_function(lambda: serving.is_ready)
    sockets: dict = {}
    max_connections = allow_connections(MAX_CONNECTIONS)
    common = {
        'sockets': sockets,
        'connection_limit': max_connections + MAX_METRICS_CONNECTIONS + 20,
        'quick_workers': start_workers(QUICK_THREADS),
        'count_refusal': metrics.count_refusal,
    }
    try:
        api = Server(
            create_app(settings, serving, metrics),
            settings.port,
            max_connections=max_connections,
            workers=start_workers(settings.threads),
            quick_paths=frozenset(PROBES),
            **common,
        )
        Server(
            create_metrics_app(metrics),
            settings.metrics_port,
            max_connections=MAX_METRICS_CONNECTIONS,
            workers=common['quick_workers'],
            quick_paths=None,
            **common,
        )
    except OSError as error:
        log(logging.ERROR, f'cannot listen on {settings.port} and {settings.metrics_port}: {error.strerror}')
        return 1
    signals: list[int] = []

    def note_signal(number: int, _frame: object) -> None:
        signals.append(number)
        serving.is_draining = True
        api.pull_trigger()

    signal.signal(signal.SIGTERM, note_signal)
    signal.signal(signal.SIGINT, note_signal)
    log(logging.INFO, 'listening', port=settings.port, metrics_port=settings.metrics_port, threads=settings.threads)
    serving.start_loading(load, api.pull_trigger)
    while not signals and not serving.has_failed:
        wasyncore.poll2(1, sockets)
    if serving.has_failed:
        return 1
    return drain(api, sockets, settings.shutdown_grace_seconds, lambda: len(signals) > 1)


def drain(api: Server, sockets: dict, grace_seconds: int, is_urgent: Callable[[], bool]) -> int:
    """Serves on until nobody has asked for anything for a while, or to the end of the grace, or a second signal."""
    start = last_owed = time.monotonic()
    log(logging.INFO, 'shutting down', owed=api.count_owed())
    while True:
        wasyncore.poll2(0.1, sockets)
        now, owed = time.monotonic(), api.count_owed()
        if owed:
            last_owed = now
        if now - last_owed >= QUIET_SECONDS or now - start >= grace_seconds or is_urgent():
            break
    wasyncore.close_all(sockets, ignore_all=True)
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
