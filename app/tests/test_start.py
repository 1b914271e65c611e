import hashlib
import json
import os
import platform
import resource
import signal
import socket
import time

import pytest
from running import RunningServer


def test_it_is_alive_and_not_ready_while_the_model_loads():
    with RunningServer('slow_main', wait='/healthz', env={'LOAD_SECONDS': '1'}) as server:
        ready, predict = server.get('/readyz'), server.predict()
        assert (ready.status, ready.json['error']['code']) == (503, 'model_loading')
        assert (predict.status, predict.headers['retry-after']) == (503, '1')
        assert server.metrics()['flask_api_ready'] == 0
        server.wait_for('/readyz')
        assert server.predict().status == 200


def test_a_model_file_is_used(tmp_path):
    path = tmp_path / 'model.json'
    path.write_text(json.dumps({'version': 1, 'name': 'tiny', 'model_version': '7', 'lexicon': {'great': -3}}))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with RunningServer(env={'MODEL_PATH': str(path), 'MODEL_SHA256': digest}) as server:
        answer = server.predict()
        assert answer.json['predicted_class'] == 'Negative'
        assert (answer.headers['x-model-name'], answer.headers['x-model-version']) == ('tiny', '7')
        assert server.get('/readyz').json == {'status': 'ready', 'model': 'tiny', 'model_version': '7'}
        assert any('model="tiny",model_version="7"' in name for name in server.metrics())


GOOD_MODEL = '{"version": 1, "lexicon": {"great": 3}}'
DIGEST = hashlib.sha256(GOOD_MODEL.encode()).hexdigest()
DAMAGED = hashlib.sha256(GOOD_MODEL.encode()[:-1]).hexdigest()


@pytest.mark.parametrize(
    ('content', 'code', 'message'),
    [
        (None, 'model_missing', 'cannot be read: No such file or directory'),
        ('{"version": 1, "lexicon": {"x": 5}}', 'model_invalid', "lexicon: the weight of 'x' must be from -4 to 4"),
        (GOOD_MODEL[:-1], 'model_checksum', f'its SHA-256 is {DAMAGED}, and MODEL_SHA256 names {DIGEST}'),
    ],
)
def test_a_bad_model_file_leaves_it_alive_and_not_ready_with_the_reason_until_it_is_right(
    tmp_path, content, code, message
):
    path = tmp_path / 'model.json'
    if content:
        path.write_text(content)
    env = {'MODEL_PATH': str(path), 'RETRY_SECONDS': '0.2'}
    if code != 'model_invalid':
        env['MODEL_SHA256'] = DIGEST
    with RunningServer('slow_main', wait='/healthz', env=env) as server:
        message = f'{path}: {message}'
        time.sleep(0.8)
        assert server.get('/healthz').status == 200
        ready, predict = server.get('/readyz'), server.predict()
        assert (ready.status, ready.json['error']['code'], ready.json['error']['message']) == (503, code, message)
        assert (predict.status, predict.json['error']['code']) == (503, code)
        seen = server.metrics()
        assert seen['flask_api_ready'] == 0
        assert any('model="",model_version=""' in name for name in seen)
        # Once, and not every time it looks.
        errors = [(line['message'], line['reason']) for line in server.log_lines() if line['level'] == 'error']
        assert errors == [(f'model not loaded: {message}', code)]
        path.write_text(GOOD_MODEL)
        server.wait_for('/readyz')
        assert server.predict().headers['x-model-version'] == DIGEST[:12]


def test_a_checksum_holds_for_the_built_in_model_too():
    with RunningServer(wait='/healthz', env={'MODEL_SHA256': '0' * 64}) as server:
        time.sleep(0.5)
        assert server.get('/readyz').json['error']['code'] == 'model_checksum'


def test_wrong_settings_end_it_with_2_and_one_line():
    with RunningServer(wait=None, env={'THREADS': 'many', 'LOG_LEVEL': 'loud'}) as server:
        assert server.wait_exit() == 2
        (line,) = server.log_lines()
        assert line['level'] == 'error'
        assert 'THREADS must be a number from 1 to 256' in line['message']
        assert 'LOG_LEVEL must be debug, info, warning, error' in line['message']


@pytest.mark.parametrize('name', ['PORT', 'METRICS_PORT'])
def test_a_taken_port_ends_it_with_1_and_one_line(name):
    server = RunningServer(wait=None)
    with socket.create_server(('', int(server.env[name]))), server:
        assert server.wait_exit() == 1
        (line,) = server.log_lines()
        assert line['message'].startswith('cannot listen on ') and server.env[name] in line['message']


def test_it_writes_no_file():
    """The limit stands in for a read-only root and an unwritable /tmp: with it no process can put a byte into a file.
    The output goes through a pipe, which the limit does not touch."""
    read_end, write_end = os.pipe()
    server = RunningServer(
        env={'TMPDIR': '/nonexistent'},
        stdout=write_end,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    with os.fdopen(read_end) as output, server:
        os.close(write_end)
        assert server.predict('great ' * 1000).status == 200
        assert server.request('POST', '/predict', bytes(1_000_000)).status == 413
        assert server.metrics()['flask_api_ready'] == 1
        # Ctrl-C; the other tests end it with SIGTERM.
        server.process.send_signal(signal.SIGINT)
        assert server.wait_exit() == 0
        lines = [json.loads(line) for line in output.read().splitlines()]
        assert lines[-1]['message'] == 'stopped'
        assert {line['level'] for line in lines} == {'info'}
        # Not even standard error, which is a file here.
        assert server.log_text() == ''


def test_it_runs_with_few_files():
    with RunningServer(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))) as server:
        clients = [server.connect(b'GET / HTTP/1.1\r\n') for _ in range(250)]
        assert server.get('/healthz').status == 200
        assert server.predict().status == 200
        for client in clients:
            client.close()
        assert {line['level'] for line in server.log_lines()} == {'info'}


def test_it_starts_soon_says_where_it_listens_and_raises_its_limit_of_files():
    start = time.monotonic()
    options = {'env': {'ENVIRONMENT': 'qa', 'APP_VERSION': '1.2.3'}}
    with RunningServer(**options, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 4096))) as server:
        assert time.monotonic() - start < 5
        line = server.log_lines()[0]
        assert (line['message'], line['environment'], line['port']) == ('listening', 'qa', server.port)
        metrics = server.metrics()
        assert metrics['process_max_fds'] == 1150
        info = next(name for name in metrics if name.startswith('flask_api_build_info'))
        wanted = ('version="1.2.3"', 'environment="qa"', f'python="{platform.python_version()}"')
        assert all(part in info for part in wanted)
