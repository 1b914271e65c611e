"""The kind of model that weighs known words with VADER's rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_api.calibration import Curve, read_calibration
from flask_api.model_file import ModelError, read_keys, read_number, refuse_unknown_keys
from flask_api.prediction import CLASSES, Prediction
from flask_api.scoring import Lexicon, measure_text

NEUTRAL_BELOW = 0.05  # VADER's own threshold
MAX_WEIGHT = 4

_KEYS = frozenset(
    ('version', 'format', 'name', 'model_version', 'lexicon', 'boosters', 'negations', 'idioms', 'calibration')
)


@dataclass(frozen=True)
class LexiconClassifier:
    lexicon: Lexicon
    calibration: Mapping[str, Curve] = field(default_factory=dict)

    def predict(self, text: str) -> Prediction:
        """Without a calibration the confidence is the distance from neutral (for Neutral: the nearness to it)."""
        score, coverage = measure_text(text, self.lexicon)
        strength = abs(score)
        name = 'Neutral' if strength < NEUTRAL_BELOW else 'Positive' if score > 0 else 'Negative'
        curve = self.calibration.get(name)
        confidence = curve.read(strength) if curve else 1 - strength if name == 'Neutral' else strength
        return Prediction(name, round(confidence, 4), coverage)


def parse_lexicon_model(document: dict) -> LexiconClassifier:
    refuse_unknown_keys(document, _KEYS)
    words = _read_weights(document, 'lexicon', (1, 1))
    if not words:
        raise ModelError('"lexicon" must have at least one word')
    lexicon = Lexicon(
        words=words,
        boosters=_read_weights(document, 'boosters', (1, 2)),
        negations=frozenset(read_keys('negations', document.get('negations', []), list, (1, 1))),
        idioms=_read_weights(document, 'idioms', (2, 3)),
    )
    return LexiconClassifier(lexicon, read_calibration(document, CLASSES))


def _read_weights(document: dict, section: str, lengths: tuple[int, int]) -> dict[str, float]:
    weights = document.get(section, {})
    return {
        key: read_number(weights[key], -MAX_WEIGHT, MAX_WEIGHT, f'{section}: the weight of {key!r}')
        for key in read_keys(section, weights, dict, lengths)
    }
