import json
import logging
import sys
from datetime import datetime

import pytest
from running import RunningServer, post_bytes

from flask_api.logs import JsonFormatter


def test_every_line_of_a_busy_server_is_an_object_with_the_common_fields_and_no_request_text():
    secret = 'swordfish'
    with RunningServer(env={'LOG_LEVEL': 'debug', 'ENVIRONMENT': 'dev'}) as server:
        ids = [server.predict(secret, headers={'X-Request-ID': f'trace-{n}'}).headers['x-request-id'] for n in range(3)]
        server.request('POST', '/predict', f'{{"{secret}": "{secret}", "{secret}": 1}}')
        server.request('POST', '/predict', secret.encode() * 10_000)
        server.get(f'/{secret}?q={secret}', headers={'X-Request-ID': f'{secret} "\\n', 'User-Agent': secret})
        server.send_raw(f'{secret}\r\n\r\n'.encode())
        server.send_raw(f'{secret.upper()} / HTTP/1.1\r\nHost: a\r\n\r\n'.encode())
        server.connect(post_bytes(secret.encode() * 10)[:-5]).close()
        server.get('/healthz')
        server.terminate()
        assert server.wait_exit() == 0
        lines, text = server.log_lines(), server.log_text()
    assert secret not in text.lower()
    for line in lines:
        assert datetime.fromisoformat(line['time']).tzinfo is not None
        assert line['level'] in ('debug', 'info')
        assert line['environment'] == 'dev'
        assert line['message'] and 'request_id' in line
    requests = [line for line in lines if line['message'].startswith('request')]
    assert all(line['request_id'] for line in requests)
    assert [line['request_id'] for line in requests if str(line['request_id']).startswith('trace-')] == ids
    answers = {(line.get('route'), line['status']) for line in requests if line.get('route') != '/readyz'}
    assert answers == {
        ('/healthz', 200),
        ('/predict', 200),
        ('/predict', 400),
        ('unmatched', 404),
        ('/', 405),
        (None, 413),
        (None, 400),
    }


def test_probes_are_not_logged_at_the_usual_level(server):
    server.get('/healthz')
    assert not any(line.get('route') in ('/healthz', '/readyz') for line in server.log_lines())


def test_an_exception_is_logged_without_its_message():
    try:
        raise ValueError('swordfish')
    except ValueError:
        record = logging.LogRecord('x', logging.ERROR, 'f', 1, 'failed', (), sys.exc_info())
    line = json.loads(JsonFormatter('dev').format(record))
    assert line['exception'] == 'ValueError'
    assert line['stack'][0].endswith('test_an_exception_is_logged_without_its_message')
    assert 'swordfish' not in str(line)


@pytest.mark.parametrize('value', ['a\nb', '\u2028', '"', '\x1b[31m'])
def test_a_line_stays_a_line(value):
    record = logging.LogRecord('x', logging.INFO, 'f', 1, '%s', (value,), None)
    text = JsonFormatter('').format(record)
    assert text.isascii() and text.isprintable()
    assert json.loads(text)['message'] == value
