"""Reads every setting from the environment once, so that a wrong one stops the start and not a request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_BODY_BYTES = 64 * 1024
LOG_LEVELS = ('debug', 'info', 'warning', 'error')


class SettingsError(ValueError):
    """Names every setting that is wrong, one sentence each."""


@dataclass(frozen=True)
class Settings:
    port: int = 5000
    metrics_port: int = 9090
    model_path: str | None = None
    model_sha256: str | None = None
    log_level: str = 'info'
    threads: int = 8
    queue_size: int = 512
    queue_seconds: int = 20
    max_text_chars: int = 10_000
    shutdown_grace_seconds: int = 25
    environment: str = ''
    version: str = 'dev'
    revision: str = ''


def read_settings(environ: Mapping[str, str]) -> Settings:
    """An empty variable counts as unset: that is what an absent ConfigMap key often turns into."""
    problems: list[str] = []

    def text(name: str, default: str, pattern: str, expected: str) -> str:
        value = environ.get(name) or default
        if re.fullmatch(pattern, value):
            return value
        problems.append(f'{name} must be {expected}, not {value[:64]!r}')
        return default

    def number(name: str, default: int, low: int, high: int) -> int:
        value = text(name, str(default), r'[0-9]{1,9}', f'a number from {low} to {high}')
        if not low <= int(value) <= high:
            problems.append(f'{name} must be a number from {low} to {high}, not {value}')
        return int(value)

    label = r'[A-Za-z0-9._+-]{0,63}'
    default = Settings()
    settings = Settings(
        port=number('PORT', default.port, 1, 65535),
        metrics_port=number('METRICS_PORT', default.metrics_port, 1, 65535),
        model_path=environ.get('MODEL_PATH') or None,
        model_sha256=text('MODEL_SHA256', '', '(?i:[0-9a-f]{64})?', '64 hex digits').lower() or None,
        log_level=text('LOG_LEVEL', default.log_level, f'(?i:{"|".join(LOG_LEVELS)})', ', '.join(LOG_LEVELS)).lower(),
        threads=number('THREADS', default.threads, 1, 256),
        queue_size=number('QUEUE_SIZE', default.queue_size, 0, 10_000),
        queue_seconds=number('QUEUE_SECONDS', default.queue_seconds, 1, 3600),
        max_text_chars=number('MAX_TEXT_CHARS', default.max_text_chars, 1, MAX_BODY_BYTES),
        shutdown_grace_seconds=number('SHUTDOWN_GRACE_SECONDS', default.shutdown_grace_seconds, 0, 3600),
        environment=text('ENVIRONMENT', default.environment, label, 'up to 63 letters, digits and ._+-'),
        version=text('APP_VERSION', default.version, label, 'up to 63 letters, digits and ._+-'),
        revision=text('APP_REVISION', default.revision, label, 'up to 63 letters, digits and ._+-'),
    )
    if settings.port == settings.metrics_port:
        problems.append(f'PORT and METRICS_PORT must differ, both are {settings.port}')
    if problems:
        raise SettingsError('; '.join(problems))
    return settings
