import json
import logging
import re

import pytest

from flask_api.model import Model


def test_root_answers_the_welcome(client):
    answer = client.get('/')
    assert (answer.status_code, answer.json) == (200, {'message': 'Welcome to the AI Model API!'})
    assert answer.content_type == 'application/json'


def test_predict_answers_text_class_and_confidence(client):
    answer = client.post('/predict', json={'text': 'This is a great movie!'})
    assert answer.status_code == 200
    assert list(answer.json) == ['input_text', 'predicted_class', 'confidence', 'coverage']
    assert answer.json['input_text'] == 'This is a great movie!'
    assert answer.json['predicted_class'] == 'Positive'
    assert 0.5 < answer.json['confidence'] <= 1


@pytest.mark.parametrize('content_type', [None, '', 'text/plain', 'application/x-www-form-urlencoded', 'a/b; c=d'])
def test_predict_does_not_look_at_the_content_type(client, content_type):
    answer = client.post('/predict', data='{"text": "awful"}', content_type=content_type)
    assert (answer.status_code, answer.json['predicted_class']) == (200, 'Negative')


@pytest.mark.parametrize('body', [{}, {'texts': 'great'}])
def test_a_missing_text_is_no_input(client, body):
    answer = client.post('/predict', json=body)
    wanted = {'input_text': 'no input', 'predicted_class': 'Neutral', 'confidence': 0, 'coverage': 0}
    assert (answer.status_code, answer.json) == (200, wanted)


def test_the_words_no_input_are_a_text_like_another(client, model):
    answer = client.post('/predict', json={'text': 'no input'}).json
    expected = model.predict('no input')
    assert (answer['confidence'], answer['coverage']) == (expected.confidence, expected.coverage)
    assert expected.confidence > 0


def test_the_answer_names_the_model_and_its_version_in_any_letters(client, serving, model):
    serving.model = Model('größe "1"\u2028', '1 (β)', model.classifier)
    headers = client.post('/predict', json={'text': 'x'}).headers
    assert (headers['X-Model-Name'], headers['X-Model-Version']) == ('gr%C3%B6%C3%9Fe %221%22%E2%80%A8', '1 (%CE%B2)')


def test_other_keys_are_ignored_and_the_text_comes_back_unchanged(client):
    text = ' naïve\u0000 \U0001f601 \u2028 <b>"quoted"</b>\n'
    answer = client.post('/predict', json={'text': text, 'lang': 'en', 'n': [1, {'a': None}]})
    assert (answer.status_code, answer.json['input_text']) == (200, text)


def test_a_text_of_the_longest_length_is_predicted(client):
    assert client.post('/predict', json={'text': 'x' * 10_000}).status_code == 200


def test_the_same_text_has_the_same_answer(client):
    answers = {client.post('/predict', json={'text': 'not bad, but not great either'}).data for _ in range(20)}
    assert len(answers) == 1


def test_probes_while_the_model_loads(client, serving):
    serving.model = None
    assert client.get('/healthz').status_code == 200
    ready, predict = client.get('/readyz'), client.post('/predict', json={'text': 'x'})
    for answer in (ready, predict):
        assert (answer.status_code, answer.json['error']['code']) == (503, 'model_loading')
        assert answer.headers['Retry-After'] == '1'


def test_probes_while_shutting_down(client, serving):
    assert client.get('/readyz').status_code == 200
    serving.is_draining = True
    answer = client.get('/readyz')
    assert (answer.status_code, answer.json['error']['code']) == (503, 'shutting_down')
    assert client.get('/healthz').status_code == 200
    assert client.post('/predict', json={'text': 'x'}).status_code == 200


class BrokenModel:
    name = version = 'broken'

    def predict(self, text):
        raise RuntimeError(f'cannot take {text}')


def test_a_broken_model_is_a_500_that_tells_and_logs_nothing_of_the_text(client, serving, caplog):
    serving.model = BrokenModel()
    with caplog.at_level(logging.INFO):
        answer = client.post('/predict', json={'text': 'swordfish'})
    assert (answer.status_code, answer.json['error']['code']) == (500, 'internal_error')
    assert 'swordfish' not in answer.text
    failed = next(record for record in caplog.records if record.message == 'request failed')
    assert failed.fields['exception'] == 'RuntimeError'
    assert failed.fields['request_id'] == answer.json['error']['request_id']
    assert not any('swordfish' in json.dumps(record.fields) for record in caplog.records)


def test_liveness_does_not_touch_the_model(client, serving):
    serving.model = BrokenModel()
    assert client.get('/healthz').status_code == 200


@pytest.mark.parametrize(
    ('method', 'path', 'status', 'code', 'allow'),
    [
        ('GET', '/nothing', 404, 'not_found', None),
        ('POST', '/predict/', 404, 'not_found', None),
        ('GET', '/predict//', 404, 'not_found', None),
        ('GET', '/metrics', 404, 'not_found', None),
        ('GET', '/static/x', 404, 'not_found', None),
        ('GET', '/predict', 405, 'method_not_allowed', 'POST'),
        ('OPTIONS', '/predict', 405, 'method_not_allowed', 'POST'),
        ('PUT', '/', 405, 'method_not_allowed', 'GET, HEAD'),
        ('BREW', '/', 405, 'method_not_allowed', 'GET, HEAD'),
    ],
)
def test_wrong_route_or_method(client, method, path, status, code, allow):
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.json['error']['code'], answer.headers.get('Allow')) == (status, code, allow)
    assert answer.content_type == 'application/json'


@pytest.mark.parametrize(
    ('offered', 'kept'), [('trace-1.A_b', True), ('x' * 64, True), ('x' * 65, False), ('a b', False), ('"};', False)]
)
def test_a_harmless_request_id_is_kept_and_another_replaced(client, offered, kept):
    answer = client.get('/nothing', headers={'X-Request-ID': offered})
    assert answer.json['error']['request_id'] == answer.headers['X-Request-ID']
    assert (answer.headers['X-Request-ID'] == offered) is kept
    assert kept or re.fullmatch(r'[0-9a-f]{32}', answer.headers['X-Request-ID'])


def test_answers_forbid_guessing_their_type(client):
    assert client.get('/nothing').headers['X-Content-Type-Options'] == 'nosniff'
