"""A bounded queue, and metrics that say of it what the clients saw."""

import math
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from running import RunningServer, post_bytes, read_answer

BODY = b'{"text": "This is a great movie!"}'
SHED = 'requests_shed_total{{reason="{}"}}'


def test_a_full_queue_is_answered_at_once_with_when_to_come_back():
    env = {'PREDICT_SECONDS': '2', 'THREADS': '2', 'QUEUE_SIZE': '3'}
    with RunningServer('slow_main', env=env) as server, ThreadPoolExecutor(5) as pool:
        taken = [pool.submit(server.predict) for _ in range(5)]
        time.sleep(0.5)
        seen = server.metrics()
        assert (seen['flask_api_requests_in_flight'], seen['flask_api_requests_queued']) == (2, 3)
        durations = []
        for number in range(20):
            start = time.monotonic()
            answer = server.predict(headers={'X-Request-ID': f'shed-{number}'})
            durations.append(time.monotonic() - start)
            assert (answer.status, answer.json['error']['code']) == (503, 'overloaded')
            assert answer.headers['retry-after'] == '1'
            assert answer.json['error']['request_id'] == f'shed-{number}'
        assert max(durations) < 0.1
        # Neither probe is in that queue.
        assert server.get('/healthz').status == server.get('/readyz').status == 200
        assert [answer.result().status for answer in taken] == [200] * 5
        seen = server.metrics()
        assert seen[SHED.format('queue_full')] == 20
        assert seen['http_requests_total{method="POST",route="/predict",status="503"}'] == 20
        assert seen['http_requests_total{method="POST",route="/predict",status="200"}'] == 5
        assert seen['http_request_duration_seconds_count{route="/predict"}'] == 25
        lines = [line for line in server.log_lines() if line.get('reason') == 'queue_full']
        assert {line['request_id'] for line in lines} == {f'shed-{number}' for number in range(20)}
        assert {(line['message'], line['route'], line['status']) for line in lines} == {('request', '/predict', 503)}


def test_without_a_queue_only_what_a_thread_takes_is_begun():
    env = {'PREDICT_SECONDS': '1', 'THREADS': '1', 'QUEUE_SIZE': '0'}
    with RunningServer('slow_main', env=env) as server, ThreadPoolExecutor(1) as pool:
        taken = pool.submit(server.predict)
        time.sleep(0.3)
        assert server.predict().status == 503
        assert taken.result().status == 200
        assert server.predict().status == 200


def test_a_request_that_waited_past_the_deadline_is_answered_then_and_not_begun():
    env = {'PREDICT_SECONDS': '3', 'THREADS': '1', 'QUEUE_SECONDS': '1'}
    with RunningServer('slow_main', env=env) as server, ThreadPoolExecutor(1) as pool:
        first = pool.submit(server.predict)
        time.sleep(0.2)
        start = time.monotonic()
        late = server.predict()
        assert 1 <= time.monotonic() - start < 2
        assert (late.status, late.headers['retry-after']) == (503, '1')
        assert first.result().status == 200
        seen = server.metrics()
        assert seen['predictions_total{predicted_class="Positive"}'] == seen[SHED.format('queue_deadline')] == 1
        assert seen['flask_api_requests_queued'] == 0


def test_work_for_a_client_that_left_is_not_begun():
    env = {'PREDICT_SECONDS': '1', 'THREADS': '1'}
    with RunningServer('slow_main', env=env) as server, ThreadPoolExecutor(2) as pool:
        first = pool.submit(server.predict)
        time.sleep(0.2)
        gone = [server.connect(post_bytes(BODY)) for _ in range(5)]
        last = pool.submit(server.predict)
        time.sleep(0.2)
        for client in gone:
            client.close()
        start = time.monotonic()
        assert first.result().status == last.result().status == 200
        assert time.monotonic() - start < 3
        seen = server.metrics()
        assert seen['predictions_total{predicted_class="Positive"}'] == 2
        assert seen[SHED.format('client_gone')] == 5


def test_a_waiting_client_that_only_stopped_sending_is_told():
    with RunningServer('slow_main', env={'PREDICT_SECONDS': '1', 'THREADS': '1'}) as server:
        first = server.connect(post_bytes(BODY))
        time.sleep(0.2)
        with first, server.connect(post_bytes(BODY)) as second:
            for client in (first, second):
                client.shutdown(socket.SHUT_WR)
            answer = read_answer(second)
            assert (answer.status, answer.json['error']['code']) == (503, 'client_gone')
            # A thread had it already: it may want its answer, and gets it.
            assert read_answer(first).status == 200


def measure_clients(server, clients: int, requests: int) -> list[float]:
    """Seconds of each of `requests`, from before the connection to the end of the answer; `clients` at a time."""
    durations: list[float] = []
    data = post_bytes(BODY)

    def send():
        for _ in range(requests // clients):
            start = time.perf_counter()
            with server.connect(data) as connection:
                assert read_answer(connection).status == 200
            durations.append(time.perf_counter() - start)

    threads = [threading.Thread(target=send) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return durations


def quantile_of_histogram(metrics: dict[str, float], quantile: float) -> float:
    """As Prometheus' histogram_quantile reads it."""
    pattern = re.compile(r'http_request_duration_seconds_bucket\{le="([^"]+)",route="/predict"\}')
    buckets = sorted((float(match[1]), count) for name, count in metrics.items() if (match := pattern.match(name)))
    rank, low, before = quantile * buckets[-1][1], 0.0, 0.0
    for high, count in buckets:
        if count >= rank:
            return low + (high - low) * (rank - before) / (count - before)
        low, before = high, count
    return math.inf


@pytest.mark.parametrize('times', [1, 8, 40])
def test_the_histogram_agrees_with_the_clients(times):
    """At 40 times the threads, 39 of 40 parts of the time are spent in the queue."""
    threads, seconds = 8, 0.25 if times == 1 else 0.05
    with RunningServer('slow_main', env={'PREDICT_SECONDS': str(seconds), 'THREADS': str(threads)}) as server:
        clients = times * threads
        durations = sorted(measure_clients(server, clients, max(240, 4 * clients)))
        seen = server.metrics()
        assert seen['http_request_duration_seconds_count{route="/predict"}'] == len(durations)
        client = durations[math.ceil(0.99 * len(durations)) - 1]
        assert quantile_of_histogram(seen, 0.99) == pytest.approx(client, rel=0.2)
        assert client > seconds * times * 0.9
