"""Texts with known classes: reading them, setting some apart, and saying how right a model is on them."""

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import itertools

from flask_api.prediction import CLASSES, Classifier

DATA = Path(__file__).parent / 'data'
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Example:
    source: str
    label: str
    text: str


def read_labelled(paths: Iterable[Path]) -> list[Example]:
    """A line: the class, a tab, the text. Raises ValueError with file and line."""
    examples = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
            label, tab, text = line.partition('\t')
            if label not in CLASSES or not tab or not text.strip():
                raise ValueError(f'{path}:{number}: must be a class of {", ".join(CLASSES)}, a tab, a text')
            examples.append(Example(path.stem, label, text))
    return examples


def read_shipped() -> list[Example]:
    return read_labelled(sorted(DATA.glob('*.tsv')))


def draw(text: str) -> int:
    """From 0 to 9, by the text alone: the same text is always on the same side of a split, also when it comes twice."""
    return hashlib.sha256(text.encode()).digest()[0] * 10 // 256


def count_right(classifier: Classifier, examples: Sequence[Example]) -> int:
    return sum(classifier.predict(example.text).predicted_class == example.label for example in examples)


def show_accuracy(classifier: Classifier, examples: Sequence[Example]) -> str:
    """A table of the sources: of the texts of each class, the share that is answered with it."""
    lines = ['| texts | count | accuracy | Positive | Negative | Neutral |', '| --- | --- | --- | --- | --- | --- |']
    for source in [*sorted({example.source for example in examples}), 'all']:
        chosen = [example for example in examples if source in (example.source, 'all')]
        cells = [f'{count_right(classifier, chosen) / len(chosen):.3f}']
        for name in CLASSES:
            of_class = [example for example in chosen if example.label == name]
            cells.append(f'{count_right(classifier, of_class) / len(of_class):.3f}' if of_class else '')
        lines.append(f'| {source} | {len(chosen)} | {" | ".join(cells)} |')
    return '\n'.join(lines)


def show_calibration(classifier: Classifier, examples: Sequence[Example]) -> str:
    """A table of the answers by their confidence, and the mean distance between it and how often they are right."""
    answers = [(classifier.predict(example.text), example.label) for example in examples]
    lines = ['| confidence | answers | mean confidence | right |', '| --- | --- | --- | --- |']
    distance = 0.0
    for low, high in itertools.pairwise(BINS):
        chosen = [(a, label) for a, label in answers if low <= a.confidence < high or a.confidence == high == 1]
        if chosen:
            mean = sum(a.confidence for a, _ in chosen) / len(chosen)
            right = sum(a.predicted_class == label for a, label in chosen) / len(chosen)
            distance += abs(mean - right) * len(chosen) / len(answers)
            lines.append(f'| {low} to {high} | {len(chosen)} | {mean:.3f} | {right:.3f} |')
    return '\n'.join([*lines, '', f'Mean distance of confidence and share of right answers: {distance:.3f}.'])


def show_confusion(classifier: Classifier, examples: Sequence[Example]) -> str:
    """For each class its precision, recall and F1, and what its texts were answered with."""
    pairs = Counter((example.label, classifier.predict(example.text).predicted_class) for example in examples)
    lines = [f'| texts of | {" | ".join(CLASSES)} | precision | recall | F1 |', '| --- ' * (len(CLASSES) + 4) + '|']
    for label in CLASSES:
        right = pairs[label, label]
        answered, known = (sum(pairs[pair] for pair in pairs if pair[i] == label) for i in (1, 0))
        precision, recall = right / answered if answered else 0.0, right / known if known else 0.0
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0
        counts = ' | '.join(str(pairs[label, name]) for name in CLASSES)
        lines.append(f'| {label} | {counts} | {precision:.3f} | {recall:.3f} | {f1:.3f} |')
    return '\n'.join(lines)
