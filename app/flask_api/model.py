"""Loads the sentiment model from a JSON file and turns its score into a class and a confidence."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from flask_api.scoring import Lexicon, score_text
from flask_api.strict_json import StrictJsonError, parse_json

BUILT_IN_MODEL = Path(__file__).parent / 'data' / 'vader.json'
CLASSES = ('Positive', 'Negative', 'Neutral')
NEUTRAL_BELOW = 0.05  # VADER's own threshold

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_ENTRIES = 200_000
MAX_KEY_CHARS = 64
MAX_WEIGHT = 4


class ModelError(ValueError):
    """Says why a file is no model; carries no content of it but the key at fault."""


@dataclass(frozen=True)
class Prediction:
    predicted_class: str
    confidence: float


@dataclass(frozen=True)
class Model:
    name: str
    lexicon: Lexicon

    def predict(self, text: str) -> Prediction:
        """The confidence is the distance from neutral (for Neutral: the nearness to it), not a probability."""
        score = score_text(text, self.lexicon)
        if abs(score) < NEUTRAL_BELOW:
            return Prediction('Neutral', round(1 - abs(score), 4))
        return Prediction('Positive' if score > 0 else 'Negative', abs(score))


def load_model(path: str | Path | None = None) -> Model:
    """The built-in model when no path is given. Raises ModelError; the README describes the format."""
    path = Path(path or BUILT_IN_MODEL)
    try:
        return parse_model(_read_bounded(path))
    except ModelError as error:
        raise ModelError(f'{path}: {error}') from None


def parse_model(data: bytes) -> Model:
    try:
        document = parse_json(data)
    except StrictJsonError as error:
        raise ModelError(f'not valid JSON: {error}') from None
    if not isinstance(document, dict):
        raise ModelError('must be a JSON object')
    unknown = document.keys() - {'version', 'name', 'lexicon', 'boosters', 'negations', 'idioms'}
    if unknown:
        raise ModelError(f'unknown key {min(unknown)[:MAX_KEY_CHARS]!r}')
    version, name = document.get('version'), document.get('name', 'unnamed')
    if type(version) is not int or version != 1:
        raise ModelError('"version" must be 1')
    if not isinstance(name, str) or not 0 < len(name) <= MAX_KEY_CHARS or not name.isprintable():
        raise ModelError(f'"name" must be a text of 1 to {MAX_KEY_CHARS} printable characters')
    words = _weights(document, 'lexicon', (1, 1))
    if not words:
        raise ModelError('"lexicon" must have at least one word')
    return Model(
        name,
        Lexicon(
            words=words,
            boosters=_weights(document, 'boosters', (1, 2)),
            negations=frozenset(_keys('negations', document.get('negations', []), list, (1, 1))),
            idioms=_weights(document, 'idioms', (2, 3)),
        ),
    )


def _read_bounded(path: Path) -> bytes:
    try:
        # A FIFO would block for ever without O_NONBLOCK.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, 'rb') as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ModelError('not a regular file')
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ModelError(f'cannot be read: {error.strerror}') from None
    except ValueError as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError('its path contains a NUL') from None
    if len(data) > MAX_FILE_BYTES:
        raise ModelError(f'larger than {MAX_FILE_BYTES} bytes')
    return data


def _weights(document: dict, section: str, lengths: tuple[int, int]) -> dict[str, float]:
    weights = document.get(section, {})
    for key in _keys(section, weights, dict, lengths):
        weight = weights[key]
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise ModelError(f'{section}: the weight of {key!r} must be a number')
        if not abs(weight) <= MAX_WEIGHT:
            raise ModelError(f'{section}: the weight of {key!r} must be from -{MAX_WEIGHT} to {MAX_WEIGHT}')
    return {key: float(weight) for key, weight in weights.items()}


def _keys(section: str, entries: object, kind: type, lengths: tuple[int, int]) -> list[str]:
    if not isinstance(entries, dict | list) or not isinstance(entries, kind):
        raise ModelError(f'"{section}" must be {"an object" if kind is dict else "a list"}')
    if len(entries) > MAX_ENTRIES:
        raise ModelError(f'"{section}" has more than {MAX_ENTRIES} entries')
    for key in entries:
        if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_CHARS:
            raise ModelError(f'{section}: an entry must be a text of 1 to {MAX_KEY_CHARS} characters')
        # Another key could never match: texts are split at whitespace and compared in lower case.
        words = key.split()
        if key != key.lower() or key != ' '.join(words):
            raise ModelError(f'{section}: {key!r} must be lower case with single spaces')
        if not lengths[0] <= len(words) <= lengths[1]:
            raise ModelError(f'{section}: {key!r} must have {_count_words(*lengths)}')
    return list(entries)


def _count_words(low: int, high: int) -> str:
    return '1 word' if low == high == 1 else f'{low} or {high} words'
