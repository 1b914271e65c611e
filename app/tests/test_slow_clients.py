import contextlib
import threading
import time

import pytest
from running import RunningServer, post_bytes, read_answer

HALF_OPEN = b'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Le'


def slowest_probe(server, count=20) -> float:
    durations = []
    for _ in range(count):
        start = time.monotonic()
        assert server.get('/healthz').status == 200
        durations.append(time.monotonic() - start)
    return max(durations)


def open_many(stack, server, count, data=b''):
    return [stack.enter_context(server.connect(data)) for _ in range(count)]


def test_200_half_open_and_200_silent_clients_do_not_delay_probes_or_predictions():
    with RunningServer() as server, contextlib.ExitStack() as stack:
        clients = open_many(stack, server, 100, HALF_OPEN)
        clients += open_many(stack, server, 100, post_bytes(b'x' * 100)[:-50])
        clients += open_many(stack, server, 200)
        assert slowest_probe(server) <= 1
        start = time.monotonic()
        assert all(server.predict().status == 200 for _ in range(20))
        assert time.monotonic() - start < 5
        assert server.get('/metrics', port=server.metrics_port).status == 200
        # All 400 are still there: it was not by closing them that the probes were fast.
        for client in clients:
            client.setblocking(False)
            with pytest.raises(BlockingIOError):
                client.recv(1)


def test_more_half_open_clients_than_connections_do_not_lock_others_out():
    with RunningServer() as server, contextlib.ExitStack() as stack:
        clients = open_many(stack, server, 1200, HALF_OPEN)
        assert slowest_probe(server) <= 1
        assert server.predict().status == 200
        # The oldest made room; the newest were left alone.
        assert clients[0].recv(1) == b''
        clients[-1].setblocking(False)
        with pytest.raises(BlockingIOError):
            clients[-1].recv(1)


def test_busy_workers_do_not_delay_probes_metrics_and_refusals():
    with RunningServer('slow_main', env={'PREDICT_SECONDS': '1', 'THREADS': '2'}) as server:
        threads = [threading.Thread(target=server.predict) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        start = time.monotonic()
        assert server.get('/healthz').status == server.get('/readyz').status == 200
        assert server.get('/metrics', port=server.metrics_port).status == 200
        assert server.send_raw(b'garbage\r\n\r\n').status == 400
        assert time.monotonic() - start < 1
        assert all(thread.is_alive() for thread in threads[2:])
        for thread in threads:
            thread.join()


def drip(client):
    """One byte at a time, until the server has had enough."""
    client.settimeout(0.1)
    with contextlib.suppress(OSError):
        while True:
            client.sendall(b'x')
            with contextlib.suppress(TimeoutError):
                if client.recv(1000):
                    return


def test_late_requests_are_408_dripping_gains_no_time_and_silent_connections_are_closed():
    with RunningServer('slow_main', env={'REQUEST_SECONDS': '1'}) as server:
        start = time.monotonic()
        late, body_late, silent = server.connect(HALF_OPEN), server.connect(post_bytes(b'{}')[:-1]), server.connect()
        with server.connect(HALF_OPEN) as dripping:
            drip(dripping)
        for client in (late, body_late):
            with client:
                answer = read_answer(client)
                assert (answer.status, answer.json['error']['code']) == (408, 'request_timeout')
        with silent:
            assert silent.recv(1) == b''
        assert 1 <= time.monotonic() - start < 6
        assert server.metrics()['http_requests_total{method="other",route="unparsed",status="408"}'] == 3
