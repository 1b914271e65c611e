"""The real server with a model that takes its time, so that a test can catch requests in flight."""

import os
import sys
import time
from dataclasses import dataclass

from flask_api import connections
from flask_api.logs import configure_logs
from flask_api.model import Model, Prediction, load_model
from flask_api.server import serve
from flask_api.settings import read_settings


@dataclass(frozen=True)
class SlowModel(Model):
    def predict(self, text: str) -> Prediction:
        time.sleep(float(os.environ.get('PREDICT_SECONDS', '0')))
        return super().predict(text)


def load_slowly() -> SlowModel:
    time.sleep(float(os.environ.get('LOAD_SECONDS', '0')))
    model = load_model()
    return SlowModel(model.name, model.lexicon)


connections.REQUEST_SECONDS = float(os.environ.get('REQUEST_SECONDS', connections.REQUEST_SECONDS))
settings = read_settings(os.environ)
configure_logs(settings.log_level, settings.environment)
code = serve(settings, load_slowly)
sys.stdout.flush()
os._exit(code)
