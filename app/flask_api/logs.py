"""Writes one JSON object per line to stdout, and never an exception's message: it may quote a request."""

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType

logger = logging.getLogger('flask_api')

ENCODER = json.JSONEncoder(default=str)


@lru_cache(maxsize=4)
def format_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime('%Y-%m-%dT%H:%M:%S')


class JsonFormatter(logging.Formatter):
    def __init__(self, environment: str) -> None:
        super().__init__()
        self.environment = environment

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            'time': f'{format_second(int(record.created))}.{int(record.created % 1 * 1000):03d}+00:00',
            'level': record.levelname.lower(),
            'logger': record.name,
            'message': record.getMessage(),
            'environment': self.environment,
            'request_id': None,
        }
        line |= getattr(record, 'fields', {})
        if record.exc_info and record.exc_info[0]:
            line |= describe_exception(record.exc_info[0], record.exc_info[2])
        return ENCODER.encode(line)


def describe_exception(kind: type[BaseException], trace: TracebackType | None) -> dict[str, object]:
    frames = traceback.extract_tb(trace)[-20:]
    return {'exception': kind.__name__, 'stack': [f'{frame.filename}:{frame.lineno} {frame.name}' for frame in frames]}


def configure_logs(level: str, environment: str) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(environment))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # It says which selector it uses, at debug.
    logging.getLogger('asyncio').setLevel(logging.WARNING)
    logging.captureWarnings(True)
    # A log line that cannot be written must not become a plain traceback on stderr.
    logging.raiseExceptions = False
    sys.excepthook = lambda kind, value, trace: logger.critical('uncaught exception', exc_info=(kind, value, trace))
    threading.excepthook = lambda args: logger.critical(
        'uncaught exception', exc_info=(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
    )


def log(level: int, message: str, **fields: object) -> None:
    logger.log(level, message, extra={'fields': fields})
