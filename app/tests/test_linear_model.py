import json
import math

import pytest

from flask_api.linear_model import split_words
from flask_api.model import parse_model
from flask_api.model_file import ModelError

GOOD = {
    'version': 1,
    'format': 'linear',
    'name': 'tiny',
    'ngrams': 2,
    'classes': ['Negative', 'Positive'],
    'bias': [0, 0.5],
    'weights': {'good': [-1, 1], 'not good': [2, -2], 'bad': [1.5, -1.5]},
}


def parse(**changes):
    return parse_model(json.dumps(GOOD | changes).encode())


@pytest.mark.parametrize(
    ('text', 'sums', 'coverage'),
    [
        ('good', (-1, 1.5), 1),
        ('Good, good!', (-1, 1.5), 0.6667),
        ('not good', (1, -0.5), 0.5),
        ('it is bad', (1.5, -1), 0.3333),
        ('a table', (0, 0.5), 0),
        ('', (0, 0.5), 0),
    ],
)
def test_the_weights_of_the_ngrams_add_up_each_once(text, sums, coverage):
    prediction = parse().predict(text)
    share = 1 / (1 + math.exp(min(sums) - max(sums)))
    assert prediction.predicted_class == ('Positive' if sums[1] > sums[0] else 'Negative')
    assert prediction.confidence == pytest.approx(share, abs=0.0001)
    assert prediction.coverage == coverage


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('It isn’t 5-star…', ['it', "isn't", '5-star', '…']),
        ('(great!) :)', ['great', '!']),
        ('😁😁 naïve', ['😁', '😁', 'naïve']),
        ('_ \u2028 x', ['_', 'x']),
    ],
)
def test_words(text, words):
    assert split_words(text) == words


def test_weights_that_would_overflow_do_not():
    model = parse(weights={str(n): [100, -100] for n in range(1000)})
    assert model.predict(' '.join(str(n) for n in range(1000))).confidence == 1


BAD = {
    'unknown key': ({'lexicon': {}}, "unknown key 'lexicon'"),
    'classes a text': ({'classes': 'Positive'}, '"classes" must be a list of names'),
    'one class': ({'classes': ['Positive']}, '"classes" must be two or three different ones'),
    'a class twice': ({'classes': ['Positive', 'Positive']}, '"classes" must be two or three different ones'),
    'another class': ({'classes': ['Positive', 'Angry']}, '"classes" must be two or three different ones'),
    'a class that is a list': ({'classes': ['Positive', []]}, '"classes" must be a list of names'),
    'ngrams true': ({'ngrams': True}, '"ngrams" must be a number from 1 to 3'),
    'ngrams 4': ({'ngrams': 4}, '"ngrams" must be a number from 1 to 3'),
    'no bias': ({'bias': None}, '"bias" must be a list with a number for each class'),
    'a long bias': ({'bias': [0, 0, 0]}, '"bias" must be a list with a number for each class'),
    'no weights': ({'weights': {}}, '"weights" must have at least one n-gram'),
    'weights a list': ({'weights': []}, '"weights" must be an object'),
    'a long n-gram': ({'weights': {'a b c': [1, 1]}}, "weights: 'a b c' must have 1 or 2 words"),
    'a weight for one class': ({'weights': {'a': [1]}}, "weights: 'a' must be a list with a number for each class"),
    'a weight of text': ({'weights': {'a': ['1', 1]}}, "weights: 'a': a weight must be a number"),
    'a huge weight': ({'weights': {'a': [1, 101]}}, "weights: 'a': a weight must be from -100 to 100"),
    'upper case': ({'weights': {'A': [1, 1]}}, "weights: 'A' must be lower case with single spaces"),
}


@pytest.mark.parametrize('name', BAD)
def test_a_bad_file_says_what_is_wrong(name):
    content, message = BAD[name]
    with pytest.raises(ModelError) as caught:
        parse(**content)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200
