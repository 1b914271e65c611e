"""The kind of model that adds up the weights of n-grams for each class, as tools/train.py learns them."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask_api.model_file import ModelError, read_keys, read_number, refuse_unknown_keys
from flask_api.prediction import CLASSES, Prediction

MAX_NGRAMS = 3
MAX_WEIGHT = 100

_KEYS = frozenset(('version', 'format', 'name', 'model_version', 'ngrams', 'classes', 'bias', 'weights'))
# A word with its apostrophes and hyphens, or one sign: emoji, "!" and "?" say something, and full stops do not.
_WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s.,;:\"()\[\]]")


def split_words(text: str) -> list[str]:
    return [word.replace('’', "'") for word in _WORD.findall(text.lower())]


def list_ngrams(words: Sequence[str], longest: int) -> Iterator[str]:
    for length in range(1, longest + 1):
        for start in range(len(words) - length + 1):
            yield ' '.join(words[start : start + length])


@dataclass(frozen=True)
class LinearClassifier:
    """Multinomial logistic regression over the n-grams that a text contains, each counted once."""

    classes: Sequence[str]
    ngrams: int
    bias: Sequence[float]
    weights: Mapping[str, Sequence[float]]

    def predict(self, text: str) -> Prediction:
        words = split_words(text)
        sums = list(self.bias)
        # In the order of the text, because the last digit of a sum depends on it.
        for ngram in dict.fromkeys(list_ngrams(words, self.ngrams)):
            for index, weight in enumerate(self.weights.get(ngram, ())):
                sums[index] += weight
        shares = softmax(sums)
        best = max(range(len(shares)), key=shares.__getitem__)
        known = sum(word in self.weights for word in words)
        coverage = round(known / len(words), 4) if words else 0.0
        return Prediction(self.classes[best], round(shares[best], 4), coverage)


def softmax(sums: Sequence[float]) -> list[float]:
    largest = max(sums)
    powers = [math.exp(value - largest) for value in sums]
    total = math.fsum(powers)
    return [power / total for power in powers]


def parse_linear_model(document: dict) -> LinearClassifier:
    refuse_unknown_keys(document, _KEYS)
    classes = document.get('classes')
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise ModelError('"classes" must be a list of names')
    if len(classes) < 2 or len(set(classes)) != len(classes) or not set(classes) <= set(CLASSES):
        raise ModelError(f'"classes" must be two or three different ones of {", ".join(CLASSES)}')
    ngrams = document.get('ngrams')
    if type(ngrams) is not int or not 1 <= ngrams <= MAX_NGRAMS:
        raise ModelError(f'"ngrams" must be a number from 1 to {MAX_NGRAMS}')
    weights = document.get('weights', {})
    parsed = {
        key: _read_row(weights[key], len(classes), f'weights: {key!r}')
        for key in read_keys('weights', weights, dict, (1, ngrams))
    }
    if not parsed:
        raise ModelError('"weights" must have at least one n-gram')
    return LinearClassifier(classes, ngrams, _read_row(document.get('bias'), len(classes), '"bias"'), parsed)


def _read_row(row: object, length: int, what: str) -> tuple[float, ...]:
    if not isinstance(row, list) or len(row) != length:
        raise ModelError(f'{what} must be a list with a number for each class')
    return tuple(read_number(value, -MAX_WEIGHT, MAX_WEIGHT, f'{what}: a weight') for value in row)
