import json
import random
import time

import pytest

from flask_api.strict_json import MAX_DEPTH, StrictJsonError, parse_json


@pytest.mark.parametrize('value', [{}, [], 'x', 0, -1.5e3, None, True, {'a': [{'b': '\U0001f601 "\\ [{'}]}])
def test_valid_documents_are_those_of_the_standard_parser(value):
    assert parse_json(json.dumps(value).encode()) == value


def test_the_deepest_allowed_document():
    assert parse_json(b'[' * MAX_DEPTH + b']' * MAX_DEPTH)
    with pytest.raises(StrictJsonError, match='deeper than 32'):
        parse_json(b'[' * (MAX_DEPTH + 1) + b']' * (MAX_DEPTH + 1))


def test_width_is_not_depth():
    assert len(parse_json(b'[' + b'[],' * 1000 + b'[]]')) == 1001


@pytest.mark.parametrize('piece', [b'"', b'"\\', b'\\"', b'[', b'["', b'{"a":', b'[1,', b'"\\"\\"'])
def test_the_worst_bodies_are_read_in_linear_time(piece):
    body = b'[' * 40 + piece * (65_000 // len(piece))
    start = time.process_time()
    with pytest.raises(StrictJsonError):
        parse_json(body)
    assert time.process_time() - start < 0.5


def test_agrees_with_the_standard_parser_on_fuzzed_documents():
    rng = random.Random(7)
    alphabet = ['{', '}', '[', ']', '"', ':', ',', '1', 'a', ' ', 'null', '"k"', '\\"', '-', '.5', 'e2', '""']
    agreed = 0
    for _ in range(5000):
        text = ''.join(rng.choices(alphabet, k=rng.randrange(1, 10)))
        try:
            expected = json.loads(text)
        except ValueError:
            with pytest.raises(StrictJsonError):
                parse_json(text.encode())
        else:
            assert parse_json(text.encode()) == expected
            agreed += 1
    assert agreed > 50
