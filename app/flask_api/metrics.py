"""Counts and times every answer, under labels whose values a client cannot choose."""

import platform
from collections.abc import Callable, Iterable

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    make_wsgi_app,
)

from flask_api.errors import error_body
from flask_api.model import CLASSES
from flask_api.settings import Settings

METHODS = frozenset(('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'))
ROUTES = frozenset(('/', '/predict', '/healthz', '/readyz'))

# They double the series and nothing here resets.
disable_created_metrics()


def bound_method(method: str) -> str:
    return method if method in METHODS else 'other'


def bound_route(path: str) -> str:
    return path if path in ROUTES else 'unmatched'


class Metrics:
    """A registry of its own, so that two applications in one process do not count for each other."""

    def __init__(self, settings: Settings) -> None:
        self.registry = CollectorRegistry()
        for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            self.registry.register(collector)
        self.requests = Counter(
            'http_requests_total', 'Answers given.', ('route', 'method', 'status'), registry=self.registry
        )
        self.durations = Histogram(
            'http_request_duration_seconds',
            'Time from the complete request to the answer.',
            ('route',),
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )
        self.predictions = Counter(
            'predictions_total', 'Predictions answered.', ('predicted_class',), registry=self.registry
        )
        for name in CLASSES:
            self.predictions.labels(name)
        self.ready = Gauge('flask_api_ready', '1 while the API takes requests.', registry=self.registry)
        info = Gauge(
            'flask_api_build_info',
            'Always 1; the labels say what runs.',
            ('version', 'revision', 'python', 'environment'),
            registry=self.registry,
        )
        info.labels(settings.version, settings.revision, platform.python_version(), settings.environment).set(1)

    def count_answer(self, route: str, method: str, status: int, seconds: float) -> None:
        self.requests.labels(route, method, str(status)).inc()
        self.durations.labels(route).observe(seconds)

    def count_refusal(self, status: int) -> None:
        """An answer to what was no HTTP request that the application could see."""
        self.requests.labels('unparsed', 'other', str(status)).inc()


def create_metrics_app(metrics: Metrics) -> Callable[..., Iterable[bytes]]:
    exposition = make_wsgi_app(metrics.registry)

    def serve_metrics(environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ['PATH_INFO'] == '/metrics' and environ['REQUEST_METHOD'] in ('GET', 'HEAD'):
            return exposition(environ, start_response)
        if environ['PATH_INFO'] == '/metrics':
            status, extra, body = '405 Method Not Allowed', [('Allow', 'GET, HEAD')], error_body(405)
        else:
            status, extra, body = '404 Not Found', [], error_body(404)
        start_response(status, [('Content-Type', 'application/json'), ('Content-Length', str(len(body))), *extra])
        return [body]

    return serve_metrics
