"""Trains a model of the format "linear" from texts with known classes, and writes a report on texts it has not seen.

.venv/bin/python tools/train.py --out model.json --report report.md --name reviews tools/data/*.tsv
"""

import argparse
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labelled import Example, count_right, draw, read_labelled, show_accuracy, show_calibration, show_confusion

from flask_api.linear_model import (
    MAX_NGRAMS,
    MAX_WEIGHT,
    LinearClassifier,
    list_ngrams,
    parse_linear_model,
    softmax,
    split_words,
)
from flask_api.model_file import MAX_ENTRIES, MAX_KEY_CHARS
from flask_api.prediction import CLASSES

TUNE, HELD_OUT = 8, 9  # of the ten parts that draw() makes; the other eight are for training


@dataclass(frozen=True)
class Options:
    ngrams: int = 2
    at_least: int = 2  # texts that must contain an n-gram
    rounds: int = 8
    step: float = 0.3
    decay: float = 1e-4


def list_features(text: str, ngrams: int) -> list[str]:
    found = dict.fromkeys(list_ngrams(split_words(text), ngrams))
    return [ngram for ngram in found if len(ngram) <= MAX_KEY_CHARS]


def learn(examples: Sequence[Example], options: Options) -> LinearClassifier:
    """Stochastic gradient descent, a step of its own for each weight (AdaGrad). The same texts, the same weights."""
    classes = sorted({example.label for example in examples}, key=CLASSES.index)
    texts = [(list_features(example.text, options.ngrams), classes.index(example.label)) for example in examples]
    counts = Counter(feature for features, _ in texts for feature in features)
    kept = [feature for feature, count in counts.most_common(MAX_ENTRIES) if count >= options.at_least]
    weights = {feature: [0.0] * len(classes) for feature in kept}
    slopes = {feature: [1e-8] * len(classes) for feature in kept}
    bias, bias_slopes = [0.0] * len(classes), [1e-8] * len(classes)
    rng = random.Random(1)
    for _ in range(options.rounds):
        rng.shuffle(texts)
        for features, label in texts:
            rows = [(weights[feature], slopes[feature]) for feature in features if feature in weights]
            sums = [bias[i] + math.fsum(row[i] for row, _ in rows) for i in range(len(classes))]
            for i, share in enumerate(softmax(sums)):
                error = share - (i == label)
                for row, squares in (*rows, (bias, bias_slopes)):
                    slope = error + options.decay * row[i]
                    squares[i] += slope * slope
                    row[i] -= options.step * slope / math.sqrt(squares[i])
    return LinearClassifier(classes, options.ngrams, bias, weights)


def measure_surprise(classifier: LinearClassifier, examples: Sequence[Example], factor: float) -> float:
    """Mean negative logarithm of the share that the right class has when all weights are multiplied by `factor`."""
    scaled, total = scale(classifier, factor), 0.0
    for example in examples:
        sums = list(scaled.bias)
        for feature in list_features(example.text, scaled.ngrams):
            for i, weight in enumerate(scaled.weights.get(feature, ())):
                sums[i] += weight
        total -= math.log(max(softmax(sums)[scaled.classes.index(example.label)], 1e-12))
    return total / len(examples)


def scale(classifier: LinearClassifier, factor: float) -> LinearClassifier:
    weights = {key: [weight * factor for weight in row] for key, row in classifier.weights.items()}
    bias = [weight * factor for weight in classifier.bias]
    return LinearClassifier(classifier.classes, classifier.ngrams, bias, weights)


def calibrate(classifier: LinearClassifier, examples: Sequence[Example]) -> LinearClassifier:
    """One factor for all weights, chosen on texts of their own: what was learned by heart looks surer than it is."""
    known = [example for example in examples if example.label in classifier.classes]
    if not known:
        return classifier
    factors = [0.1 * 1.15**power for power in range(24)]
    return scale(classifier, min(factors, key=lambda factor: measure_surprise(classifier, known, factor)))


def write_model(classifier: LinearClassifier, name: str, model_version: str | None) -> str:
    def shorten(row: Sequence[float]) -> list[float]:
        return [round(max(-MAX_WEIGHT, min(MAX_WEIGHT, weight)), 3) for weight in row]

    head = {'version': 1, 'format': 'linear', 'name': name}
    version = {'model_version': model_version} if model_version else {}
    model = {
        **head,
        **version,
        'ngrams': classifier.ngrams,
        'classes': list(classifier.classes),
        'bias': shorten(classifier.bias),
        'weights': {key: shorten(row) for key, row in sorted(classifier.weights.items()) if any(shorten(row))},
    }
    return json.dumps(model, ensure_ascii=False, separators=(',', ':')) + '\n'


def write_report(name: str, classifier: LinearClassifier, parts: dict[str, list[Example]], options: Options) -> str:
    held_out = parts['held out']
    usual, count = Counter(example.label for example in held_out).most_common(1)[0]
    right = count_right(classifier, held_out)
    return '\n'.join(
        [
            f'# {name}',
            '',
            f'{", ".join(f"{len(part)} texts {use}" for use, part in parts.items())}; n-grams of 1 to {options.ngrams} '
            f'words in at least {options.at_least} texts: {len(classifier.weights)}.',
            '',
            f'Of the {len(held_out)} texts held out, {right} are answered right ({right / len(held_out):.3f}). '
            f'Always "{usual}" would be right {count} times ({count / len(held_out):.3f}).',
            '',
            show_accuracy(classifier, held_out),
            '',
            show_confusion(classifier, held_out),
            '',
            show_calibration(classifier, held_out),
            '',
        ]
    )


def train(examples: Sequence[Example], name: str, options: Options, model_version: str | None) -> tuple[str, str]:
    """The model's file and the report. Raises ValueError where there is too little to learn from or to report on."""
    part_of = {TUNE: 'to calibrate', HELD_OUT: 'held out'}
    parts: dict[str, list[Example]] = {'to train': [], 'to calibrate': [], 'held out': []}
    for example in examples:
        parts[part_of.get(draw(example.text), 'to train')].append(example)
    if len({example.label for example in parts['to train']}) < 2 or not parts['held out']:
        raise ValueError('too few texts: two classes to train, and some texts to hold out, are needed')
    classifier = calibrate(learn(parts['to train'], options), parts['to calibrate'])
    text = write_model(classifier, name, model_version)
    # What is reported on is what is written: read back, with its rounded weights.
    return text, write_report(name, parse_linear_model(json.loads(text)), parts, options)


def main(arguments: Sequence[str] | None = None) -> int:
    default = Options()
    parser = argparse.ArgumentParser(description='Trains a model from lines "class, tab, text".')
    parser.add_argument('files', nargs='+', type=Path, help='texts that you may use for this: see to their licence')
    parser.add_argument('--out', required=True, type=Path, help='the model, for MODEL_PATH')
    parser.add_argument('--report', required=True, type=Path, help='the report on the texts held out, Markdown')
    parser.add_argument('--name', default='linear', help='of the model, in /readyz and the metrics')
    parser.add_argument('--model-version', help='of the model; without it the digest of its file')
    parser.add_argument('--ngrams', type=int, default=default.ngrams, choices=range(1, MAX_NGRAMS + 1))
    parser.add_argument('--at-least', type=int, default=default.at_least, help='texts that contain an n-gram')
    parser.add_argument('--rounds', type=int, default=default.rounds)
    given = parser.parse_args(arguments)
    options = Options(ngrams=given.ngrams, at_least=given.at_least, rounds=given.rounds)
    try:
        model, report = train(read_labelled(given.files), given.name, options, given.model_version)
        given.out.write_text(model, encoding='utf-8')
        given.report.write_text(report, encoding='utf-8')
    except (OSError, ValueError) as error:
        print(f'train.py: {error}', file=sys.stderr)
        return 1
    print(report)
    return 0


if __name__ == '__main__':
    sys.exit(main())
