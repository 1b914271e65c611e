"""What the routes and the server tell each other: the model that was loaded, or why there is none, and the end."""

import logging
import threading
import time
from collections.abc import Callable

from flask_api.logs import describe_exception, log
from flask_api.model import Model, ModelError

RETRY_SECONDS = 5
LOADING = ('model_loading', 'the model is not loaded yet')


class Serving:
    def __init__(self) -> None:
        self.model: Model | None = None
        self.problem = LOADING  # code and message, while there is no model
        self.is_draining = False

    @property
    def is_ready(self) -> bool:
        return self.model is not None and not self.is_draining

    def start_loading(self, load: Callable[[], Model]) -> None:
        """Loads beside the server, so that a large model does not fail the liveness probe. Tries again while there is
        none: a volume may be filled after this process began."""
        threading.Thread(target=self._load, args=(load,), name='model', daemon=True).start()

    def _load(self, load: Callable[[], Model]) -> None:
        while self.model is None:
            try:
                self.model = load()
                log(logging.INFO, 'model loaded', **self.model.describe())
                return
            except ModelError as error:
                problem, details = (error.code, f'{error}'), {}
            except Exception as error:
                problem = ('model_invalid', f'loading failed: {type(error).__name__}')
                details = describe_exception(type(error), error.__traceback__)
            if problem != self.problem:
                log(logging.ERROR, f'model not loaded: {problem[1]}', reason=problem[0], **details)
            self.problem = problem
            time.sleep(RETRY_SECONDS)
