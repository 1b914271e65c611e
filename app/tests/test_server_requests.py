import contextlib
import json
import random
import socket
import threading
import time
from pathlib import Path

import pytest
from running import RunningServer, post_bytes, read_answer

GOOD = b'{"text": "This is a great movie!"}'
CHUNKED = b'POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n'


def test_both_routes_answer_and_close(server):
    root, predict = server.get('/'), server.predict()
    assert (root.status, root.json) == (200, {'message': 'Welcome to the AI Model API!'})
    assert (predict.status, predict.json['predicted_class']) == (200, 'Positive')
    for answer in (root, predict):
        assert answer.headers['connection'] == 'close'
        assert 'server' not in answer.headers


def test_both_families_of_addresses_are_served(server):
    if not socket.has_dualstack_ipv6():
        assert server.get('/healthz').status == 200
        return
    with socket.create_connection(('::1', server.port), timeout=5) as connection:
        connection.sendall(b'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
        assert read_answer(connection).status == 200


RAW = {
    'keep-alive asked for in HTTP/1.0': (b'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', 200, None),
    'a body on a route without one': (b'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc', 200, None),
    'expect without a body': (b'GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n', 200, None),
    'absolute address': (b'GET http://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n', 200, None),
    'no host': (b'GET / HTTP/1.1\r\n\r\n', 200, None),
    'length of the body exactly 64 KiB': (post_bytes(GOOD.ljust(65_536)), 200, None),
    'body one byte too long': (post_bytes(GOOD.ljust(65_537)), 413, 'body_too_large'),
    'length alone too long': (
        b'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n',
        413,
        'body_too_large',
    ),
    'too long, and asks first': (
        b'POST /predict HTTP/1.1\r\nContent-Length: 70000\r\nExpect: 100-continue\r\n\r\n',
        413,
        'body_too_large',
    ),
    'length of 5,000 digits': (
        b'POST /predict HTTP/1.1\r\nContent-Length: ' + b'9' * 5000 + b'\r\n\r\n',
        400,
        'bad_request',
    ),
    'length negative': (b'POST /predict HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 400, 'bad_request'),
    'length in words': (b'POST /predict HTTP/1.1\r\nContent-Length: ten\r\n\r\n', 400, 'bad_request'),
    'length twice': (b'POST /predict HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}', 400, 'bad_request'),
    'small chunked body': (CHUNKED + b'\r\n2\r\n{}\r\n0\r\n\r\n', 411, 'length_required'),
    'large chunked body': (CHUNKED + b'\r\n11170\r\n' + GOOD.ljust(70_000) + b'\r\n0\r\n\r\n', 411, 'length_required'),
    'chunked, and asks first': (CHUNKED + b'Expect: 100-continue\r\n\r\n', 411, 'length_required'),
    'chunked on a route without a body': (
        CHUNKED.replace(b'POST /predict', b'GET /') + b'\r\n0\r\n\r\n',
        411,
        'length_required',
    ),
    'chunked and a length': (CHUNKED + b'Content-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n', 400, 'bad_request'),
    'chunked in HTTP/1.0': (CHUNKED.replace(b'1.1', b'1.0') + b'\r\n2\r\n{}\r\n0\r\n\r\n', 400, 'bad_request'),
    'unknown transfer coding': (CHUNKED.replace(b'chunked', b'gzip') + b'\r\n', 400, 'bad_request'),
    'garbage': (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400, 'bad_request'),
    'no request line': (b'hello\r\n\r\n', 400, 'bad_request'),
    'lower-case method': (b'get / HTTP/1.1\r\n\r\n', 400, 'bad_request'),
    'address that is no address': (b'GET http://[ HTTP/1.1\r\n\r\n', 400, 'bad_request'),
    'header without a colon': (b'GET / HTTP/1.1\r\nHost\r\n\r\n', 400, 'bad_request'),
    'space before the colon': (b'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400, 'bad_request'),
    'bare line feed': (b'GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n', 400, 'bad_request'),
    'address of 17 KB': (b'GET /' + b'a' * 17_000 + b' HTTP/1.1\r\n\r\n', 431, 'headers_too_large'),
    'header of 17 KB': (b'GET / HTTP/1.1\r\nA: ' + b'a' * 17_000 + b'\r\n\r\n', 431, 'headers_too_large'),
    '2,000 headers': (b'GET / HTTP/1.1\r\n' + b'A: aaaaaa\r\n' * 2000 + b'\r\n', 431, 'headers_too_large'),
    'headers without an end': (b'GET / HTTP/1.1\r\n' + b'A: aaaaaa\r\n' * 20_000, 431, 'headers_too_large'),
    'escaped path': (b'GET /%2e%2e/%00%ff HTTP/1.1\r\n\r\n', 404, 'not_found'),
    'odd method': (b'BREW / HTTP/1.1\r\n\r\n', 405, 'method_not_allowed'),
    'trace': (b'TRACE / HTTP/1.1\r\n\r\n', 405, 'method_not_allowed'),
    'asterisk': (b'OPTIONS * HTTP/1.1\r\n\r\n', 404, 'not_found'),
    'future version': (b'GET / HTTP/9.9\r\n\r\n', 200, None),
}


@pytest.mark.parametrize('name', RAW)
def test_raw_request(server, name):
    data, status, code = RAW[name]
    answer = server.send_raw(data)
    assert answer.status == status
    assert answer.headers['content-type'] == 'application/json'
    assert answer.headers['connection'] == 'close'
    assert answer.json.get('error', {}).get('code') == code
    if code:
        assert answer.json['error']['message']
        assert answer.json['error']['request_id'] == answer.headers['x-request-id']


def test_head_has_no_body(server):
    answer = server.send_raw(b'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
    assert (answer.status, answer.body) == (200, b'')


def test_a_body_after_100_continue_is_predicted(server):
    head = post_bytes(GOOD, 'Expect: 100-continue').removesuffix(GOOD)
    with server.connect(head) as connection:
        assert connection.recv(100) == b'HTTP/1.1 100 Continue\r\n\r\n'
        connection.sendall(GOOD)
        assert read_answer(connection).json['predicted_class'] == 'Positive'


def test_a_request_in_single_bytes_is_predicted(server):
    with server.connect() as connection:
        for byte in post_bytes(GOOD):
            connection.sendall(bytes([byte]))
        assert read_answer(connection).status == 200


def test_a_second_request_on_the_connection_is_not_begun(server):
    before = server.metrics()['http_requests_total{method="GET",route="/",status="200"}']
    request = b'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    with server.connect(request * 5) as connection:
        assert read_answer(connection).json == {'message': 'Welcome to the AI Model API!'}
    assert server.metrics()['http_requests_total{method="GET",route="/",status="200"}'] == before + 1


def test_a_client_that_stops_sending_still_gets_its_answer(server):
    with server.connect(post_bytes(GOOD)) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert read_answer(connection).status == 200


def test_urgent_data_ends_the_connection(server):
    with server.connect(b'GET / HTTP/1.1\r\n') as connection:
        connection.send(b'!', socket.MSG_OOB)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(10) == b''
    assert not any('priority' in line['message'] for line in server.log_lines())


def resident_kib(server) -> int:
    status = Path(f'/proc/{server.process.pid}/status').read_text()
    return int(status.split('VmRSS:')[1].split()[0])


def test_100_bodies_of_10_mb_are_413_and_leave_no_memory_behind():
    body = bytes(10_000_000)
    with RunningServer() as server:
        server.predict()
        before = resident_kib(server)
        for _ in range(100):
            # http.client sends the whole body before it reads: the answer must survive that.
            answer = server.request('POST', '/predict', body)
            assert (answer.status, answer.json['error']['code']) == (413, 'body_too_large')
        assert resident_kib(server) - before < 20_000


PIECES = [b'\r\n', b'\r\n\r\n', b'\0', b':', b' ', b'Expect: 100-continue\r\n', b'9' * 20]


def test_300_fuzzed_connections_never_fail_the_server(server):
    rng = random.Random(3)
    seeds = [data for data, _, _ in RAW.values() if len(data) < 300] + [post_bytes(GOOD)]
    statuses = set()
    for _ in range(300):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 5)):
            at = rng.randrange(len(data) + 1)
            if rng.random() < 0.5:
                data[at : at + rng.randrange(4)] = rng.randbytes(rng.randrange(4))
            else:
                data[at:at] = rng.choice(PIECES)
        # The end of the headers, whatever came before, so that the server always has something to say.
        with server.connect(bytes(data) + b'\r\n\r\n') as connection:
            connection.shutdown(1)
            answer = read_answer_or_none(connection)
        if answer:
            statuses.add(answer.status)
            assert answer.status < 500, data
            assert 'error' in answer.json or answer.status == 200
    assert {200, 400, 404} <= statuses
    assert server.predict().status == 200
    assert {line['level'] for line in server.log_lines()} <= {'info', 'debug'}


def read_answer_or_none(connection):
    """None where the client itself ended too early: the rest of its body never came."""
    try:
        return read_answer(connection)
    except (ConnectionError, IndexError, ValueError):
        return None


def test_metrics_of_1000_requests_are_exact():
    per_thread = 100
    with RunningServer() as server:

        def send():
            for _ in range(per_thread):
                assert server.predict('great').status == 200
                assert server.predict('awful').status == 200
                assert server.request('POST', '/predict', b'[]').status == 422
                assert server.get('/nothing-at-all').status == 404
                assert server.send_raw(CHUNKED + b'\r\n').status == 411

        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        start = time.monotonic()
        seen = server.metrics()
        assert time.monotonic() - start < 0.5
    count = 2 * per_thread
    requests = {name: value for name, value in seen.items() if name.startswith('http_requests_total')}
    probes = sum(value for name, value in requests.items() if '/readyz' in name)
    assert {name: value for name, value in requests.items() if '/readyz' not in name} == {
        'http_requests_total{method="POST",route="/predict",status="200"}': 2 * count,
        'http_requests_total{method="POST",route="/predict",status="422"}': count,
        'http_requests_total{method="GET",route="unmatched",status="404"}': count,
        'http_requests_total{method="other",route="unparsed",status="411"}': count,
    }
    assert {name: value for name, value in seen.items() if name.startswith('predictions_total')} == {
        'predictions_total{predicted_class="Positive"}': count,
        'predictions_total{predicted_class="Negative"}': count,
        'predictions_total{predicted_class="Neutral"}': 0,
    }
    assert seen['http_request_duration_seconds_count{route="/predict"}'] == 3 * count
    assert seen['http_request_duration_seconds_count{route="/readyz"}'] == probes
    assert seen['flask_api_ready'] == 1


def test_metrics_have_a_port_of_their_own(server):
    assert server.get('/metrics').status == 404
    expected = [('GET', '/', 404), ('POST', '/predict', 404), ('POST', '/metrics', 405), ('GET', '/metrics', 200)]
    for method, path, status in expected:
        answer = server.request(method, path, port=server.metrics_port)
        assert answer.status == status
        assert status == 200 or set(json.loads(answer.body)) == {'error'}
    with server.connect(CHUNKED + b'\r\n', server.metrics_port) as connection:
        assert read_answer(connection).json['error']['code'] == 'length_required'
