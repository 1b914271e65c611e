import time

import pytest

from flask_api.scoring import Lexicon, score_text

LEXICON = Lexicon(
    words={'good': 2.0, 'bad': -2.0, ':)': 2.0, ':d': 2.0, '😁': 2.0, 'no': -1.0, 'bus': 1.0},
    boosters={'very': 0.3, 'barely': -0.3, 'kind of': -0.3},
    negations=frozenset({'not', 'never', 'without'}),
    idioms={'bad ass': 3.0, 'bus stop': 0.0},
)


def score(text):
    return score_text(text, LEXICON)


@pytest.mark.parametrize('text', ['', ' ', 'a table', '!!!', '???', 'very', 'kind of', '中文', 'GOODS'])
def test_nothing_known_is_zero(text):
    assert score(text) == 0


@pytest.mark.parametrize(
    ('stronger', 'weaker'),
    [
        ('very good', 'good'),
        ('good', 'barely good'),
        ('good', 'kind of good'),
        ('good!', 'good'),
        ('good!!!!', 'good!!!'),
        ('good ??', 'good ?'),
        ('good ????', 'good ???'),
        ('a GOOD thing', 'a good thing'),
        ('a VERY good thing', 'a very good thing'),
        ('very good', 'very a good'),
        ('very a good', 'very a b good'),
        ('very a b good', 'very a b c good'),
        ('good good', 'good'),
        ('never so good', 'good'),
        ('x but good', 'good but x'),
    ],
)
def test_what_strengthens(stronger, weaker):
    assert score(stronger) > score(weaker) > 0
    bad = [text.replace('good', 'bad').replace('GOOD', 'BAD') for text in (stronger, weaker)]
    assert score(bad[0]) < score(bad[1]) < 0


@pytest.mark.parametrize(
    'text',
    [
        'not good',
        'NOT good',
        "isn't good",
        'isn’t good',
        'not a good',
        'not a b good',
        'never good',
        'without a good',
        'least good',
        'no good',
        'not very good',
        'good but bad',
        'no a or good',
    ],
)
def test_what_turns(text):
    assert score(text) < 0


@pytest.mark.parametrize(
    'text',
    [
        'not a b c good',
        'at least good',
        'very least good',
        'without doubt good',
        'without a doubt good',
        'bad but good',
        'not bad',
    ],
)
def test_what_does_not_turn(text):
    assert score(text) > 0


@pytest.mark.parametrize(
    'text', ['good.', '"good"', '(good)', '“good”', 'good…', '…good—', 'Good', 'GOOD', '¡good', '\tgood\n']
)
def test_case_and_punctuation_around_a_word_do_not_matter(text):
    assert score(text) == score('good')


@pytest.mark.parametrize(('text', 'same'), [('yes :)', ':)'), (':D', ':)'), ('a😁b', '😁'), ('😁😁', '😁 😁')])
def test_emoticons_and_emoji_are_words(text, same):
    assert score(text) == score(same) > 0


def test_all_capitals_emphasise_nothing():
    assert score('A GOOD THING') == score('a good thing')


def test_idioms_replace_the_weight_of_their_words():
    assert score('the bus stop') == 0 < score('the bus')
    assert score('bad ass') > 0 > score('bad')
    assert score('the bus stop is good') == score('good')
    assert score('not a bad ass') < 0


def test_no_before_a_known_word_negates_and_alone_counts():
    assert score('no') < 0
    assert score('no bad') > 0


@pytest.mark.parametrize('text', ['good ', 'not a b good ', '😁', 'no ', 'but ', 'bad ass ', 'a' * 9, '!?', ' '])
def test_the_range_holds_and_10000_characters_take_linear_time(text):
    start = time.process_time()
    assert -1 <= score((text * 10_000)[:10_000]) <= 1
    assert time.process_time() - start < 1
