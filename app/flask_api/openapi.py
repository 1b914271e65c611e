"""Describes the API to programs: GET /openapi.json. Every example in it is a test (tests/test_openapi.py)."""

from typing import Any

from flask_api.prediction import CLASSES
from flask_api.settings import Settings

# name: (summary, what is sent, status, what is answered). The request id differs each time.
PREDICTIONS: dict[str, tuple[str, Any, int, Any]] = {
    'positive': (
        'A positive text',
        {'text': 'This is a great movie!'},
        200,
        {
            'input_text': 'This is a great movie!',
            'predicted_class': 'Positive',
            'confidence': 0.877,
            'coverage': 0.2,
        },
    ),
    'negative': (
        'A negated word turns',
        {'text': 'The food was not good.'},
        200,
        {
            'input_text': 'The food was not good.',
            'predicted_class': 'Negative',
            'confidence': 0.6429,
            'coverage': 0.2,
        },
    ),
    'unknown': (
        'No word is known: Neutral, and a coverage of 0 says why',
        {'text': 'Der Tisch hat vier Beine.'},
        200,
        {
            'input_text': 'Der Tisch hat vier Beine.',
            'predicted_class': 'Neutral',
            'confidence': 0.428,
            'coverage': 0.0,
        },
    ),
    'no_text': (
        'No text: nothing was classified',
        {},
        200,
        {'input_text': 'no input', 'predicted_class': 'Neutral', 'confidence': 0.0, 'coverage': 0.0},
    ),
    'not_an_object': (
        'JSON of another shape',
        ['This is a great movie!'],
        422,
        {'error': {'code': 'not_an_object', 'message': 'the body must be a JSON object; send {"text": "..."}'}},
    ),
    'not_a_string': (
        'A text that is not one',
        {'text': 5},
        422,
        {'error': {'code': 'invalid_text', 'message': '"text" must be a string that is not empty'}},
    ),
    'too_long': (
        'A text that is too long',
        {'text': 'x' * 65_000},
        413,
        {'error': {'code': 'text_too_long', 'message': '"text" is longer than 10000 characters'}},
    ),
}

ERRORS = {
    400: 'The body is not JSON in UTF-8, or the request is not valid HTTP.',
    404: 'There is no such route.',
    405: 'The route does not take this method.',
    408: 'The request did not arrive in time.',
    411: 'The body has no Content-Length.',
    413: 'The body or the text is too long.',
    422: 'The body is JSON of another shape, or the text is not a string with something in it.',
    431: 'The request line and headers are too large.',
    500: 'The server failed.',
    503: 'Not ready, or overloaded: come back after Retry-After seconds.',
}


def describe_api(settings: Settings) -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    return {
        'openapi': '3.1.0',
        'info': {
            'title': 'The AI Model API',
            'version': settings.version,
            'description': 'Says whether an English text is positive, negative or neutral. The built-in model knows '
            'English only: a text in another language is mostly Neutral with a coverage near 0, or wrong.',
            'license': {'name': 'Apache-2.0', 'identifier': 'Apache-2.0'},
        },
        'servers': [{'url': '/'}],
        'paths': {
            '/': {'get': _operation('welcome', 'The welcome', _ok({'message': 'Welcome to the AI Model API!'}))},
            '/predict': {'post': _describe_predict(settings)},
            '/healthz': {'get': _operation('healthz', 'Alive while it answers', _ok({'status': 'alive'}))},
            '/readyz': {
                'get': _operation('readyz', 'Ready when the model is loaded', _ok(None), _refer_errors(503)),
            },
            '/openapi.json': {'get': _operation('openapi', 'This document', _ok(None))},
        },
        'components': {'schemas': _schemas(settings), 'responses': _responses()},
    }


def _operation(name: str, summary: str, *responses: dict[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in responses:
        merged |= part
    return {'operationId': name, 'summary': summary, 'responses': merged}


def _ok(example: object) -> dict[str, Any]:
    content: dict[str, Any] = {'schema': {'type': 'object'}}
    if example is not None:
        content['examples'] = {'answer': {'value': example}}
    return {'200': {'description': 'OK', 'content': {'application/json': content}}}


def _refer_errors(*statuses: int) -> dict[str, Any]:
    return {str(status): {'$ref': f'#/components/responses/{status}'} for status in statuses}


def _describe_predict(settings: Settings) -> dict[str, Any]:
    responses: dict[str, Any] = {
        '200': {
            'description': 'What the model says of the text.',
            'headers': {
                name: {'description': text, 'schema': {'type': 'string'}}
                for name, text in (
                    ('X-Model-Name', 'The name of the model that answered.'),
                    ('X-Model-Version', 'Its version.'),
                )
            },
            'content': {'application/json': {'schema': {'$ref': '#/components/schemas/Prediction'}, 'examples': {}}},
        },
        **_refer_errors(400, 408, 411, 413, 422, 431, 500, 503),
    }
    sent: dict[str, Any] = {}
    # The example of a text that is too long would be most of the document.
    for name, (summary, body, status, answer) in PREDICTIONS.items():
        if name == 'too_long':
            continue
        sent[name] = {'summary': summary, 'value': body}
        if status == 200:
            responses['200']['content']['application/json']['examples'][name] = {'value': answer}
    return {
        'operationId': 'predict',
        'summary': 'The class of an English text',
        'description': 'The content type does not matter. Other keys than "text" are ignored, and a repeated key is '
        'refused. Examples of the request and of the answer have the same names.',
        'requestBody': {
            'required': True,
            'content': {
                'application/json': {'schema': {'$ref': '#/components/schemas/Request'}, 'examples': sent},
            },
        },
        'responses': responses,
    }


def _schemas(settings: Settings) -> dict[str, Any]:
    share = {'type': 'number', 'minimum': 0, 'maximum': 1}
    return {
        'Request': {
            'type': 'object',
            'properties': {
                'text': {
                    'type': 'string',
                    'minLength': 1,
                    'maxLength': settings.max_text_chars,
                    'description': 'A text in English.',
                },
            },
        },
        'Prediction': {
            'type': 'object',
            'required': ['input_text', 'predicted_class', 'confidence', 'coverage'],
            'properties': {
                'input_text': {'type': 'string', 'description': 'The text as it came, or "no input" without one.'},
                'predicted_class': {'type': 'string', 'enum': list(CLASSES)},
                'confidence': {
                    **share,
                    'description': 'How often an answer like this was right on English reviews and comments with known '
                    'classes; 0 where there was no text.',
                },
                'coverage': {
                    **share,
                    'description': 'The share of the words that the model knows. With 0 the class is Neutral because '
                    'nothing is known, and not because the text is.',
                },
            },
        },
        'Error': {
            'type': 'object',
            'required': ['error'],
            'properties': {
                'error': {
                    'type': 'object',
                    'required': ['code', 'message', 'request_id'],
                    'properties': {name: {'type': 'string'} for name in ('code', 'message', 'request_id')},
                },
            },
        },
    }


def _responses() -> dict[str, Any]:
    schema = {'$ref': '#/components/schemas/Error'}
    found: dict[str, Any] = {}
    for status, text in ERRORS.items():
        examples = {
            name: {'value': {'error': {**answer['error'], 'request_id': 'd41d8cd98f00b204e9800998ecf8427e'}}}
            for name, (_, _, answered, answer) in PREDICTIONS.items()
            if answered == status
        }
        content = {'schema': schema, **({'examples': examples} if examples else {})}
        found[str(status)] = {'description': text, 'content': {'application/json': content}}
    return found
