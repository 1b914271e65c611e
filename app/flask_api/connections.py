"""Carries one request and its answer over a non-blocking socket; a thread sees the request when it is whole.

Why read whole: clients that send slowly cost a socket and not a thread. Why one request a connection: a client that
keeps one open loses the request it sends just when the server ends, and stays with one pod while others idle. The event
loop alone accepts, reads and closes; the thread that made an answer sends it, which spares a turn of the loop.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING

from flask_api.http_head import MAX_HEAD_BYTES, Head, Refusal, parse_head
from flask_api.wsgi import Exchange, call_application

if TYPE_CHECKING:
    from flask_api.door import Door

REQUEST_SECONDS = 10  # from the connection to the whole request, and for a client to take its answer
LINGER_IDLE_SECONDS = 2
LINGER_SECONDS = 10
# From Linux's asm-generic/socket.h; Python has no name for it.
SO_TIMESTAMPNS = 35
TIMESPEC = struct.Struct('@ll')
TIMESTAMP_BYTES = socket.CMSG_SPACE(TIMESPEC.size)


class State(Enum):
    READING = 1
    WORKING = 2  # queued, or a thread has it: the socket is the thread's, and the loop must not close it
    SENDING = 3
    ANSWERED = 4
    CLOSED = 5


class Connection:
    def __init__(self, door: Door, sock: socket.socket) -> None:
        self.door, self.sock = door, sock
        self.opened = self.last_activity = self.since = time.perf_counter()  # since: the last change of the state
        self.exchange = Exchange(self.opened)
        self.state = State.READING
        self.buffer = bytearray()
        self.head: Head | None = None
        self.refusal: tuple[int, str] | None = None  # status, and why a good request is not begun
        self.unsent = memoryview(b'')
        self.is_gone = False

    @property
    def is_silent(self) -> bool:
        """Nothing was received, so nothing is owed."""
        return self.state is State.READING and not self.buffer and self.head is None

    def on_readable(self) -> None:
        try:
            data, waited = self.receive()
        except BlockingIOError:
            return
        except OSError:
            data, waited = b'', 0.0
        if not data:
            self.lose_client()
            return
        now = time.perf_counter()
        if self.state is not State.SENDING:
            self.last_activity = now
        # Past the request everything is read away. Closing before would reset the connection, and a reset takes back
        # the answer that the client has not read yet.
        if self.state is State.READING:
            if self.is_silent:
                self.exchange.arrived = now - waited
            self.buffer += data
            try:
                self.read_request()
            except Refusal as refusal:
                self.refuse(refusal.status)

    def receive(self) -> tuple[bytes, float]:
        """What has come, and for how many seconds the kernel has had it: under load the loop is late for both the
        connection and its request, and only the kernel knows by how much."""
        if self.state is not State.READING:
            return self.sock.recv(65536), 0.0
        data, ancillary, _, _ = self.sock.recvmsg(65536, TIMESTAMP_BYTES)
        for level, kind, stamp in ancillary:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(stamp) == TIMESPEC.size:
                seconds, nanoseconds = TIMESPEC.unpack(stamp)
                # Bounded, because somebody may set the clock in between.
                return data, min(max(time.time() - seconds - nanoseconds / 1e9, 0.0), REQUEST_SECONDS)
        return data, 0.0

    def read_request(self) -> None:
        if self.head is None:
            while self.buffer.startswith(b'\r\n'):
                del self.buffer[:2]
            end = self.buffer.find(b'\r\n\r\n')
            if end > MAX_HEAD_BYTES or (end < 0 and len(self.buffer) >= MAX_HEAD_BYTES):
                raise Refusal(431)
            if end < 0:
                return
            self.head = parse_head(bytes(self.buffer[:end]))
            del self.buffer[: end + 4]
            if self.head.awaits_continue and len(self.buffer) < self.head.length:
                with suppress(OSError):
                    self.sock.send(b'HTTP/1.1 100 Continue\r\n\r\n')
        if len(self.buffer) >= self.head.length:
            self.state, self.since = State.WORKING, self.last_activity
            if not self.door.choose_workers(self.head).submit(self):
                self.refuse(503, 'queue_full')

    def refuse(self, status: int, reason: str = '') -> None:
        self.state, self.refusal = State.WORKING, (status, reason)
        self.door.quick_workers.submit(self)

    def lose_client(self) -> None:
        """The client ended its side. It may only have said that it sends no more: work that has begun is answered."""
        self.is_gone = True
        self.door.loop.remove_reader(self.sock)
        if self.state is State.WORKING:
            self.withdraw('client_gone')
        elif self.state is not State.SENDING:
            self.close()

    def withdraw(self, reason: str) -> None:
        if self.refusal is None and self.door.workers.withdraw(self):
            self.refuse(503, reason)

    def run(self) -> None:
        """In a thread: makes the answer and sends it."""
        try:
            self.send(memoryview(self.make_answer()))
        except BaseException:
            self.door.call_soon(self.close)
            raise

    def make_answer(self) -> bytes:
        if self.refusal is None and time.perf_counter() - self.since > self.door.queue_seconds:
            self.refusal = (503, 'queue_deadline')
        if self.refusal:
            answer = self.door.make_refusal(self, *self.refusal)
        else:
            assert self.head is not None
            body = bytes(self.buffer[: self.head.length])
            answer = call_application(self.door.application, self.head, body, self.door.port, self.exchange)
        self.door.count(self.exchange)
        return answer

    def send(self, data: memoryview) -> None:
        try:
            data = data[self.sock.send(data) :]
        except BlockingIOError:
            pass
        except OSError:
            data = data[:0]
        if data:
            self.unsent = data
            if self.state is State.WORKING:
                self.last_activity = time.perf_counter()
                self.door.call_soon(self.wait_until_writable)
            return
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
        self.last_activity = self.since = time.perf_counter()
        # In this order: whichever of the loop and the thread comes second sees what the other said, and closes.
        self.state = State.ANSWERED
        if self.is_gone:
            self.door.call_soon(self.close)

    def wait_until_writable(self) -> None:
        self.state = State.SENDING
        self.door.loop.add_writer(self.sock, self.on_writable)

    def on_writable(self) -> None:
        before = len(self.unsent)
        self.send(self.unsent)
        if self.state is not State.SENDING:
            self.door.loop.remove_writer(self.sock)
        elif len(self.unsent) < before:
            self.last_activity = time.perf_counter()

    def end_overdue(self, now: float) -> None:
        idle = now - self.last_activity
        if self.state is State.ANSWERED:
            if idle > LINGER_IDLE_SECONDS or now - self.since > LINGER_SECONDS:
                self.close()
        elif self.state is State.SENDING:
            if idle > REQUEST_SECONDS:
                self.close()
        elif self.state is State.WORKING:
            if now - self.since > self.door.queue_seconds:
                self.withdraw('queue_deadline')
        elif now - self.opened > REQUEST_SECONDS:
            if self.is_silent:
                self.close()
            else:
                self.refuse(408)

    def close(self) -> None:
        if self.state is State.CLOSED:
            return
        self.state = State.CLOSED
        self.door.loop.remove_reader(self.sock)
        self.door.loop.remove_writer(self.sock)
        self.sock.close()
        self.door.connections.pop(self, None)
