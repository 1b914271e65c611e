"""What the routes and the server tell each other: the model that was loaded, and that the end has come."""

import logging
import threading
from collections.abc import Callable

from flask_api.logs import log
from flask_api.model import Model, ModelError


class Serving:
    def __init__(self) -> None:
        self.model: Model | None = None
        self.is_draining = False
        self.has_failed = False

    @property
    def is_ready(self) -> bool:
        return self.model is not None and not self.is_draining

    def start_loading(self, load: Callable[[], Model], done: Callable[[], None]) -> None:
        """Loads beside the server, so that a large model does not fail the liveness probe; calls `done` at the end."""
        threading.Thread(target=self._load, args=(load, done), name='model', daemon=True).start()

    def _load(self, load: Callable[[], Model], done: Callable[[], None]) -> None:
        try:
            self.model = load()
            log(logging.INFO, 'model loaded', model=self.model.name, words=len(self.model.lexicon.words))
        except ModelError as error:
            self.has_failed = True
            log(logging.ERROR, f'model not loaded: {error}')
        except Exception:
            self.has_failed = True
            raise
        finally:
            done()
