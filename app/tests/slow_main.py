"""The real server with a model that takes its time, so that a test can catch requests in flight."""

import os
import sys
import time
from dataclasses import dataclass

from flask_api import connections, serving
from flask_api.logs import configure_logs
from flask_api.model import Model, load_model
from flask_api.prediction import Classifier, Prediction
from flask_api.server import serve
from flask_api.settings import read_settings


@dataclass(frozen=True)
class SlowClassifier:
    classifier: Classifier

    def predict(self, text: str) -> Prediction:
        time.sleep(float(os.environ.get('PREDICT_SECONDS', '0')))
        return self.classifier.predict(text)


def load_slowly() -> Model:
    time.sleep(float(os.environ.get('LOAD_SECONDS', '0')))
    model = load_model(settings.model_path, settings.model_sha256)
    return Model(model.name, model.version, SlowClassifier(model.classifier))


connections.REQUEST_SECONDS = float(os.environ.get('REQUEST_SECONDS', connections.REQUEST_SECONDS))
serving.RETRY_SECONDS = float(os.environ.get('RETRY_SECONDS', serving.RETRY_SECONDS))
settings = read_settings(os.environ)
configure_logs(settings.log_level, settings.environment)
code = serve(settings, load_slowly)
sys.stdout.flush()
os._exit(code)
