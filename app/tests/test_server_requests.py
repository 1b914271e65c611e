import json
import os
import random
import socket
import threading
import time
from pathlib import Path

import pytest
from running import RunningServer, post_bytes, read_answer

from flask_api.metrics import SHED_REASONS

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
    'no host': (b'GET / HTTP/1.1\r\n\r\n', 400, 'bad_request'),
    'no host in HTTP/1.0': (b'GET / HTTP/1.0\r\n\r\n', 200, None),
    'an empty host': (b'GET / HTTP/1.1\r\nHost:\r\n\r\n', 200, None),
    'two hosts': (b'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'bad_request'),
    'the same host twice': (b'GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n', 400, 'bad_request'),
    'two hosts in one': (b'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 400, 'bad_request'),
    'two hosts in HTTP/1.0': (b'GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'bad_request'),
    'length of the body exactly 64 KiB': (post_bytes(GOOD.ljust(65_536)), 200, None),
    'body one byte too long': (post_bytes(GOOD.ljust(65_537)), 413, 'body_too_large'),
    'length alone too long': (
        b'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n',
        413,
        'body_too_large',
    ),
    'too long, and asks first': (
        b'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\nExpect: 100-continue\r\n\r\n',
        413,
        'body_too_large',
    ),
    'length of 5,000 digits': (
        b'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: ' + b'9' * 5000 + b'\r\n\r\n',
        400,
        'bad_request',
    ),
    'length negative': (b'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400, 'bad_request'),
    'length in words': (b'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n', 400, 'bad_request'),
    'length twice': (
        b'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}',
        400,
        'bad_request',
    ),
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
    'lower-case method': (b'get / HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad_request'),
    'address that is no address': (b'GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad_request'),
    'header without a colon': (b'GET / HTTP/1.1\r\nHost: a\r\nConnection\r\n\r\n', 400, 'bad_request'),
    'space before the colon': (b'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400, 'bad_request'),
    'bare line feed': (b'GET / HTTP/1.1\r\nHost: a\r\nA: b\nC: d\r\n\r\n', 400, 'bad_request'),
    'address of 17 KB': (b'GET /' + b'a' * 17_000 + b' HTTP/1.1\r\n\r\n', 431, 'headers_too_large'),
    'header of 17 KB': (b'GET / HTTP/1.1\r\nA: ' + b'a' * 17_000 + b'\r\n\r\n', 431, 'headers_too_large'),
    '2,000 headers': (b'GET / HTTP/1.1\r\n' + b'A: aaaaaa\r\n' * 2000 + b'\r\n', 431, 'headers_too_large'),
    'headers without an end': (b'GET / HTTP/1.1\r\n' + b'A: aaaaaa\r\n' * 20_000, 431, 'headers_too_large'),
    'escaped path': (b'GET /%2e%2e/%00%ff HTTP/1.1\r\nHost: a\r\n\r\n', 404, 'not_found'),
    'odd method': (b'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 405, 'method_not_allowed'),
    'trace': (b'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', 405, 'method_not_allowed'),
    'asterisk': (b'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 404, 'not_found'),
    'a version of the future': (b'GET / HTTP/9.9\r\nHost: a\r\n\r\n', 400, 'bad_request'),
    'HTTP/1.2': (b'GET / HTTP/1.2\r\nHost: a\r\n\r\n', 400, 'bad_request'),
    'HTTP/2 without asking': (b'PRI * HTTP/2.0\r\n\r\n', 400, 'bad_request'),
    'HTTP/0.9': (b'GET /\r\n\r\n', 400, 'bad_request'),
    'an upgrade to HTTP/2': (post_bytes(GOOD, 'Connection: Upgrade', 'Upgrade: h2c'), 200, None),
    'a folded line': (b'GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n', 400, 'bad_request'),
    'a NUL in a header': (b'GET / HTTP/1.1\r\nHost: a\r\nA: \x00\r\n\r\n', 400, 'bad_request'),
    'a header without a name': (b'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n', 400, 'bad_request'),
    'a bare carriage return': (b'GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n', 400, 'bad_request'),
    'two spaces in the first line': (b'GET  / HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad_request'),
    'a tab in the first line': (b'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad_request'),
    'a path that is not ASCII': (b'GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad_request'),
    'a tunnel': (b'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad_request'),
    'a length with a sign': (post_bytes(GOOD).replace(b'h: ', b'h: +'), 400, 'bad_request'),
    'two lengths in one': (post_bytes(GOOD).replace(b'h: 34', b'h: 34, 34'), 400, 'bad_request'),
    'chunked twice': (CHUNKED + b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400, 'bad_request'),
    'a length by another name': (post_bytes(GOOD, 'Content_Length: 3'), 200, None),
    'empty lines first': (b'\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', 200, None),
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


def test_urgent_data_is_left_aside_and_costs_nothing(server):
    """It stays readable for ever, which would spin a loop that asks for it."""
    request = post_bytes(GOOD)
    with server.connect(request[:20]) as connection:
        connection.send(b'!', socket.MSG_OOB)
        before = cpu_seconds(server)
        time.sleep(0.5)
        assert cpu_seconds(server) - before < 0.2
        connection.sendall(request[20:])
        assert read_answer(connection).json['predicted_class'] == 'Positive'


def cpu_seconds(server) -> float:
    fields = Path(f'/proc/{server.process.pid}/stat').read_text().rsplit(') ', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


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


def test_600_fuzzed_connections_never_fail_the_server(server):
    rng = random.Random(4)
    seeds = [data for data, _, _ in RAW.values() if len(data) < 300] + [post_bytes(GOOD)]
    statuses = set()
    for _ in range(600):
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
    gauges = ('in_flight', 'queued')
    assert [seen[f'flask_api_requests_{name}'] for name in gauges] == [0, 0]
    assert (seen['flask_api_threads'], seen['flask_api_queue_size']) == (8, 512)
    assert [seen[f'requests_shed_total{{reason="{reason}"}}'] for reason in SHED_REASONS] == [0, 0, 0]
    assert seen['exceptions_total'] == 0
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
