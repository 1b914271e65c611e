"""Parses JSON as RFC 8259 writes it, because the standard parser also takes NaN, repeated keys and any depth."""

import json
import re

MAX_DEPTH = 32
# Whole strings are one match, so a bracket inside one does not count. No alternative can fail after it
# began, an unfinished string included: the scan is linear for every input.
_TOKENS = re.compile(r'"(?:[^"\\]+|\\.?)*(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


class StrictJsonError(ValueError):
    """Says what is wrong without repeating the input."""


def parse_json(data: bytes) -> object:
    try:
        text = data.decode('utf-8-sig')
    except UnicodeDecodeError:
        raise StrictJsonError('not UTF-8') from None
    _check_depth(text)
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise StrictJsonError(f'{error.msg} at line {error.lineno}, column {error.colno}') from None
    except StrictJsonError:
        raise
    except ValueError:
        # The only one left: CPython refuses to convert integers of more than 4,300 digits.
        raise StrictJsonError('a number has too many digits') from None


def _check_depth(text: str) -> None:
    if text.count('[') + text.count('{') <= MAX_DEPTH:
        return
    depth = 0
    for match in _TOKENS.finditer(text):
        character = match[0][0]
        depth += character in '[{'
        depth -= character in ']}'
        if depth > MAX_DEPTH:
            raise StrictJsonError(f'nested deeper than {MAX_DEPTH} levels')


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise StrictJsonError('an object repeats a key')
    return result


def _refuse_constant(_name: str) -> object:
    raise StrictJsonError('NaN and Infinity are not JSON')
