import contextlib
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from running import RunningServer, post_bytes, read_answer

BODY = b'{"text": "This is a great movie!"}'


def test_50_of_50_requests_in_flight_are_answered():
    env = {'PREDICT_SECONDS': '3', 'THREADS': '50'}
    with RunningServer('slow_main', env=env) as server, ThreadPoolExecutor(50) as pool:
        answers = [pool.submit(server.predict) for _ in range(50)]
        time.sleep(0.7)
        server.terminate()
        start = time.monotonic()
        assert [answer.result().status for answer in answers] == [200] * 50
        assert server.wait_exit() == 0
        assert time.monotonic() - start < 10
        assert server.log_lines()[-1]['message'] == 'stopped'


def test_requests_that_wait_for_a_worker_are_answered_too():
    env = {'PREDICT_SECONDS': '0.2', 'THREADS': '4'}
    with RunningServer('slow_main', env=env) as server, ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(server.predict) for _ in range(16)]
        time.sleep(0.4)
        server.terminate()
        assert [answer.result().status for answer in answers] == [200] * 16
        assert server.wait_exit() == 0


def test_a_request_half_sent_before_the_signal_is_answered():
    with RunningServer() as server:
        request = post_bytes(BODY)
        with server.connect(request[:-10]) as client:
            time.sleep(0.2)
            server.terminate()
            time.sleep(1.4)
            client.sendall(request[-10:])
            assert read_answer(client).json['predicted_class'] == 'Positive'
        assert server.wait_exit() == 0


def test_while_shutting_down_it_is_not_ready_alive_and_takes_requests():
    with RunningServer('slow_main', env={'PREDICT_SECONDS': '1'}) as server, ThreadPoolExecutor(1) as pool:
        busy = pool.submit(server.predict)
        time.sleep(0.3)
        server.terminate()
        time.sleep(0.2)
        ready = server.get('/readyz')
        assert (ready.status, ready.json['error']['code']) == (503, 'shutting_down')
        assert server.get('/healthz').status == 200
        assert server.get('/').status == 200
        assert server.metrics()['flask_api_ready'] == 0
        assert busy.result().status == 200
        assert server.wait_exit() == 0


def test_under_load_every_connection_that_was_taken_is_answered():
    """Clients learn of the end from refused connections alone. 0.5 s after the signal they stop, as when the endpoints
    of a Service have been updated; until then not one request may be lost."""
    outcomes, stop = [], threading.Event()

    def send(server):
        while not stop.is_set():
            try:
                connection = server.connect()
            except ConnectionRefusedError:
                outcomes.append('refused')
                return
            with connection:
                try:
                    connection.sendall(post_bytes(BODY))
                    outcomes.append(read_answer(connection).status)
                except (OSError, IndexError, ValueError) as error:
                    outcomes.append(repr(error))

    with RunningServer() as server:
        threads = [threading.Thread(target=send, args=(server,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        server.terminate()
        time.sleep(0.5)
        stop.set()
        for thread in threads:
            thread.join()
        assert server.wait_exit() == 0
    assert set(outcomes) == {200}
    assert len(outcomes) > 200


def test_clients_that_only_hold_their_connection_do_not_hold_the_server():
    with RunningServer() as server, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(server.connect()) for _ in range(20)]
        answered = stack.enter_context(server.connect(post_bytes(BODY)))
        time.sleep(0.2)
        start = time.monotonic()
        server.terminate()
        assert server.wait_exit() == 0
        assert time.monotonic() - start < 6
        assert silent[0].recv(1) == b''
        assert read_answer(answered).status == 200
        with pytest.raises(ConnectionRefusedError):
            server.get('/healthz')


def test_the_grace_ends_it_with_1_when_something_is_unanswered():
    with RunningServer('slow_main', env={'PREDICT_SECONDS': '15', 'SHUTDOWN_GRACE_SECONDS': '1'}) as server:
        with server.connect(post_bytes(BODY)):
            time.sleep(0.3)
            start = time.monotonic()
            server.terminate()
            assert server.wait_exit() == 1
            assert 0.9 < time.monotonic() - start < 3
        last = server.log_lines()[-1]
        assert (last['message'], last['level'], last['unanswered']) == ('stopped', 'warning', 1)


def test_a_second_signal_ends_it_at_once():
    with RunningServer('slow_main', env={'PREDICT_SECONDS': '15'}) as server, server.connect(post_bytes(BODY)):
        time.sleep(0.3)
        server.terminate()
        time.sleep(0.3)
        assert server.process.poll() is None
        start = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        assert server.wait_exit() == 1
        assert time.monotonic() - start < 2
