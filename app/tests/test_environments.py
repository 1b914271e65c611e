"""What the manifests of this repository set, given to the real server. Where they are elsewhere, nothing is tested."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from running import RunningServer

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = sorted(path.parent.name for path in ROOT.glob('overlays/*/kustomization.yaml'))


def read_literals(path: Path) -> dict[str, str]:
    """The literals of a configMapGenerator: "- NAME=value" a line, with a comment or without."""
    found = re.findall(r'^\s+- ([A-Z][A-Z0-9_]*)=([^\s#]*)', path.read_text(), re.MULTILINE)
    return dict(found)


def read_environ(environment: str | None = None) -> dict[str, str]:
    """As the pod has it: the ConfigMap of the base, that of the overlay over it, and `env` of the Deployment last."""
    deployment = (ROOT / 'base' / 'deployment.yaml').read_text()
    fixed = dict(re.findall(r"- name: ([A-Z][A-Z0-9_]*)\s+value: '?([^'\s]+)'?", deployment))
    overlay = read_literals(ROOT / 'overlays' / environment / 'kustomization.yaml') if environment else {}
    ports = ('PORT', 'METRICS_PORT')
    environ = read_literals(ROOT / 'base' / 'kustomization.yaml') | overlay | fixed
    return {name: value for name, value in environ.items() if name not in ports and not name.startswith('MODEL_')}


@pytest.mark.parametrize('environment', ENVIRONMENTS)
def test_a_refused_request_is_found_in_the_log_by_the_id_that_the_client_got(environment):
    with RunningServer(env=read_environ(environment)) as server:
        answers = [server.request('POST', '/predict', b'[]'), server.get('/nothing'), server.send_raw(b'x\r\n\r\n')]
        assert [answer.status for answer in answers] == [422, 404, 400]
        lines = {line['request_id']: line for line in server.log_lines()}
        for answer in answers:
            line = lines[answer.json['error']['request_id']]
            assert (line['status'], line['environment']) == (answer.status, environment)
        # And the log is not full of probes.
        server.get('/healthz')
        level = read_environ(environment)['LOG_LEVEL']
        assert level in ('debug', 'info')
        assert any(line.get('route') == '/healthz' for line in server.log_lines()) is (level == 'debug')


@pytest.mark.parametrize('environment', [None] * bool(ENVIRONMENTS))
def test_50_requests_of_3_seconds_are_answered_within_the_grace_at_the_threads_of_the_base(environment):
    environ = read_environ(environment)
    with (
        RunningServer('slow_main', env=environ | {'PREDICT_SECONDS': '3'}) as server,
        ThreadPoolExecutor(50) as pool,
    ):
        answers = [pool.submit(server.predict, timeout=60) for _ in range(50)]
        time.sleep(0.7)
        server.terminate()
        start = time.monotonic()
        assert [answer.result().status for answer in answers] == [200] * 50
        assert server.wait_exit() == 0
        assert time.monotonic() - start < int(environ['SHUTDOWN_GRACE_SECONDS'])
