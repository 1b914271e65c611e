"""Adapts waitress, connection by connection: JSON refusals, deadlines, one request each, no answer lost at the end.

Why waitress: it reads a whole request before a thread sees it, so clients that send slowly cost a socket and not a
worker. Why one request a connection: a client that keeps one open loses the request it sends just when the server
ends, and stays with one pod while others idle. The version is pinned: parts of this are not its public interface.
"""

import logging
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher
from waitress.utilities import Error

from flask_api.errors import choose_request_id, error_body
from flask_api.logs import log
from flask_api.settings import MAX_BODY_BYTES

MAX_HEADER_BYTES = 16 * 1024
REQUEST_SECONDS = 10  # from the connection to the whole request
LINGER_IDLE_SECONDS = 2
LINGER_SECONDS = 10
ACCEPTS_A_TURN = 100


class RequestTimeout(Error):
    code = 408


class LengthRequired(Error):
    code = 411


class Parser(HTTPRequestParser):
    error: Error | None

    def received(self, data: bytes) -> int:
        consumed = super().received(data)
        if self.headers_finished and self.error is None and self.chunked:
            self.error, self.completed = LengthRequired(''), True
        if self.completed:
            # Else waitress asks for a body it has already refused, or that does not exist, and waits for it.
            self.expect_continue = False
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ParsingError:
            raise
        except Exception:
            # A length of 5,000 digits or an address like "http://[" would end the connection without an answer; an
            # unknown transfer coding would be answered with a 5xx.
            raise ParsingError('') from None
        if 'TRANSFER_ENCODING' in self.headers or (self.chunked and 'CONTENT_LENGTH' in self.headers):
            raise ParsingError('')
        self.headers['CONNECTION'] = 'close'


class RefusalTask(ErrorTask):
    """Answers what never becomes a request of the application: it is counted and logged here."""

    def execute(self) -> None:
        code = self.request.error.code
        request_id = choose_request_id(self.request.headers.get('X_REQUEST_ID'))
        body = error_body(code, request_id=request_id)
        self.status = f'{code} {HTTPStatus(code).phrase}'
        self.response_headers += [('Content-Type', 'application/json'), ('X-Request-ID', request_id)]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.channel.server.count_refusal(code)
        log(logging.INFO, 'request refused', request_id=request_id, status=code)
        self.write(b'' if getattr(self.request, 'command', '') == 'HEAD' else body)


class Channel(HTTPChannel):
    parser_class = Parser
    error_task_class = RefusalTask
    request: Parser | None
    linger_start: float | None = None

    @property
    def is_waiting(self) -> bool:
        """The request is not complete, so closing loses no work."""
        return not (self.requests or self.total_outbufs_len or self.close_when_flushed or self.linger_start)

    @property
    def is_silent(self) -> bool:
        """Nothing was received, so nothing is owed."""
        return self.is_waiting and self.request is None

    def readable(self) -> bool:
        return not self.will_close if self.linger_start else super().readable()

    def writable(self) -> bool:
        return self.will_close if self.linger_start else super().writable()

    def handle_write(self) -> None:
        if not self.close_when_flushed:
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if self.will_close:
            self.handle_close()
        elif self.connected and not self.total_outbufs_len:
            self.start_lingering()

    def start_lingering(self) -> None:
        """Reads on after the answer. Closing at once would reset the connection when the client still sends (a body
        that is too large), and a reset takes back the answer that it has not read yet."""
        self.close_when_flushed = False
        self.linger_start = self.last_activity = time.time()
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()

    def handle_read(self) -> None:
        if not self.linger_start:
            super().handle_read()
        else:
            try:
                if self.recv(65536):
                    self.last_activity = time.time()
            except OSError:
                self.handle_close()

    def handle_expt(self) -> None:
        # Urgent data stays readable for ever, which would spin the loop.
        self.handle_close()

    def end_overdue(self, now: float) -> None:
        if self.requests:
            return
        idle = now - self.last_activity
        if self.linger_start:
            if idle > LINGER_IDLE_SECONDS or now - self.linger_start > LINGER_SECONDS:
                self.handle_close()
        elif not self.is_waiting:
            # An answer that the client does not read. Not `will_close`: that waits until the socket can be written.
            if idle > REQUEST_SECONDS:
                self.handle_close()
        elif now - self.creation_time > REQUEST_SECONDS:
            if self.request is None:
                self.handle_close()
            else:
                self.refuse_late_request(self.request)

    def refuse_late_request(self, request: Parser) -> None:
        with self.requests_lock:
            request.error, request.completed = RequestTimeout(''), True
            self.request, self.requests = None, [request]
        self.server.add_task(self)


class Server(TcpWSGIServer):
    """One listening socket. Probes, metrics and refusals have threads of their own: work must not make them wait."""

    channel_class = Channel

    def __init__(
        self,
        application: Callable,
        port: int,
        *,
        sockets: dict,
        max_connections: int,
        connection_limit: int,
        workers: ThreadedTaskDispatcher,
        quick_workers: ThreadedTaskDispatcher,
        quick_paths: frozenset[str] | None,
        count_refusal: Callable[[int], None],
    ) -> None:
        adjustments = Adjustments(
            ident=None,
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=MAX_BODY_BYTES + 1,
            # Only reached when no connection is waiting for its request (handle_accept): all are being answered.
            connection_limit=connection_limit,
            cleanup_interval=1,
            backlog=1024,
            log_socket_errors=False,
        )
        listener = open_listener(port)
        self.max_connections = max_connections
        self.quick_workers = quick_workers
        self.quick_paths = quick_paths
        self.count_refusal = count_refusal
        super().__init__(
            application,
            map=sockets,
            _sock=listener,
            dispatcher=workers,
            adj=adjustments,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def add_task(self, channel: Channel) -> None:
        request = channel.requests[0]
        is_quick = self.quick_paths is None or request.error is not None or request.path in self.quick_paths
        (self.quick_workers if is_quick else self.task_dispatcher).add_task(channel)

    def handle_accept(self) -> None:
        # Several at once: a turn of the loop looks at every connection, and a flood would queue up at one a turn.
        for _ in range(ACCEPTS_A_TURN):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return
            if before >= self.max_connections:
                *others, _newest = self.active_channels.values()
                oldest = next((channel for channel in others if channel.is_waiting), None)
                if oldest is not None:
                    oldest.handle_close()

    def maintenance(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            channel.end_overdue(now)

    def count_owed(self) -> int:
        """Connections that have sent something and do not have their whole answer yet."""
        return sum(not channel.is_silent for channel in self.active_channels.values())

    def pull_trigger(self) -> None:
        # A thread that ends after the loop finds the pipe closed.
        with suppress(OSError):
            super().pull_trigger()


def open_listener(port: int) -> socket.socket:
    """IPv6 and IPv4 on one socket where the machine has both. Raises OSError."""
    if socket.has_dualstack_ipv6():
        return socket.create_server(('', port), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(('', port))


def start_workers(count: int) -> ThreadedTaskDispatcher:
    workers = ThreadedTaskDispatcher()
    workers.set_thread_count(count)
    return workers
