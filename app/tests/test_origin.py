"""The model's numbers are those of the vaderSentiment package, and its rules those of the package's program."""

import random

import pytest
from make_model import make_model
from vaderSentiment import vaderSentiment as vader

from flask_api.model import BUILT_IN_MODEL
from flask_api.scoring import score_text


@pytest.fixture(scope='module')
def analyzer():
    return vader.SentimentIntensityAnalyzer()


def test_the_built_in_file_is_what_the_package_gives():
    assert BUILT_IN_MODEL.read_text(encoding='utf-8') == make_model()


def test_the_licence_travels_with_the_numbers():
    assert 'C.J. Hutto' in (BUILT_IN_MODEL.parent / 'LICENSE').read_text()


def make_sentences(model, count):
    """Of everything the two programs do alike. Left out: the words of idioms and boosters of two words, which the
    reference sees only from the fourth word on; "so" and "this" (it forgets the brackets around an "or"); "but" (it
    looks a value up by its first occurrence, so equal values confuse it)."""
    rng = random.Random(42)
    lexicon = model.classifier.lexicon
    phrases = [*lexicon.idioms, *(key for key in lexicon.boosters if ' ' in key)]
    apart = {'so', 'this', 'but', *(word for phrase in phrases for word in phrase.split())}
    kinds = [
        sorted(set(kind) - apart)
        for kind in (
            (word for word in lexicon.words if word.isalpha() and word.isascii() and len(word) > 2),
            (word for word in lexicon.boosters if ' ' not in word),
            lexicon.negations,
            ('a', 'the', 'film', 'it', 'was', 'today', 'at', 'least', 'no', 'or', 'nor', 'doubt', 'without', 'never'),
        )
    ]
    for _ in range(count):
        words = [rng.choice(rng.choices(kinds, weights=(4, 2, 2, 4))[0]) for _ in range(rng.randrange(1, 12))]
        shaped = [rng.choice((str, str, str, str.upper, str.capitalize))(word) for word in words]
        marked = [word + rng.choice(('', '', '', ',', '.', '!', '?')) for word in shaped]
        yield ' '.join(marked) + rng.choice(('', '!', '??', '!!!'))


def test_scores_equal_those_of_the_reference_program(model, analyzer):
    sentences = list(make_sentences(model, 2000))
    mine = [score_text(sentence, model.classifier.lexicon) for sentence in sentences]
    reference = [analyzer.polarity_scores(sentence)['compound'] for sentence in sentences]
    triples = zip(sentences, mine, reference, strict=True)
    # The two sum up in another order, so the last of four places may differ.
    assert [triple for triple in triples if abs(triple[1] - triple[2]) > 0.0001] == []
    assert sum(score > 0.05 for score in mine) > 400 < sum(score < -0.05 for score in mine)


@pytest.mark.parametrize(
    ('sentence', 'expected'),
    [
        ('VADER is smart, handsome, and funny.', 'Positive'),
        ('VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!', 'Positive'),
        ('VADER is not smart, handsome, nor funny.', 'Negative'),
        ('The book was good.', 'Positive'),
        ("At least it isn't a horrible book.", 'Positive'),
        ('The book was only kind of good.', 'Positive'),
        ('The plot was good, but the characters are uncompelling and the dialog is not great.', 'Negative'),
        ('Today SUX!', 'Negative'),
        ("Today only kinda sux! But I'll get by, lol", 'Positive'),
        ('Make sure you :) or :D today!', 'Positive'),
        ('Catch utf-8 emoji such as 💘 and 💋 and 😁', 'Positive'),
        ('Not bad at all', 'Positive'),
    ],
)
def test_the_examples_of_the_reference_program_get_its_class(model, analyzer, sentence, expected):
    compound = analyzer.polarity_scores(sentence)['compound']
    assert ('Positive' if compound > 0 else 'Negative') == expected
    assert model.predict(sentence).predicted_class == expected
