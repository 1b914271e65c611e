"""Writes flask_api/data/vader.json: the lexicon inside the vaderSentiment package, and curves that calibrate.py fits.

Run with the development environment: .venv/bin/python tools/make_model.py
"""

import json
from importlib.metadata import version
from pathlib import Path

from calibrate import fit_curves, is_for_fitting
from labelled import read_shipped
from vaderSentiment import vaderSentiment as vader

from flask_api.model import parse_model

# Of the numbers: another one whenever an answer may change.
VERSION = '2'
TARGET = Path(__file__).parents[1] / 'flask_api' / 'data' / 'vader.json'


def make_model() -> str:
    analyzer = vader.SentimentIntensityAnalyzer()
    words = {word: weight for word, weight in analyzer.lexicon.items() if is_reachable(word)}
    model = {
        'version': 1,
        'name': f'vader-{version("vaderSentiment")}',
        'model_version': VERSION,
        'lexicon': dict(sorted((words | weigh_emoji(analyzer.emojis, words)).items())),
        'boosters': dict(sorted(vader.BOOSTER_DICT.items())),
        'negations': sorted(vader.NEGATE),
        # "badass" alone is a word, and in the lexicon.
        'idioms': {phrase: weight for phrase, weight in sorted(vader.SPECIAL_CASES.items()) if ' ' in phrase},
    }
    classifier = parse_model(json.dumps(model).encode()).classifier
    model['calibration'] = fit_curves(classifier, [example for example in read_shipped() if is_for_fitting(example)])
    return json.dumps(model, ensure_ascii=False, indent=1) + '\n'


def is_reachable(word: str) -> bool:
    """Texts are split at whitespace and lowered, so an entry with a space or a capital matches nothing."""
    return word == word.lower() and not any(character.isspace() for character in word)


def weigh_emoji(descriptions: dict[str, str], words: dict[str, float]) -> dict[str, float]:
    """VADER reads an emoji as its description ("face with tears of joy"); here its words are added up beforehand."""
    totals = {
        emoji: round(sum(words.get(word, 0) for word in description.lower().split()), 1)
        for emoji, description in descriptions.items()
        if len(emoji) == 1
    }
    return {emoji: max(-4.0, min(4.0, total)) for emoji, total in totals.items() if total}


if __name__ == '__main__':
    TARGET.write_text(make_model(), encoding='utf-8')
