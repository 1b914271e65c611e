import hashlib
import json
import os
import re

import pytest

from flask_api.model import load_model, parse_model
from flask_api.model_file import MAX_FILE_BYTES, ModelError
from flask_api.prediction import CLASSES

GOOD = {
    'version': 1,
    'name': 'tiny',
    'lexicon': {'prima': 3, 'mist': -3.5},
    'boosters': {'sehr': 0.3},
    'negations': ['nicht'],
    'idioms': {},
}


def parse(**changes):
    return parse_model(json.dumps(GOOD | changes).encode())


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('This is a great movie!', 'Positive'),
        ('I hate this, it is terrible.', 'Negative'),
        ('The table has four legs.', 'Neutral'),
        ('', 'Neutral'),
        ('I am not happy with it', 'Negative'),
        ('❤', 'Positive'),
        ('💔 so sad', 'Negative'),
    ],
)
def test_classes_of_the_built_in_model(model, text, expected):
    prediction = model.predict(text)
    assert prediction.predicted_class == expected
    assert prediction.predicted_class in CLASSES
    assert 0 <= prediction.confidence <= 1


def test_a_clearer_text_has_a_higher_confidence(model):
    texts = ('good', 'very good', 'very good! I love it!')
    confidences = [model.predict(text).confidence for text in texts]
    assert confidences == sorted(set(confidences))
    assert model.predict('a table').confidence < confidences[0]


def test_the_threshold_of_neutral():
    weights = {'edge': 0.1938, 'inside': 0.19}
    model = parse(lexicon=weights | {'not-edge': -0.1938, 'not-inside': -0.19})
    classes = {word: model.predict(word).predicted_class for word in model.classifier.lexicon.words}
    assert classes == {'edge': 'Positive', 'not-edge': 'Negative', 'inside': 'Neutral', 'not-inside': 'Neutral'}
    assert model.predict('edge').confidence == 0.05
    assert model.predict('inside').confidence == 0.951


def test_a_file_replaces_the_whole_model(tmp_path):
    path = tmp_path / 'model.json'
    path.write_text(json.dumps(GOOD))
    model = load_model(path)
    assert model.name == 'tiny'
    assert model.predict('sehr prima').predicted_class == 'Positive'
    assert model.predict('nicht prima').predicted_class == 'Negative'
    assert model.predict('great').predicted_class == 'Neutral'


def test_only_version_and_lexicon_are_required():
    assert parse_model(b'{"version": 1, "lexicon": {"x": 1}}').predict('x').predicted_class == 'Positive'


BAD = {
    'not JSON': (b'{"version": 1,', 'not valid JSON: Expecting property name'),
    'a pickle': (b'\x80\x04\x95\x0b\x00\x00\x00.', 'not valid JSON: not UTF-8'),
    'empty': (b'', 'not valid JSON'),
    'a list': (b'[]', 'must be a JSON object'),
    'no version': ({'version': None}, '"version" must be 1'),
    'version true': ({'version': True}, '"version" must be 1'),
    'version 2': ({'version': 2}, '"version" must be 1'),
    'unknown key': ({'lexikon': {}}, "unknown key 'lexikon'"),
    'name a number': ({'name': 5}, '"name" must be'),
    'model_version empty': ({'model_version': ''}, '"model_version" must be'),
    'format unknown': ({'format': 'onnx'}, '"format" must be lexicon or linear'),
    'format a list': ({'format': []}, '"format" must be lexicon or linear'),
    'name with a line break': ({'name': 'a\nb'}, '"name" must be'),
    'lexicon a list': ({'lexicon': ['x']}, '"lexicon" must be an object'),
    'lexicon empty': ({'lexicon': {}}, 'at least one word'),
    'weight a string': ({'lexicon': {'x': '1'}}, "lexicon: the weight of 'x' must be a number"),
    'weight true': ({'lexicon': {'x': True}}, "the weight of 'x' must be a number"),
    'weight too large': ({'lexicon': {'x': 4.1}}, "the weight of 'x' must be from -4 to 4"),
    'weight infinite': (b'{"version": 1, "lexicon": {"x": 1e999}}', 'must be from -4 to 4'),
    'weight a huge integer': (b'{"version": 1, "lexicon": {"x": 1' + b'0' * 400 + b'}}', 'must be from -4 to 4'),
    'weight NaN': (b'{"version": 1, "lexicon": {"x": NaN}}', 'NaN and Infinity are not JSON'),
    'upper case': ({'lexicon': {'Prima': 1}}, "lexicon: 'Prima' must be lower case with single spaces"),
    'a phrase as a word': ({'lexicon': {'so gut': 1}}, "lexicon: 'so gut' must have 1 word"),
    'two spaces in a booster': ({'boosters': {'so  gut': 1}}, 'lower case with single spaces'),
    'a long booster': ({'boosters': {'a b c': 1}}, "boosters: 'a b c' must have 1 or 2 words"),
    'a negation of two words': ({'negations': ['auf keinen']}, "negations: 'auf keinen' must have 1 word"),
    'a long idiom': ({'idioms': {'a b c d': 1}}, "idioms: 'a b c d' must have 2 or 3 words"),
    'an idiom of one word': ({'idioms': {'a': 1}}, "idioms: 'a' must have 2 or 3 words"),
    'empty key': ({'idioms': {'': 1}}, 'idioms: an entry must be a text of 1 to 64'),
    'long key': ({'lexicon': {'x' * 65: 1}}, 'lexicon: an entry must be a text of 1 to 64'),
    'negations an object': ({'negations': {'not': 1}}, '"negations" must be a list'),
    'negation a number': ({'negations': [1]}, 'negations: an entry must be a text'),
    'boosters null': ({'boosters': None}, '"boosters" must be an object'),
    'repeated word': (b'{"version": 1, "lexicon": {"x": 1, "x": 2}}', 'an object repeats a key'),
    'too many words': ({'lexicon': {str(n): 1 for n in range(200_001)}}, '"lexicon" has more than 200000 entries'),
    'too deep': (b'[' * 100_000, 'nested deeper than 32 levels'),
}


@pytest.mark.parametrize('name', BAD)
def test_a_bad_file_says_what_is_wrong(name):
    content, message = BAD[name]
    with pytest.raises(ModelError) as caught:
        parse_model(content if isinstance(content, bytes) else json.dumps(GOOD | content).encode())
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ('make', 'message'),
    [
        (lambda path: None, 'cannot be read: No such file or directory'),
        (lambda path: path.mkdir(), 'cannot be read: Is a directory'),
        (os.mkfifo, 'not a regular file'),
        (lambda path: path.symlink_to(path), 'cannot be read: Too many levels of symbolic links'),
        (lambda path: path.symlink_to('/dev/zero'), 'not a regular file'),
        (lambda path: path.write_bytes(b' ' * (MAX_FILE_BYTES + 1)), 'larger than 8388608 bytes'),
    ],
)
def test_what_is_no_file_is_refused(tmp_path, make, message):
    path = tmp_path / 'model.json'
    make(path)
    with pytest.raises(ModelError, match=message):
        load_model(path)


def test_a_path_with_a_nul_is_refused():
    with pytest.raises(ModelError, match='NUL'):
        load_model('a\0b')


@pytest.mark.parametrize(('sha256', 'code'), [('0' * 64, 'model_checksum'), (None, None)])
def test_another_file_than_the_one_that_was_meant_is_refused(tmp_path, sha256, code):
    path = tmp_path / 'model.json'
    path.write_text(json.dumps(GOOD))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if code:
        with pytest.raises(ModelError, match=f'its SHA-256 is {digest}, and MODEL_SHA256 names 0000') as caught:
            load_model(path, sha256)
        assert caught.value.code == code
    else:
        assert load_model(path, digest).name == 'tiny'


def test_the_largest_file_is_loaded(tmp_path):
    path = tmp_path / 'model.json'
    path.write_bytes(json.dumps(GOOD).encode().ljust(MAX_FILE_BYTES))
    assert load_model(path).name == 'tiny'


def test_the_version_of_a_model_is_its_own_word_or_its_digest():
    assert parse(model_version='2026-11').version == '2026-11'
    digests = {parse(name=name).version for name in ('a', 'b')}
    assert len(digests) == 2 and all(re.fullmatch('[0-9a-f]{12}', digest) for digest in digests)


def test_coverage_is_the_share_of_known_words():
    model = parse()
    texts = ('prima', 'sehr prima', 'prima oder mist', 'ein tisch', '')
    assert [model.predict(text).coverage for text in texts] == [1, 0.5, 0.6667, 0, 0]


CURVES = {
    'Positive': [[0.2, 0.5], [0.6, 0.9]],
    'Negative': [[0.5, 0.7]],
    'Neutral': [[0, 0.4]],
}


def test_a_calibration_is_read_off_straight_lines_and_level_outside():
    weights = {'lo': 0.3, 'mid': 4 * 0.4 / 0.9165 / 0.9165, 'hi': 4.0, 'bad': -4.0}
    model = parse(lexicon=weights, calibration=CURVES)
    positive = CURVES['Positive']
    score = parse(lexicon=weights).predict('mid').confidence
    assert positive[0][0] < score < positive[1][0]
    assert model.predict('mid').confidence == pytest.approx(0.5 + (score - 0.2), abs=0.0001)
    assert model.predict('lo').confidence == 0.5
    assert model.predict('hi').confidence == 0.9
    assert model.predict('bad').confidence == 0.7
    assert model.predict('tisch').confidence == 0.4


def change(**curves):
    return {'calibration': CURVES | curves}


BAD_CALIBRATIONS = {
    'a list': ({'calibration': []}, '"calibration" must be an object'),
    'a class is missing': (
        {'calibration': {'Positive': [[0, 1]]}},
        'must have the classes Positive, Negative, Neutral',
    ),
    'without points': (change(Neutral=[]), 'Neutral must be a list of 1 to 50 points'),
    'a point of three': (change(Neutral=[[0, 1, 1]]), 'a point of Neutral must be [score, confidence]'),
    'a score of 2': (change(Neutral=[[2, 1]]), 'a score of Neutral must be from 0 to 1'),
    'a confidence of true': (change(Neutral=[[0, True]]), 'a confidence of Neutral must be a number'),
    'scores that stand': (change(Negative=[[0.5, 0.1], [0.5, 0.2]]), 'the scores of Negative must ascend'),
    'confidences that fall': (change(Negative=[[0.5, 0.3], [0.6, 0.2]]), 'the confidences of Negative must not fall'),
}


@pytest.mark.parametrize('name', BAD_CALIBRATIONS)
def test_a_bad_calibration_says_what_is_wrong(name):
    content, message = BAD_CALIBRATIONS[name]
    with pytest.raises(ModelError) as caught:
        parse(**content)
    assert message in str(caught.value)
