"""The command: python -m flask_api. Exit code 2 for a wrong setting, 1 for a failure, 0 after a full stop."""

import logging
import os
import sys

from flask_api.logs import configure_logs, log
from flask_api.model import load_model
from flask_api.server import serve
from flask_api.settings import SettingsError, read_settings


def main() -> int:
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        configure_logs('info', '')
        log(logging.ERROR, str(error))
        return 2
    configure_logs(settings.log_level, settings.environment)
    return serve(settings, lambda: load_model(settings.model_path, settings.model_sha256))


if __name__ == '__main__':
    code = main()
    sys.stdout.flush()
    # Not sys.exit: a thread that still works on a request past the grace may hold the lock of stdout.
    os._exit(code)
