import json

import pytest

from flask_api.app import create_app
from flask_api.errors import MESSAGES
from flask_api.metrics import ROUTES
from flask_api.openapi import ERRORS, PREDICTIONS, describe_api
from flask_api.settings import Settings

DOCUMENT = describe_api(Settings())


def resolve(node):
    while '$ref' in node:
        path = node['$ref'].removeprefix('#/').split('/')
        node = DOCUMENT
        for part in path:
            node = node[part]
    return node


def list_operations():
    return [(path, method, operation) for path, item in DOCUMENT['paths'].items() for method, operation in item.items()]


def test_it_is_served(client):
    answer = client.get('/openapi.json')
    assert (answer.status_code, answer.content_type) == (200, 'application/json')
    assert answer.json == json.loads(json.dumps(DOCUMENT))
    assert answer.json['openapi'].startswith('3.1')


def test_every_route_and_method_is_described(serving, metrics):
    rules = create_app(Settings(), serving, metrics).url_map.iter_rules()
    served = {(rule.rule, method.lower()) for rule in rules for method in rule.methods - {'HEAD', 'OPTIONS'}}
    assert {(path, method) for path, method, _ in list_operations()} == served
    assert {path for path, _ in served} == ROUTES
    assert set(ERRORS) == {*MESSAGES, 422, 503}


@pytest.mark.parametrize('name', PREDICTIONS)
def test_an_example_of_predict_is_what_is_answered(client, name):
    _, body, status, expected = PREDICTIONS[name]
    answer = client.post('/predict', json=body)
    content = answer.json
    if 'error' in content:
        del content['error']['request_id']
    assert (answer.status_code, content) == (status, expected)


def test_the_examples_stand_in_the_document_under_one_name():
    predict = DOCUMENT['paths']['/predict']['post']
    sent = predict['requestBody']['content']['application/json']['examples']
    answered = {}
    for status, response in predict['responses'].items():
        for name, example in resolve(response)['content']['application/json'].get('examples', {}).items():
            answered[name] = (int(status), example['value'])
    assert set(answered) == set(PREDICTIONS) and set(sent) == set(PREDICTIONS) - {'too_long'}
    for name, (_, body, status, answer) in PREDICTIONS.items():
        assert name not in sent or sent[name]['value'] == body
        assert answered[name][0] == status
        assert status != 200 or answered[name][1] == answer


@pytest.mark.parametrize('path', ['/', '/healthz'])
def test_the_other_examples_are_what_is_answered(client, path):
    examples = DOCUMENT['paths'][path]['get']['responses']['200']['content']['application/json']['examples']
    assert client.get(path).json == examples['answer']['value']


def test_it_says_that_the_model_knows_english_only():
    assert 'English only' in DOCUMENT['info']['description']
    assert 'English' in DOCUMENT['components']['schemas']['Request']['properties']['text']['description']


def test_references_lead_somewhere_and_limits_are_those_of_the_settings():
    def walk(node):
        if isinstance(node, dict):
            assert resolve(node) is not None
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(DOCUMENT)
    schemas = describe_api(Settings(max_text_chars=7))['components']['schemas']
    assert schemas['Request']['properties']['text']['maxLength'] == 7
