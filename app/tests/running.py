"""Starts the real server as a process of its own and talks to it over sockets."""

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

APP = Path(__file__).parents[1]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def free_ports(count: int) -> list[int]:
    """Different ones, below the ephemeral range, so that no client socket of the test takes them in between."""
    found = []
    for port in random.SystemRandom().sample(range(20000, 30000), k=1000):
        with socket.socket() as probe:
            try:
                probe.bind(('', port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise OSError('no free ports')


class RunningServer:
    """`module` is flask_api itself, or slow_main for a model that takes its time. The environment is empty but for
    what is given: no HOME, no PATH, no temporary folder."""

    def __init__(self, module='flask_api', wait='/readyz', env=None, **process):
        self.port, self.metrics_port = free_ports(2)
        self.env = {
            'PORT': str(self.port),
            'METRICS_PORT': str(self.metrics_port),
            'PYTHONPATH': f'{APP}{os.pathsep}{APP / "tests"}',
            'PYTHONDONTWRITEBYTECODE': '1',
            **(env or {}),
        }
        self.module, self.wait, self.process_options = module, wait, process

    def __enter__(self):
        self.log_file = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, '-W', 'error', '-m', self.module],
            env=self.env,
            **{'stdin': subprocess.DEVNULL, 'stdout': self.log_file, 'stderr': self.log_file, **self.process_options},
        )
        try:
            if self.wait:
                self.wait_for(self.wait)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log_file.close()

    def wait_for(self, path, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f'ended with {self.process.returncode}: {self.log_text()}')
            try:
                if self.get(path).status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError(f'{path} did not answer 200 in {seconds} s: {self.log_text()}')

    def log_text(self) -> str:
        # Not through the shared file offset: the server is still writing there.
        return os.pread(self.log_file.fileno(), 64 << 20, 0).decode()

    def log_lines(self) -> list[dict]:
        return [json.loads(line) for line in self.log_text().splitlines()]

    def connect(self, data=b'', port=None) -> socket.socket:
        connection = socket.create_connection(('127.0.0.1', port or self.port), timeout=20)
        if data:
            connection.sendall(data)
        return connection

    def request(self, method, path, body=None, headers=None, port=None, timeout=20) -> Answer:
        connection = http.client.HTTPConnection('127.0.0.1', port or self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path, **options) -> Answer:
        return self.request('GET', path, **options)

    def predict(self, text='This is a great movie!', **options) -> Answer:
        return self.request('POST', '/predict', json.dumps({'text': text}), **options)

    def send_raw(self, data: bytes) -> Answer:
        with self.connect(data) as connection:
            return read_answer(connection)

    def metrics(self) -> dict[str, float]:
        text = self.get('/metrics', port=self.metrics_port).body.decode()
        return {name: float(value) for name, value in re.findall(r'^([^#\s]\S*) (\S+)$', text, re.MULTILINE)}

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait_exit(self, seconds=20) -> int:
        return self.process.wait(seconds)


def read_answer(connection: socket.socket) -> Answer:
    """Reads to the end of the connection, which the server closes after each answer."""
    data = b''
    while chunk := connection.recv(65536):
        data += chunk
    head, _, body = data.partition(b'\r\n\r\n')
    first, *lines = head.decode('latin-1').split('\r\n')
    headers = {name.lower(): value for name, value in (line.split(': ', 1) for line in lines)}
    return Answer(int(first.split(' ')[1]), headers, body)


def post_bytes(body: bytes, *headers: str) -> bytes:
    lines = ('POST /predict HTTP/1.1', 'Host: test', f'Content-Length: {len(body)}', *headers, '', '')
    return '\r\n'.join(lines).encode('latin-1') + body
