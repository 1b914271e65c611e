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
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flask_api.errors import error_body
from flask_api.prediction import CLASSES
from flask_api.serving import Serving
from flask_api.settings import Settings
from flask_api.workers import Workers

METHODS = frozenset(('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'))
ROUTES = frozenset(('/', '/predict', '/healthz', '/readyz', '/openapi.json'))
SHED_REASONS = ('queue_full', 'queue_deadline', 'client_gone')
# A quantile is read off a straight line inside one bucket, so its width is the error: at most 17 % from 2 ms to 10 s.
_STEPS = (1, 1.15, 1.3, 1.5, 1.75, 2, 2.3, 2.6, 3, 3.5, 4, 4.6, 5.3, 6, 6.9, 7.9, 8.9)
_FINE = (round(decade * step, 6) for decade in (0.001, 0.01, 0.1, 1) for step in _STEPS)
BUCKETS = (0.001, *(bound for bound in _FINE if bound >= 0.002), 10, 20, 30)

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
            'Time from the arrival of a request to its answer, the time in the queue included.',
            ('route',),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.predictions = Counter(
            'predictions_total', 'Predictions answered.', ('predicted_class',), registry=self.registry
        )
        for name in CLASSES:
            self.predictions.labels(name)
        self.shed = self._counter('requests_shed_total', 'Requests answered 503 instead of begun.', ('reason',))
        for reason in SHED_REASONS:
            self.shed.labels(reason)
        self.no_input = self._counter('predictions_no_input_total', 'Answers to a request without a text.')
        self.no_coverage = self._counter('predictions_no_coverage_total', 'Texts without a word that the model knows.')
        self.exceptions = self._counter('exceptions_total', 'Failures of the program, answered 500.')
        self.settings = settings

    def _counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def watch(self, serving: Serving, workers: Workers) -> None:
        """Adds what is read at the time of a scrape."""
        for name, text, read in (
            ('flask_api_ready', '1 while the API takes requests.', lambda: serving.is_ready),
            ('flask_api_requests_in_flight', 'Requests that a thread works on.', lambda: workers.in_flight),
            ('flask_api_requests_queued', 'Requests that wait for a thread.', lambda: workers.queued),
            ('flask_api_threads', 'Requests that can be worked on at the same time.', lambda: workers.threads),
            ('flask_api_queue_size', 'Requests that may wait for a thread.', lambda: workers.queue_size),
        ):
            Gauge(name, text, registry=self.registry).set_function(read)
        self.registry.register(BuildInfo(self.settings, serving))

    def count_answer(self, route: str, method: str, status: int, seconds: float) -> None:
        self.requests.labels(route, method, str(status)).inc()
        self.durations.labels(route).observe(seconds)

    def count_refusal(self, status: int) -> None:
        """An answer to what was no HTTP request that the application could see."""
        self.requests.labels('unparsed', 'other', str(status)).inc()


class BuildInfo(Collector):
    """A metric whose labels change once, when the model has been loaded."""

    def __init__(self, settings: Settings, serving: Serving) -> None:
        self.settings, self.serving = settings, serving

    def collect(self) -> Iterable[Metric]:
        settings, model = self.settings, self.serving.model
        labels = {
            'version': settings.version,
            'revision': settings.revision,
            'python': platform.python_version(),
            'environment': settings.environment,
            **(model.describe() if model else {'model': '', 'model_version': ''}),
        }
        info = GaugeMetricFamily('flask_api_build_info', 'Always 1; the labels say what runs.', labels=list(labels))
        info.add_metric(list(labels.values()), 1)
        yield info


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
