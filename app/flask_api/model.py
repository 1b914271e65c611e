"""Loads a model of either kind from its file, and checks that it is the file that was meant."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask_api.lexicon_model import parse_lexicon_model
from flask_api.linear_model import parse_linear_model
from flask_api.model_file import ModelError, read_bounded, read_name
from flask_api.prediction import Classifier, Prediction
from flask_api.strict_json import StrictJsonError, parse_json

BUILT_IN_MODEL = Path(__file__).parent / 'data' / 'vader.json'

FORMATS: Mapping[str, Callable[[dict], Classifier]] = {'lexicon': parse_lexicon_model, 'linear': parse_linear_model}


@dataclass(frozen=True)
class Model:
    name: str
    version: str
    classifier: Classifier

    def predict(self, text: str) -> Prediction:
        return self.classifier.predict(text)

    def describe(self) -> dict[str, str]:
        return {'model': self.name, 'model_version': self.version}


def load_model(path: str | Path | None = None, sha256: str | None = None) -> Model:
    """The built-in model when no path is given. Raises ModelError; the README describes the format."""
    path = Path(path or BUILT_IN_MODEL)
    try:
        data = read_bounded(path)
        digest = hashlib.sha256(data).hexdigest()
        if sha256 and digest != sha256:
            raise ModelError(f'its SHA-256 is {digest}, and MODEL_SHA256 names {sha256}', 'model_checksum')
        return parse_model(data)
    except ModelError as error:
        raise ModelError(f'{path}: {error}', error.code) from None


def parse_model(data: bytes) -> Model:
    try:
        document = parse_json(data)
    except StrictJsonError as error:
        raise ModelError(f'not valid JSON: {error}') from None
    if not isinstance(document, dict):
        raise ModelError('must be a JSON object')
    if type(document.get('version')) is not int or document['version'] != 1:
        raise ModelError('"version" must be 1')
    kind = document.get('format', 'lexicon')
    if not isinstance(kind, str) or kind not in FORMATS:
        raise ModelError(f'"format" must be {" or ".join(FORMATS)}')
    name = read_name(document, 'name', 'unnamed')
    version = read_name(document, 'model_version', hashlib.sha256(data).hexdigest()[:12])
    return Model(name, version, FORMATS[kind](document))
