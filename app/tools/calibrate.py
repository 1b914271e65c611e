"""Fits the confidence of the built-in model to how often it is right, on one half of the texts in tools/data.

Shows on the other half what came of it. `make_model.py` writes the curves into the model.

Run with the development environment: .venv/bin/python tools/calibrate.py
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

from labelled import Example, draw, read_shipped, show_accuracy, show_calibration

from flask_api.lexicon_model import LexiconClassifier
from flask_api.model import load_model
from flask_api.prediction import CLASSES

POINTS = 12


def fit_curves(classifier: LexiconClassifier, examples: Sequence[Example]) -> dict[str, list[list[float]]]:
    """For each class points [score, confidence], both rising: isotonic regression over groups of equal size."""
    plain = LexiconClassifier(classifier.lexicon)
    answers: Mapping[str, list[tuple[float, bool]]] = {name: [] for name in CLASSES}
    for example in examples:
        answer = plain.predict(example.text)
        # Without curves the confidence is the score's distance from neutral, or its nearness to it.
        strength = 1 - answer.confidence if answer.predicted_class == 'Neutral' else answer.confidence
        answers[answer.predicted_class].append((round(strength, 4), answer.predicted_class == example.label))
    # Neutral is not told apart by its score, which is nearly always 0.
    return {name: fit_curve(pairs, 1 if name == 'Neutral' else POINTS) for name, pairs in answers.items()}


def fit_curve(pairs: Sequence[tuple[float, bool]], points: int) -> list[list[float]]:
    groups: list[list[float]] = []  # count, sum of scores, right ones
    ordered = sorted(pairs)
    size = -(-len(ordered) // points)
    for _, members in groupby(enumerate(ordered), lambda item: item[0] // size):
        chosen = [pair for _, pair in members]
        groups.append([len(chosen), sum(score for score, _ in chosen), sum(right for _, right in chosen)])
        # Two neighbours that fall are one.
        while len(groups) > 1 and groups[-2][2] / groups[-2][0] >= groups[-1][2] / groups[-1][0]:
            last = groups.pop()
            groups[-1] = [a + b for a, b in zip(groups[-1], last, strict=True)]
    return [[round(total / count, 4), round(right / count, 4)] for count, total, right in groups]


def is_for_fitting(example: Example) -> bool:
    return draw(example.text) < 5


def show_report() -> str:
    examples = read_shipped()
    held_out = [example for example in examples if not is_for_fitting(example)]
    classifier = load_model().classifier
    return f'{show_accuracy(classifier, examples)}\n\n{show_calibration(classifier, held_out)}'


if __name__ == '__main__':
    print(show_report())
