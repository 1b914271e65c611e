"""The routes of the API and what they answer to wrong input."""

import logging
import time
from urllib.parse import quote

from flask import Flask, Response, g, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from flask_api.errors import ApiError, choose_request_id, error_body
from flask_api.logs import describe_exception, log
from flask_api.metrics import Metrics, bound_method, bound_route
from flask_api.openapi import describe_api
from flask_api.prediction import NO_INPUT, Prediction
from flask_api.serving import Serving
from flask_api.settings import MAX_BODY_BYTES, Settings
from flask_api.strict_json import StrictJsonError, parse_json
from flask_api.wsgi import EXCHANGE

PROBES = frozenset(('/healthz', '/readyz'))
# What a thread for work must not be needed for.
QUICK_ROUTES = PROBES

# A name of a model may have any letter; a header may not. The rest stands there as it is.
HEADER_SAFE = " !#$&'()*+,/:;=?@[]"


class OrderedJson(DefaultJSONProvider):
    sort_keys = False


def create_app(settings: Settings, serving: Serving, metrics: Metrics) -> Flask:
    app = Flask('flask_api', static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.json = OrderedJson(app)
    # Otherwise "/predict//" is answered with a redirect.
    app.url_map.merge_slashes = False

    @app.get('/')
    def welcome() -> Response:
        return jsonify(message='Welcome to the AI Model API!')

    @app.post('/predict')
    def predict() -> Response:
        text = read_text(settings.max_text_chars)
        model = serving.model
        if model is None:
            raise ApiError(503, serving.problem[0], 'there is no model to predict with; /readyz says why')
        prediction = NO_INPUT if text is None else model.predict(text)
        count_prediction(metrics, prediction)
        answer = jsonify(
            input_text='no input' if text is None else text,
            predicted_class=prediction.predicted_class,
            confidence=prediction.confidence,
            coverage=prediction.coverage,
        )
        answer.headers['X-Model-Name'] = quote(model.name, safe=HEADER_SAFE)
        answer.headers['X-Model-Version'] = quote(model.version, safe=HEADER_SAFE)
        return answer

    @app.get('/healthz')
    def healthz() -> Response:
        return jsonify(status='alive')

    @app.get('/readyz')
    def readyz() -> Response:
        if serving.is_draining:
            raise ApiError(503, 'shutting_down', 'the server is shutting down')
        if serving.model is None:
            raise ApiError(503, *serving.problem)
        return jsonify(status='ready', **serving.model.describe())

    description = describe_api(settings)

    @app.get('/openapi.json')
    def openapi() -> Response:
        return jsonify(description)

    add_hooks(app, metrics)
    return app


def count_prediction(metrics: Metrics, prediction: Prediction) -> None:
    if prediction is NO_INPUT:
        metrics.no_input.inc()
        return
    metrics.predictions.labels(prediction.predicted_class).inc()
    if not prediction.coverage:
        metrics.no_coverage.inc()


def read_text(max_chars: int) -> str | None:
    """The text of the request, whatever its content type; None where it has none."""
    # Servers pass on a chunked body in several ways, one of them cut off at the limit: none is taken.
    if request.content_length is None and request.headers.get('Transfer-Encoding'):
        raise ApiError(411)
    data = request.get_data(cache=False)
    if not data:
        raise ApiError(400, 'empty_body', 'the body is empty; send {"text": "..."}')
    try:
        document = parse_json(data)
    except StrictJsonError as error:
        raise ApiError(400, 'invalid_json', f'the body is not valid JSON: {error}') from None
    if not isinstance(document, dict):
        raise ApiError(422, 'not_an_object', 'the body must be a JSON object; send {"text": "..."}')
    if 'text' not in document:
        return None
    text = document['text']
    if not isinstance(text, str) or not text:
        raise ApiError(422, 'invalid_text', '"text" must be a string that is not empty')
    if len(text) > max_chars:
        raise ApiError(413, 'text_too_long', f'"text" is longer than {max_chars} characters')
    if any('\ud800' <= character <= '\udfff' for character in text):
        raise ApiError(422, 'invalid_text', '"text" contains half of a surrogate pair')
    return text


def add_hooks(app: Flask, metrics: Metrics) -> None:
    @app.before_request
    def start() -> None:
        # Under the server, the time in its queue is part of the request.
        exchange = request.environ.get(EXCHANGE)
        g.started = exchange.arrived if exchange else time.perf_counter()
        g.request_id = choose_request_id(request.headers.get('X-Request-ID'))

    @app.errorhandler(Exception)
    def answer_error(exception: Exception) -> Response:
        headers: dict[str, str] = {}
        if isinstance(exception, ApiError):
            error = exception
        elif isinstance(exception, HTTPException):
            error = ApiError(exception.code or 500)
            if isinstance(exception, MethodNotAllowed):
                headers['Allow'] = ', '.join(sorted(exception.valid_methods or ()))
        else:
            error = ApiError(500)
            details = describe_exception(type(exception), exception.__traceback__)
            metrics.exceptions.inc()
            log(logging.ERROR, 'request failed', request_id=g.request_id, **details)
        if error.status == 503:
            headers['Retry-After'] = '1'
        body = error_body(error.status, error.code, error.message, g.request_id)
        return Response(body, error.status, headers, mimetype='application/json')

    @app.after_request
    def finish(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        route, method = bound_route(request.path), bound_method(request.method)
        exchange = request.environ.get(EXCHANGE)
        if exchange:
            exchange.answered = (route, method, response.status_code)
        else:
            metrics.count_answer(route, method, response.status_code, seconds)
        failed = response.status_code >= 500
        log(
            logging.DEBUG if route in PROBES else logging.WARNING if failed else logging.INFO,
            'request',
            request_id=g.request_id,
            method=method,
            route=route,
            status=response.status_code,
            duration_ms=round(seconds * 1000, 3),
        )
        response.headers['X-Request-ID'] = g.request_id
        response.headers['X-Content-Type-Options'] = 'nosniff'
        return response
