import itertools

import pytest
from werkzeug.test import Client

from flask_api.metrics import BUCKETS, Metrics, create_metrics_app
from flask_api.settings import Settings


def labels(metrics):
    (family,) = metrics.requests.collect()
    return {tuple(sample.labels.values()): sample.value for sample in family.samples}


def test_a_client_cannot_make_up_labels(client, metrics):
    for n in range(50):
        client.open(f'/path-{n}', method=f'METHOD{n}')
    assert labels(metrics) == {('unmatched', 'other', '404'): 50}


def test_a_wrong_method_is_counted_on_its_route(client, metrics):
    client.get('/predict')
    assert labels(metrics) == {('/predict', 'GET', '405'): 1}


def test_two_applications_in_one_process_count_apart():
    first, second = Metrics(Settings()), Metrics(Settings())
    first.count_refusal(400)
    assert labels(first) and not labels(second)


def test_the_build_info_names_the_model_once_it_is_there(metrics, serving, model):
    def read():
        (family,) = [family for family in metrics.registry.collect() if family.name == 'flask_api_build_info']
        return [(sample.labels['model'], sample.labels['model_version'], sample.value) for sample in family.samples]

    assert read() == [(model.name, model.version, 1)]
    serving.model = None
    assert read() == [('', '', 1)]


def test_a_text_without_a_known_word_and_a_missing_text_are_counted_apart(client, metrics):
    for body in ({'text': 'great'}, {'text': 'a table'}, {}, {}):
        assert client.post('/predict', json=body).status_code == 200
    counted = {sample.labels['predicted_class']: sample.value for sample in metrics.predictions.collect()[0].samples}
    assert counted == {'Positive': 1, 'Negative': 0, 'Neutral': 1}
    assert metrics.no_coverage._value.get() == 1
    assert metrics.no_input._value.get() == 2


def test_a_bucket_is_never_as_wide_as_the_error_that_a_quantile_may_have():
    pairs = [(low, high) for low, high in itertools.pairwise(BUCKETS) if 0.002 <= low < 10]
    assert pairs[0][0] == 0.002 and pairs[-1][1] == 10
    assert all(1 < high / low < 1.175 for low, high in pairs)


@pytest.mark.parametrize('accept', ['', 'text/plain', 'application/openmetrics-text; version=1.0.0', 'nonsense'])
def test_the_exposition_for_any_accept_header(metrics, accept):
    answer = Client(create_metrics_app(metrics)).get('/metrics', headers={'Accept': accept})
    assert answer.status_code == 200
    assert 'predictions_total{predicted_class="Positive"} 0.0' in answer.text
    assert '_created' not in answer.text
