import pytest
from running import RunningServer

from flask_api.app import create_app
from flask_api.metrics import Metrics
from flask_api.model import load_model
from flask_api.serving import Serving
from flask_api.settings import Settings
from flask_api.workers import Workers


@pytest.fixture(scope='session')
def model():
    return load_model()


@pytest.fixture
def serving(model):
    serving = Serving()
    serving.model = model
    return serving


@pytest.fixture
def metrics(serving):
    metrics = Metrics(Settings())
    metrics.watch(serving, Workers('test', 1, 1))
    return metrics


@pytest.fixture
def client(serving, metrics):
    return create_app(Settings(), serving, metrics).test_client()


@pytest.fixture(scope='session')
def server():
    """One real server for the tests that leave it as it was."""
    with RunningServer() as running:
        yield running
