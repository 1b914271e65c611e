"""Takes connections on one port, says which threads do their work, and answers what is not begun."""

import asyncio
import errno
import logging
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask_api.connections import SO_TIMESTAMPNS, Connection, State
from flask_api.errors import choose_request_id, error_body
from flask_api.http_head import Head
from flask_api.logs import log
from flask_api.metrics import Metrics, bound_method, bound_route
from flask_api.workers import Workers
from flask_api.wsgi import Application, Exchange, format_answer, name_status

SWEEP_SECONDS = 0.25
ACCEPTS_A_TURN = 100
SHED = {
    'queue_full': ('overloaded', 'all threads are busy and the queue is full'),
    'queue_deadline': ('overloaded', 'the request waited too long for a thread'),
    'client_gone': ('client_gone', 'the client ended its side while the request waited'),
}


class Door:
    """One listening socket. Probes, metrics and refusals have threads of their own: work must not make them wait."""

    def __init__(
        self,
        application: Application,
        listener: socket.socket,
        *,
        loop: asyncio.AbstractEventLoop,
        metrics: Metrics,
        workers: Workers,
        quick_workers: Workers,
        quick_paths: frozenset[str] | None,
        max_connections: int,
        queue_seconds: float,
    ) -> None:
        self.application, self.listener, self.loop, self.metrics = application, listener, loop, metrics
        self.workers, self.quick_workers, self.quick_paths = workers, quick_workers, quick_paths
        self.max_connections, self.queue_seconds = max_connections, queue_seconds
        self.port: int = listener.getsockname()[1]
        self.connections: dict[Connection, None] = {}
        listener.setblocking(False)
        self.open()

    def open(self) -> None:
        self.loop.add_reader(self.listener, self.accept)

    def accept(self) -> None:
        # Several at once: a turn of the loop costs the same for one. Not all: a flood must not keep the loop here.
        for _ in range(ACCEPTS_A_TURN):
            if len(self.connections) >= self.max_connections and not self.make_room():
                break
            try:
                sock, _ = self.listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    break
                continue
            sock.setblocking(False)
            connection = Connection(self, sock)
            self.connections[connection] = None
            self.loop.add_reader(sock, connection.on_readable)
            # Most have sent their request already.
            connection.on_readable()
        else:
            return
        # No room: the kernel keeps them for a moment.
        self.loop.remove_reader(self.listener)
        self.loop.call_later(0.05, self.open)

    def make_room(self) -> bool:
        """Closes the connection that has waited longest for its request; none where all are being answered."""
        waiting = (c for c in self.connections if c.state in (State.READING, State.ANSWERED))
        oldest = next(waiting, None)
        if oldest:
            oldest.close()
        return oldest is not None

    def choose_workers(self, head: Head) -> Workers:
        is_quick = self.quick_paths is None or head.path in self.quick_paths
        return self.quick_workers if is_quick else self.workers

    def make_refusal(self, connection: Connection, status: int, reason: str) -> bytes:
        """Counted and logged here: the application never sees it."""
        head, exchange = connection.head, connection.exchange
        request_id = choose_request_id(head.fields.get('x-request-id') if head else None)
        headers = [('Content-Type', 'application/json'), ('X-Request-ID', request_id)]
        fields: dict[str, Any] = {'request_id': request_id, 'status': status}
        code, message = SHED.get(reason, ('', ''))
        if head and reason:
            self.metrics.shed.labels(reason).inc()
            route, method = bound_route(head.path), bound_method(head.method)
            exchange.answered = (route, method, status)
            seconds = time.perf_counter() - exchange.arrived
            fields = {**fields, 'method': method, 'route': route, 'duration_ms': round(seconds * 1000, 3)}
            log(logging.WARNING, 'request', **fields, reason=reason)
            headers.append(('Retry-After', '1'))
        else:
            self.metrics.count_refusal(status)
            log(logging.INFO, 'request refused', **fields)
        body = error_body(status, code, message, request_id)
        has_body = head is None or head.method != 'HEAD'
        return format_answer(name_status(status), headers, body, has_body=has_body)

    def count(self, exchange: Exchange) -> None:
        if exchange.answered:
            self.metrics.count_answer(*exchange.answered, time.perf_counter() - exchange.arrived)
        if exchange.has_failed:
            self.metrics.exceptions.inc()

    def count_owed(self) -> int:
        """Connections that have sent something and do not have their whole answer yet."""
        return sum(not connection.is_silent for connection in self.connections)

    def sweep(self) -> None:
        now = time.perf_counter()
        for connection in list(self.connections):
            connection.end_overdue(now)

    def end(self) -> None:
        """For the end of the process: whatever a thread still sends goes nowhere."""
        self.loop.remove_reader(self.listener)
        self.listener.close()
        for connection in list(self.connections):
            connection.close()

    def call_soon(self, callback: Callable[[], object]) -> None:
        # A thread that ends after the loop finds it closed.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(callback)


def open_listener(port: int) -> socket.socket:
    """IPv6 and IPv4 on one socket where the machine has both. Raises OSError."""
    if socket.has_dualstack_ipv6():
        listener = socket.create_server(('', port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024)
    else:
        listener = socket.create_server(('', port), backlog=1024)
    # Connections inherit it. Where the kernel does not know it, the time of the read is all there is.
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return listener
