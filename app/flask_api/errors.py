"""The one shape of every error answer: {"error": {"code", "message", "request_id"}}."""

import json
import re
import uuid

MESSAGES = {
    400: ('bad_request', 'the request is not valid HTTP'),
    404: ('not_found', 'there is no such route'),
    405: ('method_not_allowed', 'the route does not take this method'),
    408: ('request_timeout', 'the request did not arrive in time'),
    411: ('length_required', 'a body needs a Content-Length; chunked bodies are not taken'),
    413: ('body_too_large', 'the body is larger than 65536 bytes'),
    431: ('headers_too_large', 'the request line and headers are larger than 16384 bytes'),
    500: ('internal_error', 'the server failed; the log has the details under the request id'),
}
_REQUEST_ID = re.compile(r'[A-Za-z0-9._-]{1,64}')


class ApiError(Exception):
    """An answer that is not a success; `status` is the HTTP status."""

    def __init__(self, status: int, code: str = '', message: str = '') -> None:
        super().__init__(code)
        default_code, default_message = MESSAGES.get(status, ('error', 'the request failed'))
        self.status = status
        self.code = code or default_code
        self.message = message or default_message


def error_body(status: int, code: str = '', message: str = '', request_id: str | None = None) -> bytes:
    error = ApiError(status, code, message)
    content = {'code': error.code, 'message': error.message, 'request_id': request_id}
    return json.dumps({'error': content}).encode() + b'\n'


def choose_request_id(offered: str | None) -> str:
    """The caller's own id where it is harmless in a log line and a header, else a new one."""
    return offered if offered and _REQUEST_ID.fullmatch(offered) else uuid.uuid4().hex
