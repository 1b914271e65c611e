"""Turns how sure a model seems into how often it is right, measured on texts with known classes (tools/)."""

import itertools
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_api.model_file import ModelError, read_number

MAX_POINTS = 50


@dataclass(frozen=True)
class Curve:
    """Straight between its points, level before the first and after the last."""

    at: Sequence[float]
    confidence: Sequence[float]

    def read(self, value: float) -> float:
        index = bisect_right(self.at, value)
        if index == 0 or index == len(self.at):
            return self.confidence[max(index - 1, 0)]
        left, right = self.at[index - 1], self.at[index]
        share = (value - left) / (right - left)
        return self.confidence[index - 1] * (1 - share) + self.confidence[index] * share


def read_calibration(document: dict, classes: Sequence[str]) -> Mapping[str, Curve]:
    """The section "calibration" of a model file: for each class points [score, confidence]. Raises ModelError."""
    section = document.get('calibration', {})
    if not isinstance(section, dict):
        raise ModelError('"calibration" must be an object')
    if section and set(section) != set(classes):
        raise ModelError(f'"calibration" must have the classes {", ".join(classes)}')
    return {name: _read_curve(name, points) for name, points in section.items()}


def _read_curve(name: str, points: object) -> Curve:
    if not isinstance(points, list) or not 0 < len(points) <= MAX_POINTS:
        raise ModelError(f'calibration: {name} must be a list of 1 to {MAX_POINTS} points')
    at, confidence = [], []
    for point in points:
        if not isinstance(point, list) or len(point) != 2:
            raise ModelError(f'calibration: a point of {name} must be [score, confidence]')
        at.append(read_number(point[0], 0, 1, f'calibration: a score of {name}'))
        confidence.append(read_number(point[1], 0, 1, f'calibration: a confidence of {name}'))
    if any(left >= right for left, right in itertools.pairwise(at)):
        raise ModelError(f'calibration: the scores of {name} must ascend')
    if any(left > right for left, right in itertools.pairwise(confidence)):
        raise ModelError(f'calibration: the confidences of {name} must not fall')
    return Curve(at, confidence)
