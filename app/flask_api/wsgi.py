"""Calls a WSGI application for one request that is complete in memory, and makes the bytes of its answer."""

import io
import logging
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from types import TracebackType
from typing import Any

from flask_api.errors import error_body
from flask_api.http_head import Head
from flask_api.logs import describe_exception, log

# In the environ of a request: what the server and the application tell each other of it.
EXCHANGE = 'flask_api.exchange'
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(slots=True)
class Exchange:
    arrived: float  # time.perf_counter() of its first byte
    # (route, method, status) of an answer that is to be counted when it is sent, and not when it is made.
    answered: tuple[str, str, int] | None = None
    has_failed: bool = False


def call_application(application: Application, head: Head, body: bytes, port: int, exchange: Exchange) -> bytes:
    """The whole answer; one with status 500 where the application raises."""
    status, headers = '', []

    def start_response(
        line: str,
        fields: list[tuple[str, str]],
        failure: tuple[type[BaseException], BaseException, TracebackType] | None = None,
    ) -> Callable[[bytes], object]:
        nonlocal status, headers
        if failure and status:
            raise failure[1].with_traceback(failure[2])
        status, headers = line, fields
        return written.write

    written = io.BytesIO()
    try:
        chunks = application(make_environ(head, body, port, exchange), start_response)
        try:
            for chunk in chunks:
                written.write(chunk)
        finally:
            if hasattr(chunks, 'close'):
                chunks.close()
        content = written.getvalue()
    except Exception as error:
        exchange.has_failed = True
        log(logging.ERROR, 'request failed', **describe_exception(type(error), error.__traceback__))
        return format_answer('500 Internal Server Error', [('Content-Type', 'application/json')], error_body(500))
    return format_answer(status, headers, content, has_body=head.method != 'HEAD')


def format_answer(status: str, headers: list[tuple[str, str]], content: bytes, *, has_body: bool = True) -> bytes:
    lines = [f'HTTP/1.1 {status}', *(f'{name}: {value}' for name, value in headers)]
    if not any(name.lower() == 'content-length' for name, _ in headers):
        lines.append(f'Content-Length: {len(content)}')
    lines += [f'Date: {_format_date(int(time.time()))}', 'Connection: close', '', '']
    return '\r\n'.join(lines).encode('latin-1') + (content if has_body else b'')


def name_status(status: int) -> str:
    return f'{status} {HTTPStatus(status).phrase}'


_last_date = (0, '')


def _format_date(second: int) -> str:
    global _last_date
    if _last_date[0] != second:
        _last_date = (second, formatdate(second, usegmt=True))
    return _last_date[1]


def make_environ(head: Head, body: bytes, port: int, exchange: Exchange) -> dict[str, Any]:
    environ: dict[str, Any] = {
        'REQUEST_METHOD': head.method,
        'SCRIPT_NAME': '',
        'PATH_INFO': head.path,
        'QUERY_STRING': head.query,
        'SERVER_NAME': 'localhost',
        'SERVER_PORT': str(port),
        'SERVER_PROTOCOL': f'HTTP/1.{head.minor}',
        'wsgi.version': (1, 0),
        'wsgi.url_scheme': 'http',
        'wsgi.input': io.BytesIO(body),
        'wsgi.errors': sys.stderr,
        'wsgi.multithread': True,
        'wsgi.multiprocess': False,
        'wsgi.run_once': False,
        EXCHANGE: exchange,
    }
    for name, value in head.fields.items():
        # "Content_Length" would become the same variable as "Content-Length".
        if '_' not in name:
            key = name.replace('-', '_').upper()
            environ[key if key in ('CONTENT_LENGTH', 'CONTENT_TYPE') else f'HTTP_{key}'] = value
    return environ
