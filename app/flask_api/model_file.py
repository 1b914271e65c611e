"""What every kind of model file has in common: read in bounded time and memory, and a reason that names the fault."""

import os
import stat
from pathlib import Path

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_ENTRIES = 200_000
MAX_KEY_CHARS = 64


class ModelError(ValueError):
    """Says why a file is not a model, without its content but the key at fault; `code` is the reason in /readyz."""

    def __init__(self, message: str, code: str = 'model_invalid') -> None:
        super().__init__(message)
        self.code = code


def read_bounded(path: Path) -> bytes:
    try:
        # A FIFO would block for ever without O_NONBLOCK.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, 'rb') as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ModelError('not a regular file')
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ModelError(f'cannot be read: {error.strerror}', 'model_missing') from None
    except ValueError as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError('its path contains a NUL') from None
    if len(data) > MAX_FILE_BYTES:
        raise ModelError(f'larger than {MAX_FILE_BYTES} bytes')
    return data


def refuse_unknown_keys(document: dict, known: frozenset[str]) -> None:
    unknown = document.keys() - known
    if unknown:
        raise ModelError(f'unknown key {min(unknown)[:MAX_KEY_CHARS]!r}')


def read_number(value: object, low: float, high: float, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError(f'{what} must be a number')
    if not low <= value <= high:
        raise ModelError(f'{what} must be from {low} to {high}')
    return float(value)


def read_name(document: dict, key: str, default: str) -> str:
    name = document.get(key, default)
    if not isinstance(name, str) or not 0 < len(name) <= MAX_KEY_CHARS or not name.isprintable():
        raise ModelError(f'"{key}" must be a text of 1 to {MAX_KEY_CHARS} printable characters')
    return name


def read_keys(section: str, entries: object, kind: type, lengths: tuple[int, int]) -> list[str]:
    """The keys of a section, each of which texts can contain: split at whitespace, in lower case."""
    if not isinstance(entries, dict | list) or not isinstance(entries, kind):
        raise ModelError(f'"{section}" must be {"an object" if kind is dict else "a list"}')
    if len(entries) > MAX_ENTRIES:
        raise ModelError(f'"{section}" has more than {MAX_ENTRIES} entries')
    for key in entries:
        if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_CHARS:
            raise ModelError(f'{section}: an entry must be a text of 1 to {MAX_KEY_CHARS} characters')
        words = key.split()
        if key != key.lower() or key != ' '.join(words):
            raise ModelError(f'{section}: {key!r} must be lower case with single spaces')
        if not lengths[0] <= len(words) <= lengths[1]:
            raise ModelError(f'{section}: {key!r} must have {_count_words(*lengths)}')
    return list(entries)


def _count_words(low: int, high: int) -> str:
    if low == high == 1:
        return '1 word'
    return f'{low} or {high} words' if high - low == 1 else f'{low} to {high} words'
