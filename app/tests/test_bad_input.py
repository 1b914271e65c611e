import io
import json
import random

import pytest

CASES = {
    'empty body': (b'', 400, 'empty_body'),
    'list': (b'[1]', 422, 'not_an_object'),
    'null': (b'null', 422, 'not_an_object'),
    'string': (b'"x"', 422, 'not_an_object'),
    'number': (b'1', 422, 'not_an_object'),
    'true': (b'true', 422, 'not_an_object'),
    'text a number': (b'{"text": 5}', 422, 'invalid_text'),
    'text a huge float': (b'{"text": 1e999}', 422, 'invalid_text'),
    'text null': (b'{"text": null}', 422, 'invalid_text'),
    'text false': (b'{"text": false}', 422, 'invalid_text'),
    'text an object': (b'{"text": {}}', 422, 'invalid_text'),
    'text a list': (b'{"text": ["great"]}', 422, 'invalid_text'),
    'text empty': (b'{"text": ""}', 422, 'invalid_text'),
    'text NaN': (b'{"text": NaN}', 400, 'invalid_json'),
    'other key Infinity': (b'{"text": "x", "y": -Infinity}', 400, 'invalid_json'),
    'high surrogate': (b'{"text": "\\ud800"}', 422, 'invalid_text'),
    'low surrogate': (b'{"text": "a\\udfffb"}', 422, 'invalid_text'),
    'surrogates in the wrong order': (b'{"text": "\\udc00\\ud83d"}', 422, 'invalid_text'),
    'surrogate in raw bytes': (b'{"text": "\xed\xa0\x80"}', 400, 'invalid_json'),
    'repeated key': (b'{"text": "good", "text": "bad"}', 400, 'invalid_json'),
    'repeated key, one escaped': (b'{"text": "good", "\\u0074ext": "bad"}', 400, 'invalid_json'),
    'repeated key inside': (b'{"text": "x", "y": {"a": 1, "a": 2}}', 400, 'invalid_json'),
    'text too long': (b'{"text": "' + b'x' * 10_001 + b'"}', 413, 'text_too_long'),
    'text too long in wide characters': ('{"text": "' + '\u00e9' * 10_001 + '"}', 413, 'text_too_long'),
    'body of 64 KiB + 1': (b'{"text": "x"}'.ljust(65_537), 413, 'body_too_large'),
    'JSON, then padding': (b'{"text": "x"}'.ljust(100_000), 413, 'body_too_large'),
    'array of depth 100,000': (b'[' * 100_000 + b']' * 100_000, 413, 'body_too_large'),
    'array of depth 30,000': (b'[' * 30_000 + b']' * 30_000, 400, 'invalid_json'),
    'array of depth 33': (b'[' * 33 + b']' * 33, 400, 'invalid_json'),
    'object of depth 10,000': (b'{"a":' * 10_000 + b'1' + b'}' * 10_000, 400, 'invalid_json'),
    'only open brackets': (b'[' * 65_536, 400, 'invalid_json'),
    'only quotes and backslashes': (b'"\\' * 32_768, 400, 'invalid_json'),
    'integer of 5,000 digits': (b'{"text": "x", "n": ' + b'9' * 5000 + b'}', 400, 'invalid_json'),
    'broken JSON': (b'{"text": "x"', 400, 'invalid_json'),
    'trailing text': (b'{"text": "x"} x', 400, 'invalid_json'),
    'two documents': (b'{}{}', 400, 'invalid_json'),
    'single quotes': (b"{'text': 'x'}", 400, 'invalid_json'),
    'trailing comma': (b'{"text": "x",}', 400, 'invalid_json'),
    'comment': (b'{"text": "x"} // x', 400, 'invalid_json'),
    'form data': (b'text=great', 400, 'invalid_json'),
    'raw control character': (b'{"text": "a\x01b"}', 400, 'invalid_json'),
    'NUL': (b'{"text": "x"}\x00', 400, 'invalid_json'),
    'not UTF-8': (b'{"text": "\xff"}', 400, 'invalid_json'),
    'overlong UTF-8': (b'{"text": "\xc0\xaf"}', 400, 'invalid_json'),
    'UTF-16': ('{"text": "x"}'.encode('utf-16'), 400, 'invalid_json'),
    'only a BOM': (b'\xef\xbb\xbf', 400, 'invalid_json'),
    'only spaces': (b'   ', 400, 'invalid_json'),
}


def assert_error(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.content_type == 'application/json'
    assert set(answer.json) == {'error'}
    error = answer.json['error']
    assert list(error) == ['code', 'message', 'request_id']
    assert error['code'] == code
    assert error['message'] and error['request_id'] == answer.headers['X-Request-ID']


@pytest.mark.parametrize('name', CASES)
def test_bad_body(client, name):
    body, status, code = CASES[name]
    assert_error(client.post('/predict', data=body), status, code)


def test_a_bom_before_valid_json_is_taken(client):
    assert client.post('/predict', data=b'\xef\xbb\xbf{"text": "x"}').status_code == 200


def test_brackets_inside_strings_are_no_depth(client):
    assert client.post('/predict', json={'text': '[{' * 2000 + '"\\['}).status_code == 200


def test_a_chunked_body_is_refused_where_the_server_passes_it_on(client):
    environ = {'HTTP_TRANSFER_ENCODING': 'chunked', 'wsgi.input_terminated': True}
    answer = client.post('/predict', input_stream=io.BytesIO(b'{"text": "x"}'), environ_overrides=environ)
    assert_error(answer, 411, 'length_required')


def test_messages_do_not_repeat_the_input(client):
    for body in (b'{"text": "swordfish}', b'{"swordfish": 1, "swordfish": 2}', b'swordfish', b'"swordfish"'):
        assert 'swordfish' not in client.post('/predict', data=body).text


SEEDS = [body for body, _, _ in CASES.values() if isinstance(body, bytes) and len(body) < 200]
SEEDS += [b'{"text": "This is a great movie!"}', b'{"text": "a", "b": [1, 2.5, -3e7, {"c": null}]}', b'{}']
PIECES = [
    b'"',
    b'\\',
    b'{',
    b'}',
    b'[',
    b']',
    b':',
    b',',
    b'\\u',
    b'\\ud83d',
    b'\xff',
    b'\x00',
    b'"text"',
    b'NaN',
    b'-',
    b'1e',
    b'9' * 5000,
    b'[' * 100,
    b'\xf0\x9f\x98\x81',
    b'text',
    b' ',
    b'null',
]


def mutate(rng: random.Random) -> bytes:
    body = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(body) + 1)
        action = rng.randrange(4)
        if action == 0:
            body[at:at] = rng.choice(PIECES)
        elif action == 1:
            del body[at : at + rng.randrange(1, 8)]
        elif action == 2:
            body[at:at] = rng.randbytes(rng.randrange(1, 8))
        else:
            body[at:at] = body[: rng.randrange(len(body) + 1)]
    return bytes(body)


def test_2000_fuzzed_bodies_never_fail_the_server(client):
    rng = random.Random(20261125)
    seen = set()
    for _ in range(2000):
        body = mutate(rng)
        answer = client.post('/predict', data=body)
        seen.add(answer.status_code)
        assert answer.status_code in (200, 400, 413, 422), body
        content = json.loads(answer.data, parse_constant=pytest.fail)
        wanted = {'input_text', 'predicted_class', 'confidence', 'coverage'} if answer.status_code == 200 else {'error'}
        assert set(content) == wanted
    # The corpus reaches both sides, or it would prove nothing.
    assert {200, 400, 422} <= seen
