import pytest
from werkzeug.test import Client

from flask_api.metrics import Metrics, create_metrics_app
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


@pytest.mark.parametrize('accept', ['', 'text/plain', 'application/openmetrics-text; version=1.0.0', 'nonsense'])
def test_the_exposition_for_any_accept_header(metrics, accept):
    answer = Client(create_metrics_app(metrics)).get('/metrics', headers={'Accept': accept})
    assert answer.status_code == 200
    assert 'predictions_total{predicted_class="Positive"} 0.0' in answer.text
    assert '_created' not in answer.text
