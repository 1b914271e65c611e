"""What every kind of model answers."""

from dataclasses import dataclass
from typing import Protocol

CLASSES = ('Positive', 'Negative', 'Neutral')


@dataclass(frozen=True)
class Prediction:
    predicted_class: str
    confidence: float  # from 0 to 1: how often an answer like this is right, where the model is calibrated
    coverage: float  # from 0 to 1: the share of the text's words that the model knows


class Classifier(Protocol):
    def predict(self, text: str) -> Prediction: ...


# Of a request without a text: nothing was classified.
NO_INPUT = Prediction('Neutral', 0.0, 0.0)
