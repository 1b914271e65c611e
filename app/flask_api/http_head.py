"""Reads the head of a request as RFC 9112 writes it, and refuses whatever two readers could understand differently."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

from flask_api.settings import MAX_BODY_BYTES

MAX_HEAD_BYTES = 16 * 1024

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# Methods are case-sensitive, and all that exist are upper case: "get" is a mistake, and no server agrees on what it is.
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Z-]+) ([\x21\x22\x24-\x7e]+) HTTP/1\.([01])")
# No folded lines, no space before the colon, no control character in the value.
_FIELD = re.compile(rb'(' + _TOKEN + rb'):[ \t]*([\t\x20-\x7e\x80-\xff]*)')
_HOST = re.compile(rb"[A-Za-z0-9._~%!$&'()*+,;=:\[\]-]*")
_LENGTH = re.compile(rb'[0-9]{1,20}')


class Refusal(Exception):
    """The request is answered with `status` and never becomes one of the application."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    method: str
    path: str  # unescaped; each byte a character, as WSGI wants it
    query: str
    minor: int  # of HTTP/1.minor
    fields: Mapping[str, str]  # by lower-case name; repeated ones joined with a comma
    length: int  # of the body, in bytes

    @property
    def awaits_continue(self) -> bool:
        return self.minor == 1 and self.fields.get('expect', '').lower() == '100-continue'


def parse_head(data: bytes) -> Head:
    """`data` is everything before the empty line. Raises Refusal."""
    first, *lines = data.split(b'\r\n')
    match = _REQUEST_LINE.fullmatch(first)
    if not match:
        raise Refusal(400)
    fields: dict[bytes, bytes] = {}
    for line in lines:
        field = _FIELD.fullmatch(line)
        if not field:
            raise Refusal(400)
        name, value = field[1].lower(), field[2].rstrip(b' \t')
        if name in fields:
            if name in (b'host', b'content-length'):
                raise Refusal(400)
            value = fields[name] + b', ' + value
        fields[name] = value
    method, target, minor = match.groups()
    host = fields.get(b'host')
    if (host is None and minor == b'1') or (host is not None and not _HOST.fullmatch(host)):
        raise Refusal(400)
    path, query = _split_target(target)
    return Head(
        method.decode('ascii'),
        path,
        query,
        int(minor),
        {name.decode('latin-1'): value.decode('latin-1') for name, value in fields.items()},
        _read_length(fields, minor),
    )


def _split_target(target: bytes) -> tuple[str, str]:
    text = target.decode('ascii')
    if text.startswith(('http://', 'https://')):
        try:
            parts = urlsplit(text)
        except ValueError:
            raise Refusal(400) from None
        path, query = parts.path or '/', parts.query
    elif text.startswith('/'):
        path, _, query = text.partition('?')
    elif text == '*':
        path, query = text, ''
    else:
        raise Refusal(400)
    return unquote_to_bytes(path).decode('latin-1'), query


def _read_length(fields: Mapping[bytes, bytes], minor: bytes) -> int:
    coding, length = fields.get(b'transfer-encoding'), fields.get(b'content-length')
    if coding is not None:
        # HTTP/1.0 has no codings, and a length beside one is how requests are smuggled.
        is_plain = coding.lower() == b'chunked' and length is None and minor == b'1'
        raise Refusal(411 if is_plain else 400)
    if length is None:
        return 0
    if not _LENGTH.fullmatch(length):
        raise Refusal(400)
    if int(length) > MAX_BODY_BYTES:
        raise Refusal(413)
    return int(length)
